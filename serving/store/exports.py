"""Records on their way out, read a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import standing_decision
from serving.store.records_oversight import Outgoing
from serving.store.tables import allegations, decisions

STRETCH = 2000


class ExportRepository:
    """Exports over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decided(self, queue: str, *, every: bool = False) -> Iterator[Outgoing]:
        """Give second looks in the order of their allegations, planted and erased ones left out.

        Parameters
        ----------
        every
            Give valued allegations without a second look too.
        """
        after = 0
        while True:
            rows = self._connection.execute(
                _outgoing(queue, every=every).where(allegations.c.id > after).limit(STRETCH)
            ).all()
            yield from map(_record, rows)
            if len(rows) < STRETCH:
                return
            after = rows[-1].id


def _outgoing(queue: str, *, every: bool) -> sa.Select[Any]:
    wanted = (
        sa.select(
            allegations.c.id,
            allegations.c.reference,
            allegations.c.narrative,
            allegations.c.first_value.label("value"),
            allegations.c.categories,
            sa.func.coalesce(decisions.c.value, allegations.c.reviewed_value).label(
                "reviewed_value"
            ),
            allegations.c.received_at,
            allegations.c.channel,
            decisions.c.decided_at,
            decisions.c.reason,
            decisions.c.reviewer,
            decisions.c.model_version,
            decisions.c.ranking_id.label("ranking_version"),
            decisions.c.score,
            decisions.c.doubt,
            decisions.c.selection_probability,
            sa.not_(decisions.c.audit).label("model_selected"),
            allegations.c.fields.label("answers"),
        )
        .select_from(allegations.outerjoin(decisions, standing_decision()))
        .where(
            allegations.c.queue == queue,
            allegations.c.first_value.is_not(None),
            allegations.c.planted.is_(False),
            allegations.c.erased_at.is_(None),
        )
        .order_by(allegations.c.id)
    )
    return wanted if every else wanted.where(decisions.c.id.is_not(None))


def _record(row: Row[*tuple[Any, ...]]) -> Outgoing:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values["categories"] = tuple(values["categories"])
    chosen = values["model_selected"]
    values["model_selected"] = None if chosen is None else bool(chosen)
    return Outgoing(**values)
