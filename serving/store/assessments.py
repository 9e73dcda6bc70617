"""Readings, own views and assessments in the store.

The first two are only ever added; an assessment is withdrawn, never rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_assessing import Assessment, NewAssessment, OwnView, Reading
from serving.store.tables import allegations
from serving.store.tables_access import accounts
from serving.store.tables_casework import assessments, own_views, readings
from serving.store.tables_oversight import exhibits

_MAKER = accounts.alias("maker")
_SECOND = accounts.alias("second")


class AssessmentRepository:
    """Readings, own views and assessments over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_reading(self, allegation_id: int, account_id: int, cycle: int, now: datetime) -> int:
        """Keep that somebody opened a record; gives the reading's number."""
        return self._number(
            sa.insert(readings)
            .values(allegation_id=allegation_id, account_id=account_id, cycle=cycle, read_at=now)
            .returning(readings.c.id)
        )

    def reading(self, number: int) -> Reading | None:
        """Find a reading, or ``None``."""
        row = self._connection.execute(
            sa.select(readings).where(readings.c.id == number)
        ).one_or_none()
        return None if row is None else Reading(**row._mapping)  # noqa: SLF001

    def has_read(self, allegation_id: int, cycle: int, account_id: int, since: datetime) -> bool:
        """Whether somebody opened a record in this cycle, since a time."""
        found = sa.exists().where(
            readings.c.allegation_id == allegation_id,
            readings.c.cycle == cycle,
            readings.c.account_id == account_id,
            readings.c.read_at >= since,
        )
        return bool(self._connection.scalar(sa.select(found)))

    def add_own_view(
        self, reading: Reading, value: str, categories: Sequence[str], now: datetime
    ) -> OwnView:
        """Keep what somebody thought on their own.

        Raises
        ------
        sqlalchemy.exc.IntegrityError
            When they gave one in this cycle, or used this reading; callers look first.
        """
        values = {
            "allegation_id": reading.allegation_id,
            "account_id": reading.account_id,
            "cycle": reading.cycle,
            "value": value,
            "made_at": now,
        }
        number = self._number(
            sa.insert(own_views)
            .values(reading_id=reading.id, categories=list(categories), **values)
            .returning(own_views.c.id)
        )
        return OwnView(number, reading.id, categories=tuple(categories), **values)  # type: ignore[arg-type]

    def own_view_of(self, allegation_id: int, cycle: int, account_id: int) -> OwnView | None:
        """Give the own view of a person on a record in a cycle, or ``None``."""
        row = self._connection.execute(
            sa.select(own_views).where(
                own_views.c.allegation_id == allegation_id,
                own_views.c.cycle == cycle,
                own_views.c.account_id == account_id,
            )
        ).one_or_none()
        return None if row is None else _own_view(row)

    def own_views(self, allegation_id: int) -> list[tuple[OwnView, str]]:
        """Every own view of a record with who gave it, in the order in which they were given."""
        rows = self._connection.execute(
            sa.select(own_views, _MAKER.c.display_name.label("by"))
            .join(_MAKER, _MAKER.c.id == own_views.c.account_id)
            .where(own_views.c.allegation_id == allegation_id)
            .order_by(own_views.c.id)
        )
        return [(_own_view(row), row.by) for row in rows]

    def exhibit_of(
        self, allegation_id: int, account_id: int, kind: str, since: datetime
    ) -> int | None:
        """Give the newest exhibit of a kind that somebody was shown since, or ``None``."""
        found: int | None = self._connection.scalar(
            sa.select(sa.func.max(exhibits.c.id)).where(
                exhibits.c.allegation_id == allegation_id,
                exhibits.c.account_id == account_id,
                exhibits.c.kind == kind,
                exhibits.c.made_at >= since,
            )
        )
        return found

    def add(self, new: NewAssessment) -> Assessment:
        """Add an assessment.

        Raises
        ------
        sqlalchemy.exc.IntegrityError
            When one stands in this cycle already, or a rule of the store is broken.
        """
        values = {**asdict(new), "categories": list(new.categories)}
        number = self._number(sa.insert(assessments).values(**values).returning(assessments.c.id))
        return self._one(assessments.c.id == number)

    def by_id(self, number: int) -> Assessment | None:
        """Find an assessment, or ``None``."""
        found = self._every(assessments.c.id == number)
        return found[0] if found else None

    def key_of(self, number: int) -> str | None:
        """Give the key of the record that an assessment is of, or ``None``."""
        found: str | None = self._connection.scalar(
            sa.select(allegations.c.key)
            .join(assessments, assessments.c.allegation_id == allegations.c.id)
            .where(assessments.c.id == number)
        )
        return found

    def standing(self, allegation_id: int, cycle: int) -> Assessment | None:
        """Give the assessment that stands in a cycle, or ``None``."""
        found = self._every(
            assessments.c.allegation_id == allegation_id,
            assessments.c.cycle == cycle,
            assessments.c.withdrawn_at.is_(None),
        )
        return found[0] if found else None

    def before(self, allegation_id: int, cycle: int) -> Assessment | None:
        """Give the last assessment that stood before a cycle, or ``None``."""
        found = self._every(
            assessments.c.allegation_id == allegation_id,
            assessments.c.cycle < cycle,
            assessments.c.withdrawn_at.is_(None),
        )
        return found[-1] if found else None

    def of(self, allegation_id: int) -> list[Assessment]:
        """Every assessment of a record, withdrawn ones too, in the order they were made."""
        return self._every(assessments.c.allegation_id == allegation_id)

    def settle(
        self, number: int, account_id: int, *, agreed: bool, note: str | None, now: datetime
    ) -> None:
        """Record what the second person said: the assessment closes, or is withdrawn."""
        self._connection.execute(
            sa.update(assessments)
            .where(assessments.c.id == number)
            .values(
                second_person_id=account_id,
                second_person_agreed=agreed,
                second_person_note=note,
                second_person_at=now,
                awaits_second_person=False,
                closes=agreed,
                withdrawn_at=None if agreed else now,
            )
        )

    def withdraw(self, number: int, now: datetime) -> None:
        """Take an assessment back."""
        self._connection.execute(
            sa.update(assessments).where(assessments.c.id == number).values(withdrawn_at=now)
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> Assessment:
        return self._every(condition)[0]

    def _every(self, *conditions: sa.ColumnElement[bool]) -> list[Assessment]:
        rows = self._connection.execute(
            sa.select(
                assessments,
                own_views.c.value.label("own_value"),
                _MAKER.c.display_name.label("made_by"),
                _SECOND.c.display_name.label("second_person"),
            )
            .join(own_views, own_views.c.id == assessments.c.own_view_id)
            .join(_MAKER, _MAKER.c.id == assessments.c.account_id)
            .outerjoin(_SECOND, _SECOND.c.id == assessments.c.second_person_id)
            .where(*conditions)
            .order_by(assessments.c.id)
        )
        return [_assessment(row) for row in rows]

    def _number(self, statement: sa.Executable) -> int:
        return int(self._connection.execute(statement).scalar_one())


def _own_view(row: Row[*tuple[Any, ...]]) -> OwnView:
    values = {name: getattr(row, name) for name in OwnView.__dataclass_fields__}
    values["categories"] = tuple(values["categories"])
    return OwnView(**values)


def _assessment(row: Row[*tuple[Any, ...]]) -> Assessment:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values["categories"] = tuple(values["categories"])
    return Assessment(**values)
