"""Reviewing: the list of second looks, and the decisions on them."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from serving.errors import Gone, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.store.database import Store, Unit
from serving.store.records import Counts, Entry, Ranking, StoredAllegation

CURSOR = re.compile(r"(\d{1,18})-(\d{1,9})", re.ASCII)


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
        return Look(allegation, _entry(unit, allegation), bool(decided))


def _dismissed(unit: Unit, key: str) -> StoredAllegation:
    allegation = unit.allegations.by_key(QUEUE, key)
    if allegation is None or not allegation.dismissed:
        raise NotFound("there is no second look of that reference")
    return allegation


def _entry(unit: Unit, allegation: StoredAllegation) -> Entry | None:
    current = unit.rankings.current(QUEUE)
    return unit.rankings.entry_of(current.id, allegation.id) if current else None


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
