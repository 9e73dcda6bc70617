"""Policies that decide which dismissed record is looked at next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.features import NgramVectoriser
from model.linear import held_out_proba
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
    return np.asarray(held_out_proba(features, backlog.known, seed=seed)[:, 1])


def informed_ranker(backlog: Backlog, seed: int) -> SecondLookRanker:
    """Return the ranker with the backlog and what the service tells it at first.

    That is the doubt of a model that learned from the first values, out of fold, and
    near-duplicates of records that were valued.
    """
    return SecondLookRanker(seed=seed).fit(
        backlog.texts,
        backlog.known,
        first_doubt(backlog, seed),
        {NEAR_VALUED: backlog.likeness_to_valued()},
    )


def learning(audit: float = 0.0) -> Policy:
    """Return our policy: the ranker, with a share of the reviews drawn at random."""

    def policy(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
        ranker = informed_ranker(backlog, seed)
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


@dataclass(frozen=True, slots=True)
class ReceiptsHeld:
    """How doubt fared when the words that the receipts cite were deleted from the narratives.

    Parameters
    ----------
    cited
        Share of the records whose score falls once the cited words are deleted.
    at_random
        The same when as many other words, drawn at random, are deleted instead.
    further
        Share of the records whose score falls further by the cited words than by the others.
    words
        Words that a receipt cites in the mean.
    """

    cited: float
    at_random: float
    further: float
    words: float


def receipts_held(backlog: Backlog, decided: Sequence[int], rows: Sequence[int]) -> ReceiptsHeld:
    """Delete words from some records and work everything out again, as for a new backlog.

    Features, the value model's doubt, near-duplicates and the ranking are made anew from the
    shortened narratives, with the same decisions, so it is the whole score that must fall. A
    receipt that cites no word does not hold.
    """
    ranker = _decided(backlog, decided)
    texts, before = ranker.narratives, ranker.scores()[list(rows)]
    cited = [{one.word for one in ranker.receipt(row).words} for row in rows]
    rng = np.random.default_rng(0)
    others = [_others(texts[row], words, rng) for row, words in zip(rows, cited, strict=True)]

    def falls(gone: list[set[str]]) -> NDArray[np.float64]:
        shorter = list(texts)
        for row, words in zip(rows, gone, strict=True):
            shorter[row] = " ".join(
                one for one in _words(texts[row]) if readable(one) not in words
            )
        after = _decided(replace(backlog, texts=shorter), decided).scores()[list(rows)]
        return np.asarray(before - after)

    by_cited, by_others = falls(cited), falls(others)
    citing = np.array([bool(words) for words in cited])
    return ReceiptsHeld(
        cited=float(np.mean(citing & (by_cited > 0))),
        at_random=float(np.mean(by_others > 0)),
        further=float(np.mean(citing & (by_cited > by_others))),
        words=float(np.mean([len(words) for words in cited])),
    )


def _decided(backlog: Backlog, rows: Sequence[int]) -> SecondLookRanker:
    ranker = informed_ranker(backlog, 0)
    return ranker.update((row, bool(backlog.missed[row])) for row in rows)


def _words(text: str) -> list[str]:
    tokens = tokenise([text])
    return [tokens.words[number] for number in tokens.numbers]


def _others(text: str, cited: set[str], rng: np.random.Generator) -> set[str]:
    """Draw as many words that are not cited; all of them where there are fewer."""
    rest = sorted({readable(word) for word in _words(text)} - cited)
    return set(rng.choice(rest, min(len(cited), len(rest)), replace=False).tolist())
