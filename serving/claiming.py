"""Claiming: each reviewer gets a record of his own for a while, and nobody else gets it then.

What is taken is the next free record of the ranking; a planted record or a second opinion comes
in between now and then. Which, follows from a draw that depends on the reviewer and on the record
that he had last, so that giving a record back and asking again gives the same one: nobody can
tell by trying why a record came.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from serving.actors import Actor
from serving.errors import Conflict, Forbidden, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.settings import Settings
from serving.store.audit import sha256
from serving.store.candidates import Seeker
from serving.store.database import Store, Unit
from serving.store.records import StoredAllegation
from serving.store.records_reviewing import Candidate, HeldClaim, Standing, Unsure

TRIES = 20
OPINION_SHARE = 0.25
OVER = {
    "decided": "you have decided it already",
    "skipped": "you have skipped it",
    "unsure": "you have left it to be discussed",
    "expired": "its time ran out, or you gave it back; claim the record again",
}


@dataclass(frozen=True, slots=True)
class ReviewRules:
    """How records are given out.

    Parameters
    ----------
    claim_minutes
        How long a record is a reviewer's own.
    held
        How many he may hold at once: the one before him, and the next.
    planted_share
        Share of the records given out that are planted ones, as long as there are any.
    second_opinion_share
        Share of decisions that somebody else answers too, without knowing the first answer.
    """

    claim_minutes: float = 30
    held: int = 2
    planted_share: float = 0.02
    second_opinion_share: float = 0.05

    @classmethod
    def of(cls, settings: Settings) -> ReviewRules:
        """Read them from the settings."""
        return cls(
            settings.claim_minutes,
            settings.claims_held,
            settings.planted_share,
            settings.second_opinion_share,
        )


USUAL = ReviewRules()


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a reviewer sees of a record before he answers: nothing of what the model makes of it.

    Parameters
    ----------
    claim
        Number of the claim; the decision that comes of it has the same number.
    expires_at
        When the record goes to somebody else.
    identifies_reporter
        Whether the narrative may tell who reported.
    """

    claim: int
    claimed_at: datetime
    expires_at: datetime
    key: str
    reference: str
    narrative: str
    first_value: str
    categories: tuple[str, ...]
    channel: str | None
    received_at: datetime | None
    identifies_reporter: bool


def claim_next(
    store: Store, actor: Actor, *, rules: ReviewRules = USUAL, now: datetime | None = None
) -> Claimed | None:
    """Claim the record that is most worth a look and free; ``None`` when none is left.

    Raises
    ------
    Conflict
        When the reviewer holds as many as he may.
    """
    with store.writing() as unit:
        return take_next(unit, actor, rules, now or datetime.now(UTC))


def take_next(unit: Unit, actor: Actor, rules: ReviewRules, moment: datetime) -> Claimed | None:
    """Claim the next record within a transaction that does more; as :func:`claim_next` does."""
    account = account_of(actor)
    unit.claims.expire(moment)
    standing = unit.claims.standing_of(QUEUE, account)
    if standing.holds >= rules.held:
        raise Conflict(f"you hold {standing.holds} records; decide, skip or give back one first")
    seeker = Seeker(account, moment.replace(hour=0, minute=0, second=0, microsecond=0))
    drawn = _draw(standing, account)
    for _ in range(TRIES):
        candidate = _next(unit, seeker, drawn, rules)
        if candidate is None:
            return None
        claimed = _claim(unit, actor, candidate, rules, moment)
        if claimed is not None:
            return claimed
    raise Conflict("others were quicker each time; ask again")


def claim_one(
    store: Store,
    actor: Actor,
    key: str,
    *,
    rules: ReviewRules = USUAL,
    now: datetime | None = None,
) -> Claimed:
    """Claim a certain record, such as one that is to be discussed.

    Whoever holds it already is given his claim again.

    Raises
    ------
    NotFound
        When there is no such record.
    Conflict
        When it waits for no second look, somebody else has it, or the reviewer assessed it.
    """
    moment = now or datetime.now(UTC)
    with store.writing() as unit:
        return take_one(unit, actor, key, rules, moment)


