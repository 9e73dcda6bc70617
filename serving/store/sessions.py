"""Sessions and service keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_access import Account, ServiceKey, SessionRow
from serving.store.tables_access import account_roles, accounts, service_keys, sessions

WITH_ACCOUNT = (
    sa.select(
        *(column.label(f"session_{column.name}") for column in sessions.c),
        accounts,
        account_roles.c.role,
    )
    .join(accounts, accounts.c.id == sessions.c.account_id)
    .outerjoin(account_roles, account_roles.c.account_id == accounts.c.id)
    .where(sessions.c.token_sha256 == sa.bindparam("token"))
)


class SessionRepository:
    """Sessions over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, session: SessionRow) -> None:
        """Begin a session."""
        self._connection.execute(sa.insert(sessions).values(**asdict(session)))

    def find(self, token_sha256: str) -> SessionRow | None:
        """Find a session, expired or not."""
        row = self._connection.execute(
            sa.select(sessions).where(sessions.c.token_sha256 == token_sha256)
        ).one_or_none()
        return None if row is None else SessionRow(**row._mapping)  # noqa: SLF001

    def whose(self, token_sha256: str) -> tuple[SessionRow, Account] | None:
        """Find a session and its account, in one statement: every request asks for them."""
        rows = self._connection.execute(WITH_ACCOUNT, {"token": token_sha256}).mappings().all()
        if not rows:
            return None
        values = dict(rows[0])
        session = {one.name: values.pop(f"session_{one.name}") for one in fields(SessionRow)}
        values.pop("role")
        roles = frozenset(one["role"] for one in rows if one["role"])
        return SessionRow(**session), Account(**values, roles=roles)

    def touch(self, token_sha256: str, now: datetime) -> None:
        """Note that a session was used."""
        self._connection.execute(
            sa.update(sessions).where(sessions.c.token_sha256 == token_sha256).values(seen_at=now)
        )

    def end(self, token_sha256: str) -> None:
        """End one session."""
        self._connection.execute(
            sa.delete(sessions).where(sessions.c.token_sha256 == token_sha256)
        )

    def end_all(self, account_id: int) -> int:
        """End every session of an account; gives how many there were."""
        done = self._connection.execute(
            sa.delete(sessions).where(sessions.c.account_id == account_id)
        )
        return int(done.rowcount)

    def forget(self, *, seen_before: datetime, now: datetime) -> None:
        """Remove sessions that have expired."""
        self._connection.execute(
            sa.delete(sessions).where(
                (sessions.c.expires_at <= now) | (sessions.c.seen_at <= seen_before)
            )
        )


class ServiceKeyRepository:
    """Keys of service clients over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        account_id: int,
        prefix: str,
        secret_sha256: str,
        scopes: Iterable[str],
        *,
        now: datetime,
        expires_at: datetime | None,
    ) -> None:
        """Add a key."""
        self._connection.execute(
            sa.insert(service_keys).values(
                account_id=account_id,
                prefix=prefix,
                secret_sha256=secret_sha256,
                scopes=sorted(scopes),
                created_at=now,
                expires_at=expires_at,
            )
        )

    def find(self, prefix: str) -> ServiceKey | None:
        """Find a key, revoked or expired or not."""
        row = self._connection.execute(
            sa.select(service_keys).where(service_keys.c.prefix == prefix)
        ).one_or_none()
        return None if row is None else _key(row)

    def every(self) -> list[ServiceKey]:
        """Give all keys, oldest first."""
        rows = self._connection.execute(sa.select(service_keys).order_by(service_keys.c.id))
        return [_key(row) for row in rows]

    def touch(self, prefix: str, now: datetime) -> None:
        """Note that a key was used."""
        self._change(prefix, last_used_at=now)

    def revoke(self, prefix: str, now: datetime) -> None:
        """Let a key open nothing from now on."""
        self._change(prefix, revoked_at=now)

    def _change(self, prefix: str, **values: datetime) -> None:
        self._connection.execute(
            sa.update(service_keys).where(service_keys.c.prefix == prefix).values(**values)
        )


def _key(row: Row[*tuple[Any, ...]]) -> ServiceKey:
    values = dict(row._mapping)  # noqa: SLF001
    return ServiceKey(**{**values, "scopes": frozenset(values["scopes"])})
