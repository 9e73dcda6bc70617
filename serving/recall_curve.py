"""Recall against reviews, and the error rate of no value, by the estimate as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from serving.progress import Progress
from serving.rates import Rate


@dataclass(frozen=True, slots=True)
class Step:
    """A point of the recall curve.

    Parameters
    ----------
    reviewed, found
        Second looks so far, and those of them that overturned.
    recall, low, high
        Share of all wrong dismissals found by then, by the estimate as it stands now.
    """

    reviewed: int
    found: int
    recall: float | None
    low: float
    high: float


def error_rate(done: Progress) -> Rate:
    """Give the share of dismissals that were wrong: found and still missed, over all."""
    found = done.found + done.found_before
    missed = done.still_missed
    if not done.dismissed:
        return Rate("no_value", found, 0, None, None, None)
    low, high = ((found + edge) / done.dismissed for edge in (missed.low, missed.high))
    share = None if missed.estimate is None else (found + missed.estimate) / done.dismissed
    return Rate("no_value", found, done.dismissed, share, low, min(1.0, high))


def curve_of(missed: Sequence[bool], done: Progress, points: int = 60) -> tuple[Step, ...]:
    """Give recall after each stretch of reviews, in at most so many points."""
    found = 0
    steps: list[Step] = []
    every = max(1, -(-len(missed) // points))
    for number, one in enumerate(missed, start=1):
        found += one
        if number % every == 0 or number == len(missed):
            steps.append(_step(number, found, done))
    return tuple(steps)


def _step(reviewed: int, found: int, done: Progress) -> Step:
    still = done.still_missed

    def share(remaining: float | None) -> float:
        total = done.found + (remaining or 0.0)
        return min(1.0, found / total) if total else 1.0

    recall = None if still.estimate is None else share(still.estimate)
    return Step(reviewed, found, recall, share(still.high), share(still.low))
