"""Records that are equal in all that they are ranked by, and so must score alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.second_look.side import SideEvidence

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Equals:
    """Evens out what sums in another order, and being drawn to teach, make of equal records.

    Parameters
    ----------
    group
        Number of each record's group: those of one group have the same narrative, doubt and
        other evidence.
    shared
        Whether any other record is in the group.
    """

    group: Ints
    shared: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Sequence[str], side: SideEvidence) -> Self:
        """Find the groups."""
        doubts = np.zeros(len(texts)) if side.doubt is None else side.doubt
        numbers: dict[tuple[str, float, bytes], int] = {}
        keys = zip(texts, doubts.tolist(), map(bytes, side.table), strict=True)
        group = np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
        return cls(group, np.bincount(group)[group] > 1)

    def evened(self, scores: Floats, waiting: Ints) -> Floats:
        """Return the scores, with the mean of its group for each record that waits.

        Parameters
        ----------
        scores
            Of all records.
        waiting
            Rows of those that wait; a decided one is scored by its own decision.
        """
        rows = waiting[self.shared[waiting]]
        if not len(rows):
            return scores
        group, even = self.group[rows], scores.copy()
        even[rows] = (np.bincount(group, scores[rows]) / np.maximum(np.bincount(group), 1))[group]
        return even