def take_one(unit: Unit, actor: Actor, key: str, rules: ReviewRules, moment: datetime) -> Claimed:
    """Claim a certain record within a transaction that does more."""
    account = account_of(actor)
    unit.claims.expire(moment)
    record = unit.candidates.lock(QUEUE, key)
    if record is None:
        raise NotFound("there is no second look of that reference")
    own = [one for one in unit.claims.held_by(account, moment) if one.allegation.id == record.id]
    if own:
        return seen(own[0])
    candidate = _wanted(unit, account, moment, record)
    claimed = _claim(unit, actor, candidate, rules, moment)
    if claimed is None:
        raise Conflict("somebody else came first; look again")
    return claimed


def held(store: Store, actor: Actor, *, now: datetime | None = None) -> tuple[Claimed, ...]:
    """Give what the reviewer holds, the oldest first."""
    moment, account = now or datetime.now(UTC), account_of(actor)
    with store.writing() as unit:
        found = unit.claims.held_by(account, moment)
        for one in found:
            unit.audit.append(
                actor, "read claimed record", one.allegation.key, {"claim": one.claim.id}
            )
    return tuple(map(seen, found))


def skip(store: Store, actor: Actor, claim_id: int, *, now: datetime | None = None) -> None:
    """Leave a record to others; it does not come to this reviewer again today.

    Raises
    ------
    NotFound
        When the reviewer has no such claim.
    Conflict
        When it is over.
    """
    _end(store, actor, claim_id, "skipped", "skipped second look", now)


def release(store: Store, actor: Actor, claim_id: int, *, now: datetime | None = None) -> None:
    """Give a record back before its time is over; raises as :func:`skip` does."""
    _end(store, actor, claim_id, "expired", "released second look", now)


def unsure(
    store: Store, actor: Actor, claim_id: int, note: str, *, now: datetime | None = None
) -> None:
    """Leave a record to be discussed; anybody who may decide it can claim it by its key.

    Raises
    ------
    NotAllowed
        When nothing is said that could be discussed.
    NotFound, Conflict
        As :func:`skip` does.
    """
    if not note.strip():
        raise NotAllowed("/note", "must say what is to be discussed")
    _end(store, actor, claim_id, "unsure", "unsure of second look", now, note)


def to_discuss(store: Store, actor: Actor) -> tuple[Unsure, ...]:
    """List the records that somebody was unsure about; a reviewer sees those he may decide."""
    with store.writing() as unit:
        found = unit.claims.to_discuss(actor.id if "reviewer" in actor.roles else None)
        unit.audit.append(actor, "read list to discuss", None, {"records": len(found)})
    return tuple(found)


def account_of(actor: Actor) -> int:
    """Give the number of the actor's account.

    Raises
    ------
    Forbidden
        When the actor is no person.
    """
    if actor.id is None or actor.kind != "person":
        raise Forbidden("second looks are for people")
    return actor.id


def lock_held(unit: Unit, actor: Actor, claim_id: int, moment: datetime) -> HeldClaim:
    """Find a claim that the reviewer holds, locked until the transaction ends."""
    found = unit.claims.lock(claim_id, account_of(actor))
    if found is None:
        raise NotFound("you have no such claim")
    if found.claim.state != "held":
        raise Conflict(OVER[found.claim.state])
    if found.claim.expires_at <= moment:
        raise Conflict(OVER["expired"])
    return found


def seen(found: HeldClaim) -> Claimed:
    """Give what a reviewer sees of a claim."""
    claim, record = found.claim, found.allegation
    return _seen(claim.id, claim.claimed_at, claim.expires_at, record)


def _seen(number: int, since: datetime, until: datetime, record: StoredAllegation) -> Claimed:
    return Claimed(
        claim=number,
        claimed_at=since,
        expires_at=until,
        key=record.key,
        reference=record.reference,
        narrative=record.narrative,
        first_value=record.first_value or "",
        categories=record.categories,
        channel=record.channel,
        received_at=record.received_at,
        identifies_reporter=record.identifies_reporter,
    )


