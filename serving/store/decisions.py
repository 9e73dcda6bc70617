"""Decisions in the store: only ever added; one that was taken back stays, and says when.

Planted records have no decisions: what reviewers answer to them is kept elsewhere, so that it
gets into no figure.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records import Counts, Decision, Extent, Marks, NewDecision, Picked, Told
from serving.store.tables import allegations, decisions
from serving.store.tables_casework import assessments, plants
from serving.store.tables_oversight import erasures

STANDS = decisions.c.withdrawn_at.is_(None)
DISMISSED = sa.and_(allegations.c.dismissed.is_(True), allegations.c.planted.is_(False))
COUNT = sa.func.count()
ADD = sa.insert(decisions).returning(decisions.c.id)
NEW = [one.name for one in fields(NewDecision)]


class DecisionRepository:
    """Decisions over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, queue: str, new: NewDecision) -> Decision:
        """Add a decision; it takes its claim's number, so that a person need know but one.

        Raises
        ------
        sqlalchemy.exc.IntegrityError
            When the allegation has one already; callers look first, in the same transaction.
        """
        own = {} if new.claim_id is None else {"id": new.claim_id}
        number = self._connection.scalar(
            ADD, {"queue": queue, **own, **{name: getattr(new, name) for name in NEW}}
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        return Decision(id=number, **{name: getattr(new, name) for name in NEW})

    def of(self, allegation_id: int) -> Decision | None:
        """Give the decision that stands on an allegation as it is now, or ``None``."""
        row = self._connection.execute(
            sa.select(decisions)
            .join(allegations, allegations.c.id == decisions.c.allegation_id)
            .where(
                decisions.c.allegation_id == allegation_id,
                decisions.c.cycle == allegations.c.cycle,
                STANDS,
            )
        ).one_or_none()
        return None if row is None else _decision(row)

    def by_id(self, number: int) -> Decision | None:
        """Give a decision by its number, standing or taken back."""
        row = self._connection.execute(
            sa.select(decisions).where(decisions.c.id == number)
        ).one_or_none()
        return None if row is None else _decision(row)

    def withdraw(self, number: int, *, now: datetime) -> None:
        """Note that a decision was taken back."""
        self._connection.execute(
            sa.update(decisions).where(decisions.c.id == number, STANDS).values(withdrawn_at=now)
        )

    def every(self, queue: str) -> list[Decision]:
        """Decisions of a queue that stand, in the order in which they were made."""
        rows = self._connection.execute(
            sa.select(decisions)
            .where(decisions.c.queue == queue, STANDS)
            .order_by(decisions.c.decided_at, decisions.c.id)
        )
        return [_decision(row) for row in rows]

    def picks(self, queue: str) -> list[Picked]:
        """Say of each decision that stands how it came about, in the order of making."""
        rows = self._connection.execute(
            sa.select(decisions.c.verdict, decisions.c.selection_probability, decisions.c.audit)
            .where(decisions.c.queue == queue, STANDS)
            .order_by(decisions.c.decided_at, decisions.c.id)
        )
        return [Picked(row[0] == "overturn", row[1], row[2]) for row in rows]

    def told(self, queue: str) -> list[Told]:
        """Give what the ranker hears: decisions that stand on records as they are now."""
        rows = self._connection.execute(
            sa.select(decisions.c.id, decisions.c.allegation_id, decisions.c.verdict)
            .join(allegations, allegations.c.id == decisions.c.allegation_id)
            .where(
                decisions.c.queue == queue,
                STANDS,
                decisions.c.cycle == allegations.c.cycle,
                DISMISSED,
            )
            .order_by(decisions.c.decided_at, decisions.c.id)
        )
        return [Told(row[0], row[1], row[2] == "overturn") for row in rows]

    def counts(self, queue: str, extent: Extent | None = None) -> Counts:
        """How far the second look has come.

        Parameters
        ----------
        extent
            How much there is to look at, where that was counted a moment ago.
        """
        extent = extent or self.extent(queue)
        overturned = COUNT.filter(decisions.c.verdict == "overturn")
        reviewed, found = self._connection.execute(
            sa.select(COUNT, overturned).where(decisions.c.queue == queue, STANDS)
        ).one()
        settled = self._connection.scalar(
            sa.select(COUNT)
            .select_from(decisions)
            .join(allegations, allegations.c.id == decisions.c.allegation_id)
            .where(
                decisions.c.queue == queue,
                STANDS,
                decisions.c.cycle == allegations.c.cycle,
                DISMISSED,
            )
        )
        return Counts(
            allegations=extent.allegations,
            dismissed=extent.dismissed,
            reviewed=reviewed,
            found=found,
            reviewed_before=extent.reviewed_before,
            found_before=extent.found_before,
            waiting=max(0, extent.dismissed - extent.reviewed_before - (settled or 0)),
        )

    def extent(self, queue: str) -> Extent:
        """Count what there is to look at, each in an index: the largest table is never read."""
        mine = allegations.c.queue == queue
        planted = self._planted(queue)
        every = self._count(mine)
        dismissed = self._count(mine, allegations.c.dismissed.is_(True))
        before = allegations.c.reviewed_value.is_not(None)
        other = COUNT.filter(allegations.c.reviewed_value != allegations.c.first_value)
        reviewed_before, found_before = self._connection.execute(
            sa.select(COUNT, other).where(mine, allegations.c.dismissed.is_(True), before)
        ).one()
        return Extent(
            self.newest(queue), every - planted, dismissed - planted, reviewed_before, found_before
        )

    def newest(self, queue: str) -> int:
        """Give the number of the newest record, or zero."""
        number = self._connection.scalar(
            sa.select(allegations.c.id)
            .where(allegations.c.queue.concat("") == queue)
            .order_by(allegations.c.id.desc())
            .limit(1)
        )
        return number or 0

    def marks(self, queue: str) -> Marks:
        """How far the queue has come; cheap enough to be asked for every second."""
        last_decision, made, withdrawn = self._connection.execute(
            sa.select(
                sa.func.coalesce(sa.func.max(decisions.c.id), 0),
                COUNT,
                sa.func.count(decisions.c.withdrawn_at),
            ).where(decisions.c.queue == queue)
        ).one()
        # an erasure changes what there is to learn from, as an assessment does
        changes = sum(
            self._connection.scalar(sa.select(COUNT).select_from(table)) or 0
            for table in (assessments, erasures)
        )
        return Marks(self.newest(queue), last_decision, made, withdrawn, changes)

    def _planted(self, queue: str) -> int:
        """Count planted records, of which there are few, from their own table."""
        few = allegations.c.id.in_(sa.select(plants.c.allegation_id))
        # compared so that no index over the queue looks like the better beginning
        return self._count(few, allegations.c.queue.concat("") == queue)

    def _count(self, *conditions: sa.ColumnElement[bool]) -> int:
        counted = sa.select(COUNT).select_from(allegations).where(*conditions)
        return self._connection.scalar(counted) or 0


def _decision(row: Row[*tuple[Any, ...]]) -> Decision:
    values = row._mapping  # noqa: SLF001 - the documented way to a row's columns
    return Decision(**{one.name: values[one.name] for one in fields(Decision)})
