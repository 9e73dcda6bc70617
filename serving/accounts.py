"""Accounts of people, and the keys of service clients, as whoever runs the service keeps them."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import get_args

from serving.actors import SCOPES, Actor, Role
from serving.errors import Conflict, NotAllowed, NotFound
from serving.passwords import Passwords, generated, offence
from serving.sessions import NOTED_EVERY, digest
from serving.signing import normal_name, plain_name
from serving.store.database import Store, Unit
from serving.store.records_access import Account, NewAccount, ServiceKey

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,79}", re.ASCII)
LONGEST_TEAM = 60
ROLES: tuple[str, ...] = get_args(Role)
KEY = re.compile(r"sl_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


def create_account(
    store: Store,
    actor: Actor,
    username: str,
    roles: Collection[str],
    passwords: Passwords,
    *,
    display_name: str | None = None,
    team: str | None = None,
    password: str | None = None,
    now: datetime | None = None,
) -> str | None:
    """Make an account for a person.

    Parameters
    ----------
    password
        Made up where absent, and then to be changed at the first sign-in.

    Returns
    -------
    str or None
        The password that was made up.

    Raises
    ------
    NotAllowed
        When a name, a role or the password breaks a rule.
    Conflict
        When the name is taken.
    """
    name = _checked_name(username)
    _check(roles, ROLES, "role")
    called = plain_name(display_name or username)
    if team is not None and not 0 < len(team) <= LONGEST_TEAM:
        raise NotAllowed("team", f"must have 1 to {LONGEST_TEAM} characters")
    _check_password(password, name, called)
    made_up = None if password is not None else generated()
    new = NewAccount(
        username=name,
        display_name=called,
        team=team,
        roles=frozenset(roles),
        password_hash=passwords.hash(password or made_up or ""),
        must_change_password=made_up is not None,
    )
    with store.writing() as unit:
        _check_free(unit, name)
        unit.accounts.add(new, now=now or datetime.now(UTC))
        unit.audit.append(actor, "created account", name, {"roles": sorted(roles)})
    return made_up


def set_roles(store: Store, actor: Actor, username: str, roles: Collection[str]) -> None:
    """Replace a person's roles; they have to sign in again.

    Raises
    ------
    NotFound
        When there is no such person.
    NotAllowed
        When there is no such role.
    """
    _check(roles, ROLES, "role")
    with store.writing() as unit:
        account = _person(unit, username)
        unit.accounts.set_roles(account.id, roles)
        unit.sessions.end_all(account.id)
        told = {"before": sorted(account.roles), "after": sorted(roles)}
        unit.audit.append(actor, "set roles", account.username, told)


def disable(store: Store, actor: Actor, username: str, *, now: datetime | None = None) -> None:
    """Let an account be used no more; its sessions end, what it did stays."""
    with store.writing() as unit:
        account = _account(unit, username)
        unit.accounts.set_disabled(account.id, now or datetime.now(UTC))
        unit.sessions.end_all(account.id)
        unit.audit.append(actor, "disabled account", account.username)


def enable(store: Store, actor: Actor, username: str) -> None:
    """Let a disabled account be used again."""
    with store.writing() as unit:
        account = _account(unit, username)
        unit.accounts.set_disabled(account.id, None)
        unit.audit.append(actor, "enabled account", account.username)


def reset_password(
    store: Store,
    actor: Actor,
    username: str,
    passwords: Passwords,
    *,
    now: datetime | None = None,
) -> str:
    """Give a person a made-up password, to be changed at once; an account locked is unlocked.

    Raises
    ------
    NotFound
        When there is no such person.
    Conflict
        When somebody else vouches for them, so that there is no password here.
    """
    made_up = generated()
    hashed = passwords.hash(made_up)
    with store.writing() as unit:
        account = _person(unit, username)
        if account.issuer is not None:
            raise Conflict(f"{account.username} signs in with the organisation's own account")
        unit.accounts.set_password(
            account.id, hashed, must_change=True, now=now or datetime.now(UTC)
        )
        unit.sessions.end_all(account.id)
        unit.audit.append(actor, "reset password", account.username)
    return made_up


def list_accounts(store: Store, actor: Actor) -> list[Account]:
    """Give all accounts by name."""
    with store.writing() as unit:
        found = unit.accounts.every()
        unit.audit.append(actor, "listed accounts", None, {"accounts": len(found)})
    return found


def issue_key(
    store: Store,
    actor: Actor,
    client: str,
    scopes: Collection[str],
    *,
    days: int | None = None,
    now: datetime | None = None,
) -> str:
    """Give a service client a key, which is told now and never again.

    A key is 256 random bits, so its SHA-256 gives nothing away: a slow hash is for passwords,
    which can be guessed.

    Parameters
    ----------
    client
        Its name; the account is made with its first key.
    days
        How long the key holds; for ever where absent.

    Raises
    ------
    NotAllowed
        When the name or a scope breaks a rule.
    Conflict
        When the name is a person's.
    """
    name, now = _checked_name(client), now or datetime.now(UTC)
    _check(scopes, sorted(SCOPES), "scope")
    prefix, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    with store.writing() as unit:
        unit.service_keys.add(
            _client(unit, name, now),
            prefix,
            digest(secret),
            scopes,
            now=now,
            expires_at=None if days is None else now + timedelta(days=days),
        )
        told = {"client": name, "scopes": sorted(scopes), "days": days}
        unit.audit.append(actor, "issued key", prefix, told)
    return f"sl_{prefix}_{secret}"


def revoke_key(store: Store, actor: Actor, prefix: str, *, now: datetime | None = None) -> None:
    """Let a key open nothing from now on.

    Raises
    ------
    NotFound
        When there is no such key.
    """
    with store.writing() as unit:
        if unit.service_keys.find(prefix) is None:
            raise NotFound("there is no key with that prefix")
        unit.service_keys.revoke(prefix, now or datetime.now(UTC))
        unit.audit.append(actor, "revoked key", prefix)


def list_keys(store: Store, actor: Actor) -> list[tuple[str, ServiceKey]]:
    """Give all keys, each with the name of its client."""
    with store.writing() as unit:
        names = {one.id: one.username for one in unit.accounts.every()}
        found = [(names[one.account_id], one) for one in unit.service_keys.every()]
        unit.audit.append(actor, "listed keys", None, {"keys": len(found)})
    return found


def service_client(store: Store, key: str, *, now: datetime | None = None) -> Actor | None:
    """Give the service client whose key it is, or ``None`` where it opens nothing."""
    now = now or datetime.now(UTC)
    parts = KEY.fullmatch(key)
    if parts is None:
        return None
    with store.reading() as unit:
        row = unit.service_keys.find(parts[1])
        account = unit.accounts.by_id(row.account_id) if row else None
    if row is None or account is None or account.disabled_at:
        return None
    if not hmac.compare_digest(row.secret_sha256, digest(parts[2])) or not _holds(row, now):
        return None
    if row.last_used_at is None or now - row.last_used_at >= NOTED_EVERY:
        with store.writing() as unit:
            unit.service_keys.touch(row.prefix, now)
    return Actor(account.id, account.username, "service", scopes=row.scopes)


def _holds(key: ServiceKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def _client(unit: Unit, name: str, now: datetime) -> int:
    account = unit.accounts.by_name(name)
    if account is None:
        return unit.accounts.add(NewAccount(name, name, "service"), now=now)
    if account.kind != "service":
        raise Conflict(f"{name} is a person; a service client needs a name of its own")
    return account.id


def _checked_name(username: str) -> str:
    name = normal_name(username)
    if not USERNAME.fullmatch(name):
        raise NotAllowed(
            "name", "must have 2 to 80 letters, digits, dots, hyphens, underscores or @"
        )
    return name


def _check(given: Collection[str], known: Collection[str], what: str) -> None:
    if not given or not set(given) <= set(known):
        raise NotAllowed(what, f"must be one or more of {', '.join(known)}")


def _check_password(password: str | None, username: str, display_name: str) -> None:
    wrong = offence(password, username, display_name) if password is not None else None
    if wrong:
        raise NotAllowed("password", wrong)


def _check_free(unit: Unit, name: str) -> None:
    if unit.accounts.by_name(name) is not None:
        raise Conflict(f"there is an account {name} already")


def _account(unit: Unit, username: str) -> Account:
    account = unit.accounts.by_name(normal_name(username))
    if account is None:
        raise NotFound("there is no account of that name")
    return account


def _person(unit: Unit, username: str) -> Account:
    account = _account(unit, username)
    if account.kind != "person":
        raise NotFound("there is a service client of that name, but no person")
    return account
