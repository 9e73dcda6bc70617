"""Work lists and the reading of records: what waits, and what one allegation says.

Each reading is in the audit log. The words that somebody searched for are not: how many they were.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from serving.actors import Actor
from serving.errors import NotAllowed, NotFound
from serving.queues import QUEUE
from serving.store.database import Store, Unit
from serving.store.records_intake import (
    Case,
    KeptMessage,
    KeptReporter,
    Linked,
    Matching,
    Position,
    Subject,
    WorkCounts,
    WorkFilter,
    WorkItem,
)
from serving.store.search import groups_of

CURSOR: Final = re.compile(r"([012])-(\d{1,18}|none)-(\d{1,18})", re.ASCII)
SHOWN_AT_ONCE: Final = ("categories", "details")
_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which allegations somebody wants to see; whatever is absent does not narrow it.

    Parameters
    ----------
    mine
        Only those that the asker has begun to read or has assessed in the present cycle.
    search
        Words that the narrative must hold; words in double quotes belong together.
    least_urgency
        At least so urgent.
    week
        Monday of the week in which it came in, by UTC.
    no_value
        Closed as of no value.
    overturned
        Closed as of no value, which a second look overturned.
    timed
        The clock runs or ran on it.
    """

    status: str | None = "unassessed"
    urgency: int | None = None
    overdue: bool = False
    safeguarding: bool | None = None
    channel: str | None = None
    category: str | None = None
    mine: bool = False
    search: str | None = None
    least_urgency: int | None = None
    week: date | None = None
    no_value: bool = False
    overturned: bool = False
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a work list, the most pressing first.

    Parameters
    ----------
    next_cursor
        Where the next page begins.
    matching
        How many there are in all, where that was asked for.
    linked
        Numbers of those on the page that are linked to others.
    """

    items: tuple[WorkItem, ...]
    next_cursor: str | None
    matching: Matching | None = None
    linked: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Read:
    """One allegation as its readers have it.

    Parameters
    ----------
    message
        What is known of the message that it came as, beside its text: deliveries, defects, files.
    suggested
        Category suggestions and investigable details. Not the suggested value: that is shown by
        the assessing, after an own view.
    """

    case: Case
    subjects: tuple[Subject, ...]
    links: tuple[Linked, ...]
    message: KeptMessage | None
    suggested: Mapping[str, Any]
    model_version: str | None


def work_list(
    store: Store,
    actor: Actor,
    asked: Asked,
    *,
    limit: int = 50,
    cursor: str | None = None,
    counted: bool = False,
    now: datetime | None = None,
) -> Page:
    """List allegations by urgency, then by when they are due.

    Parameters
    ----------
    counted
        Whether to say how many there are in all, and which are linked to others.

    Raises
    ------
    NotAllowed
        When the cursor is none that was given out, or a search holds no word.
    """
    wanted = _filter(actor, asked, now or datetime.now(UTC))
    after = position_of(cursor)
    with store.writing() as unit:
        found = unit.worklists.page(QUEUE, wanted, after=after, limit=limit + 1)
        items = tuple(found[:limit])
        more = cursor_of(items[-1]) if len(found) > limit else None
        matching = unit.worklists.count(QUEUE, wanted) if counted else None
        linked = unit.links.among([one.id for one in items]) if counted else frozenset()
        unit.audit.append(actor, "listed allegations", QUEUE, _for_the_log(asked, wanted, items))
    return Page(items, more, matching, linked)


def counts(store: Store, *, now: datetime | None = None) -> WorkCounts:
    """How many allegations wait for their assessment."""
    with store.reading() as unit:
        return unit.worklists.counts(QUEUE, now or datetime.now(UTC))


def read(store: Store, actor: Actor, key: str) -> Read:
    """Read one allegation.

    Raises
    ------
    NotFound
        When there is none with that key.
    """
    with store.writing() as unit:
        case = _case(unit, key)
        kept = unit.intake.suggestion(case.id)
        content = kept.content if kept else {}
        found = Read(
            case,
            tuple(unit.intake.subjects(case.id)),
            tuple(unit.links.of(case.id)),
            unit.messages.of(case.id),
            {name: content.get(name, []) for name in SHOWN_AT_ONCE},
            kept.model_version if kept else None,
        )
        details = {"version": case.version, "cycle": case.cycle}
        unit.audit.append(actor, "read allegation", case.key, details)
    return found


def read_message(store: Store, actor: Actor, key: str) -> KeptMessage:
    """Read the message that an allegation came as, word for word: it may name the reporter.

    Raises
    ------
    NotFound
        When there is no such allegation, or it came as no message.
    """
    with store.writing() as unit:
        case = _case(unit, key)
        message = unit.messages.of(case.id)
        if message is None:
            raise NotFound("it came as no message")
        unit.audit.append(actor, "read message", case.key, {"message": message.id})
    return message


def read_reporter(store: Store, actor: Actor, reference: str) -> tuple[KeptReporter, str | None]:
    """Read who reported, with the key of what they reported.

    Raises
    ------
    NotFound
        When there is no such reference.
    """
    with store.writing() as unit:
        reporter = unit.intake.reporter(reference)
        if reporter is None:
            raise NotFound("there is no reporter of that reference")
        key = unit.intake.of_reporter(reference)
        unit.audit.append(actor, "read reporter", key, {"reference": reference})
    return reporter, key


def _case(unit: Unit, key: str) -> Case:
    case = unit.intake.by_key(QUEUE, key)
    if case is None:
        raise NotFound("there is no allegation of that reference")
    return case


def _filter(actor: Actor, asked: Asked, now: datetime) -> WorkFilter:
    words = groups_of(asked.search or "")
    if asked.search is not None and not words:
        raise NotAllowed("/search", "must hold at least one word")
    if asked.mine and actor.id is None:
        raise NotAllowed("mine", "is for accounts")
    return WorkFilter(
        status=asked.status,
        urgency=asked.urgency,
        overdue_at=now if asked.overdue else None,
        safeguarding=asked.safeguarding,
        channel=asked.channel,
        category=asked.category,
        account_id=actor.id if asked.mine else None,
        words=words,
        least_urgency=asked.least_urgency,
        received_from=_midnight(asked.week),
        received_before=_midnight(asked.week and asked.week + timedelta(weeks=1)),
        no_value=asked.no_value,
        overturned=asked.overturned,
        timed=asked.timed,
        # whoever reviews must not tell a planted record by its absence
        unplanted=actor.may("oversee") and not actor.may("review"),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)


def cursor_of(last: WorkItem) -> str:
    """Give where a list goes on after its last line."""
    due = "none" if last.due_at is None else (last.due_at - _BEGIN) // _MICROSECOND
    return f"{last.urgency}-{due}-{last.id}"


def position_of(cursor: str | None) -> Position | None:
    """Take where a list goes on.

    Raises
    ------
    NotAllowed
        When the cursor is none that was given out.
    """
    if cursor is None:
        return None
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise NotAllowed("cursor", "must be a cursor that an earlier page gave")
    try:
        due = None if match[2] == "none" else _BEGIN + int(match[2]) * _MICROSECOND
    except OverflowError:
        raise NotAllowed("cursor", "must be a cursor that an earlier page gave") from None
    return Position(int(match[1]), due, int(match[3]))


def _for_the_log(asked: Asked, wanted: WorkFilter, items: tuple[WorkItem, ...]) -> dict[str, Any]:
    return {
        "status": asked.status,
        "urgency": asked.urgency,
        "overdue": asked.overdue,
        "safeguarding": asked.safeguarding,
        "channel": asked.channel,
        "category": asked.category,
        "mine": asked.mine,
        "least_urgency": asked.least_urgency,
        "week": None if asked.week is None else asked.week.isoformat(),
        "no_value": asked.no_value,
        "overturned": asked.overturned,
        "search_groups": len(wanted.words),
        "shown": [item.id for item in items],
    }


def words_of(typed: str) -> tuple[str, ...]:
    """Split what somebody typed into the groups of words that are searched for."""
    return groups_of(typed)
