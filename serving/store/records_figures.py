"""What the repository of figures gives: counts, before anything is worked out of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Valued:
    """Valued allegations of one group, and those of them closed as of no value.

    Parameters
    ----------
    channel
        How they came in.
    categories
        The categories that were recorded together.
    """

    channel: str | None
    categories: tuple[str, ...]
    valued: int
    no_value: int


@dataclass(frozen=True, slots=True)
class ValuedDay:
    """Valued allegations of what came in on a day, and those of them closed as of no value."""

    day: date
    valued: int
    no_value: int


@dataclass(frozen=True, slots=True)
class Timely:
    """How the clock for the initial harm assessment was kept, of what came in on a day.

    Parameters
    ----------
    met, late
        Assessed within the limit, and after it.
    waiting, overdue
        Not assessed yet, within the limit and beyond it.
    """

    day: date
    met: int
    late: int
    waiting: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, and where."""

    unassessed: int
    overdue: int
    urgent: int
    safeguarding: int
    awaiting_second_person: int
    second_looks: int
    to_discuss: int
    overturned: int
