"""Allegations in the store, and the queue that they belong to."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records import Doubt, Lesson, NewAllegation, StoredAllegation, Waiting
from serving.store.tables import allegations, decisions, doubts, queues

# A key goes into addresses, so a name must not pass for one: it has to hold a digit.
SAFE_KEY = re.compile(r"(?=.*\d)(?!sl-)[A-Za-z0-9][A-Za-z0-9._~-]{0,63}", re.ASCII)

AT_ONCE = 500
_CHANCE = secrets.SystemRandom()


def safe_key(reference: str) -> str:
    """Give the reference itself where it may stand in an address, or else a random key."""
    return reference if SAFE_KEY.fullmatch(reference) else f"sl-{secrets.token_hex(10)}"


def digest(new: NewAllegation) -> str:
    """SHA-256 of what was imported, to tell a repeat from a change."""
    content = [
        new.narrative,
        new.first_value,
        sorted(new.categories),
        new.channel,
        new.received_at.isoformat() if new.received_at else None,
        sorted(new.fields.items()),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()


class AllegationRepository:
    """Allegations over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def value_order(self, queue: str) -> tuple[str, ...] | None:
        """Values of a queue, lowest first, or ``None`` where the queue is not there yet."""
        found = self._connection.scalar(
            sa.select(queues.c.value_order).where(queues.c.name == queue)
        )
        return None if found is None else tuple(found)

    def open_queue(self, queue: str, value_order: Sequence[str]) -> None:
        """Create a queue with its values."""
        self._connection.execute(
            sa.insert(queues).values(
                name=queue, value_order=list(value_order), created_at=datetime.now(UTC)
            )
        )

    def digests(self, queue: str, references: Sequence[str]) -> dict[str, str]:
        """Digest of each of these references that is in the store already."""
        found: dict[str, str] = {}
        for start in range(0, len(references), 500):
            some = references[start : start + 500]
            rows = self._connection.execute(
                sa.select(allegations.c.reference, allegations.c.content_sha256).where(
                    allegations.c.queue == queue, allegations.c.reference.in_(some)
                )
            )
            found.update((row.reference, row.content_sha256) for row in rows)
        return found

    def add_many(self, queue: str, new: Sequence[NewAllegation]) -> None:
        """Add allegations that are not there yet, in their order."""
        now = datetime.now(UTC)
        rows = [
            {
                "queue": queue,
                "key": safe_key(one.reference),
                "reference": one.reference,
                "narrative": one.narrative,
                "channel": one.channel,
                "received_at": one.received_at,
                "fields": dict(one.fields),
                "first_value": one.first_value,
                "categories": list(one.categories),
                "dismissed": one.dismissed,
                "status": "closed" if one.dismissed else "open",
                "reviewed_value": one.reviewed_value,
                "lot": _CHANCE.random(),
                "content_sha256": digest(one),
                "imported_at": now,
            }
            for one in new
        ]
        if rows:
            self._connection.execute(sa.insert(allegations), rows)

    def by_key(self, queue: str, key: str) -> StoredAllegation | None:
        """Find an allegation by its key, or ``None``."""
        row = self._connection.execute(
            sa.select(allegations).where(allegations.c.queue == queue, allegations.c.key == key)
        ).one_or_none()
        return None if row is None else stored(row)

    def by_ids(self, ids: Sequence[int]) -> list[StoredAllegation]:
        """Allegations by number, in the order of the numbers asked for."""
        found: dict[int, StoredAllegation] = {}
        for start in range(0, len(ids), 500):
            some = ids[start : start + 500]
            rows = self._connection.execute(
                sa.select(allegations).where(allegations.c.id.in_(some))
            )
            found.update((row.id, stored(row)) for row in rows)
        return [found[one] for one in ids if one in found]

    def after(self, queue: str, last_id: int, *, limit: int) -> list[StoredAllegation]:
        """Allegations of a queue with a number above ``last_id``, in order."""
        rows = self._connection.execute(
            sa.select(allegations)
            .where(allegations.c.queue == queue, allegations.c.id > last_id)
            .order_by(allegations.c.id)
            .limit(limit)
        )
        return [stored(row) for row in rows]

    def without_doubt(
        self, queue: str, model_version: str, *, limit: int
    ) -> list[StoredAllegation]:
        """Find allegations that this model has not doubted yet."""
        known = sa.and_(
            doubts.c.allegation_id == allegations.c.id, doubts.c.model_version == model_version
        )
        rows = self._connection.execute(
            sa.select(allegations)
            .outerjoin(doubts, known)
            .where(
                allegations.c.queue == queue,
                allegations.c.planted.is_(False),
                allegations.c.erased_at.is_(None),
                doubts.c.allegation_id.is_(None),
            )
            .order_by(allegations.c.id)
            .limit(limit)
        )
        return [stored(row) for row in rows]

    def waiting(self, queue: str, model_version: str) -> list[Waiting]:
        """Give every waiting allegation that this model has doubted, in order of number."""
        rows = self._connection.execute(
            sa.select(allegations.c.id, doubts.c.doubt, allegations.c.lot)
            .join(doubts, doubts.c.allegation_id == allegations.c.id)
            .outerjoin(decisions, standing_decision())
            .where(_waiting(queue), doubts.c.model_version == model_version)
            .order_by(allegations.c.id)
        )
        return [Waiting(row.id, row.doubt, row.lot) for row in rows]

    def standings(self, queue: str, model_version: str) -> dict[int, bool]:
        """Give every doubted record that has a value, and whether it was dismissed."""
        rows = self._connection.execute(
            sa.select(allegations.c.id, allegations.c.dismissed)
            .join(doubts, doubts.c.allegation_id == allegations.c.id)
            .where(
                allegations.c.queue == queue,
                allegations.c.planted.is_(False),
                allegations.c.status != "unassessed",
                allegations.c.first_value.is_not(None),
                allegations.c.erased_at.is_(None),
                doubts.c.model_version == model_version,
            )
            .order_by(allegations.c.id)
        )
        return {row[0]: row[1] for row in rows}

    def lessons(self, model_version: str, ids: Sequence[int]) -> list[Lesson]:
        """Give what there is to learn from doubted records, in the order of their numbers."""
        found: list[Lesson] = []
        for start in range(0, len(ids), AT_ONCE):
            rows = self._connection.execute(
                sa.select(
                    allegations.c.id,
                    allegations.c.narrative,
                    allegations.c.dismissed,
                    allegations.c.first_value,
                    allegations.c.reviewed_value,
                    doubts.c.doubt,
                    doubts.c.evidence,
                )
                .join(doubts, doubts.c.allegation_id == allegations.c.id)
                .where(
                    allegations.c.id.in_(ids[start : start + AT_ONCE]),
                    doubts.c.model_version == model_version,
                )
                .order_by(allegations.c.id)
            )
            found.extend(map(_lesson, rows))
        return found

    def keep_doubts(self, model_version: str, found: Sequence[Doubt]) -> None:
        """Keep what a model made of allegations."""
        rows = [{**asdict(one), "model_version": model_version} for one in found]
        if rows:
            self._connection.execute(sa.insert(doubts), rows)

    def drop_other_doubts(self, model_version: str) -> None:
        """Forget the doubts of models that no longer serve."""
        self._connection.execute(sa.delete(doubts).where(doubts.c.model_version != model_version))


