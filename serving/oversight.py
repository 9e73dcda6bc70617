"""Figures for those who lead: where no value is said, how fast, how often wrongly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serving.intake import QUEUE
from serving.progress import Progress, progress
from serving.rates import Rate, Week, monday, rates_of, weeks_of
from serving.recall_curve import Step, curve_of, error_rate
from serving.store.database import Store
from serving.store.records_figures import Backlog

WEEKS = 12
UNKNOWN = "not_known"


@dataclass(frozen=True, slots=True)
class LeadFigures:
    """Everything on the lead's page.

    Parameters
    ----------
    by_channel, by_category, by_week
        Rate of "no value" among the valued.
    weeks
        How the clock was kept.
    error_rate
        Share of dismissed allegations that were wrongly dismissed: found and still missed, over
        all; with the interval that the audit sample gives.
    curve
        Recall against reviews.
    """

    made_at: datetime
    by_channel: tuple[Rate, ...]
    by_category: tuple[Rate, ...]
    by_week: tuple[Rate, ...]
    weeks: tuple[Week, ...]
    error_rate: Rate
    curve: tuple[Step, ...]
    backlog: Backlog
    progress: Progress


def lead_figures(store: Store, *, now: datetime | None = None, weeks: int = WEEKS) -> LeadFigures:
    """Work the figures out of the store.

    Parameters
    ----------
    weeks
        How many weeks to go back in what is given by week.
    """
    now = now or datetime.now(UTC)
    since = monday(now.date()) - timedelta(weeks=weeks - 1)
    with store.reading() as unit:
        valued = unit.figures.valued(QUEUE)
        timely = unit.figures.timely(QUEUE, now)
        backlog = unit.figures.backlog(QUEUE, now)
        reviewed = unit.figures.reviewed(QUEUE)
    done = progress(store)
    recent = [one for one in valued if one.day and one.day >= since]
    return LeadFigures(
        made_at=now,
        by_channel=rates_of(valued, lambda one: (one.channel or UNKNOWN,)),
        by_category=rates_of(valued, lambda one: one.categories or (UNKNOWN,)),
        by_week=rates_of(recent, lambda one: (str(monday(one.day or since)),)),
        weeks=weeks_of([one for one in timely if one.day and one.day >= since]),
        error_rate=error_rate(done),
        curve=curve_of([one.missed for one in reviewed], done),
        backlog=backlog,
        progress=done,
    )
