"""Which records stand for most of what nobody has looked at.

The greedy step of facility location (K. Wei, R. Iyer, J. Bilmes, "Submodularity in data subset
selection and active learning", ICML 2015).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

DIGITS = 4


class Unseen:
    """Knows which records stand for most of what nobody has looked at.

    Parameters
    ----------
    rows
        Records that wait, or a sample of them: they stand for all.
    alike
        Tells how alike some records are to others, shape (records, others).
    """

    def __init__(self, rows: Ints, alike: Callable[[Ints, Ints], Singles]) -> None:
        self.rows = rows
        self._alike, self._among = alike, alike(rows, rows)
        self._covered = np.zeros(len(rows), np.float32)
        self._seen: set[int] = set()

    def worth(self, decided: Ints) -> Floats:
        """Return how much nearer each would bring the others to one that was looked at.

        Parameters
        ----------
        decided
            Rows that were looked at.
        """
        new = [row for row in decided.tolist() if row not in self._seen]
        if new:
            near = self._alike(np.array(new, np.int64), self.rows).max(axis=0)
            self._covered = np.maximum(self._covered, near)
            self._seen.update(new)
        nearer = np.maximum(self._among - self._covered, 0)
        # The last digits depend on the order of sums; equal narratives must be worth alike.
        return np.asarray(nearer.sum(axis=1, dtype=np.float64).round(DIGITS))
