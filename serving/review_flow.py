"""The reviewer's way from one record to the next, so that the next is there when it is wanted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from model.predictor import Predictor
from serving import claiming, revealing
from serving.actors import Actor
from serving.claiming import Claimed, ReviewRules, account_of, seen
from serving.errors import Conflict, NotFound
from serving.revealing import Receipt
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


@dataclass(frozen=True, slots=True)
class Revealed:
    """What a reviewer sees after a decision, and where he goes on.

    Parameters
    ----------
    following
        Claim of the next record, which is held already; ``None`` where there is none.
    """

    claimed: Claimed
    receipt: Receipt
    following: int | None


def reveal(
    store: Store, actor: Actor, number: int, rules: ReviewRules, predictor: Predictor | None
) -> Revealed:
    """Show the receipt of the reviewer's own decision, and hold the next record ready.

    Both happen in one transaction, since whoever has decided waits for it.

    Raises
    ------
    NotFound
        When the reviewer made no such decision.
    Conflict
        When he has not decided it yet, or took the decision back.
    """
    drafted = revealing.draft(store, actor, number, predictor)
    moment = datetime.now(UTC)
    with store.writing() as unit:
        receipt = revealing.hand_over(unit, actor, drafted, moment)
        following = _following(unit, actor, rules, moment, number)
    return Revealed(seen(drafted.found), receipt, following)


def next_claim(
    store: Store, actor: Actor, rules: ReviewRules, *, than: int | None = None
) -> int | None:
    """Give the claim to go on with: one that is held already, or a new one.

    Parameters
    ----------
    than
        A claim that it must not be.
    """
    with store.writing() as unit:
        return _following(unit, actor, rules, datetime.now(UTC), than)


def _following(
    unit: Unit, actor: Actor, rules: ReviewRules, moment: datetime, than: int | None
) -> int | None:
    # only the numbers are looked at: the reading is recorded when the record is shown
    holds = unit.claims.held_by(account_of(actor), moment)
    others = [one.claim.id for one in holds if one.claim.id != than]
    if others:
        return others[0]
    with suppress(Conflict):
        claimed = claiming.take_next(unit, actor, rules, moment)
        return None if claimed is None else claimed.claim
    return None


def _own(unit: Unit, account: int, number: int) -> HeldClaim:
    found = unit.claims.find(number)
    if found is None or found.claim.account_id != account:
        raise NotFound("you have no such claim")
    return found
