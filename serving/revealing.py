"""Revealing: once a reviewer has answered, he may see what the model makes of the record.

Every record has the same receipt, whether it was ranked, drawn at random, planted or given out for
a second opinion: nothing in it tells which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from model.predictor import Predictor
from serving.actors import Actor
from serving.errors import Conflict, NotFound
from serving.store.database import Store, Unit
from serving.store.records_reviewing import Given, HeldClaim, Known


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a record was thought to be worth a second look, shown after it had one.

    Parameters
    ----------
    decision
        Number of the decision.
    doubt
        Probability, by the value model, that the first value is wrong; ``None`` without a model.
    reasons, details
        What speaks against the first value, and what could be investigated.
    parts, words, precedents
        What the ranking went by, as far as it was written down.
    """

    decision: int
    key: str
    reference: str
    first_value: str | None
    verdict: str
    value: str
    model_version: str | None
    doubt: float | None
    suggested_value: str | None
    reasons: tuple[Mapping[str, Any], ...]
    details: tuple[Mapping[str, Any], ...]
    parts: tuple[Mapping[str, Any], ...]
    words: tuple[Mapping[str, Any], ...]
    precedents: tuple[Mapping[str, Any], ...]


class Undecided(Conflict):
    """The record was claimed, and waits for a decision."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A receipt that nobody has been shown yet, and the claim that it is about."""

    found: HeldClaim
    receipt: Receipt


def receipt_for(
    store: Store,
    actor: Actor,
    decision_id: int,
    *,
    predictor: Predictor | None = None,
    now: datetime | None = None,
) -> Receipt:
    """Show the reviewer the receipt of his own decision, and keep what was shown.

    Parameters
    ----------
    predictor
        The model in service, for records that were given out before it was asked about them.

    Raises
    ------
    NotFound
        When the reviewer made no such decision.
    Conflict
        When he has claimed the record and not decided it yet, or took the decision back.
    """
    drafted = draft(store, actor, decision_id, predictor)
    with store.writing() as unit:
        return hand_over(unit, actor, drafted, now or datetime.now(UTC))


def draft(store: Store, actor: Actor, decision_id: int, predictor: Predictor | None) -> Draft:
    """Make the receipt of a reviewer's decision; raises as :func:`receipt_for` does."""
    with store.reading() as unit:
        found, given = _answered(unit, actor, decision_id)
    return Draft(found, _receipt(found, given, _completed(found, predictor)))


def hand_over(unit: Unit, actor: Actor, drafted: Draft, moment: datetime) -> Receipt:
    """Keep what is shown, within a transaction that may do more."""
    found, receipt = drafted.found, drafted.receipt
    exhibit = unit.exhibits.add(
        found.allegation.id,
        actor,
        "after",
        _plain(receipt),
        found.allegation.narrative,
        receipt.model_version,
        found.claim.known.ranking_id,
        now=moment,
    )
    unit.audit.append(
        actor,
        "read receipt",
        found.allegation.key,
        {"decision": receipt.decision, "exhibit": exhibit},
    )
    return receipt


def _answered(unit: Unit, actor: Actor, number: int) -> tuple[HeldClaim, Given]:
    found = unit.claims.find(number)
    if found is None or found.claim.account_id != actor.id:
        raise NotFound("you made no decision of that number")
    if found.claim.state != "decided":
        raise Undecided("decide first; what the model makes of it is shown afterwards")
    given = _given(unit, number)
    if given is None:
        raise Conflict("this decision was taken back; decide first")
    return found, given


def _given(unit: Unit, number: int) -> Given | None:
    if unit.plants.stands(number):
        return unit.plants.by_claim(number)
    decision = unit.decisions.by_id(number)
    if decision is None:
        return unit.opinions.by_claim(number)
    if decision.withdrawn_at is not None:
        return None
    return Given(
        decision.verdict,
        decision.value,
        decision.reason,
        decision.note,
        decision.decided_at,
        decision.seconds,
    )


def _completed(found: HeldClaim, predictor: Predictor | None) -> Known:
    """Let the model say what it was not asked for when the record was given out."""
    known = found.claim.known
    if "reasons" in known.receipt or predictor is None:
        return known
    record = found.allegation
    first = record.first_value or predictor.value_codes[0]
    [flagged] = predictor.flag([(record.as_allegation(), first)])
    told = {
        "suggested_value": flagged.suggested_value,
        "reasons": [asdict(one) for one in flagged.reasons],
        "details": [asdict(one) for one in flagged.details],
    }
    doubt = known.doubt if known.model_version == predictor.version else flagged.doubt
    return replace(
        known, model_version=predictor.version, doubt=doubt, receipt={**known.receipt, **told}
    )


def _receipt(found: HeldClaim, given: Given, known: Known) -> Receipt:
    told = known.receipt
    return Receipt(
        decision=found.claim.id,
        key=found.allegation.key,
        reference=found.allegation.reference,
        first_value=found.allegation.first_value,
        verdict=given.verdict,
        value=given.value,
        model_version=known.model_version,
        doubt=known.doubt,
        suggested_value=told.get("suggested_value"),
        reasons=tuple(told.get("reasons", ())),
        details=tuple(told.get("details", ())),
        parts=tuple(told.get("parts", ())),
        words=tuple(told.get("words", ())),
        precedents=tuple(told.get("precedents", ())),
    )


def _plain(receipt: Receipt) -> dict[str, Any]:
    """Write a receipt as JSON has it, without names that lists do not have there."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(receipt).items()
    }
