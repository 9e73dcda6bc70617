"""What the repositories of intake take and give: frozen, and without a trace of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Flag = Mapping[str, Any]
"""A rule that fired, as JSON: ``rule``, ``because``, where it stands, whose it was first."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """An allegation that nobody has assessed yet, on its way into the store.

    Parameters
    ----------
    reference
        What the sender calls it; the key is used where there is none.
    content_sha256
        Of what came in, to tell a repeat from a change.
    categories
        Those that the reporter ticked; an assessment replaces them.
    urgency
        0, 1 for time-critical, 2 for within 24 hours.
    """

    origin: str
    narrative: str
    content_sha256: str
    reference: str | None = None
    channel: str | None = None
    received_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    urgency: int = 0
    urgency_flags: tuple[Flag, ...] = ()
    safeguarding_flags: tuple[Flag, ...] = ()
    source_alerts: tuple[Mapping[str, str], ...] = ()
    identifies_reporter: bool = False
    reporter_reference: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as it was received; it may name the reporter."""

    fingerprint: str
    kind: str
    body: str
    defects: tuple[Mapping[str, str], ...] = ()
    attachments: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message in the store, and how often it was delivered."""

    id: int
    fingerprint: str
    kind: str
    body: str = field(repr=False)
    allegation_id: int
    defects: tuple[Mapping[str, str], ...]
    attachments: tuple[Mapping[str, str], ...]
    deliveries: int
    received_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody an allegation speaks of, and in which part."""

    part: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptReporter:
    """Who reported, for those alone whose role needs it."""

    reference: str
    details: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeptSuggestion:
    """What a model suggested at intake, the value included: not to be shown before its time."""

    model_version: str
    content: Mapping[str, Any] = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NewLink:
    """Why a new allegation belongs with an earlier one."""

    other_id: int
    kind: str
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """An allegation that another one is linked to, and why; without its text."""

    id: int
    key: str
    reference: str
    status: str
    urgency: int
    safeguarding: bool
    closure_reason: str | None
    received_at: datetime | None
    kinds: tuple[str, ...]
    similarity: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An earlier allegation as the linking looks at it."""

    id: int
    key: str
    narrative: str
    status: str
    dismissed: bool
    cycle: int
    urgency: int
    urgency_flags: tuple[Flag, ...]
    safeguarding: bool
    safeguarding_flags: tuple[Flag, ...]
    first_value: str | None
    reviewed_value: str | None
    closure_reason: str | None
    outcome: str | None
    planted: bool


@dataclass(frozen=True, slots=True)
class Reopening:
    """How a closed allegation goes back to the assessors."""

    allegation_id: int
    due_at: datetime
    urgency: int
    urgency_flags: tuple[Flag, ...]
    safeguarding_flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """An allegation as its readers have it: everything but the reporter and the suggestion."""

    id: int
    key: str
    reference: str
    origin: str
    narrative: str
    channel: str | None
    received_at: datetime | None
    imported_at: datetime
    fields: Mapping[str, str]
    categories: tuple[str, ...]
    status: str
    cycle: int
    version: int
    urgency: int
    urgency_flags: tuple[Flag, ...]
    safeguarding: bool
    safeguarding_flags: tuple[Flag, ...]
    source_alerts: tuple[Mapping[str, str], ...]
    identifies_reporter: bool
    reporter_reference: str | None
    due_at: datetime | None
    assessed_at: datetime | None
    assessed_by: int | None
    first_value: str | None
    dismissed: bool
    closure_reason: str | None
    closed_at: datetime | None
    outcome: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One line of a work list."""

    id: int
    key: str
    reference: str
    opening: str
    status: str
    cycle: int
    channel: str | None
    categories: tuple[str, ...]
    received_at: datetime | None
    due_at: datetime | None
    urgency: int
    urgency_flags: tuple[Flag, ...]
    safeguarding: bool
    safeguarding_flags: tuple[Flag, ...]
    source_alerts: tuple[Mapping[str, str], ...]
    identifies_reporter: bool
    first_value: str | None
    reporter_reference: str | None


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """Which allegations a work list shows; whatever is absent does not narrow it.

    Parameters
    ----------
    status
        ``unassessed``, ``open`` or ``closed``.
    overdue_at
        Only those not assessed by then.
    account_id
        Only those that this account has begun to read or has assessed in the present cycle.
    words
        Groups of words to be found in the narrative, every one of them.
    least_urgency
        Only those at least so urgent.
    received_from, received_before
        Only those that came in between the two.
    no_value
        Only those closed as of no value.
    overturned
        Only those whose closing as of no value a second look overturned.
    timed
        Only those on which the clock runs or ran.
    alerts
        Only those with something for source handling to mind.
    unplanted
        Only those that were not planted: for those alone who know of them.
    """

    status: str | None = "unassessed"
    urgency: int | None = None
    overdue_at: datetime | None = None
    safeguarding: bool | None = None
    channel: str | None = None
    category: str | None = None
    account_id: int | None = None
    words: tuple[str, ...] = ()
    least_urgency: int | None = None
    received_from: datetime | None = None
    received_before: datetime | None = None
    no_value: bool = False
    overturned: bool = False
    timed: bool = False
    alerts: bool = False
    unplanted: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a work list was left off: the last line's place in its order."""

    urgency: int
    due_at: datetime | None
    id: int


@dataclass(frozen=True, slots=True)
class Matching:
    """How many allegations a filter lets through.

    Parameters
    ----------
    kept
        Those with their text.
    erased
        Those whose text is gone: on no list, but still in every figure.
    """

    kept: int
    erased: int


@dataclass(frozen=True, slots=True)
class WorkCounts:
    """How many allegations wait for their assessment."""

    unassessed: int
    overdue: int
    within_24_hours: int
    time_critical: int
    safeguarding: int
