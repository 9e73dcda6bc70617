"""A backlog whose truth is known, and what a review order of it is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import BadRecords
from data.near_duplicates import near_duplicate_pairs
from data.reading import AllegationTable

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
COUNTS = (100, 200, 400)
TARGET = 0.95


@dataclass(frozen=True, slots=True)
class Backlog:
    """Records with their first value and the truth.

    Parameters
    ----------
    texts
        Narratives.
    known
        Whether each was valued above the lowest value at first.
    missed
        Whether each was dismissed at first and valued on the second look.
    left_out
        Dismissed records that nobody looked at again: their truth is not known.
    until
        Share of the missed that must be found, too, before a replay ends; 0 to end it as soon as
        the budget is spent.
    """

    texts: list[str]
    known: Bools
    missed: Bools
    left_out: int = 0
    until: float = TARGET

    @classmethod
    def of(cls, table: AllegationTable) -> Backlog:
        """Take the first and the reviewed values of a table.

        Raises
        ------
        BadRecords
            When no dismissed record was looked at again, or no dismissal was wrong.
        """
        lowest = table.value_order[0]
        first = table.frame["value"].astype("string").fillna("")
        reviewed = table.frame["reviewed_value"].astype("string").fillna("")
        known = ((first != lowest) & (first != "")).to_numpy(dtype=np.bool_)
        dismissed = (first == lowest).to_numpy(dtype=np.bool_)
        unseen = dismissed & (reviewed == "").to_numpy(dtype=np.bool_)
        missed = dismissed & ~unseen & (reviewed != lowest).to_numpy(dtype=np.bool_)
        kept = known | (dismissed & ~unseen)
        if not missed.any():
            raise BadRecords(
                "A second look can be replayed only where some dismissed records have a reviewed "
                "value above the lowest one."
            )
        texts = [text for text, keep in zip(table.narratives, kept, strict=True) if keep]
        return cls(texts, known[kept], missed[kept], int(unseen.sum()))

    @property
    def dismissed(self) -> Ints:
        """Rows of the dismissed records."""
        return np.flatnonzero(~self.known)

    def likeness_to_valued(self) -> NDArray[np.float64]:
        """Return how like each record is to its nearest near-duplicate valued at first, or 0."""
        pairs = near_duplicate_pairs(self.texts)
        likeness = np.zeros(len(self.texts))
        for one, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
            valued = self.known[other]
            np.maximum.at(likeness, one[valued], pairs.similarity[valued])
        return np.clip(likeness, 0.0, 1.0)

    def shuffled(self, seed: int) -> Backlog:
        """Return the same records in another order."""
        order = np.random.default_rng(seed).permutation(len(self.texts))
        texts = [self.texts[place] for place in order]
        return replace(self, texts=texts, known=self.known[order], missed=self.missed[order])


def enough(found: int, reviews: int, budget: int, backlog: Backlog) -> bool:
    """Return whether a replay may end: the budget is spent and enough of the missed are found."""
    all_seen = reviews >= len(backlog.dismissed)
    return all_seen or (reviews >= budget and found >= backlog.until * int(backlog.missed.sum()))


def figures_of(order: Ints, backlog: Backlog) -> dict[str, Any]:
    """Return recall after shares and counts of the dismissed, and the work saved.

    Work saved over sampling at 95% recall: the share of the backlog that need not be read,
    less the 5% that reading at random would save (Cohen et al. 2006, "Reducing workload in
    systematic review preparation using automated citation classification").
    """
    found = np.cumsum(backlog.missed[order], dtype=np.int64)
    records, missed = len(backlog.dismissed), int(backlog.missed.sum())
    reviewed = int(np.searchsorted(found, TARGET * missed)) + 1
    return {
        "recall_at": {str(s): _found(found, int(s * records)) / missed for s in SHARES},
        "found_in": {str(n): _found(found, n) for n in COUNTS},
        "work_saved_at_95": 1 - reviewed / records - (1 - TARGET),
    }


def recall_curve(order: Ints, backlog: Backlog, points: int = 101) -> NDArray[np.float64]:
    """Return the recall after equally spaced shares of the dismissed, from none to all."""
    found = np.concatenate([[0], np.cumsum(backlog.missed[order])])
    places = np.round(np.linspace(0, len(order), points)).astype(int)
    return np.asarray(found[places] / backlog.missed.sum())


def _found(found: Ints, reviews: int) -> int:
    return int(found[min(reviews, len(found)) - 1]) if reviews else 0
