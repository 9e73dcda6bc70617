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
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.actors import Actor
from serving.store.records import AuditEntry, AuditQuery
from serving.store.tables_oversight import audit_head, audit_log

FIRST = "0" * 64
HEAD = sa.select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.id == 1)
SAID = ("at", "actor_id", "actor", "action", "subject", "details")


def canonical(content: Any) -> str:  # noqa: ANN401
    """Write JSON in the one way that hashes are taken of."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def row_hash(entry: AuditEntry) -> str:
    """Hash what a row says together with the hash of the row before."""
    return sha256(f'[{entry.seq},{_said(entry)},"{entry.previous_hash}"]')


def _said(entry: AuditEntry) -> str:
    """Write what a row says of itself as the inner part of a JSON list."""
    return canonical(
        [
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            entry.actor_id,
            entry.actor,
            entry.action,
            entry.subject,
            entry.details_text,
        ]
    )[1:-1]


class AuditRepository:
    """The audit log over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[AuditEntry] = []

    def append(
        self,
        actor: Actor,
        action: str,
        subject: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a row when the transaction ends, or none where it fails.

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
        self._waiting.append(
            AuditEntry(
                seq=0,
                at=datetime.now(UTC),
                actor_id=actor.id,
                actor=actor.name,
                action=action,
                subject=subject,
                details_text=canonical(dict(details or {})),
                previous_hash="",
                hash="",
            )
        )

    def write(self) -> None:
        """Write the rows that wait, last in the transaction: every other one waits until it ends.

        The store does this itself.
        """
        link = _link_there if self._connection.dialect.name == "postgresql" else _link_here
        for one in self._waiting:
            link(self._connection, one)
        self._waiting.clear()

    def head(self) -> tuple[int, str]:
        """Give the number and the hash of the last row."""
        row = self._connection.execute(HEAD).one()
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


def _link_here(connection: Connection, entry: AuditEntry) -> None:
    """Add a row to the chain where nobody else writes meanwhile."""
    head = connection.execute(HEAD).one()
    linked = replace(entry, seq=head.seq + 1, previous_hash=head.hash)
    made = row_hash(linked)
    values = {one.name: getattr(linked, one.name) for one in fields(linked)}
    values["details"] = values.pop("details_text")
    connection.execute(sa.insert(audit_log), {**values, "hash": made})
    connection.execute(sa.update(audit_head), {"seq": linked.seq, "hash": made})


def _link_there(connection: Connection, entry: AuditEntry) -> None:
    """Let the database add a row to the chain, in one statement: the head is held no longer."""
    values = {one.name: getattr(entry, one.name) for one in fields(entry)}
    said = {name: values.get(name, entry.details_text) for name in SAID}
    connection.execute(_linking(), {**said, "said": _said(entry)})


@cache
def _linking() -> sa.Update:
    """Build the statement once: building it takes longer than running it."""
    before = HEAD.with_for_update().cte("before")
    seq = before.c.seq + 1
    text = sa.func.concat(
        "[", seq, ",", sa.bindparam("said", type_=sa.Text), ',"', before.c.hash, '"]'
    )
    made = (
        sa.select(
            sa.literal(1).label("one"),
            seq.label("seq"),
            before.c.hash.label("previous_hash"),
            sa.func.encode(
                sa.func.sha256(sa.func.convert_to(text, "UTF8")), "hex", type_=sa.String
            ).label("hash"),
        )
        .select_from(before)
        .cte("made")
    )
    values = {one.name: one for one in made.c if one.name != "one"}
    values |= {name: sa.bindparam(name, type_=audit_log.c[name].type) for name in SAID}
    kept = (
        sa.insert(audit_log)
        .from_select(list(values), sa.select(*values.values()).select_from(made))
        .cte("kept")
    )
    return (
        sa.update(audit_head)
        .where(audit_head.c.id == made.c.one)
        .values(seq=made.c.seq, hash=made.c.hash)
        .add_cte(kept)
    )
