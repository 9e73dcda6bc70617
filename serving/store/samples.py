"""The records that samples are drawn from; planted ones are never among them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.allegations import standing_decision
from serving.store.records_oversight import Sampled
from serving.store.tables import allegations, decisions


class SampleRepository:
    """Populations over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def population(self, name: str, *, up_to: int | None) -> list[int]:
        """Numbers of the allegations that a population holds."""
        wanted = (
            sa.select(allegations.c.id)
            .select_from(allegations.outerjoin(decisions, standing_decision()))
            .where(allegations.c.planted.is_(False))
            .order_by(allegations.c.id)
        )
        if name == "no_value":
            wanted = wanted.where(allegations.c.dismissed.is_(True))
        if name == "decided":
            wanted = wanted.where(decisions.c.id.is_not(None))
        if up_to is not None:
            wanted = wanted.where(allegations.c.id <= up_to)
        return list(self._connection.scalars(wanted))

    def named(self, numbers: Sequence[int]) -> list[Sampled]:
        """Give the records of a sample in the order of their numbers."""
        found: list[Sampled] = []
        for start in range(0, len(numbers), 500):
            rows = self._connection.execute(
                sa.select(
                    allegations.c.key, allegations.c.reference, decisions.c.id.label("decision")
                )
                .select_from(allegations.outerjoin(decisions, standing_decision()))
                .where(allegations.c.id.in_(numbers[start : start + 500]))
                .order_by(allegations.c.id)
            )
            found += [Sampled(**row._mapping) for row in rows]  # noqa: SLF001
        return found
