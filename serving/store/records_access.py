"""Frozen records of accounts, sessions and service keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from serving.actors import Actor


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made.

    Parameters
    ----------
    kind
        ``person`` or ``service``.
    issuer, subject
        Of whoever an OpenID provider vouches for; such an account has no password here.
    """

    username: str
    display_name: str
    kind: str = "person"
    team: str | None = None
    roles: frozenset[str] = frozenset()
    password_hash: str | None = None
    must_change_password: bool = False
    issuer: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """An account as stored, with its roles."""

    id: int
    username: str
    display_name: str
    kind: str
    team: str | None
    password_hash: str | None
    password_changed_at: datetime | None
    must_change_password: bool
    failed_attempts: int
    locked_until: datetime | None
    issuer: str | None
    subject: str | None
    created_at: datetime
    disabled_at: datetime | None
    roles: frozenset[str]

    def actor(self) -> Actor:
        """Give the person as whoever acts."""
        return Actor(self.id, self.username, "person", self.roles, team=self.team)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; of its token, the store knows the SHA-256 alone."""

    token_sha256: str
    account_id: int
    csrf_token: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key of a service client; of its secret, the store knows the SHA-256 alone."""

    id: int
    account_id: int
    prefix: str
    secret_sha256: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