def _draw(standing: Standing, account: int) -> float:
    """Draw a number between 0 and 1: the same one until the reviewer has had another record."""
    content = f"{standing.salt!r} {account} {standing.last}"
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8]) / 2**64


def _next(unit: Unit, seeker: Seeker, drawn: float, rules: ReviewRules) -> Candidate | None:
    if drawn < rules.planted_share and (planted := unit.candidates.plant(QUEUE, seeker)):
        return planted
    if drawn < rules.planted_share + OPINION_SHARE and (due := unit.candidates.opinion(seeker)):
        return due
    return _queued(unit, seeker) or unit.candidates.opinion(seeker)


def _queued(unit: Unit, seeker: Seeker) -> Candidate | None:
    candidate = unit.candidates.ranked(QUEUE, seeker)
    if candidate is None and (ranking := unit.rankings.current(QUEUE)):
        candidate = unit.candidates.by_doubt(QUEUE, ranking, seeker)
    return candidate or unit.candidates.any(QUEUE, seeker)


def _wanted(unit: Unit, account: int, moment: datetime, record: Any) -> Candidate:  # noqa: ANN401
    """Make a candidate of a locked record, or say why it is none."""
    if record.assessed_by == account:
        raise Conflict("you assessed it yourself, so somebody else looks at it again")
    if unit.candidates.agreed(record.id, account):
        raise Conflict("you agreed to closing it, so somebody else looks at it again")
    if record.status == "unassessed":
        raise Conflict("it waits to be assessed, so there is nothing to look at again")
    if not record.dismissed:
        raise Conflict("its first value was not the lowest, so there is nothing to look at again")
    if unit.candidates.is_answered(record):
        due = unit.candidates.opinion(Seeker(account, moment), record.key)
        if due is None:
            raise Conflict("it has a decision already; decisions are not overwritten")
        return due
    if unit.candidates.holder(record.id) is not None:
        raise Conflict("somebody else is looking at it; it comes back if they do not decide it")
    ranking = unit.rankings.current(QUEUE)
    return unit.candidates.place(record, ranking)


def _claim(
    unit: Unit, actor: Actor, candidate: Candidate, rules: ReviewRules, moment: datetime
) -> Claimed | None:
    until = moment + timedelta(minutes=rules.claim_minutes)
    record = candidate.allegation
    exhibit = unit.exhibits.add(
        record.id,
        actor,
        "before",
        {
            "key": record.key,
            "reference": record.reference,
            "first_value": record.first_value,
            "categories": list(record.categories),
            "channel": record.channel,
            "received_at": record.received_at.isoformat() if record.received_at else None,
            "identifies_reporter": record.identifies_reporter,
        },
        record.narrative,
        candidate.known.model_version,
        candidate.known.ranking_id,
        now=moment,
    )
    account = account_of(actor)
    number = unit.claims.add(account, candidate, exhibit, now=moment, until=until)
    if number is None:
        unit.exhibits.discard(exhibit)
        return None
    unit.audit.append(
        actor,
        "claimed second look",
        record.key,
        {
            "claim": number,
            "purpose": candidate.purpose,
            "exhibit": exhibit,
            "ranking": candidate.known.ranking_id,
            "narrative_sha256": sha256(record.narrative),
        },
    )
    return _seen(number, moment, until, record)


def _end(
    store: Store,
    actor: Actor,
    claim_id: int,
    state: str,
    action: str,
    now: datetime | None,
    note: str | None = None,
) -> None:
    moment = now or datetime.now(UTC)
    with store.writing() as unit:
        found = lock_held(unit, actor, claim_id, moment)
        unit.claims.end(claim_id, state, now=moment, note=note)
        details = {"claim": claim_id, "note_length": len(note) if note else 0}
        unit.audit.append(actor, action, found.allegation.key, details)
