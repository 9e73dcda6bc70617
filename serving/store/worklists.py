"""Work lists in the store: what waits, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_intake import Matching, Position, WorkCounts, WorkFilter, WorkItem
from serving.store.search import holding
from serving.store.tables import allegations, decisions
from serving.store.tables_casework import readings

OPENING: Final = 200
URGENCIES: Final = (2, 1, 0)
JSON_LISTS: Final = ("categories", "urgency_flags", "safeguarding_flags", "source_alerts")


class WorkListRepository:
    """Work lists over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(
        self, queue: str, wanted: WorkFilter, *, after: Position | None, limit: int
    ) -> list[WorkItem]:
        """Allegations by urgency, then by when they are due, then by number.

        Urgency runs the other way than the rest of the index, so each level is read by itself,
        those that are due at no known time last: a few short index scans instead of a sort.
        """
        conditions = list(self._conditions(queue, wanted))
        found: list[WorkItem] = []
        for urgency, dated in product(URGENCIES, (True, False)):
            passed_over = urgency < (wanted.least_urgency or 0)
            if passed_over or wanted.urgency not in {None, urgency}:
                continue
            if _is_before(urgency, dated, after):
                continue
            rows = self._connection.execute(
                self._segment(urgency, dated, after).where(*conditions).limit(limit - len(found))
            )
            found += map(_item, rows)
            if len(found) >= limit:
                break
        return found

    def count(self, queue: str, wanted: WorkFilter) -> Matching:
        """How many allegations a filter lets through."""
        kept = allegations.c.erased_at.is_(None)
        conditions = list(self._conditions(queue, wanted, erased=True))
        if wanted.urgency is not None:
            conditions.append(allegations.c.urgency == wanted.urgency)
        if wanted.least_urgency is not None:
            conditions.append(allegations.c.urgency >= wanted.least_urgency)
        row = self._connection.execute(
            sa.select(sa.func.count().filter(kept), sa.func.count().filter(sa.not_(kept))).where(
                *conditions
            )
        ).one()
        return Matching(*row)

    def counts(self, queue: str, now: datetime) -> WorkCounts:
        """How many allegations wait for their assessment."""
        row = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.count().filter(allegations.c.due_at < now),
                sa.func.count().filter(allegations.c.urgency == 2),
                sa.func.count().filter(allegations.c.urgency == 1),
                sa.func.count().filter(allegations.c.safeguarding),
            ).where(allegations.c.status == "unassessed", allegations.c.queue == queue)
        ).one()
        return WorkCounts(*row)

    def _segment(self, urgency: int, dated: bool, after: Position | None) -> sa.Select[Any]:
        due, number = allegations.c.due_at, allegations.c.id
        names = (name for name in WorkItem.__dataclass_fields__ if name != "opening")
        opening = sa.func.substr(allegations.c.narrative, 1, OPENING).label("opening")
        chosen = (
            sa.select(opening, *(allegations.c[name] for name in names))
            .where(
                allegations.c.urgency == urgency,
                due.is_not(None) if dated else due.is_(None),
            )
            .order_by(due, number)
        )
        if after is None or after.urgency != urgency or (after.due_at is not None) != dated:
            return chosen
        if not dated:
            return chosen.where(number > after.id)
        return chosen.where(
            due >= after.due_at,
            (due > after.due_at) | (number > after.id),
        )

    def _conditions(
        self, queue: str, wanted: WorkFilter, *, erased: bool = False
    ) -> Iterator[sa.ColumnElement[bool]]:
        yield allegations.c.queue == queue
        if not erased:
            yield allegations.c.erased_at.is_(None)
        yield from _of_what_became(wanted)
        for column in (allegations.c.status, allegations.c.channel, allegations.c.safeguarding):
            value = getattr(wanted, column.name)
            if value is not None:
                yield column == value
        if wanted.overdue_at is not None:
            yield allegations.c.status == "unassessed"
            yield allegations.c.due_at < wanted.overdue_at
        if wanted.category is not None:
            held = sa.cast(allegations.c.categories, sa.Text)
            yield held.contains(f'"{wanted.category}"', autoescape=True)
        if wanted.account_id is not None:
            yield _is_of(wanted.account_id)
        if wanted.words:
            yield holding(wanted.words, self._connection.dialect.name)


def _of_what_became(wanted: WorkFilter) -> Iterator[sa.ColumnElement[bool]]:
    """Narrow by when an allegation came, and by what became of it."""
    if wanted.received_from is not None:
        yield allegations.c.received_at >= wanted.received_from
    if wanted.received_before is not None:
        yield allegations.c.received_at < wanted.received_before
    if wanted.no_value or wanted.overturned:
        yield allegations.c.dismissed.is_(True)
    if wanted.overturned:
        yield sa.exists().where(
            decisions.c.allegation_id == allegations.c.id,
            decisions.c.verdict == "overturn",
            decisions.c.withdrawn_at.is_(None),
        )
    if wanted.timed:
        yield allegations.c.due_at.is_not(None)
    if wanted.alerts:
        yield sa.cast(allegations.c.source_alerts, sa.Text) != "[]"
    if wanted.unplanted:
        yield allegations.c.planted.is_(False)


def _is_before(urgency: int, dated: bool, after: Position | None) -> bool:
    """Whether a whole segment lies before the place where the list was left off."""
    if after is None:
        return False
    return (-urgency, not dated) < (-after.urgency, after.due_at is None)


def _is_of(account_id: int) -> sa.ColumnElement[bool]:
    begun = sa.exists().where(
        readings.c.allegation_id == allegations.c.id,
        readings.c.account_id == account_id,
        readings.c.cycle == allegations.c.cycle,
    )
    return begun | (allegations.c.assessed_by == account_id)


def _item(row: Row[*tuple[Any, ...]]) -> WorkItem:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    for name in JSON_LISTS:
        values[name] = tuple(values[name])
    return WorkItem(**values)
