"""Signing in and out, and changing one's password.

Whoever fails learns nothing but that: a wrong name, a wrong password, a locked and a disabled
account are answered alike, by the same steps.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from serving.actors import Actor
from serving.errors import NotAllowed
from serving.passwords import Passwords, offence
from serving.sessions import Begun, Policy, Session, begin, digest
from serving.store.database import Store, Unit
from serving.store.records_access import Account

NOBODY = Actor(None, "nobody", "system")
"""Whoever is not known yet, in the audit log."""

LONGEST_NAME = 120
REFUSED = (
    "The user name or password is wrong, or the account cannot be used now. After several wrong "
    "passwords an account is locked for a while: wait, or ask whoever runs the service."
)


def normal_name(username: str) -> str:
    """Give a user name in the one form that is stored."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


def plain_name(display_name: str) -> str:
    """Give what somebody is called, without control characters and short enough to show."""
    return "".join(one for one in display_name if one.isprintable()).strip()[:LONGEST_NAME]


def sign_in(
    store: Store,
    passwords: Passwords,
    policy: Policy,
    username: str,
    password: str,
    *,
    replacing: str | None = None,
    now: datetime | None = None,
) -> Begun | None:
    """Begin a session for whoever gives the right password, or give ``None``.

    The attempt is counted before the password is compared, so that many at once are as many.

    Parameters
    ----------
    replacing
        Token of the session that the browser had before; it ends.
    """
    now = now or datetime.now(UTC)
    name = normal_name(username)
    tried = _attempt(store, policy, name, now)
    right = passwords.matches(password, tried.password_hash if tried else None)
    new_hash = _renewed(passwords, tried, password) if tried and right else None
    with store.writing() as unit:
        account = unit.accounts.by_name(name)
        if not right or not tried or not account or not _unchanged(tried, account):
            _note_failure(unit, account, now)
            return None
        unit.accounts.count_attempt(account.id, 0, None)
        if new_hash:
            unit.accounts.rehash(account.id, new_hash)
        begun = begin(unit, account, policy, now, replacing)
        unit.audit.append(account.actor(), "signed in", account.username, {"by": "password"})
    return begun


def _attempt(store: Store, policy: Policy, username: str, now: datetime) -> Account | None:
    """Count an attempt, and give the account where its password may be tried."""
    with store.writing() as unit:
        account = unit.accounts.by_name(username, hold=True)
        if account is None or not _may_try(account, now):
            return None
        _count(unit, policy, account, now)
    return account


def _note_failure(unit: Unit, account: Account | None, now: datetime) -> None:
    # a name that nobody has may be a password typed into the wrong field: it is not kept
    known = account.username if account else None
    locked = bool(account and account.locked_until and now < account.locked_until)
    unit.audit.append(NOBODY, "failed to sign in", known, {"locked": locked})


def _unchanged(tried: Account, account: Account) -> bool:
    return account.disabled_at is None and account.password_hash == tried.password_hash


def _may_try(account: Account, now: datetime) -> bool:
    locked = account.locked_until is not None and now < account.locked_until
    return not locked and account.disabled_at is None and account.password_hash is not None


def _count(unit: Unit, policy: Policy, account: Account, now: datetime) -> None:
    lapsed = account.locked_until is not None
    attempts = 1 if lapsed else account.failed_attempts + 1
    locked = now + policy.locked if attempts >= policy.failures else None
    unit.accounts.count_attempt(account.id, attempts, locked)


def _renewed(passwords: Passwords, account: Account, password: str) -> str | None:
    outdated = account.password_hash is not None and passwords.outdated(account.password_hash)
    return passwords.hash(password) if outdated else None


def sign_out(store: Store, session: Session) -> None:
    """End a session."""
    with store.writing() as unit:
        unit.sessions.end(digest(session.token))
        unit.audit.append(session.actor, "signed out", session.actor.name)


def sign_out_everywhere(store: Store, session: Session) -> None:
    """End every session that the same person has."""
    with store.writing() as unit:
        assert session.actor.id is not None  # noqa: S101 - a person signed in has an account
        ended = unit.sessions.end_all(session.actor.id)
        unit.audit.append(
            session.actor, "signed out everywhere", session.actor.name, {"sessions": ended}
        )


def change_password(
    store: Store,
    passwords: Passwords,
    policy: Policy,
    session: Session,
    current: str,
    new: str,
    *,
    now: datetime | None = None,
) -> Begun:
    """Change one's own password; every session ends and a new one begins.

    Raises
    ------
    NotAllowed
        When the current password is wrong, or the new one breaks a rule.
    """
    now = now or datetime.now(UTC)
    wrong = offence(new, session.actor.name, session.display_name)
    if wrong is None and new == current:
        wrong = "must be another one than before"
    if wrong:
        raise NotAllowed("new", wrong)
    account = _attempt(store, policy, session.actor.name, now)
    if not passwords.matches(current, account.password_hash if account else None):
        raise NotAllowed("current", "is not your password, or too many wrong ones were tried")
    assert account is not None  # noqa: S101 - nobody's password matches nothing
    new_hash = passwords.hash(new)
    with store.writing() as unit:
        unit.accounts.set_password(account.id, new_hash, must_change=False, now=now)
        unit.sessions.end_all(account.id)
        begun = begin(unit, account, policy, now, None)
        unit.audit.append(session.actor, "changed password", account.username)
    return begun
