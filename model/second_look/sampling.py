"""Drawing a batch: the top of the ranking with a blind random audit sample mixed in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.second_look.ledger import Ints
from model.second_look.picks import Pick


def draw_batch(
    rows: Ints,
    scores: NDArray[np.float64],
    n: int,
    audit_share: float,
    rng: np.random.Generator,
) -> list[Pick]:
    """Draw the audit sample from all ``rows``, fill up from the top, and mix.

    The number of audit picks is ``n * audit_share`` on average: its fraction is drawn. Drawing
    them before the ranked ones makes each a plain random sample of the whole backlog.
    """
    n = min(n, len(rows))
    expected = n * audit_share
    audits = int(expected) + int(rng.random() < expected % 1)
    chance = expected / len(rows) if len(rows) else 0.0
    audit = rng.choice(rows, size=audits, replace=False)
    rest = rows[~np.isin(rows, audit)] if audits else rows
    top = rest[_highest(scores[rest], n - audits)]
    picks = [Pick(int(row), chance, audit=True) for row in audit]
    picks += [Pick(int(row), 1.0, audit=False) for row in top]
    return picks if not audits else _mixed(picks, audits, rng)


def _mixed(picks: list[Pick], audits: int, rng: np.random.Generator) -> list[Pick]:
    """Put the audit picks at random places and leave the ranked ones in their order."""
    places = set(rng.choice(len(picks), size=audits, replace=False).tolist())
    drawn, ranked = iter(picks[:audits]), iter(picks[audits:])
    return [next(drawn) if place in places else next(ranked) for place in range(len(picks))]


def _highest(scores: NDArray[np.float64], n: int) -> Ints:
    """Return where the ``n`` highest scores stand, in order; equal ones by place."""
    if n < 1:
        return np.empty(0, np.int64)
    if n < len(scores):
        least = np.partition(scores, len(scores) - n)[len(scores) - n]
        near = np.flatnonzero(scores >= least)
        return near[np.argsort(-scores[near], kind="stable")][:n]
    return np.argsort(-scores, kind="stable")
