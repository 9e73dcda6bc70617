"""The clock of the initial harm assessment: when it is due, and how much of it has run.

Two ways to count. ``all_hours`` counts real time, day and night: 48 hours are 48 hours, also over
the night on which the clocks change, when a wall clock will show 47 or 49. ``working_hours``
counts real time while the office is open by its own wall clock, on its days, but for the days on
which it is closed; an opening that spans the change of the clocks is as long as it really is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

Counts = Literal["all_hours", "working_hours"]
_NOTHING: Final = timedelta(0)
_DAY: Final = timedelta(days=1)
_DAYS_FROM: Final = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class ClockState:
    """Where the clock of one allegation stands.

    Parameters
    ----------
    due_at
        When the assessment is or was due, in UTC.
    remaining
        Counted time left; below nothing once overdue. It stands still when assessed.
    overdue
        Whether the assessment came, or is, later than due.
    words
        The same for people: "due in 5 hours", "overdue by 2 days", "assessed in time".
    """

    due_at: datetime
    remaining: timedelta
    overdue: bool
    words: str


@dataclass(frozen=True, slots=True)
class Clock:
    """How long an assessment may take, and which hours count.

    Parameters
    ----------
    hours
        Counted hours that an assessment may take.
    counts
        ``all_hours`` or ``working_hours``.
    days
        Working days, Monday 0 to Sunday 6.
    opens, closes
        Wall-clock times of a working day, ``HH:MM``; it may close at ``24:00``.
    closed_days
        Days that do not count: bank holidays and the like.
    zone
        Name of the time zone that the wall clock shows.

    Raises
    ------
    ValueError
        If no time at all would count, or a time or the zone is none.
    """

    hours: float = 48
    counts: Counts = "all_hours"
    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: str = "09:00"
    closes: str = "17:00"
    closed_days: frozenset[date] = frozenset()
    zone: str = "Europe/London"

    def __post_init__(self) -> None:
        if not 0 < self.hours <= 10_000:
            raise ValueError(f"hours must be above 0 and at most 10,000, not {self.hours}")
        if self.counts not in {"all_hours", "working_hours"}:
            raise ValueError(f"counts must be all_hours or working_hours, not {self.counts!r}")
        if not self.days or not set(self.days) <= set(range(7)):
            raise ValueError("days must name at least one day, Monday 0 to Sunday 6")
        if _minutes(self.opens) >= _minutes(self.closes):
            raise ValueError(f"opens ({self.opens}) must be before closes ({self.closes})")
        _zone(self.zone)

    def due_at(self, received: datetime) -> datetime:
        """Return the moment, in UTC, by which an allegation has to be assessed.

        Raises
        ------
        ValueError
            If ``received`` has no time zone.
        """
        start, left = _utc(received), timedelta(hours=self.hours)
        if self.counts == "all_hours":
            return start + left
        for opened, closed in self._openings(start):
            if closed - opened >= left:
                return opened + left
            left -= closed - opened
        raise ValueError("the clock runs beyond the last day that there is")

    def elapsed(self, received: datetime, until: datetime) -> timedelta:
        """Return the counted time between two moments; nothing where ``until`` comes first.

        Raises
        ------
        ValueError
            If a moment has no time zone.
        """
        start, end = _utc(received), _utc(until)
        if end <= start:
            return _NOTHING
        if self.counts == "all_hours":
            return end - start
        counted = _NOTHING
        for opened, closed in self._openings(start):
            if opened >= end:
                break
            counted += min(closed, end) - opened
        return counted

    def state(
        self, received: datetime, now: datetime, assessed_at: datetime | None = None
    ) -> ClockState:
        """Say how the clock of one allegation stands.

        Parameters
        ----------
        received
            When the allegation came in.
        now
            The moment asked about.
        assessed_at
            When it was assessed, where it has been: there the clock stopped.

        Raises
        ------
        ValueError
            If a moment has no time zone.
        """
        due, at = self.due_at(received), _utc(assessed_at or now)
        late = at > due
        remaining = -self.elapsed(due, at) if late else self.elapsed(at, due)
        return ClockState(due, remaining, late, self._words(remaining, late, assessed_at))

    def told(self, due_at: datetime, now: datetime) -> str:
        """Say how far off a due moment is, in the words of :meth:`state`.

        It serves where that moment was set anew, as it is when a record is reopened.

        Parameters
        ----------
        due_at
            When the assessment is due.
        now
            The moment asked about.
        """
        due, at = _utc(due_at), _utc(now)
        late = at > due
        counted = self.elapsed(due, at) if late else self.elapsed(at, due)
        return self._words(counted, late, None)

    def _words(self, remaining: timedelta, late: bool, assessed_at: datetime | None) -> str:
        length = self._length(abs(remaining))
        if assessed_at is not None:
            return f"assessed {length} late" if late else "assessed in time"
        return f"overdue by {length}" if late else f"due in {length}"

    def _length(self, counted: timedelta) -> str:
        """Whole units, rounded down; working time is told in hours, however long it is."""
        working = "working " if self.counts == "working_hours" else ""
        minutes = counted // timedelta(minutes=1)
        if minutes < 1:
            return f"less than a {working}minute"
        if minutes < 60:
            return _many(minutes, f"{working}minute")
        if working or counted < _DAYS_FROM:
            return _many(minutes // 60, f"{working}hour")
        return _many(counted // _DAY, "day")

    def _openings(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give what is left of the opening under way, then every later one, in UTC."""
        day = start.astimezone(_zone(self.zone)).date()
        while day < date.max - _DAY:
            if day.weekday() in self.days and day not in self.closed_days:
                opened, closed = _opening(day, self.opens, self.closes, self.zone)
                if closed > max(opened, start):
                    yield max(opened, start), closed
            day += _DAY


@lru_cache(maxsize=4096)
def _opening(day: date, opens: str, closes: str, zone: str) -> tuple[datetime, datetime]:
    return _moment(day, opens, zone), _moment(day, closes, zone)


def _moment(day: date, clock: str, zone: str) -> datetime:
    """Return the moment at which a wall clock shows a time; a skipped time is the one after."""
    days, minutes = divmod(_minutes(clock), 24 * 60)
    shown = datetime.combine(day + days * _DAY, time(minutes // 60, minutes % 60), _zone(zone))
    return shown.astimezone(UTC)


def _minutes(clock: str) -> int:
    hours, colon, minutes = clock.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal()
    if not (colon and digits and int(minutes) < 60 and int(hours) * 60 + int(minutes) <= 24 * 60):
        raise ValueError(f"a time of day is HH:MM, from 00:00 to 24:00, not {clock!r}")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        raise ValueError(f"no time zone is called {name!r}") from None


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


def _many(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
