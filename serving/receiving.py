"""Receiving: whatever way an allegation comes in, it is taken in here, whole or not at all.

One transaction holds the allegation, its message as received, who reported (apart, under a random
reference), whom it speaks of, the suggestion, by what it is found, its links, what is reopened
because of it, and the rows of the audit log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from data.taxonomy import Taxonomy, load_taxonomy
from model.predictor import Predictor
from serving import repeats
from serving.actors import Actor
from serving.clock import Clock
from serving.errors import Conflict, NotAllowed
from serving.noticing import NewCase, Noticed, content_of, level, notice
from serving.queues import QUEUE
from serving.receipts import Link, Receipt, for_the_log, receipt_of
from serving.source_handling import Alert, alerts
from serving.store.database import Store, Unit
from serving.store.records_intake import (
    Flag,
    KeptMessage,
    NewRecord,
    Reopening,
)

REPORTER = "reporter"


@dataclass(frozen=True, slots=True)
class _Sorted:
    """What was worked out before anything is written.

    Parameters
    ----------
    kin
        What it is linked to.
    again
        Those of them that it repeats.
    """

    noticed: Noticed
    kin: tuple[repeats.Kinship, ...]
    urgency_flags: tuple[Flag, ...]
    safeguarding_flags: tuple[Flag, ...]
    alerts: tuple[Alert, ...]
    again: tuple[repeats.Kinship, ...] = field(default=())


def receive(
    store: Store,
    actor: Actor,
    received: NewCase,
    predictor: Predictor | None = None,
    clock: Clock | None = None,
    *,
    taxonomy: Taxonomy | None = None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Receipt:
    """Take one allegation in.

    Parameters
    ----------
    predictor
        The model in service; without one there is no suggestion, and all else is as with one.
    clock
        By which the assessment is due; the default one where absent.
    taxonomy
        Whose values the store begins with, where it is empty.
    idempotency_key
        With the same message it may come again; with another it is refused.

    Raises
    ------
    Conflict
        When there is an allegation of that reference already.
    NotAllowed
        When the key came with another message before.
    """
    (noticed,) = notice([received], predictor)
    at = now or datetime.now(UTC)
    with store.writing() as unit:
        unit.links.one_at_a_time()
        if idempotency_key and received.message:
            _mind(unit, actor, idempotency_key, received.message.fingerprint, at)
        return take_in(unit, actor, received, noticed, clock or Clock(), taxonomy, at)


def take_in(
    unit: Unit,
    actor: Actor,
    received: NewCase,
    noticed: Noticed,
    clock: Clock,
    taxonomy: Taxonomy | None,
    now: datetime,
) -> Receipt:
    """Take one allegation in, within a transaction; see ``receive``."""
    again = received.message and unit.messages.delivered_again(received.message.fingerprint)
    if again:
        return _repeated(unit, actor, again)
    open_queue(unit, taxonomy)
    if received.reference and unit.intake.is_taken(QUEUE, received.reference):
        raise Conflict("there is an allegation of that reference already")
    entered = enter(unit, received, noticed, clock, now)
    receipt = entered.receipt
    unit.audit.append(
        actor, "received allegation", receipt.key, for_the_log(received, receipt, noticed)
    )
    log_reopened(unit, actor, entered)
    return receipt


@dataclass(frozen=True, slots=True)
class Entered:
    """An allegation taken in, not yet in the audit log.

    Parameters
    ----------
    reopened
        What the log is to say of each that was reopened, by key.
    """

    receipt: Receipt
    reopened: Mapping[str, Mapping[str, Any]]


def enter(unit: Unit, received: NewCase, noticed: Noticed, clock: Clock, now: datetime) -> Entered:
    """Take a new allegation in without a word in the audit log: that is the caller's."""
    work = _sort(unit, received, noticed, now)
    number, key = unit.intake.add(QUEUE, _record(unit, received, work, clock, now), now=now)
    _keep_the_rest(unit, number, received, noticed, now)
    unit.links.add(number, [link for one in work.kin for link in one.links()], now=now)
    reopened = _reopen(unit, work, key, clock, now)
    return Entered(_receipt(key, received, work, reopened, clock, now), reopened)


def log_reopened(unit: Unit, actor: Actor, entered: Entered) -> None:
    """Say in the audit log what was reopened, and because of what; comes last."""
    for key, details in entered.reopened.items():
        unit.audit.append(actor, "reopened allegation", key, details)


