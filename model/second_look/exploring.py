"""Looking elsewhere when the queue finds nothing.

A queue that follows what it has learned never sees a kind of miss that resembles nothing it was
taught. So whenever a run of records in a row was upheld, the next one is chosen otherwise: at
first the one that stands for most of what nobody has looked at, which is the greedy step of
facility location (K. Wei, R. Iyer, J. Bilmes, "Submodularity in data subset selection and active
learning", ICML 2015); once misses are known, the one that the value model doubts most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

UNSEEN, DOUBTED = "unlike what was looked at", "doubted most by the model"
RUNS = {UNSEEN: 3, DOUBTED: 4}
ENOUGH = 10
AHEAD = 0.1
DIGITS = 4


@dataclass(frozen=True, slots=True)
class Lift:
    """A record that is looked at next though the ranking would not have chosen it.

    Parameters
    ----------
    way
        By what it was chosen.
    row
        Which record.
    by
        What its score gains: as much as puts it in front.
    """

    way: str
    row: int
    by: float


def elsewhere(missed: Bools, new: int = 1) -> str | None:
    """Return by what the next record is chosen in the ranking's place, if by anything.

    Parameters
    ----------
    missed
        The decisions, the latest last.
    new
        How many of them came after the ranking before: a run may have become long enough, and
        longer, while nothing was ranked.
    """
    way = UNSEEN if missed.sum() < ENOUGH else DOUBTED
    run = int(np.argmax(missed[::-1])) if missed.any() else len(missed)
    earlier = max(run - new, 0)
    return way if run // RUNS[way] > earlier // RUNS[way] else None


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


def lift(scores: Floats, waiting: Ints, aside: tuple[str, int] | None) -> Lift | None:
    """Return what puts a record in front of the others that wait; nothing where it is already.

    Parameters
    ----------
    scores
        Of all records.
    waiting
        Rows of those that wait.
    aside
        By what the record was chosen and its row, if one was.
    """
    if aside is None:
        return None
    way, row = aside
    ahead = float(scores[waiting].max() - scores[row])
    return Lift(way, row, ahead + AHEAD) if ahead > 0 else None
