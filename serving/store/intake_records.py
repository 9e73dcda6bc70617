"""Allegations on their way in: added before anybody has assessed them, and reopened."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import safe_key
from serving.store.records_intake import (
    Case,
    KeptReporter,
    KeptSuggestion,
    NewRecord,
    Reopening,
    Subject,
)
from serving.store.tables import allegations
from serving.store.tables_casework import claims
from serving.store.tables_intake import reporters, subjects, suggestions

_CHANCE = secrets.SystemRandom()
_TUPLES = ("categories", "urgency_flags", "safeguarding_flags", "source_alerts")


class IntakeRepository:
    """Unassessed allegations and what came with them, over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, queue: str, new: NewRecord, *, now: datetime) -> tuple[int, str]:
        """Add an allegation that nobody has assessed; gives its number and its key."""
        key = safe_key(new.reference or "")
        number = self._connection.scalar(
            sa.insert(allegations).values(_row(queue, key, new, now)).returning(allegations.c.id)
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        return int(number), key

    def is_taken(self, queue: str, reference: str) -> bool:
        """Whether an allegation of this reference is there already."""
        found = self._connection.scalar(
            sa.select(allegations.c.id).where(
                allegations.c.queue == queue, allegations.c.reference == reference
            )
        )
        return found is not None

    def numbers(self, queue: str, references: Sequence[str]) -> dict[str, int]:
        """Numbers of allegations by their references."""
        found: dict[str, int] = {}
        for start in range(0, len(references), 500):
            rows = self._connection.execute(
                sa.select(allegations.c.reference, allegations.c.id).where(
                    allegations.c.queue == queue,
                    allegations.c.reference.in_(references[start : start + 500]),
                )
            )
            found.update((row.reference, row.id) for row in rows)
        return found

    def by_key(self, queue: str, key: str) -> Case | None:
        """Find an allegation by its key, or ``None``."""
        return self._one((allegations.c.queue == queue) & (allegations.c.key == key))

    def by_id(self, number: int) -> Case | None:
        """Find an allegation by its number, or ``None``."""
        return self._one(allegations.c.id == number)

    def add_subjects(self, allegation_id: int, found: Sequence[Subject]) -> None:
        """Keep whom an allegation speaks of."""
        rows = [
            {"allegation_id": allegation_id, "part": one.part, "details": dict(one.details)}
            for one in found
        ]
        if rows:
            self._connection.execute(sa.insert(subjects), rows)

    def subjects(self, allegation_id: int) -> list[Subject]:
        """Whom an allegation speaks of, as they came."""
        rows = self._connection.execute(
            sa.select(subjects.c.part, subjects.c.details)
            .where(subjects.c.allegation_id == allegation_id)
            .order_by(subjects.c.id)
        )
        return [Subject(row.part, row.details) for row in rows]

    def add_suggestion(
        self, allegation_id: int, model_version: str, content: Mapping[str, Any], *, now: datetime
    ) -> None:
        """Keep what a model suggested."""
        self._connection.execute(
            sa.insert(suggestions).values(
                allegation_id=allegation_id,
                model_version=model_version,
                content=dict(content),
                made_at=now,
            )
        )

    def suggestion(self, allegation_id: int) -> KeptSuggestion | None:
        """Give what a model suggested, or ``None``; not to be shown before its time."""
        row = self._connection.execute(
            sa.select(
                suggestions.c.model_version, suggestions.c.content, suggestions.c.made_at
            ).where(suggestions.c.allegation_id == allegation_id)
        ).one_or_none()
        return None if row is None else KeptSuggestion(*row)

    def add_reporter(self, details: Mapping[str, Any], *, now: datetime) -> str:
        """Keep who reported apart from the rest; gives the random reference."""
        reference = secrets.token_urlsafe(24)
        self._connection.execute(
            sa.insert(reporters).values(reference=reference, details=dict(details), created_at=now)
        )
        return reference

    def reporter(self, reference: str) -> KeptReporter | None:
        """Give who reported, or ``None``."""
        row = self._connection.execute(
            sa.select(*reporters.c).where(reporters.c.reference == reference)
        ).one_or_none()
        return None if row is None else KeptReporter(**row._mapping)  # noqa: SLF001

    def of_reporter(self, reference: str) -> str | None:
        """Give the key of the allegation that a reporter made, or ``None``."""
        return self._connection.scalar(
            sa.select(allegations.c.key).where(allegations.c.reporter_reference == reference)
        )

    def reopen(self, back: Reopening, *, now: datetime) -> bool:
        """Send a closed allegation back to the assessors, and tell whether it was closed.

        It begins its next cycle: what closed it stands in the earlier one. A reviewer who holds
        it for a second look holds it no longer, because there is nothing to look at again.
        """
        row = allegations.c
        changed = self._connection.execute(
            sa.update(allegations)
            .where(row.id == back.allegation_id, row.status == "closed")
            .values(
                status="unassessed",
                cycle=row.cycle + 1,
                version=row.version + 1,
                dismissed=False,
                reviewed_value=None,
                closure_reason=None,
                closed_at=None,
                outcome=None,
                assessed_at=None,
                assessed_by=None,
                due_at=back.due_at,
                urgency=back.urgency,
                urgency_flags=[dict(one) for one in back.urgency_flags],
                safeguarding=bool(back.safeguarding_flags),
                safeguarding_flags=[dict(one) for one in back.safeguarding_flags],
            )
        )
        if not changed.rowcount:
            return False
        self._connection.execute(
            sa.update(claims)
            .where(claims.c.allegation_id == back.allegation_id, claims.c.state == "held")
            .values(state="expired", ended_at=now)
        )
        return True

    def _one(self, condition: sa.ColumnElement[bool]) -> Case | None:
        chosen = sa.select(*(allegations.c[name] for name in Case.__dataclass_fields__))
        row = self._connection.execute(chosen.where(condition)).one_or_none()
        return None if row is None else _case(row)


def _row(queue: str, key: str, new: NewRecord, now: datetime) -> dict[str, Any]:
    values = asdict(new)
    values["reference"] = new.reference or key
    values["safeguarding"] = bool(new.safeguarding_flags)
    for name in _TUPLES:
        values[name] = list(values[name])
    return {
        **values,
        "queue": queue,
        "key": key,
        "status": "unassessed",
        "dismissed": False,
        "lot": _CHANCE.random(),
        "imported_at": now,
    }


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    for name in _TUPLES:
        values[name] = tuple(values[name])
    return Case(**values)
