"""Policies that decide which dismissed record is looked at next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.features import NgramVectoriser
from model.linear import CalibratedLinear
from model.reasons import readable
from model.second_look import SecondLookRanker
from model.tokens import tokenise
from training.backlog import Backlog, Ints, enough


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a policy did.

    Parameters
    ----------
    order
        All dismissed rows in the order of review. What the budget did not reach follows in the
        order of the last ranking.
    per_ranking
        Mean seconds from a decision to the next ranking; 0 for a policy that never re-ranks.
    cpu_seconds
        What it took, if it ran in another process; else ``None``, and the caller measures.
    """

    order: Ints
    per_ranking: float = 0.0
    cpu_seconds: float | None = None


NEAR_VALUED = "near-duplicate that was valued"

Policy = Callable[[Backlog, int, int], Reviewed]
"""Takes the backlog, the budget of reviews and a seed."""


def at_random(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    """Review in random order."""
    del reviews
    return Reviewed(np.random.default_rng(seed).permutation(backlog.dismissed))


def static_doubt(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    """Review by out-of-fold doubt of a model trained on the first values; never learn."""
    del reviews
    doubt = first_doubt(backlog, seed)[backlog.dismissed]
    return Reviewed(backlog.dismissed[np.argsort(-doubt, kind="stable")])


def first_doubt(backlog: Backlog, seed: int) -> NDArray[np.float64]:
    """Return the out-of-fold probability that each record would be valued at first."""
    if not backlog.known.any():
        return np.zeros(len(backlog.texts))
    features = NgramVectoriser().fit_transform(backlog.texts)
    model = CalibratedLinear(seed=seed).fit(features, backlog.known.astype(np.int64))
    return np.asarray(model.oof_proba_[:, 1])


def learning(audit: float = 0.0) -> Policy:
    """Return our policy: the ranker, with a share of the reviews drawn at random.

    It knows what the service tells it at first: the doubt of a model that learned from the first
    values, out of fold, and near-duplicates of records that were valued.
    """

    def policy(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
        ranker = SecondLookRanker(seed=seed)
        ranker.fit(
            backlog.texts,
            backlog.known,
            first_doubt(backlog, seed),
            {NEAR_VALUED: backlog.likeness_to_valued()},
        )
        rng = np.random.default_rng([seed, 1])
        started, found = time.perf_counter(), 0
        order: list[int] = []
        while not enough(found, len(order), reviews, backlog):
            (pick,) = ranker.next_batch(1, audit, rng)
            missed = bool(backlog.missed[pick.index])
            ranker.decide(pick.index, missed=missed)
            order.append(pick.index)
            found += missed
        spent = time.perf_counter() - started
        every = np.concatenate([np.array(order, np.int64), ranker.rank()])
        return Reviewed(every, spent / len(order))

    return policy


def receipts_that_hold(ranker: SecondLookRanker, rows: Sequence[int]) -> float:
    """Return the share of records whose doubt falls when the words of their receipt are deleted.

    Only the words' part of the score can fall, so only that is compared. A receipt that cites no
    word does not hold.
    """
    texts, holding = ranker.narratives, 0
    for row in rows:
        cited = {one.word for one in ranker.receipt(row).words}
        tokens = tokenise([texts[row]])
        words = [tokens.words[number] for number in tokens.numbers]
        kept = [word for word in words if readable(word) not in cited]
        before, after = ranker.words_score([texts[row], " ".join(kept)])
        holding += bool(cited) and after < before
    return holding / len(rows) if len(rows) else 0.0
