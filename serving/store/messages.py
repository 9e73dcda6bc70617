"""Messages in the store: as received, each known by its fingerprint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_intake import KeptMessage, NewMessage
from serving.store.tables_intake import messages


class MessageRepository:
    """Messages over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def delivered_again(self, fingerprint: str) -> KeptMessage | None:
        """Count one more delivery of a message that is kept already, or give ``None``."""
        row = self._connection.execute(
            sa.update(messages)
            .where(messages.c.fingerprint == fingerprint)
            .values(deliveries=messages.c.deliveries + 1)
            .returning(*messages.c)
        ).one_or_none()
        return None if row is None else _kept(row)

    def add(self, new: NewMessage, allegation_id: int, *, now: datetime) -> None:
        """Keep a message as it was received."""
        self._connection.execute(
            sa.insert(messages).values(
                fingerprint=new.fingerprint,
                kind=new.kind,
                body=new.body,
                allegation_id=allegation_id,
                defects=[dict(one) for one in new.defects],
                attachments=[dict(one) for one in new.attachments],
                received_at=now,
            )
        )

    def of(self, allegation_id: int) -> KeptMessage | None:
        """Give the message that an allegation came as, or ``None`` where it came otherwise."""
        row = self._connection.execute(
            sa.select(messages)
            .where(messages.c.allegation_id == allegation_id)
            .order_by(messages.c.id)
            .limit(1)
        ).one_or_none()
        return None if row is None else _kept(row)


def _kept(row: Row[*tuple[Any, ...]]) -> KeptMessage:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    for name in ("defects", "attachments"):
        values[name] = tuple(values[name])
    return KeptMessage(**values)
