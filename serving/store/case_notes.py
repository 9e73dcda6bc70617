"""Gradings, outcomes and remarks in the store: only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_assessing import Grading, OutcomeRow, Remark
from serving.store.tables_access import accounts
from serving.store.tables_casework import gradings, outcomes, remarks


class NoteRepository:
    """Gradings, outcomes and remarks over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_grading(
        self,
        allegation_id: int,
        account_id: int,
        *,
        source: int,
        information: str,
        handling: str,
        conditions: str | None,
        now: datetime,
    ) -> None:
        """Add a grading; the newest one holds."""
        self._connection.execute(
            sa.insert(gradings).values(
                allegation_id=allegation_id,
                account_id=account_id,
                source=source,
                information=information,
                handling=handling,
                conditions=conditions,
                made_at=now,
            )
        )

    def add_outcome(
        self, allegation_id: int, account_id: int, outcome: str, note: str | None, now: datetime
    ) -> None:
        """Add an outcome; the newest one holds."""
        self._connection.execute(
            sa.insert(outcomes).values(
                allegation_id=allegation_id,
                account_id=account_id,
                outcome=outcome,
                note=note,
                made_at=now,
            )
        )

    def add_remark(self, allegation_id: int, account_id: int, text: str, now: datetime) -> None:
        """Add a remark."""
        self._connection.execute(
            sa.insert(remarks).values(
                allegation_id=allegation_id, account_id=account_id, text=text, made_at=now
            )
        )

    def gradings(self, allegation_id: int) -> list[Grading]:
        """Gradings of a record, oldest first."""
        kept = ("source", "information", "handling", "conditions", "made_at")
        return [Grading(**row._mapping) for row in self._of(gradings, allegation_id, kept)]  # noqa: SLF001

    def outcomes(self, allegation_id: int) -> list[OutcomeRow]:
        """Outcomes of a record, oldest first."""
        kept = ("outcome", "note", "made_at")
        return [OutcomeRow(**row._mapping) for row in self._of(outcomes, allegation_id, kept)]  # noqa: SLF001

    def remarks(self, allegation_id: int) -> list[Remark]:
        """Remarks on a record, oldest first."""
        rows = self._of(remarks, allegation_id, ("text", "made_at"))
        return [Remark(**row._mapping) for row in rows]  # noqa: SLF001

    def _of(
        self, table: sa.Table, allegation_id: int, columns: tuple[str, ...]
    ) -> list[Row[*tuple[Any, ...]]]:
        found = self._connection.execute(
            sa.select(accounts.c.display_name.label("made_by"), *(table.c[one] for one in columns))
            .join(accounts, accounts.c.id == table.c.account_id)
            .where(table.c.allegation_id == allegation_id)
            .order_by(table.c.id)
        )
        return list(found)
