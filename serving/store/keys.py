"""Answers kept under an Idempotency-Key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.records import KeptAnswer
from serving.store.tables import idempotency_keys

FIND = sa.select(idempotency_keys).where(idempotency_keys.c.key == sa.bindparam("wanted"))


class IdempotencyRepository:
    """Idempotency keys over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: str) -> KeptAnswer | None:
        """Find the answer kept under a key, or ``None``."""
        row = self._connection.execute(FIND, {"wanted": key}).one_or_none()
        return None if row is None else KeptAnswer(row.request_sha256, row.response)

    def keep(
        self, key: str, request_sha256: str, response: Mapping[str, Any], *, now: datetime
    ) -> None:
        """Keep an answer, in the transaction that did what it says."""
        self._connection.execute(
            sa.insert(idempotency_keys),
            {
                "key": key,
                "request_sha256": request_sha256,
                "response": dict(response),
                "created_at": now,
            },
        )
