"""Deciding: a reviewer answers the record that he holds, and may take the answer back.

A planted record and a second opinion are answered like any other, and nothing that comes back
tells them apart: every answer has its claim's number, whichever table keeps it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from serving.actors import Actor
from serving.claiming import USUAL, Claimed, ReviewRules, account_of, lock_held, seen, take_one
from serving.errors import Conflict, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.store.audit import sha256
from serving.store.candidates import SECOND_OPINION
from serving.store.database import Store, Unit
from serving.store.records import NewDecision
from serving.store.records_reviewing import Given, HeldClaim

_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer sends: the verdict, the value that now holds, and why."""

    verdict: str
    value: str | None
    reason: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as recorded.

    Parameters
    ----------
    answer
        Number, record, verdict, value, reason and moment, as JSON.
    repeated
        Whether the same request had been answered before.
    """

    answer: Mapping[str, Any]
    repeated: bool


def decide(
    store: Store,
    actor: Actor,
    claim_id: int,
    answer: Answer,
    *,
    idempotency_key: str | None = None,
    rules: ReviewRules = USUAL,
    now: datetime | None = None,
) -> Recorded:
    """Record what the reviewer decided on a record that he holds, once.

    Parameters
    ----------
    idempotency_key
        The same key with the same request gives the first answer again and changes nothing.

    Raises
    ------
    NotFound
        When the reviewer has no such claim.
    Conflict
        When its time is over, or the record was reopened meanwhile.
    NotAllowed
        When the answer breaks a rule, or the key was used for another request.
    """
    moment = now or datetime.now(UTC)
    once = _Once(actor, idempotency_key, [claim_id, asdict(answer)])
    with store.writing() as unit:
        return once.answered(unit) or once.keep(
            unit, _decide(unit, actor, claim_id, answer, rules, moment), moment
        )


def decide_one(
    store: Store,
    actor: Actor,
    key: str,
    answer: Answer,
    *,
    idempotency_key: str | None = None,
    rules: ReviewRules = USUAL,
    now: datetime | None = None,
) -> Recorded:
    """Claim a certain record and record what the reviewer decided, in one step.

    Raises
    ------
    NotFound
        When there is no such record.
    Conflict
        When it waits for no second look, somebody else has it, or the reviewer assessed it.
    NotAllowed
        As :func:`decide` does.
    """
    moment = now or datetime.now(UTC)
    once = _Once(actor, idempotency_key, [key, asdict(answer)])
    with store.writing() as unit:
        kept = once.answered(unit)
        if kept:
            return kept
        claimed = take_one(unit, actor, key, rules, moment)
        return once.keep(unit, _decide(unit, actor, claimed.claim, answer, rules, moment), moment)


def undo(store: Store, actor: Actor, claim_id: int, *, now: datetime | None = None) -> Claimed:
    """Take a decision back while its claim's time lasts; the record is the reviewer's again.

    The decision stays, with the moment at which it was taken back, and counts nowhere.

    Raises
    ------
    NotFound
        When the reviewer has no such claim.
    Conflict
        When nothing was decided on it, or its time is over.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as unit:
        found = unit.claims.lock(claim_id, account_of(actor))
        if found is None:
            raise NotFound("you have no such claim")
        _refuse_undoing(unit, found, moment)
        _withdraw(unit, found, moment)
        again = unit.claims.again(found.claim, now=moment)
        if found.claim.purpose == SECOND_OPINION:
            unit.opinions.take_back(claim_id, again)
        held = unit.claims.find(again)
        unit.audit.append(
            actor,
            "withdrew second look",
            found.allegation.key,
            {"decision": claim_id, "claim": again},
        )
    assert held is not None  # noqa: S101 - it was made in this transaction
    return seen(held)


class _Once:
    """The answer kept under a reviewer's Idempotency-Key, if he sent one."""

    def __init__(self, actor: Actor, key: str | None, request: object) -> None:
        # the key is the reviewer's own: another may use the same one
        self._key = sha256(json.dumps([actor.id, key])) if key else None
        self._sent = sha256(json.dumps(request, sort_keys=True))

    def answered(self, unit: Unit) -> Recorded | None:
        kept = unit.keys.find(self._key) if self._key else None
        if kept is None:
            return None
        if kept.request_sha256 != self._sent:
            raise NotAllowed("Idempotency-Key", "was used for another request before")
        return Recorded(kept.response, repeated=True)

    def keep(self, unit: Unit, decided: _Decided, moment: datetime) -> Recorded:
        if self._key:
            unit.keys.keep(self._key, self._sent, decided.answer, now=moment)
        unit.audit.append(decided.actor, "decided second look", decided.subject, decided.details)
        return Recorded(decided.answer, repeated=False)


@dataclass(frozen=True, slots=True)
class _Decided:
    actor: Actor
    subject: str
    answer: Mapping[str, Any]
    details: Mapping[str, Any]


