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
        before = unit.accounts.by_subject(identity.issuer, identity.subject)
        account = _renewed(unit, before, identity) if before else _made(unit, identity, now)
        begun = None
        if account and account.roles and account.disabled_at is None:
            begun = begin(unit, account, policy, now, replacing)
        _audit(unit, before, account, begun)
    return begun


def _renewed(unit: Unit, account: Account, identity: Identity) -> Account | None:
    if account.roles != identity.roles:
        unit.accounts.set_roles(account.id, identity.roles)
        unit.sessions.end_all(account.id)
    called = plain_name(identity.display_name)
    if account.display_name != called:
        unit.accounts.set_display_name(account.id, called)
    return unit.accounts.by_id(account.id)


def _made(unit: Unit, identity: Identity, now: datetime) -> Account | None:
    if not identity.roles:
        return None
    new = NewAccount(
        username=_free_name(unit, identity),
        display_name=plain_name(identity.display_name),
        roles=identity.roles,
        issuer=identity.issuer,
        subject=identity.subject,
    )
    return unit.accounts.by_id(unit.accounts.add(new, now=now))


def _audit(
    unit: Unit, before: Account | None, account: Account | None, begun: Begun | None
) -> None:
    if account is None:
        unit.audit.append(NOBODY, "failed to sign in", None, {"by": "openid"})
        return
    name, roles = account.username, sorted(account.roles)
    if before is None:
        unit.audit.append(SYSTEM, "created account", name, {"roles": roles})
    elif before.roles != account.roles:
        changed = {"before": sorted(before.roles), "after": roles}
        unit.audit.append(SYSTEM, "set roles", name, changed)
    who, action = (account.actor(), "signed in") if begun else (NOBODY, "failed to sign in")
    unit.audit.append(who, action, name, {"by": "openid"})


def _free_name(unit: Unit, identity: Identity) -> str:
    name = normal_name(identity.username)
    mark = hashlib.sha256(f"{identity.issuer}\n{identity.subject}".encode()).hexdigest()[:8]
    if not USERNAME.fullmatch(name):
        return f"openid-{mark}"
    return name if unit.accounts.by_name(name) is None else f"{name[:70]}-{mark}"
