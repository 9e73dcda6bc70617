"""Sessions: kept in the store, known to the browser by a random token alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from serving.actors import Actor
from serving.store.database import Store, Unit
from serving.store.records_access import Account, SessionRow

TOKEN_BYTES = 32
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Policy:
    """How long a session and a password hold, and how many wrong passwords lock an account.

    Parameters
    ----------
    idle
        A session that is not used for so long has ended.
    absolute
        A session ends after so long however it is used.
    password_max_days
        A password must be changed after so many days; 0 for never.
    failures
        Wrong passwords in a row after which none is taken.
    locked
        For how long.
    """

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=12)
    password_max_days: int = 0
    failures: int = 10
    locked: timedelta = timedelta(minutes=15)

    def must_change(self, account: Account, now: datetime) -> bool:
        """Whether an account's password must be changed before anything else is done."""
        if account.password_hash is None:
            return False
        changed = account.password_changed_at or account.created_at
        aged = now - changed > timedelta(days=self.password_max_days)
        return account.must_change_password or (self.password_max_days > 0 and aged)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session just begun: its token is told now and never again."""

    token: str
    account: Account


@dataclass(frozen=True, slots=True)
class Session:
    """The session that a request belongs to.

    Parameters
    ----------
    token
        As the browser sent it.
    csrf_token
        Must come with whatever changes something.
    must_change_password
        Whether nothing else may be done before the password is changed.
    """

    token: str
    actor: Actor
    display_name: str
    csrf_token: str
    must_change_password: bool


def digest(token: str) -> str:
    """SHA-256 of a token: of 256 random bits, so nothing slower is needed to keep it secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(
    unit: Unit, account: Account, policy: Policy, now: datetime, replacing: str | None
) -> Begun:
    """Begin a session with a new token; the one that the browser had before ends."""
    if replacing is not None:
        unit.sessions.end(digest(replacing))
    unit.sessions.forget(seen_before=now - policy.idle, now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    unit.sessions.add(
        SessionRow(
            token_sha256=digest(token),
            account_id=account.id,
            csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
            created_at=now,
            seen_at=now,
            expires_at=now + policy.absolute,
        )
    )
    return Begun(token, account)


def resume(
    store: Store, token: str, policy: Policy, *, now: datetime | None = None
) -> Session | None:
    """Give the session of a token, or ``None`` where there is none that holds.

    That it was used is written down once a minute at most, so that reading stays reading.
    """
    now = now or datetime.now(UTC)
    key = digest(token)
    with store.asking() as unit:
        found = unit.sessions.whose(key)
    if found is None or not _holds(*found, policy, now):
        return None
    row, account = found
    if now - row.seen_at >= NOTED_EVERY:
        with store.writing() as unit:
            unit.sessions.touch(key, now)
    must_change = policy.must_change(account, now)
    return Session(token, account.actor(), account.display_name, row.csrf_token, must_change)


def _holds(row: SessionRow, account: Account, policy: Policy, now: datetime) -> bool:
    fresh = now < row.expires_at and now - row.seen_at < policy.idle
    return fresh and account.disabled_at is None and account.kind == "person"
