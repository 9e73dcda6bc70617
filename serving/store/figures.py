"""Counts for those who lead and inspect. Planted records are in none of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.allegations import standing_decision, stored
from serving.store.records import StoredAllegation
from serving.store.records_figures import Backlog, Timely, Valued, ValuedDay
from serving.store.tables import allegations, decisions
from serving.store.tables_casework import assessments, claims


class FigureRepository:
    """Figures over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def valued(self, queue: str) -> list[Valued]:
        """Count valued allegations by channel and categories.

        Days are counted on their own: by all three there are nearly as many groups as records.
        """
        names = sa.cast(allegations.c.categories, sa.Text)
        rows = self._valued(queue, allegations.c.channel, names)
        return [
            Valued(channel, tuple(json.loads(text)), valued, no_value)
            for channel, text, valued, no_value in rows
        ]

    def valued_by_day(self, queue: str, since: date) -> list[ValuedDay]:
        """Count valued allegations by the day on which they came in, from one on."""
        rows = self._valued(queue, sa.func.date(allegations.c.received_at), since=since)
        return [ValuedDay(_day(day), valued, no_value) for day, valued, no_value in rows]

    def timely(self, queue: str, now: datetime, since: date) -> list[Timely]:
        """Count how the clock was kept, by the day on which allegations came in, from one on."""
        day = sa.func.date(allegations.c.received_at)
        assessed, due = allegations.c.assessed_at, allegations.c.due_at
        rows = self._connection.execute(
            sa.select(
                day.label("day"),
                sa.func.count().filter(assessed <= due).label("met"),
                sa.func.count().filter(assessed > due).label("late"),
                sa.func.count().filter(assessed.is_(None), due > now).label("waiting"),
                sa.func.count().filter(assessed.is_(None), due <= now).label("overdue"),
            )
            .where(_counted(queue), _from(since), due.is_not(None))
            .group_by(day)
            .order_by(day)
        )
        return [Timely(_day(one[0]), *one[1:]) for one in rows]

    def backlog(self, queue: str, now: datetime) -> Backlog:
        """Count what waits."""
        # the queue's name is hidden: those that wait are few, and an index by status has them
        waits = sa.and_(
            allegations.c.status == "unassessed",
            allegations.c.queue.concat("") == queue,
            allegations.c.planted.is_(False),
        )
        first = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.count().filter(allegations.c.due_at <= now),
                sa.func.count().filter(allegations.c.urgency > 0),
                sa.func.count().filter(allegations.c.safeguarding.is_(True)),
            ).where(waits)
        ).one()
        second = self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(assessments)
            .where(
                assessments.c.awaits_second_person.is_(True),
                assessments.c.second_person_at.is_(None),
                assessments.c.withdrawn_at.is_(None),
            )
        )
        return Backlog(*first, second or 0, *self._second_looks(queue))

    def reviewed(self, queue: str) -> list[bool]:
        """Say of every standing decision, in order, whether it overturned."""
        missed = decisions.c.verdict == "overturn"
        rows = self._connection.scalars(
            sa.select(missed)
            .where(decisions.c.queue == queue, decisions.c.withdrawn_at.is_(None))
            .order_by(decisions.c.id)
        )
        return [bool(one) for one in rows]

    def newest(self, queue: str, *, limit: int) -> list[StoredAllegation]:
        """Give the newest records that still have their text."""
        rows = self._connection.execute(
            sa.select(allegations)
            .where(_counted(queue), allegations.c.erased_at.is_(None))
            .order_by(allegations.c.id.desc())
            .limit(limit)
        )
        return [stored(row) for row in rows]

    def newest_number(self, queue: str) -> int | None:
        """Give the number of the newest record that still has its text."""
        return self._connection.scalar(
            sa.select(allegations.c.id)
            .where(_counted(queue), allegations.c.erased_at.is_(None))
            .order_by(allegations.c.id.desc())
            .limit(1)
        )

    def _valued(
        self, queue: str, *by: sa.ColumnElement[Any], since: date | None = None
    ) -> Sequence[Sequence[Any]]:
        no_value = sa.func.count().filter(allegations.c.dismissed.is_(True))
        counted = (_counted(queue), allegations.c.first_value.is_not(None))
        wanted = sa.select(*by, sa.func.count(), no_value).where(*counted).group_by(*by)
        return self._connection.execute(wanted.where(_from(since)) if since else wanted).all()

    def _second_looks(self, queue: str) -> tuple[int, int, int]:
        dismissed = sa.and_(_counted(queue), allegations.c.dismissed.is_(True))
        undecided = sa.and_(allegations.c.reviewed_value.is_(None), decisions.c.id.is_(None))
        waiting, overturned = self._connection.execute(
            sa.select(
                sa.func.count().filter(undecided),
                sa.func.count().filter(decisions.c.verdict == "overturn"),
            )
            .select_from(allegations.outerjoin(decisions, standing_decision()))
            .where(dismissed)
        ).one()
        to_discuss = self._connection.scalar(
            sa.select(sa.func.count(allegations.c.id.distinct()))
            .select_from(
                claims.join(allegations, allegations.c.id == claims.c.allegation_id).outerjoin(
                    decisions, standing_decision()
                )
            )
            .where(claims.c.state == "unsure", dismissed, undecided)
        )
        return waiting, to_discuss or 0, overturned


def _counted(queue: str) -> sa.ColumnElement[bool]:
    return sa.and_(allegations.c.queue == queue, allegations.c.planted.is_(False))


def _from(day: date) -> sa.ColumnElement[bool]:
    return allegations.c.received_at >= datetime.combine(day, time(), UTC)


def _day(value: str | date) -> date:
    """Take a day as it comes: SQLite gives text, PostgreSQL a date."""
    return date.fromisoformat(value) if isinstance(value, str) else value
