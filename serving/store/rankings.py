"""Rankings in the store: each published whole, the last few kept with their entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.allegations import standing_decision, stored
from serving.store.records import Entry, Marks, NewEntry, Ranking
from serving.store.tables import allegations, decisions, ranking_entries, rankings

KEPT = 5
# built once: building them takes longer than running them
NEWEST = (
    sa.select(rankings)
    .where(rankings.c.queue == sa.bindparam("queue"))
    .order_by(rankings.c.id.desc())
    .limit(1)
)
SETTLE = sa.update(ranking_entries).where(
    ranking_entries.c.ranking_id == NEWEST.with_only_columns(rankings.c.id).scalar_subquery(),
    ranking_entries.c.allegation_id == sa.bindparam("allegation"),
)


class RankingRepository:
    """Rankings over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self, queue: str) -> Ranking | None:
        """Give the newest ranking of a queue, or ``None``."""
        row = self._connection.execute(NEWEST, {"queue": queue}).one_or_none()
        return None if row is None else Ranking(**row._mapping)  # noqa: SLF001

    def by_id(self, number: int) -> Ranking | None:
        """Give a ranking by its number, or ``None``."""
        row = self._connection.execute(
            sa.select(rankings).where(rankings.c.id == number)
        ).one_or_none()
        return None if row is None else Ranking(**row._mapping)  # noqa: SLF001

    def publish(
        self,
        queue: str,
        entries: Sequence[NewEntry],
        *,
        made_at: datetime,
        method: str,
        model_version: str,
        marks: Marks,
        waiting: int,
    ) -> int:
        """Make a ranking the current one and give its number.

        Entries of rankings before the last few are let go; the rankings themselves stay,
        because decisions name them.
        """
        number = self._connection.scalar(
            sa.insert(rankings)
            .values(
                queue=queue,
                made_at=made_at,
                method=method,
                model_version=model_version,
                **asdict(marks),
                waiting=waiting,
            )
            .returning(rankings.c.id)
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        rows = [
            {
                "ranking_id": number,
                "position": position,
                "allegation_id": one.allegation_id,
                "doubt": one.doubt,
                "score": one.score,
                "selection_probability": one.selection_probability,
                "audit": one.audit,
                "receipt": dict(one.receipt),
            }
            for position, one in enumerate(entries, start=1)
        ]
        if rows:
            self._connection.execute(sa.insert(ranking_entries), rows)
        self._forget(queue)
        return int(number)

    def settle(self, queue: str, allegation_id: int, *, settled: bool) -> None:
        """Note in the current ranking that a record was decided, or that this was taken back.

        Only those who look for the next record go by it, and they look again before they claim:
        an entry that was published meanwhile is passed over all the same, if less quickly.
        """
        said = {"queue": queue, "allegation": allegation_id, "settled": settled}
        self._connection.execute(SETTLE, said)

    def entries(self, ranking_id: int, *, after: int = 0, limit: int) -> list[Entry]:
        """Entries of a ranking that still wait for a decision, after a position."""
        rows = self._connection.execute(
            self._joined()
            .where(
                ranking_entries.c.ranking_id == ranking_id,
                ranking_entries.c.position > after,
                *_still_waits(),
            )
            .order_by(ranking_entries.c.position)
            .limit(limit)
        )
        return [_entry(row) for row in rows]

    def entry_of(self, ranking_id: int, allegation_id: int) -> Entry | None:
        """Find where an allegation stands in a ranking, decided or not."""
        row = self._connection.execute(
            self._joined().where(
                ranking_entries.c.ranking_id == ranking_id,
                ranking_entries.c.allegation_id == allegation_id,
            )
        ).one_or_none()
        return None if row is None else _entry(row)

    def queued(self, ranking_id: int) -> int:
        """How many entries of a ranking still wait for a decision."""
        count = self._connection.scalar(
            sa.select(sa.func.count())
            .select_from(ranking_entries)
            .join(allegations, allegations.c.id == ranking_entries.c.allegation_id)
            .outerjoin(decisions, standing_decision())
            .where(ranking_entries.c.ranking_id == ranking_id, *_still_waits())
        )
        return count or 0

    def _joined(self) -> sa.Select[Any]:
        return (
            sa.select(
                allegations,
                *(column for column in ranking_entries.c if column.name != "allegation_id"),
            )
            .select_from(ranking_entries)
            .join(allegations, allegations.c.id == ranking_entries.c.allegation_id)
            .outerjoin(decisions, standing_decision())
        )

    def _forget(self, queue: str) -> None:
        newest = (
            sa.select(rankings.c.id)
            .where(rankings.c.queue == queue)
            .order_by(rankings.c.id.desc())
            .limit(KEPT)
        )
        oldest_kept = self._connection.scalar(sa.select(sa.func.min(newest.subquery().c.id)))
        mine = sa.select(rankings.c.id).where(
            rankings.c.queue == queue, rankings.c.id < oldest_kept
        )
        self._connection.execute(
            sa.delete(ranking_entries).where(ranking_entries.c.ranking_id.in_(mine))
        )


def _still_waits() -> tuple[sa.ColumnElement[bool], ...]:
    # a record that was reopened since it was ranked has left the queue
    return decisions.c.id.is_(None), allegations.c.dismissed.is_(True)


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    return Entry(
        ranking_id=row.ranking_id,
        position=row.position,
        doubt=row.doubt,
        score=row.score,
        selection_probability=row.selection_probability,
        audit=row.audit,
        receipt=row.receipt,
        allegation=stored(row),
    )
