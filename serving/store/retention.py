"""Retention in the store: what is due for review, what is kept longer, and erasure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_oversight import Due, Erasure, Kept
from serving.store.tables import (
    allegations,
    decisions,
    doubts,
    idempotency_keys,
    ranking_entries,
)
from serving.store.tables_casework import (
    assessments,
    claims,
    gradings,
    outcomes,
    plant_answers,
    remarks,
    second_opinions,
)
from serving.store.tables_intake import (
    bands,
    fact_keys,
    links,
    messages,
    reporters,
    subjects,
    suggestions,
)
from serving.store.tables_oversight import erasures, exhibits, retention_reviews

ERASED = "[erased]"

# every place where a person may have typed something about the record
NOTES: tuple[tuple[sa.Table, str], ...] = (
    (assessments, "note"),
    (assessments, "second_person_note"),
    (decisions, "note"),
    (second_opinions, "note"),
    (plant_answers, "note"),
    (outcomes, "note"),
    (claims, "note"),
)
# what was worked out from its text
DERIVED: tuple[sa.Table, ...] = (doubts, suggestions, fact_keys, bands, subjects)


class RetentionRepository:
    """Retention over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime, *, received_before: datetime, limit: int) -> list[Due]:
        """List records whose review date has come, the oldest first.

        Parameters
        ----------
        received_before
            A record without a review date of its own is due when it came in before this.
        """
        came_in = sa.func.coalesce(allegations.c.received_at, allegations.c.imported_at)
        rows = self._connection.execute(
            sa.select(
                allegations.c.id,
                allegations.c.key,
                allegations.c.reference,
                allegations.c.received_at,
                allegations.c.review_on,
                allegations.c.status,
                allegations.c.safeguarding,
            )
            .where(
                allegations.c.erased_at.is_(None),
                sa.or_(
                    allegations.c.review_on <= now,
                    sa.and_(allegations.c.review_on.is_(None), came_in < received_before),
                ),
            )
            .order_by(sa.func.coalesce(allegations.c.review_on, came_in), allegations.c.id)
            .limit(limit)
        )
        return [Due(**row._mapping) for row in rows]  # noqa: SLF001

    def keep(self, kept: Kept) -> None:
        """Record why a record is kept, and until when."""
        self._connection.execute(
            sa.insert(retention_reviews).values(
                allegation_id=kept.allegation_id,
                account_id=kept.account_id,
                keep_until=kept.keep_until,
                reason=kept.reason,
                made_at=kept.made_at,
            )
        )
        self._connection.execute(
            sa.update(allegations)
            .where(allegations.c.id == kept.allegation_id)
            .values(review_on=kept.keep_until)
        )

    def reviews(self, allegation_id: int) -> list[Kept]:
        """Give the reasons for keeping a record, oldest first."""
        rows = self._connection.execute(
            sa.select(retention_reviews)
            .where(retention_reviews.c.allegation_id == allegation_id)
            .order_by(retention_reviews.c.id)
        )
        return [_kept(row) for row in rows]

    def erase(self, erasure: Erasure, key: str) -> None:
        """Take away the text of a record, whatever was worked out from it, and its people.

        What remains says that there was a record, what was decided and by whom: codes, times
        and digests.
        """
        number = erasure.allegation_id
        self._erase_notes(number)
        for table in DERIVED:
            self._connection.execute(sa.delete(table).where(table.c.allegation_id == number))
        self._connection.execute(
            sa.delete(links).where(
                sa.or_(links.c.allegation_id == number, links.c.other_id == number)
            )
        )
        self._erase_shown(number, key)
        self._erase_received(number, erasure.made_at)
        self._connection.execute(
            sa.update(allegations)
            .where(allegations.c.id == number)
            .values(
                narrative=ERASED,
                fields={},
                urgency_flags=[],
                safeguarding_flags=[],
                source_alerts=[],
                reporter_reference=None,
                content_sha256="",
                review_on=None,
                erased_at=erasure.made_at,
                version=allegations.c.version + 1,
            )
        )
        self._connection.execute(
            sa.insert(erasures).values(
                allegation_id=number,
                account_id=erasure.account_id,
                reason=erasure.reason,
                models=list(erasure.models),
                made_at=erasure.made_at,
            )
        )

    def erasure_of(self, allegation_id: int) -> Erasure | None:
        """Give the erasure of a record, or ``None``."""
        row = self._connection.execute(
            sa.select(erasures).where(erasures.c.allegation_id == allegation_id)
        ).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)  # noqa: SLF001
        values["models"] = tuple(values["models"])
        return Erasure(**values)

    def erased_count(self) -> int:
        """Count the erasures; the ranking forgets what it learnt when the number grows."""
        return self._connection.scalar(sa.select(sa.func.count()).select_from(erasures)) or 0

    def _erase_notes(self, number: int) -> None:
        for table, column in NOTES:
            self._connection.execute(
                sa.update(table)
                .where(table.c.allegation_id == number, table.c[column].is_not(None))
                .values({column: None})
            )
        self._connection.execute(
            sa.update(remarks).where(remarks.c.allegation_id == number).values(text=ERASED)
        )

        self._connection.execute(
            sa.update(gradings)
            .where(gradings.c.allegation_id == number, gradings.c.conditions.is_not(None))
            .values(conditions=ERASED)
        )

    def _erase_shown(self, number: int, key: str) -> None:
        self._connection.execute(
            sa.update(ranking_entries)
            .where(ranking_entries.c.allegation_id == number)
            .values(receipt={})
        )
        self._connection.execute(
            sa.update(exhibits).where(exhibits.c.allegation_id == number).values(content=None)
        )
        rows = self._connection.execute(
            sa.select(claims.c.id, claims.c.known).where(claims.c.allegation_id == number)
        ).all()
        for row in rows:
            if row.known:
                self._connection.execute(
                    sa.update(claims)
                    .where(claims.c.id == row.id)
                    .values(known={**row.known, "receipt": {}})
                )
        # an answer kept for a repeated request may quote what was found in the text
        self._connection.execute(
            sa.delete(idempotency_keys).where(
                sa.cast(idempotency_keys.c.response, sa.Text).contains(key, autoescape=True)
            )
        )

    def _erase_received(self, number: int, at: datetime) -> None:
        reference = self._connection.scalar(
            sa.select(allegations.c.reporter_reference).where(allegations.c.id == number)
        )
        self._connection.execute(
            sa.update(messages)
            .where(messages.c.allegation_id == number)
            .values(body=ERASED, defects=[], attachments=[], erased_at=at)
        )
        if reference is not None:
            self._connection.execute(
                sa.update(reporters)
                .where(reporters.c.reference == reference)
                .values(details={}, erased_at=at)
            )


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    values = dict(row._mapping)  # noqa: SLF001
    values.pop("id")
    return Kept(**values)


def places_with_text() -> Sequence[str]:
    """Name every table that erasure reaches, for a test that new tables are not forgotten."""
    reached = {table.name for table, _ in NOTES} | {table.name for table in DERIVED}
    return sorted(
        reached
        | {
            one.name
            for one in (allegations, gradings, links, remarks, ranking_entries, exhibits, messages)
        }
        | {reporters.name, idempotency_keys.name}
    )
