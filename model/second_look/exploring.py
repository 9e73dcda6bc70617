"""Looking elsewhere when the queue finds nothing.

A queue that follows what it has learned never sees a kind of miss that resembles nothing it was
taught. So whenever a run of records in a row was upheld, the next one is chosen otherwise: at
first the one that stands for most of what nobody has looked at. Once misses are known, the one
for which two teachers speak most that follow no kind of miss: the value model's doubt, and the
words of all that is known to be of value, by the first look or by the second. What is missed
last is of no kind found before; it resembles, if anything, what the first look valued. In a long
run the two take turns with the ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNSEEN, DOUBTED = "unlike what was looked at", "doubted most by the model"
OF_VALUE, BOTH = "words of all that is of value", "doubt and words of value"
EARLY, SOME, LONG = 3, 4, 12
TURNS = (None, DOUBTED, OF_VALUE)
ENOUGH = 10
AHEAD = 0.1


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
    run = int(np.argmax(missed[::-1])) if missed.any() else len(missed)
    few = bool(missed.sum() < ENOUGH)
    passed = (_turn(length, few) for length in range(run, max(run - new, 0), -1))
    return next((way for way in passed if way is not None), None)


def _turn(run: int, few: bool) -> str | None:
    """Return whose turn it is after a run of upheld records of some length."""
    if few:
        return UNSEEN if run % EARLY == 0 else None
    if run >= LONG:
        return TURNS[(run - LONG) % len(TURNS)]
    return BOTH if run % SOME == 0 else None


def spoken_for(way: str, doubt: Floats | None, words: Floats | None) -> tuple[str, Floats] | None:
    """Return how much a way speaks for each record, and the way; where one is missing, the other.

    Parameters
    ----------
    way
        ``DOUBTED``, ``OF_VALUE`` or ``BOTH``.
    doubt, words
        What the value model's doubt says of every record, and the words of what is of value,
        both with mean 0 and spread 1 over the backlog; nothing where they say nothing.
    """
    if way == BOTH and doubt is not None and words is not None:
        return BOTH, doubt + words
    if way != OF_VALUE and doubt is not None:
        return DOUBTED, doubt
    if way != DOUBTED and words is not None:
        return OF_VALUE, words
    return None


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
