"""Decisions in the store: only ever added."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records import Counts, Decision, Marks, NewDecision
from serving.store.tables import allegations, decisions


class DecisionRepository:
    """Decisions over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, queue: str, new: NewDecision) -> Decision:
        """Add a decision.

        Raises
        ------
        sqlalchemy.exc.IntegrityError
            When the allegation has one already; callers look first, in the same transaction.
        """
        number = self._connection.scalar(
            sa.insert(decisions).values(queue=queue, **asdict(new)).returning(decisions.c.id)
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        return Decision(id=number, **asdict(new))

    def of(self, allegation_id: int) -> Decision | None:
        """Give the decision on an allegation, or ``None``."""
        row = self._connection.execute(
            sa.select(decisions).where(decisions.c.allegation_id == allegation_id)
        ).one_or_none()
        return None if row is None else _decision(row)

    def every(self, queue: str, *, after: int = 0) -> list[Decision]:
        """Decisions of a queue in the order in which they were made."""
        rows = self._connection.execute(
            sa.select(decisions)
            .where(decisions.c.queue == queue, decisions.c.id > after)
            .order_by(decisions.c.id)
        )
        return [_decision(row) for row in rows]

    def counts(self, queue: str) -> Counts:
        """How far the second look has come."""
        mine = allegations.c.queue == queue
        totals = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(sa.cast(allegations.c.dismissed, sa.Integer)), 0),
            ).where(mine)
        ).one()
        reviewed = self._connection.execute(
            sa.select(sa.func.count(), sa.func.count().filter(decisions.c.verdict == "overturn"))
            .select_from(decisions)
            .where(decisions.c.queue == queue)
        ).one()
        imported = self._connection.execute(
            sa.select(
                sa.func.count(),
                sa.func.count().filter(allegations.c.reviewed_value != allegations.c.first_value),
            ).where(
                mine, allegations.c.dismissed.is_(True), allegations.c.reviewed_value.is_not(None)
            )
        ).one()
        return Counts(*totals, *reviewed, *imported)

    def marks(self, queue: str) -> Marks:
        """Give the newest numbers in the queue."""
        last_allegation = self._connection.scalar(
            sa.select(sa.func.max(allegations.c.id)).where(allegations.c.queue == queue)
        )
        last_decision = self._connection.scalar(
            sa.select(sa.func.max(decisions.c.id)).where(decisions.c.queue == queue)
        )
        return Marks(last_allegation or 0, last_decision or 0)


def _decision(row: Row[*tuple[Any, ...]]) -> Decision:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values.pop("queue")
    return Decision(**values)