def digest(received: NewCase) -> str:
    """SHA-256 of what came in, to tell a repeat from a change."""
    content = [
        received.narrative,
        sorted(received.categories),
        received.channel,
        received.received_at.isoformat() if received.received_at else None,
        sorted(received.fields.items()),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()


def _mind(unit: Unit, actor: Actor, key: str, fingerprint: str, now: datetime) -> None:
    """Remember which message a key came with; which allegation it made, the message knows."""
    kept_as = hashlib.sha256(f"receive {actor.id} {key}".encode()).hexdigest()
    kept = unit.keys.find(kept_as)
    if kept is None:
        unit.keys.keep(kept_as, fingerprint, {}, now=now)
    elif kept.request_sha256 != fingerprint:
        raise NotAllowed("Idempotency-Key", "was used for another request before")


def open_queue(unit: Unit, taxonomy: Taxonomy | None) -> None:
    """Begin the queue with the taxonomy's values, where it has not begun."""
    if unit.allegations.value_order(QUEUE) is None:
        unit.allegations.open_queue(QUEUE, (taxonomy or load_taxonomy()).value_codes)


def contacts(received: NewCase) -> list[tuple[str, str]]:
    """Return by what a reporter is recognised, as digests: no link is made of them."""
    return [
        (REPORTER, hashlib.sha256(f"{kind}:{value}".encode()).hexdigest())
        for kind, value in received.reporter.contact_keys()
    ]


def _sort(unit: Unit, received: NewCase, noticed: Noticed, now: datetime) -> _Sorted:
    kin = repeats.find(unit, received.narrative, noticed)
    again = tuple(one for one in kin if one.repeats)
    theirs = [(one.other.key, *repeats.flags_of(one.other)) for one in again]
    urgency = repeats.taken_over(noticed.urgency, [(key, flags) for key, flags, _ in theirs])
    guarding = repeats.taken_over(noticed.safeguarding, [(key, flags) for key, _, flags in theirs])
    known = unit.links.holders(contacts(received), at_most=1)
    on = (received.received_at or now).date()
    found = alerts(received.reporter, received.narrative, earlier=len(known), on=on)
    return _Sorted(noticed, kin, tuple(urgency), tuple(guarding), found, again)


def _record(
    unit: Unit, received: NewCase, work: _Sorted, clock: Clock, now: datetime
) -> NewRecord:
    said = received.reporter.given()
    return NewRecord(
        origin=received.origin,
        narrative=received.narrative,
        reference=received.reference,
        channel=received.channel,
        received_at=received.received_at or now,
        fields=dict(received.fields),
        categories=received.categories,
        urgency=level(work.urgency_flags),
        urgency_flags=work.urgency_flags,
        safeguarding_flags=work.safeguarding_flags,
        source_alerts=_alerts(work),
        identifies_reporter=received.identifies_reporter,
        reporter_reference=unit.intake.add_reporter(said, now=now) if said else None,
        due_at=clock.due_at(received.received_at or now),
        content_sha256=digest(received),
    )


def _keep_the_rest(
    unit: Unit, number: int, received: NewCase, noticed: Noticed, now: datetime
) -> None:
    if received.message:
        unit.messages.add(received.message, number, now=now)
    unit.intake.add_subjects(number, received.subjects)
    if noticed.suggestion:
        version = noticed.suggestion.model_version
        unit.intake.add_suggestion(number, version, content_of(noticed.suggestion), now=now)
    unit.links.add_keys({number: ((*noticed.facts, *contacts(received)), noticed.bands)})


def _reopen(
    unit: Unit, work: _Sorted, key: str, clock: Clock, now: datetime
) -> dict[str, dict[str, Any]]:
    """Send what is closed and repeated back to the assessors; gives what the log says of each."""
    told: dict[str, dict[str, Any]] = {}
    for one in repeats.reopened_by(work.kin):
        other = one.other
        urgency, guarding = repeats.flags_of(other)
        flags = repeats.taken_over(urgency, [(key, work.urgency_flags)])
        back = Reopening(
            other.id,
            clock.due_at(now),
            max(other.urgency, level(flags)),
            tuple(flags),
            tuple(repeats.taken_over(guarding, [(key, work.safeguarding_flags)])),
        )
        if unit.intake.reopen(back, now=now):
            told[other.key] = {
                "repeated_by": key,
                "because": list(one.kinds),
                "cycle": other.cycle + 1,
                "was": {
                    "first_value": other.first_value,
                    "reviewed_value": other.reviewed_value,
                    "closure_reason": other.closure_reason,
                    "outcome": other.outcome,
                    "dismissed": other.dismissed,
                },
            }
    return told


def _receipt(
    key: str,
    received: NewCase,
    work: _Sorted,
    reopened: Mapping[str, object],
    clock: Clock,
    now: datetime,
) -> Receipt:
    suggestion = work.noticed.suggestion
    named = suggestion.categories if suggestion else ()
    return Receipt(
        key=key,
        repeated=False,
        due_at=clock.due_at(received.received_at or now),
        urgency=level(work.urgency_flags),
        urgency_flags=work.urgency_flags,
        safeguarding_flags=work.safeguarding_flags,
        source_alerts=_alerts(work),
        identifies_reporter=received.identifies_reporter,
        links=tuple(
            Link(one.other.key, one.kinds, one.similarity, one.repeats, one.other.key in reopened)
            for one in work.kin
        ),
        categories=tuple(
            {"category": one.category, "probability": one.probability} for one in named
        ),
        defects=received.defects,
    )


def _repeated(unit: Unit, actor: Actor, message: KeptMessage) -> Receipt:
    case = unit.intake.by_id(message.allegation_id)
    assert case is not None  # noqa: S101 - a message belongs to an allegation
    unit.audit.append(
        actor, "received message again", case.key, {"deliveries": message.deliveries}
    )
    return receipt_of(case, message)


def _alerts(work: _Sorted) -> tuple[Mapping[str, str], ...]:
    return tuple({"code": one.code, "words": one.words} for one in work.alerts)
