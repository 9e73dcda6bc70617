"""What guards the service: its passwords, seals and rules, made of the settings."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta

from serving.errors import Unsafe
from serving.oidc import Provider
from serving.passwords import Passwords
from serving.sealing import Seal
from serving.sessions import Policy
from serving.settings import Settings

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Gate:
    """What guards the service.

    Parameters
    ----------
    provider
        The OpenID provider that people may sign in with, or ``None``.
    secure
        Whether browsers reach the service over TLS alone, so that cookies go no other way.
    """

    passwords: Passwords
    seal: Seal
    policy: Policy
    provider: Provider | None
    secure: bool

    def cookie(self, name: str) -> str:
        """Name a cookie; over TLS so that no other host and no plain page can set it."""
        return f"__Host-{name}" if self.secure else name


def make_gate(settings: Settings) -> Gate:
    """Make the gate.

    Raises
    ------
    Unsafe
        When others could reach the service and a setting leaves it unprotected.
    """
    check(settings)
    return Gate(
        passwords=Passwords(settings.password_cost),
        seal=_seal(settings),
        policy=Policy(
            idle=timedelta(minutes=settings.session_idle_minutes),
            absolute=timedelta(hours=settings.session_hours),
            password_max_days=settings.password_max_days,
            failures=settings.sign_in_failures,
            locked=timedelta(minutes=settings.lockout_minutes),
        ),
        provider=_provider(settings),
        secure=_secure(settings),
    )


def check(settings: Settings) -> None:
    """Refuse settings that would open the service to others.

    Raises
    ------
    Unsafe
        Saying what to set.
    """
    if (settings.public_url or "").startswith("http://") and not _local(settings):
        raise Unsafe("SECONDLOOK_PUBLIC_URL must begin with https:// where others can reach it")
    if _local(settings) and not settings.public_url:
        return
    if settings.secret_key is None:
        raise Unsafe(
            f"{settings.host} can be reached from other machines: set SECONDLOOK_SECRET_KEY to a "
            "random secret of at least 32 characters, and let something in front speak TLS, for "
            "browsers are told to send the session's cookie over TLS alone."
        )
    if settings.password_cost == "cheapest":  # noqa: S105
        raise Unsafe("SECONDLOOK_PASSWORD_COST=cheapest protects nothing; it is for tests")


def _local(settings: Settings) -> bool:
    return settings.host in LOOPBACK


def _secure(settings: Settings) -> bool:
    if settings.public_url:
        return settings.public_url.startswith("https://")
    return not _local(settings)


def _seal(settings: Settings) -> Seal:
    if settings.secret_key is None:
        log.warning(
            "SECONDLOOK_SECRET_KEY is not set: cookies are signed with a key of this process "
            "alone, so everybody has to sign in again when it starts anew"
        )
        return Seal(secrets.token_urlsafe(32))
    old = [one.get_secret_value() for one in settings.secret_keys_old]
    return Seal(settings.secret_key.get_secret_value(), old)


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    if settings.oidc_client_id is None or not settings.oidc_roles:
        raise Unsafe(
            "SECONDLOOK_OIDC_ISSUER needs SECONDLOOK_OIDC_CLIENT_ID and SECONDLOOK_OIDC_ROLES too"
        )
    if not _local(settings) and settings.public_url is None:
        raise Unsafe("SECONDLOOK_OIDC_ISSUER needs SECONDLOOK_PUBLIC_URL, to come back to")
    secret = settings.oidc_client_secret
    return Provider(
        issuer=settings.oidc_issuer.rstrip("/"),
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        roles_claim=settings.oidc_roles_claim,
        roles=dict(settings.oidc_roles),
    )