def _lesson(row: Row[*tuple[Any, ...]]) -> Lesson:
    looked_at = row.dismissed and row.reviewed_value is not None
    return Lesson(
        id=row.id,
        narrative=row.narrative,
        dismissed=row.dismissed,
        missed=row.reviewed_value != row.first_value if looked_at else None,
        doubt=row.doubt,
        evidence=row.evidence,
    )


def standing_decision() -> sa.ColumnElement[bool]:
    """Join a record with the decision that stands on it as it is now."""
    return sa.and_(
        decisions.c.allegation_id == allegations.c.id,
        decisions.c.cycle == allegations.c.cycle,
        decisions.c.withdrawn_at.is_(None),
    )


def _waiting(queue: str) -> sa.ColumnElement[bool]:
    """Dismissed, and nobody has looked again; needs the outer join with decisions."""
    return sa.and_(
        allegations.c.queue == queue,
        allegations.c.dismissed.is_(True),
        allegations.c.planted.is_(False),
        allegations.c.erased_at.is_(None),
        allegations.c.reviewed_value.is_(None),
        decisions.c.id.is_(None),
    )


def stored(row: Row[*tuple[Any, ...]]) -> StoredAllegation:
    """Make the record of a row."""
    return StoredAllegation(
        id=row.id,
        key=row.key,
        reference=row.reference,
        narrative=row.narrative,
        first_value=row.first_value,
        dismissed=row.dismissed,
        channel=row.channel,
        received_at=row.received_at,
        fields=row.fields,
        categories=tuple(row.categories),
        reviewed_value=row.reviewed_value,
        identifies_reporter=row.identifies_reporter,
    )
