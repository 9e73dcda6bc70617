"""Accounts and their roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_access import Account, NewAccount
from serving.store.tables_access import account_roles, accounts


class AccountRepository:
    """Accounts over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewAccount, *, now: datetime) -> int:
        """Make an account; gives its number."""
        values = asdict(new)
        roles = values.pop("roles")
        changed = now if new.password_hash else None
        made = self._connection.execute(
            sa.insert(accounts)
            .values(**values, created_at=now, password_changed_at=changed)
            .returning(accounts.c.id)
        ).scalar_one()
        self._give(made, roles)
        return int(made)

    def by_name(self, username: str, *, hold: bool = False) -> Account | None:
        """Find an account by its user name; anything but plain ASCII is nobody's.

        Parameters
        ----------
        hold
            Let no other transaction hold it before this one ends.
        """
        if not username.isascii() or not username.isprintable():
            return None
        return self._one(accounts.c.username == username, hold=hold)

    def by_id(self, account_id: int) -> Account | None:
        """Find an account by its number."""
        return self._one(accounts.c.id == account_id)

    def by_subject(self, issuer: str, subject: str) -> Account | None:
        """Find the account that an OpenID provider vouches for."""
        return self._one((accounts.c.issuer == issuer) & (accounts.c.subject == subject))

    def every(self) -> list[Account]:
        """Give all accounts by name."""
        rows = self._connection.execute(sa.select(accounts).order_by(accounts.c.username)).all()
        return [self._account(row) for row in rows]

    def set_roles(self, account_id: int, roles: Iterable[str]) -> None:
        """Replace the roles of an account."""
        self._connection.execute(
            sa.delete(account_roles).where(account_roles.c.account_id == account_id)
        )
        self._give(account_id, roles)

    def set_disabled(self, account_id: int, at: datetime | None) -> None:
        """Disable an account, or enable it with ``None``."""
        self._change(account_id, disabled_at=at)

    def set_display_name(self, account_id: int, display_name: str) -> None:
        """Call an account's person by another name."""
        self._change(account_id, display_name=display_name)

    def set_password(
        self, account_id: int, password_hash: str, *, must_change: bool, now: datetime
    ) -> None:
        """Give an account another password; it is no longer locked."""
        self._change(
            account_id,
            password_hash=password_hash,
            password_changed_at=now,
            must_change_password=must_change,
            failed_attempts=0,
            locked_until=None,
        )

    def rehash(self, account_id: int, password_hash: str) -> None:
        """Keep the same password under another hash."""
        self._change(account_id, password_hash=password_hash)

    def count_attempt(
        self, account_id: int, failed_attempts: int, locked: datetime | None
    ) -> None:
        """Note how many passwords were tried since one was right, and until when none is."""
        self._change(account_id, failed_attempts=failed_attempts, locked_until=locked)

    def _change(self, account_id: int, **values: Any) -> None:  # noqa: ANN401
        self._connection.execute(
            sa.update(accounts).where(accounts.c.id == account_id).values(**values)
        )

    def _give(self, account_id: int, roles: Iterable[str]) -> None:
        rows = [{"account_id": account_id, "role": role} for role in sorted(roles)]
        if rows:
            self._connection.execute(sa.insert(account_roles), rows)

    def _one(self, condition: sa.ColumnElement[bool], *, hold: bool = False) -> Account | None:
        wanted = sa.select(accounts).where(condition)
        row = self._connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
        return None if row is None else self._account(row)

    def _account(self, row: Row[*tuple[Any, ...]]) -> Account:
        held = self._connection.scalars(
            sa.select(account_roles.c.role).where(account_roles.c.account_id == row.id)
        )
        return Account(**row._mapping, roles=frozenset(held))  # noqa: SLF001
