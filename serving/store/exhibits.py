"""Exhibits in the store: what somebody was shown at the moment of deciding, word for word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.actors import Actor
from serving.errors import NotAllowed
from serving.store.audit import canonical, sha256
from serving.store.records_reviewing import Exhibit
from serving.store.tables_oversight import exhibits

ADD = sa.insert(exhibits).returning(exhibits.c.id)


class ExhibitRepository:
    """Exhibits over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        allegation_id: int,
        actor: Actor,
        kind: str,
        content: Mapping[str, Any],
        narrative: str,
        model_version: str | None = None,
        ranking_id: int | None = None,
        *,
        now: datetime,
    ) -> int:
        """Keep what was shown; gives its number.

        Parameters
        ----------
        kind
            At which moment it was shown, such as ``before`` or ``after`` an answer.
        content
            Everything that stood beside the narrative, as plain JSON.
        narrative
            As it was shown; only its digest is kept here.

        Raises
        ------
        NotAllowed
            When nobody in particular acts: an exhibit is what a person or client was shown.
        """
        if actor.id is None:
            raise NotAllowed("actor", "must have an account, for something to be shown to it")
        text = canonical(dict(content))
        number = self._connection.scalar(
            ADD,
            {
                "allegation_id": allegation_id,
                "account_id": actor.id,
                "kind": kind,
                "content": text,
                "content_sha256": sha256(text),
                "narrative_sha256": sha256(narrative),
                "model_version": model_version,
                "ranking_id": ranking_id,
                "made_at": now,
            },
        )
        assert number is not None  # noqa: S101 - an insert that returns nothing cannot be
        return int(number)

    def discard(self, number: int) -> None:
        """Take back, in the transaction that made it, an exhibit that was shown to nobody."""
        self._connection.execute(sa.delete(exhibits).where(exhibits.c.id == number))

    def by_id(self, number: int) -> Exhibit | None:
        """Find an exhibit by its number, or ``None``."""
        row = self._connection.execute(
            sa.select(exhibits).where(exhibits.c.id == number)
        ).one_or_none()
        if row is None:
            return None
        values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
        values["content"] = None if row.content is None else json.loads(row.content)
        return Exhibit(**values)

    def of(self, allegation_id: int) -> list[Exhibit]:
        """Exhibits of an allegation in the order in which they were made."""
        rows = self._connection.execute(
            sa.select(exhibits.c.id)
            .where(exhibits.c.allegation_id == allegation_id)
            .order_by(exhibits.c.id)
        )
        found = [self.by_id(row.id) for row in rows.all()]
        return [one for one in found if one is not None]
