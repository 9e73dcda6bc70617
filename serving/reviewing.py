"""Reviewing: the list of second looks, and the decisions on them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from serving.errors import Conflict, Gone, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.store.database import Store, Unit
from serving.store.records import Counts, Decision, Entry, NewDecision, Ranking, StoredAllegation

CURSOR = re.compile(r"(\d{1,18})-(\d{1,9})", re.ASCII)

REASONS: Mapping[str, str] = {
    "detail": "How much there is to investigate",
    "seriousness": "How serious it would be",
    "lawful": "Whether what is described is against the law",
    "linked": "What other records say",
    "other": "Something else, said in the note",
}
"""Why a reviewer decided so: the same choice whether the decision upholds or overturns."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of second looks.

    Parameters
    ----------
    ranking
        The ranking that it was read from, or ``None`` where nothing has been ranked yet.
    entries
        Allegations that wait, most doubtful first, with random audit records among them.
    next_cursor
        Where the next page starts, or ``None`` on the last one.
    counts
        How far the second look has come.
    queued
        How many of the ranking's entries still wait.
    tag
        Changes whenever this page would read differently.
    """

    ranking: Ranking | None
    entries: tuple[Entry, ...]
    next_cursor: str | None
    counts: Counts
    queued: int
    tag: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer sends: the verdict, the value that now holds, and why."""

    verdict: str
    value: str | None
    reason: str
    note: str | None = None
    reviewer: str | None = None
    ranking_version: int | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision as recorded; ``repeated`` when the same request had been answered before."""

    answer: Mapping[str, Any]
    repeated: bool


def second_looks(store: Store, *, limit: int, cursor: str | None = None) -> Listing:
    """List second looks.

    A cursor stays in the ranking that it began in, so that paging neither repeats nor loses
    a record when a decision re-ranks the queue meanwhile.

    Raises
    ------
    NotAllowed
        When the cursor is none that was given out.
    Gone
        When its ranking is no longer kept.
    """
    with store.reading() as unit:
        current = unit.rankings.current(QUEUE)
        counts = unit.decisions.counts(QUEUE)
        ranking_id, after = _place(cursor, current)
        found = unit.rankings.entries(ranking_id, after=after, limit=limit + 1)
        if not found and cursor and current and ranking_id != current.id:
            raise Gone("this list has been ranked anew since; start again from its first page")
        queued = unit.rankings.queued(ranking_id)
        marks = unit.decisions.marks(QUEUE)
    page = tuple(found[:limit])
    more = f"{ranking_id}-{page[-1].position}" if len(found) > limit else None
    tag = _digest([ranking_id, after, limit, asdict(marks)])[:32]
    return Listing(current, page, more, counts, queued, tag)


def _place(cursor: str | None, current: Ranking | None) -> tuple[int, int]:
    if cursor is None:
        return (current.id if current else 0), 0
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise NotAllowed("cursor", "must be a cursor that an earlier page gave")
    return int(match[1]), int(match[2])


@dataclass(frozen=True, slots=True)
class Look:
    """One dismissed allegation.

    Parameters
    ----------
    allegation
        As it was imported.
    entry
        Its place in the current ranking, if it has one.
    decided
        Whether somebody has looked at it again.
    """

    allegation: StoredAllegation
    entry: Entry | None
    decided: bool


def one_second_look(store: Store, key: str) -> Look:
    """Give one dismissed allegation.

    Raises
    ------
    NotFound
        When there is none with that key, or it was not dismissed.
    """
    with store.reading() as unit:
        allegation = _dismissed(unit, key)
        decided = allegation.reviewed_value is not None or unit.decisions.of(allegation.id)
        return Look(allegation, _entry(unit, allegation, None), bool(decided))


def decide(
    store: Store,
    key: str,
    answer: Answer,
    *,
    idempotency_key: str | None = None,
    present: Callable[[StoredAllegation, Decision], Mapping[str, Any]],
) -> Recorded:
    """Record a reviewer's decision, once.

    Parameters
    ----------
    idempotency_key
        The same key with the same request gives the first answer again and changes nothing.
    present
        Makes the answer that is kept under the key.

    Raises
    ------
    NotFound
        When there is no such allegation.
    Conflict
        When it was not dismissed, or has a decision already.
    NotAllowed
        When the answer breaks a rule, or the key was used for another request.
    """
    sent = _digest([key, asdict(answer)])
    with store.writing() as unit:
        if idempotency_key:
            kept = unit.keys.find(idempotency_key)
            if kept and kept.request_sha256 != sent:
                raise NotAllowed("Idempotency-Key", "was used for another request before")
            if kept:
                return Recorded(kept.response, repeated=True)
        allegation = _open_for_decision(unit, key)
        new = _decision(unit, allegation, answer)
        response = present(allegation, unit.decisions.add(QUEUE, new))
        if idempotency_key:
            unit.keys.keep(idempotency_key, sent, response, now=new.decided_at)
    return Recorded(response, repeated=False)


def _dismissed(unit: Unit, key: str) -> StoredAllegation:
    allegation = unit.allegations.by_key(QUEUE, key)
    if allegation is None or not allegation.dismissed:
        raise NotFound("there is no second look of that reference")
    return allegation


def _open_for_decision(unit: Unit, key: str) -> StoredAllegation:
    allegation = unit.allegations.by_key(QUEUE, key)
    if allegation is None:
        raise NotFound("there is no second look of that reference")
    if not allegation.dismissed:
        raise Conflict("its first value was not the lowest, so there is nothing to look at again")
    if allegation.reviewed_value is not None or unit.decisions.of(allegation.id):
        raise Conflict("it has a decision already; decisions are not overwritten")
    return allegation


def _decision(unit: Unit, allegation: StoredAllegation, answer: Answer) -> NewDecision:
    value = _value(answer, allegation, unit.allegations.value_order(QUEUE) or ())
    entry = _entry(unit, allegation, answer.ranking_version)
    ranking = unit.rankings.by_id(entry.ranking_id) if entry else None
    return NewDecision(
        allegation_id=allegation.id,
        verdict=answer.verdict,
        value=value,
        reason=answer.reason,
        note=answer.note,
        reviewer=answer.reviewer,
        decided_at=datetime.now(UTC),
        model_version=ranking.model_version if ranking else None,
        ranking_id=entry.ranking_id if entry else None,
        position=entry.position if entry else None,
        doubt=entry.doubt if entry else None,
        score=entry.score if entry else None,
        selection_probability=entry.selection_probability if entry else None,
        audit=entry.audit if entry else False,
    )


def _value(answer: Answer, allegation: StoredAllegation, order: tuple[str, ...]) -> str:
    if answer.reason == "other" and not (answer.note or "").strip():
        raise NotAllowed("/note", "is needed where the reason is 'other'")
    value = answer.value if answer.value is not None else allegation.first_value
    if value not in order:
        raise NotAllowed("/value", f"must be one of {', '.join(order)}")
    if answer.verdict == "uphold" and value != allegation.first_value:
        raise NotAllowed("/value", f"must be {allegation.first_value} where it is upheld")
    if answer.verdict == "overturn" and value == allegation.first_value:
        raise NotAllowed("/value", "must be another value than the first where it is overturned")
    return value


def _entry(unit: Unit, allegation: StoredAllegation, version: int | None) -> Entry | None:
    """Find where it stands: in the ranking that the reviewer was shown, or the current one."""
    if version is not None:
        entry = unit.rankings.entry_of(version, allegation.id)
        if entry is None:
            raise NotAllowed("/ranking_version", "must be a recent ranking that lists this record")
        return entry
    current = unit.rankings.current(QUEUE)
    return unit.rankings.entry_of(current.id, allegation.id) if current else None


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
