"""Counts for those who lead and inspect. Planted records are in none of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.allegations import standing_decision, stored
from serving.store.records import StoredAllegation
from serving.store.records_figures import Backlog, Reviewed, Timely, Valued
from serving.store.tables import allegations, decisions
from serving.store.tables_casework import assessments, claims


class FigureRepository:
    """Figures over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def valued(self, queue: str) -> list[Valued]:
        """Count valued allegations by channel, day and categories."""
        day = sa.func.date(allegations.c.received_at)
        names = sa.cast(allegations.c.categories, sa.Text)
        rows = self._connection.execute(
            sa.select(
                allegations.c.channel,
                day.label("day"),
                names.label("names"),
                sa.func.count().label("valued"),
                sa.func.count().filter(allegations.c.dismissed.is_(True)).label("no_value"),
            )
            .where(_counted(queue), allegations.c.first_value.is_not(None))
            .group_by(allegations.c.channel, day, names)
        )
        return [
            Valued(one.channel, _day(one.day), _names(one.names), one.valued, one.no_value)
            for one in rows
        ]

    def timely(self, queue: str, now: datetime) -> list[Timely]:
        """Count how the clock was kept, by the day on which allegations came in."""
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
            .where(_counted(queue), due.is_not(None))
            .group_by(day)
            .order_by(day)
        )
        return [Timely(_day(one[0]), *one[1:]) for one in rows]

    def backlog(self, queue: str, now: datetime) -> Backlog:
        """Count what waits."""
        waits = allegations.c.status == "unassessed"
        first = self._connection.execute(
            sa.select(
                sa.func.count().filter(waits),
                sa.func.count().filter(waits, allegations.c.due_at <= now),
                sa.func.count().filter(waits, allegations.c.urgency > 0),
                sa.func.count().filter(waits, allegations.c.safeguarding.is_(True)),
            ).where(_counted(queue))
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

    def reviewed(self, queue: str) -> list[Reviewed]:
        """Give every standing decision in order, without its text."""
        rows = self._connection.execute(
            sa.select(
                decisions.c.id,
                (decisions.c.verdict == "overturn").label("missed"),
                decisions.c.audit,
            )
            .where(decisions.c.queue == queue, decisions.c.withdrawn_at.is_(None))
            .order_by(decisions.c.id)
        )
        return [Reviewed(one.id, bool(one.missed), bool(one.audit)) for one in rows]

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

    def _second_looks(self, queue: str) -> tuple[int, int, int]:
        unsure = sa.exists().where(
            claims.c.allegation_id == allegations.c.id, claims.c.state == "unsure"
        )
        undecided = sa.and_(
            allegations.c.reviewed_value.is_(None),
            decisions.c.id.is_(None),
            allegations.c.dismissed.is_(True),
        )
        overturned = sa.and_(decisions.c.verdict == "overturn", allegations.c.dismissed.is_(True))
        row = self._connection.execute(
            sa.select(
                sa.func.count().filter(undecided),
                sa.func.count().filter(undecided, unsure),
                sa.func.count().filter(overturned),
            )
            .select_from(allegations.outerjoin(decisions, standing_decision()))
            .where(_counted(queue))
        ).one()
        return row[0], row[1], row[2]


def _counted(queue: str) -> sa.ColumnElement[bool]:
    return sa.and_(allegations.c.queue == queue, allegations.c.planted.is_(False))


def _day(value: Any) -> date | None:  # noqa: ANN401 - SQLite gives text, PostgreSQL a date
    return date.fromisoformat(value) if isinstance(value, str) else value


def _names(text: str) -> tuple[str, ...]:
    found: list[str] | Mapping[str, Any] = json.loads(text)
    return tuple(found)
