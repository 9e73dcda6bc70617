"""Letting in whom an OpenID provider vouches for."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from serving.accounts import USERNAME
from serving.actors import SYSTEM
from serving.oidc import Identity
from serving.sessions import Begun, Policy, begin
from serving.signing import NOBODY, normal_name, plain_name
from serving.store.database import Store, Unit
from serving.store.records_access import Account, NewAccount


def sign_in_vouched(
    store: Store,
    policy: Policy,
    identity: Identity,
    *,
    replacing: str | None = None,
    now: datetime | None = None,
) -> Begun | None:
    """Begin a session for somebody with a role here, or give ``None``.

    They are known by issuer and subject, never by a name. The account is made at the first
    sign-in, and its roles are what the provider says at each; whoever has lost them all is out.
    """
    now = now or datetime.now(UTC)
    with store.writing() as unit:
        account = _account(unit, identity, now)
        if account is None or account.disabled_at or not account.roles:
            name = account.username if account else None
            unit.audit.append(NOBODY, "failed to sign in", name, {"by": "openid"})
            return None
        begun = begin(unit, account, policy, now, replacing)
        unit.audit.append(account.actor(), "signed in", account.username, {"by": "openid"})
    return begun


def _account(unit: Unit, identity: Identity, now: datetime) -> Account | None:
    account = unit.accounts.by_subject(identity.issuer, identity.subject)
    if account is None:
        return _made(unit, identity, now) if identity.roles else None
    if account.roles != identity.roles:
        unit.accounts.set_roles(account.id, identity.roles)
        unit.sessions.end_all(account.id)
        told = {"before": sorted(account.roles), "after": sorted(identity.roles)}
        unit.audit.append(SYSTEM, "set roles", account.username, told)
    called = plain_name(identity.display_name)
    if account.display_name != called:
        unit.accounts.set_display_name(account.id, called)
    return unit.accounts.by_id(account.id)


def _made(unit: Unit, identity: Identity, now: datetime) -> Account | None:
    name = _free_name(unit, identity)
    made = unit.accounts.add(
        NewAccount(
            username=name,
            display_name=plain_name(identity.display_name),
            roles=identity.roles,
            issuer=identity.issuer,
            subject=identity.subject,
        ),
        now=now,
    )
    unit.audit.append(SYSTEM, "created account", name, {"roles": sorted(identity.roles)})
    return unit.accounts.by_id(made)


def _free_name(unit: Unit, identity: Identity) -> str:
    name = normal_name(identity.username)
    mark = hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()[:8]
    if not USERNAME.fullmatch(name):
        return f"openid-{mark}"
    return name if unit.accounts.by_name(name) is None else f"{name[:70]}-{mark}"
