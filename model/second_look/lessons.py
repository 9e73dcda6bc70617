"""Who teaches the ranker, and how much each teacher counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

KNOWN, UNREVIEWED, DECIDED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Taught:
    """Records that teach, and what they teach.

    Parameters
    ----------
    rows
        Which records.
    labels, kinds
        Their answers, and what kind of teacher each is.
    gauge
        Those of them over which scores are brought to mean 0 and spread 1.
    decided
        How many decisions there are.
    """

    rows: Ints
    labels: Singles
    kinds: NDArray[np.int8]
    gauge: slice
    decided: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """How much each kind of teacher counts against a decision, which counts 1.

    Parameters
    ----------
    known
        A record valued at first.
    unreviewed
        A sampled dismissal that nobody has looked at again.
    """

    known: float
    unreviewed: float

    def costs(self, labels: Singles, kinds: NDArray[np.int8], C: float) -> Singles:
        """Return what an error on each record costs; both answers weigh the same in sum."""
        counts = np.array([self.known, self.unreviewed, 1.0])[kinds]
        if not counts[labels < 0].any():
            # Somebody has to speak for the dismissals before the first one is upheld.
            counts = np.where(kinds == UNREVIEWED, 1.0, counts)
        positive = labels > 0
        half = counts.sum() / 2
        sums = np.where(positive, counts[positive].sum(), counts[~positive].sum())
        return np.asarray(C * counts * half / np.where(sums > 0, sums, 1), np.float32)
