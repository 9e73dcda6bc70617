"""The reviewer's way from one record to the next, so that the next is there when it is wanted."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from serving import claiming
from serving.actors import Actor
from serving.claiming import Claimed, ReviewRules, account_of, seen
from serving.errors import Conflict, NotFound
from serving.store.database import Store, Unit
from serving.store.records_reviewing import HeldClaim

HELD, DECIDED = "held", "decided"


def own_claim(store: Store, actor: Actor, number: int) -> tuple[Claimed, str]:
    """Give one of the reviewer's claims, and its state; the reading is recorded.

    Raises
    ------
    NotFound
        When the reviewer has no such claim.
    """
    account = account_of(actor)
    with store.writing() as unit:
        found = _own(unit, account, number)
        unit.audit.append(
            actor, "read claimed record", found.allegation.key, {"claim": found.claim.id}
        )
    return seen(found), found.claim.state


def decided_claim(store: Store, actor: Actor, number: int) -> tuple[Claimed, str]:
    """Give the same where the receipt is shown next: that reading is what is recorded.

    Raises
    ------
    NotFound
        When the reviewer has no such claim.
    """
    account = account_of(actor)
    with store.reading() as unit:
        found = _own(unit, account, number)
    return seen(found), found.claim.state


def next_claim(
    store: Store, actor: Actor, rules: ReviewRules, *, than: int | None = None
) -> int | None:
    """Give the claim to go on with: one that is held already, or a new one.

    Parameters
    ----------
    than
        A claim that it must not be.
    """
    with store.reading() as unit:
        # only the numbers are looked at: the reading is recorded when the record is shown
        holds = unit.claims.held_by(account_of(actor), datetime.now(UTC))
    others = [one.claim.id for one in holds if one.claim.id != than]
    if others:
        return others[0]
    with suppress(Conflict):
        claimed = claiming.claim_next(store, actor, rules=rules)
        return None if claimed is None else claimed.claim
    return None


def _own(unit: Unit, account: int, number: int) -> HeldClaim:
    found = unit.claims.find(number)
    if found is None or found.claim.account_id != account:
        raise NotFound("you have no such claim")
    return found
