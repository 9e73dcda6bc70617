"""What the command line asks of accounts: people, their roles and passwords, and service keys."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from rich.table import Column, Table

from data.terminal import terminal
from serving import accounts
from serving.actors import Actor
from serving.passwords import Passwords, generated
from serving.settings import Settings
from serving.store.database import Store

# ruff: noqa: T201 - what a command answers is printed


def add_user(
    settings: Settings,
    name: str,
    roles: Sequence[str],
    display_name: str | None,
    team: str | None,
    password_stdin: bool,
) -> None:
    """Make an account; a password that was made up is printed, this once."""
    given = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with _store(settings) as store:
        made_up = accounts.create_account(
            store,
            _operator(),
            name,
            roles,
            Passwords(settings.password_cost),
            display_name=display_name,
            team=team,
            password=given,
        )
    print(f"{name} can sign in.")
    if made_up:
        _tell_once(made_up)


def disable_user(settings: Settings, name: str) -> None:
    """Let an account be used no more."""
    with _store(settings) as store:
        accounts.disable(store, _operator(), name)
    print(f"{name} can no longer sign in, and is signed out.")


def enable_user(settings: Settings, name: str) -> None:
    """Let a disabled account be used again."""
    with _store(settings) as store:
        accounts.enable(store, _operator(), name)
    print(f"{name} can sign in again.")


def set_roles(settings: Settings, name: str, roles: Sequence[str]) -> None:
    """Replace a person's roles."""
    with _store(settings) as store:
        accounts.set_roles(store, _operator(), name, roles)
    print(f"{name} is now: {', '.join(sorted(roles))}; signed out, to sign in again.")


def reset_user(settings: Settings, name: str) -> None:
    """Give a person a password to be changed at once."""
    with _store(settings) as store:
        made_up = accounts.reset_password(
            store, _operator(), name, Passwords(settings.password_cost)
        )
    _tell_once(made_up)


def list_users(settings: Settings) -> None:
    """Show all accounts."""
    with _store(settings) as store:
        found = accounts.list_accounts(store, _operator())
    table = Table("name", "called", "kind", "roles", "signs in by", "state")
    for one in found:
        by = "OpenID" if one.issuer else "password" if one.password_hash else "key"
        state = "disabled" if one.disabled_at else "active"
        table.add_row(
            one.username, one.display_name, one.kind, ", ".join(sorted(one.roles)), by, state
        )
    terminal().print(table)


def add_key(settings: Settings, name: str, scopes: Sequence[str], days: int | None) -> None:
    """Give a service client a key, which is printed this once."""
    with _store(settings) as store:
        print(accounts.issue_key(store, _operator(), name, scopes, days=days))
    print("Shown this once: the store keeps a hash of it alone.", file=sys.stderr)


def revoke_key(settings: Settings, prefix: str) -> None:
    """Let a key open nothing from now on."""
    with _store(settings) as store:
        accounts.revoke_key(store, _operator(), prefix)
    print(f"The key {prefix} opens nothing any more.")


def list_keys(settings: Settings) -> None:
    """Show all keys, without their secrets."""
    with _store(settings) as store:
        found = accounts.list_keys(store, _operator())
    table = Table(
        Column("prefix", no_wrap=True), "client", "scopes", "made", "until", "last used", "state"
    )
    for client, one in found:
        days = (one.created_at, one.expires_at, one.last_used_at)
        state = "revoked" if one.revoked_at else "active"
        table.add_row(one.prefix, client, ", ".join(sorted(one.scopes)), *map(_day, days), state)
    terminal().print(table)


def demo_user(settings: Settings) -> None:
    """Make somebody with every role to try the service with, where there is nobody yet."""
    password = generated()
    with _store(settings) as store:
        if accounts.list_accounts(store, _operator()):
            return
        accounts.create_account(
            store,
            _operator(),
            "demo",
            accounts.ROLES,
            Passwords(settings.password_cost),
            password=password,
        )
    print(f"Sign in as demo with the password {password}", flush=True)


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    store = Store(settings.database_url)
    if settings.migrate_on_start:
        store.migrate()
    try:
        yield store
    finally:
        store.close()


def _operator() -> Actor:
    """Give whoever runs a command, as the audit log has it."""
    return Actor(None, f"command line ({getpass.getuser()})"[:80], "system")


def _tell_once(password: str) -> None:
    print(f"Password, to be changed at the first sign-in: {password}")


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else "-"
