"""Shares with their intervals, and how a clock was kept, counted up by group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import TypeVar

from serving.store.records_figures import Timely, Valued, ValuedDay

Z = 1.959963984540054
Counted = TypeVar("Counted", Valued, ValuedDay)


@dataclass(frozen=True, slots=True)
class Rate:
    """A share with its 95% interval.

    Parameters
    ----------
    group
        Code of the channel or category, or the Monday of the week.
    count, of
        How many of how many.
    share, low, high
        ``None`` where there are no records.
    """

    group: str
    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """How the clock was kept for what came in during a week, from its Monday on."""

    monday: date
    met: int
    late: int
    waiting: int
    overdue: int

    @property
    def share_met(self) -> float | None:
        """Share assessed within the limit, of what was assessed or is overdue."""
        due = self.met + self.late + self.overdue
        return self.met / due if due else None


def wilson(group: str, count: int, of: int) -> Rate:
    """Give a share with its 95% interval (Wilson, JASA 1927)."""
    if not of:
        return Rate(group, count, of, None, None, None)
    share = count / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    return Rate(group, count, of, share, max(0.0, middle - half), min(1.0, middle + half))


def rates_of(
    valued: Iterable[Counted], groups_of: Callable[[Counted], Sequence[str]]
) -> tuple[Rate, ...]:
    """Work out the rate of no value of each group."""
    totals: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in valued:
        for group in groups_of(one):
            totals[group][0] += one.no_value
            totals[group][1] += one.valued
    return tuple(wilson(group, *totals[group]) for group in sorted(totals))


def weeks_of(timely: Iterable[Timely]) -> tuple[Week, ...]:
    """Add days up to weeks."""
    totals: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in timely:
        row = totals[monday(one.day)]
        for place, count in enumerate((one.met, one.late, one.waiting, one.overdue)):
            row[place] += count
    return tuple(Week(monday, *totals[monday]) for monday in sorted(totals))


def monday(day: date) -> date:
    """Give the Monday of the week of a day."""
    return day - timedelta(days=day.weekday())
