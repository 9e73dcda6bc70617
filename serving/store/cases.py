"""Allegations in the store as those need them who assess and pursue them."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.records_assessing import CaseFile, SecondLookRow
from serving.store.tables import allegations, decisions, queues
from serving.store.tables_access import accounts
from serving.store.tables_casework import claims

_COLUMNS = [
    (queues if one.name == "value_order" else allegations).c[one.name] for one in fields(CaseFile)
]
_LISTS = ("value_order", "categories", "urgency_flags", "safeguarding_flags", "source_alerts")


class CaseRepository:
    """Allegations under work over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: str, *, hold: bool = False) -> CaseFile | None:
        """Find an allegation by its key, or ``None``.

        Parameters
        ----------
        hold
            Nobody else changes it until the transaction ends.
        """
        wanted = (
            sa.select(*_COLUMNS)
            .join(queues, queues.c.name == allegations.c.queue)
            .where(allegations.c.key == key)
        )
        if hold:
            wanted = wanted.with_for_update(of=allegations, key_share=True)
        row = self._connection.execute(wanted).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
        values.update((name, tuple(values[name])) for name in _LISTS)
        return CaseFile(**values)

    def change(self, allegation_id: int, **values: Any) -> None:  # noqa: ANN401
        """Change an allegation and count its version up."""
        self._connection.execute(
            sa.update(allegations)
            .where(allegations.c.id == allegation_id)
            .values(**values, version=allegations.c.version + 1)
        )

    def second_looks(self, allegation_id: int) -> list[SecondLookRow]:
        """Give decisions of second looks, withdrawn ones too, in the order they were made."""
        name = sa.func.coalesce(accounts.c.display_name, decisions.c.reviewer)
        rows = self._connection.execute(
            sa.select(
                decisions.c.reviewer_id,
                name.label("reviewer"),
                *(decisions.c[one] for one in ("verdict", "value", "reason", "note")),
                decisions.c.decided_at,
                decisions.c.withdrawn_at,
            )
            .outerjoin(accounts, accounts.c.id == decisions.c.reviewer_id)
            .where(decisions.c.allegation_id == allegation_id)
            .order_by(decisions.c.id)
        )
        return [SecondLookRow(**row._mapping) for row in rows]  # noqa: SLF001

    def looked_at_again(self, allegation_id: int, now: datetime) -> bool:
        """Whether a second look has decided it, or somebody holds it for one."""
        decided = sa.exists().where(
            decisions.c.allegation_id == allegation_id, decisions.c.withdrawn_at.is_(None)
        )
        held = sa.exists().where(
            claims.c.allegation_id == allegation_id,
            claims.c.state == "held",
            claims.c.expires_at > now,
        )
        return bool(self._connection.scalar(sa.select(sa.or_(decided, held))))
