"""Figures for those who lead: where no value is said, how fast, how often wrongly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from serving.intake import QUEUE
from serving.progress import Progress, progress
from serving.rates import Rate, Week, monday, rates_of, weeks_of
from serving.recall_curve import Step, curve_of, error_rate
from serving.store.database import Store
from serving.store.records_figures import Backlog, Valued

WEEKS = 12
UNKNOWN = "not_known"


class LeadFigures:
    """Everything on the lead's page, each figure worked out of the store when it is asked for.

    Parameters
    ----------
    store
        Where the records are.
    made_at
        What counts as now.
    weeks
        How many weeks to go back in what is given by week.
    """

    def __init__(self, store: Store, made_at: datetime, weeks: int = WEEKS) -> None:
        self.made_at = made_at
        self._store = store
        self._since = monday(made_at.date()) - timedelta(weeks=weeks - 1)

    @cached_property
    def by_channel(self) -> tuple[Rate, ...]:
        """Rate of "no value" among the valued, by channel."""
        return rates_of(self._valued, lambda one: (one.channel or UNKNOWN,))

    @cached_property
    def by_category(self) -> tuple[Rate, ...]:
        """Rate of "no value" among the valued, by category."""
        return rates_of(self._valued, lambda one: one.categories or (UNKNOWN,))

    @cached_property
    def by_week(self) -> tuple[Rate, ...]:
        """Rate of "no value" among the valued, by the week in which they came in."""
        with self._store.reading() as unit:
            days = unit.figures.valued_by_day(QUEUE, self._since)
        return rates_of(days, lambda one: (str(monday(one.day)),))

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """How the clock was kept."""
        with self._store.reading() as unit:
            return weeks_of(unit.figures.timely(QUEUE, self.made_at, self._since))

    @cached_property
    def error_rate(self) -> Rate:
        """Share of dismissed allegations that were wrongly dismissed, found and still missed.

        Its interval is the one that the audit sample gives.
        """
        return error_rate(self.progress)

    @cached_property
    def curve(self) -> tuple[Step, ...]:
        """Recall against reviews."""
        with self._store.reading() as unit:
            reviewed = unit.figures.reviewed(QUEUE)
        return curve_of(reviewed, self.progress)

    @cached_property
    def backlog(self) -> Backlog:
        """What waits, and where."""
        with self._store.reading() as unit:
            return unit.figures.backlog(QUEUE, self.made_at)

    @cached_property
    def progress(self) -> Progress:
        """How far the second look has come."""
        return progress(self._store)

    @cached_property
    def _valued(self) -> Sequence[Valued]:
        with self._store.reading() as unit:
            return unit.figures.valued(QUEUE)


def lead_figures(store: Store, *, now: datetime | None = None, weeks: int = WEEKS) -> LeadFigures:
    """Give the figures of the lead's page as of now.

    Parameters
    ----------
    weeks
        How many weeks to go back in what is given by week.
    """
    return LeadFigures(store, now or datetime.now(UTC), weeks)
