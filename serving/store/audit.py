"""The audit log in the store: rows that each carry the hash of the one before.

A row's hash is SHA-256 over its own content and the hash before it, so that no row can be
altered, removed or put elsewhere without every later hash being wrong (Schneier and Kelsey,
"Secure audit logs to support computer forensics", 1999, without their key evolution). One row
keeps the head; whoever appends holds it until its transaction ends, so that rows are in the order
in which they were committed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.actors import Actor
from serving.store.records import AuditEntry, AuditQuery
from serving.store.tables_oversight import audit_head, audit_log

FIRST = "0" * 64


def canonical(content: Any) -> str:  # noqa: ANN401
    """Write JSON in the one way that hashes are taken of."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_hash(entry: AuditEntry) -> str:
    """Hash what a row says together with the hash of the row before."""
    return sha256(
        canonical(
            [
                entry.seq,
                entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
                entry.actor_id,
                entry.actor,
                entry.action,
                entry.subject,
                entry.details_text,
                entry.previous_hash,
            ]
        )
    )


class AuditRepository:
    """The audit log over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self,
        actor: Actor,
        action: str,
        subject: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> int:
        """Add a row; gives its number.

        Call it last in a transaction: from here until the commit every other one waits.

        Parameters
        ----------
        action
            A verb and its object, such as ``read allegation`` or ``decided second look``.
        subject
            Key of the record, or the name of whatever else was read or changed.
        details
            Numbers, codes and digests. Never a narrative, a note or personal data: the log
            cannot be erased.
        """
        head = self._connection.execute(
            sa.update(audit_head)
            .where(audit_head.c.id == 1)
            .values(seq=audit_head.c.seq + 1)
            .returning(audit_head.c.seq, audit_head.c.hash)
        ).one()
        entry = AuditEntry(
            seq=head.seq,
            at=datetime.now(UTC),
            actor_id=actor.id,
            actor=actor.name,
            action=action,
            subject=subject,
            details_text=canonical(dict(details or {})),
            previous_hash=head.hash,
            hash="",
        )
        made = row_hash(entry)
        self._connection.execute(
            sa.insert(audit_log).values(
                seq=entry.seq,
                at=entry.at,
                actor_id=entry.actor_id,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                details=entry.details_text,
                previous_hash=entry.previous_hash,
                hash=made,
            )
        )
        self._connection.execute(
            sa.update(audit_head).where(audit_head.c.id == 1).values(hash=made)
        )
        return entry.seq

    def head(self) -> tuple[int, str]:
        """Give the number and the hash of the last row."""
        row = self._connection.execute(sa.select(audit_head.c.seq, audit_head.c.hash)).one()
        return row.seq, row.hash

    def every(self, *, after: int = 0, at_once: int = 2000) -> Iterator[AuditEntry]:
        """Rows in order, a few at a time."""
        while True:
            rows = self._connection.execute(
                sa.select(audit_log)
                .where(audit_log.c.seq > after)
                .order_by(audit_log.c.seq)
                .limit(at_once)
            ).all()
            yield from map(_entry, rows)
            if len(rows) < at_once:
                return
            after = rows[-1].seq

    def find(self, query: AuditQuery) -> list[AuditEntry]:
        """Rows that fit a query, newest first."""
        wanted = sa.select(audit_log).order_by(audit_log.c.seq.desc()).limit(query.limit)
        for condition in _conditions(query):
            wanted = wanted.where(condition)
        return [_entry(row) for row in self._connection.execute(wanted)]


def _conditions(query: AuditQuery) -> list[sa.ColumnElement[bool]]:
    given = {
        audit_log.c.actor: query.actor,
        audit_log.c.action: query.action,
        audit_log.c.subject: query.subject,
    }
    found = [column == value for column, value in given.items() if value]
    if query.before:
        found.append(audit_log.c.seq < query.before)
    if query.since:
        found.append(audit_log.c.at >= query.since)
    if query.until:
        found.append(audit_log.c.at < query.until)
    return found


def _entry(row: Row[*tuple[Any, ...]]) -> AuditEntry:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values["details_text"] = values.pop("details")
    return AuditEntry(**values)
