"""Planted records in the store: their answer is known, and they measure reviewers alone."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import digest, safe_key
from serving.store.records import NewAllegation
from serving.store.records_reviewing import Given, PlantTally
from serving.store.tables import allegations
from serving.store.tables_access import accounts
from serving.store.tables_casework import plant_answers, plants

_CHANCE = secrets.SystemRandom()
RECENT = 200


class PlantRepository:
    """Planted records over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def models(self, queue: str) -> list[Row[*tuple[Any, ...]]]:
        """Give recent dismissed records that a planted one may be made to resemble."""
        looks = allegations.c
        return list(
            self._connection.execute(
                sa.select(looks.reference, looks.channel, looks.received_at, looks.imported_at)
                .where(looks.queue == queue, looks.dismissed.is_(True), looks.planted.is_(False))
                .order_by(looks.id.desc())
                .limit(RECENT)
            )
        )

    def add(
        self,
        queue: str,
        new: NewAllegation,
        *,
        true_value: str,
        planted_by: int,
        imported_at: datetime,
        now: datetime,
    ) -> tuple[int, str]:
        """Plant a record; gives its number and key."""
        key = safe_key(new.reference)
        number = self._connection.scalar(
            sa.insert(allegations)
            .values(
                queue=queue,
                key=key,
                content_sha256=digest(new),
                lot=_CHANCE.random(),
                imported_at=imported_at,
                status="closed",
                planted=True,
                **{**asdict(new), "categories": list(new.categories), "fields": dict(new.fields)},
            )
            .returning(allegations.c.id)
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        self._connection.execute(
            sa.insert(plants).values(
                allegation_id=number,
                true_value=true_value,
                planted_by=planted_by,
                planted_at=now,
            )
        )
        return number, key

    def answer(self, claim_id: int, allegation_id: int, account_id: int, given: Given) -> None:
        """Keep a reviewer's answer."""
        self._connection.execute(
            sa.insert(plant_answers).values(
                allegation_id=allegation_id,
                account_id=account_id,
                claim_id=claim_id,
                **asdict(given),
            )
        )

    def by_claim(self, claim_id: int) -> Given | None:
        """Give the answer to a claim, or ``None``."""
        answer = plant_answers.c
        row = self._connection.execute(
            sa.select(
                answer.verdict,
                answer.value,
                answer.reason,
                answer.note,
                answer.made_at,
                answer.seconds,
            ).where(answer.claim_id == claim_id)
        ).one_or_none()
        return None if row is None else Given(*row)

    def stands(self, claim_id: int) -> bool:
        """Whether a planted record was answered under a claim, and that holds."""
        return bool(
            self._connection.scalar(
                sa.select(sa.func.count()).where(
                    plant_answers.c.claim_id == claim_id, plant_answers.c.withdrawn_at.is_(None)
                )
            )
        )

    def withdraw(self, claim_id: int, *, now: datetime) -> None:
        """Note that an answer was taken back."""
        self._connection.execute(
            sa.update(plant_answers)
            .where(plant_answers.c.claim_id == claim_id)
            .values(withdrawn_at=now)
        )

    def tallies(self, lowest: str) -> list[PlantTally]:
        """How each reviewer answered, by user name."""
        telling = plants.c.true_value != lowest
        overturned = plant_answers.c.verdict == "overturn"
        count = sa.func.count()
        rows = self._connection.execute(
            sa.select(
                accounts.c.username,
                count.filter(telling),
                count.filter(telling, overturned),
                count.filter(sa.not_(telling)),
                count.filter(sa.not_(telling), sa.not_(overturned)),
            )
            .select_from(plant_answers)
            .join(plants, plants.c.allegation_id == plant_answers.c.allegation_id)
            .join(accounts, accounts.c.id == plant_answers.c.account_id)
            .where(plant_answers.c.withdrawn_at.is_(None))
            .group_by(accounts.c.username)
            .order_by(accounts.c.username)
        )
        return [PlantTally(*row) for row in rows]

    def taken(self, queue: str, references: Sequence[str]) -> set[str]:
        """Those of these references that the queue holds already."""
        return set(
            self._connection.scalars(
                sa.select(allegations.c.reference).where(
                    allegations.c.queue == queue, allegations.c.reference.in_(references)
                )
            )
        )
