"""Leases: who may do a piece of work, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from serving.store.tables import leases


class LeaseRepository:
    """Leases over one transaction.

    Each taking raises a token. Whoever writes what the lease protects asks :meth:`holds` in
    the same transaction, so a holder that was thought dead writes nothing when it wakes up.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, name: str, holder: str, *, now: datetime, seconds: float) -> int | None:
        """Take or renew a lease; gives its token, or ``None`` while another holds it."""
        row = self._connection.execute(
            sa.select(leases).where(leases.c.name == name).with_for_update()
        ).one_or_none()
        until = now + timedelta(seconds=seconds)
        if row is None:
            return self._take_first(name, holder, until)
        if row.holder != holder and row.expires_at > now:
            return None
        token = int(row.token) if row.holder == holder else int(row.token) + 1
        self._connection.execute(
            sa.update(leases)
            .where(leases.c.name == name)
            .values(holder=holder, token=token, expires_at=until)
        )
        return token

    def _take_first(self, name: str, holder: str, until: datetime) -> int | None:
        """Take a lease that nobody has had; there is no row yet that could be locked."""
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    sa.insert(leases).values(name=name, holder=holder, token=1, expires_at=until)
                )
        except sa.exc.IntegrityError:
            return None
        return 1

    def holds(self, name: str, holder: str, token: int) -> bool:
        """Whether the lease is still this holder's, locked until the transaction ends."""
        row = self._connection.execute(
            sa.select(leases.c.holder, leases.c.token)
            .where(leases.c.name == name)
            .with_for_update()
        ).one_or_none()
        return row is not None and row.holder == holder and row.token == token

    def release(self, name: str, holder: str) -> None:
        """Let the lease go, so that another need not wait until it runs out."""
        self._connection.execute(
            sa.update(leases)
            .where(leases.c.name == name, leases.c.holder == holder)
            .values(expires_at=datetime.fromtimestamp(0, tz=UTC))
        )