def _decide(
    unit: Unit, actor: Actor, claim_id: int, answer: Answer, rules: ReviewRules, moment: datetime
) -> _Decided:
    found = lock_held(unit, actor, claim_id, moment)
    _refuse_what_does_not_wait(found, account_of(actor))
    if found.agreed:
        raise Conflict("you agreed to closing it, so somebody else decides it")
    given = Given(
        verdict=answer.verdict,
        value=_value(answer, found),
        reason=answer.reason,
        note=answer.note,
        made_at=moment,
        seconds=(moment - found.claim.claimed_at).total_seconds(),
    )
    _keep(unit, actor, found, given, rules)
    unit.claims.end(claim_id, "decided", now=moment)
    record, known = found.allegation, found.claim.known
    told = {"verdict": given.verdict, "value": given.value, "reason": given.reason}
    return _Decided(
        actor,
        record.key,
        {
            "decision": claim_id,
            "reference": record.reference,
            "key": record.key,
            **told,
            "decided_at": moment.isoformat(),
        },
        {
            "decision": claim_id,
            "purpose": found.claim.purpose,
            **told,
            "note_sha256": sha256(given.note) if given.note else None,
            "model": known.model_version,
            "ranking": known.ranking_id,
            "score": known.score,
            "doubt": known.doubt,
            "exhibit": found.claim.exhibit_id,
            "narrative_sha256": sha256(record.narrative),
        },
    )


def _keep(unit: Unit, actor: Actor, found: HeldClaim, given: Given, rules: ReviewRules) -> None:
    claim, account = found.claim, account_of(actor)
    if claim.purpose == SECOND_OPINION:
        unit.opinions.answer(claim.id, account, given)
    elif found.planted:
        unit.plants.answer(claim.id, claim.allegation_id, account, given)
    else:
        unit.decisions.add(QUEUE, _decision(actor, found, given))
        unit.rankings.settle(QUEUE, claim.allegation_id, settled=True)
        if _CHANCE.random() < rules.second_opinion_share:
            unit.opinions.draw(
                claim.id,
                claim.allegation_id,
                account,
                rules.second_opinion_share,
                now=given.made_at,
            )


def _decision(actor: Actor, found: HeldClaim, given: Given) -> NewDecision:
    claim, known = found.claim, found.claim.known
    return NewDecision(
        allegation_id=claim.allegation_id,
        verdict=given.verdict,
        value=given.value,
        reason=given.reason,
        note=given.note,
        reviewer=actor.name,
        decided_at=given.made_at,
        model_version=known.model_version,
        ranking_id=known.ranking_id if known.position is not None else None,
        position=known.position,
        doubt=known.doubt,
        score=known.score,
        selection_probability=known.selection_probability,
        audit=known.audit,
        reviewer_id=actor.id,
        assessed_by=found.assessed_by,
        claim_id=claim.id,
        exhibit_id=claim.exhibit_id,
        seconds=given.seconds,
        cycle=found.cycle,
    )


def _refuse_what_does_not_wait(found: HeldClaim, account: int) -> None:
    if found.assessed_by == account:
        raise Conflict("you assessed it yourself, so somebody else decides it")
    if not found.allegation.dismissed:
        raise Conflict("it was reopened since, and is assessed anew; there is nothing to decide")


def _value(answer: Answer, found: HeldClaim) -> str:
    first = found.allegation.first_value
    if answer.reason == "other" and not (answer.note or "").strip():
        raise NotAllowed("/note", "is needed where the reason is 'other'")
    value = answer.value if answer.value is not None else first
    if value is None or value not in found.value_order:
        raise NotAllowed("/value", f"must be one of {', '.join(found.value_order)}")
    if answer.verdict == "uphold" and value != first:
        raise NotAllowed("/value", f"must be {first} where it is upheld")
    if answer.verdict == "overturn" and value == first:
        raise NotAllowed("/value", "must be another value than the first where it is overturned")
    return value


def _refuse_undoing(unit: Unit, found: HeldClaim, moment: datetime) -> None:
    if found.claim.state != "decided":
        raise Conflict("nothing was decided under this claim")
    if found.claim.expires_at <= moment:
        raise Conflict("its time is over, so the decision stands")
    decision = unit.decisions.by_id(found.claim.id)
    planted = unit.plants.stands(found.claim.id)
    opinion = unit.opinions.by_claim(found.claim.id)
    if not ((decision and decision.withdrawn_at is None) or planted or opinion):
        raise Conflict("it was taken back already")


def _withdraw(unit: Unit, found: HeldClaim, moment: datetime) -> None:
    unit.decisions.withdraw(found.claim.id, now=moment)
    unit.rankings.settle(QUEUE, found.claim.allegation_id, settled=False)
    unit.plants.withdraw(found.claim.id, now=moment)
