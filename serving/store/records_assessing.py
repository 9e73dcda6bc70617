"""What the repositories of assessing take and give: frozen, and without a trace of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class CaseFile:
    """An allegation as those see it who work on it.

    Parameters
    ----------
    value_order
        The values of its queue, lowest first.
    cycle
        Counts assessments: whoever takes a record up again begins its next cycle.
    version
        Changes with every change.
    first_value
        Value of the assessment that stands, or ``None`` where there is none.
    """

    id: int
    key: str
    reference: str
    narrative: str
    channel: str | None
    received_at: datetime | None
    imported_at: datetime
    fields: Mapping[str, str]
    value_order: tuple[str, ...]
    first_value: str | None
    categories: tuple[str, ...]
    origin: str
    status: str
    cycle: int
    version: int
    urgency: int
    urgency_flags: tuple[Any, ...]
    safeguarding: bool
    safeguarding_flags: tuple[Any, ...]
    source_alerts: tuple[Any, ...]
    identifies_reporter: bool
    due_at: datetime | None
    assessed_at: datetime | None
    closure_reason: str | None
    closed_at: datetime | None
    outcome: str | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """That a person opened a record."""

    id: int
    allegation_id: int
    account_id: int
    cycle: int
    read_at: datetime


@dataclass(frozen=True, slots=True)
class OwnView:
    """What a person thought before seeing a suggestion; never changed."""

    id: int
    reading_id: int
    allegation_id: int
    account_id: int
    cycle: int
    value: str
    categories: tuple[str, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """An assessment on its way into the store.

    Parameters
    ----------
    suggested_value, model_version
        What its maker had been shown, or ``None`` where nothing was.
    changed
        Whether value or categories differ from the own view.
    closes
        Whether it closes the record now; one that awaits a second person does not yet.
    seconds
        From the reading to the assessment.
    """

    own_view_id: int
    allegation_id: int
    account_id: int
    account_kind: str
    cycle: int
    value: str
    categories: tuple[str, ...]
    reason: str
    note: str | None
    model_version: str | None
    suggested_value: str | None
    changed: bool
    no_value: bool
    safeguarding: bool
    closes: bool
    closure_reason: str | None
    outcome: str | None
    awaits_second_person: bool
    exhibit_id: int | None
    seconds: float
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Assessment(NewAssessment):
    """An assessment as kept."""

    id: int
    own_value: str
    made_by: str
    second_person_id: int | None
    second_person: str | None
    second_person_agreed: bool | None
    second_person_note: str | None
    second_person_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grading:
    """A grade by 3x5x2: of the source, of the information, and how it may be handled."""

    made_by: str
    source: int
    information: str
    handling: str
    conditions: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What came of an allegation, as it was known at a time."""

    made_by: str
    outcome: str
    note: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody noted on a record."""

    made_by: str
    text: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SecondLookRow:
    """A decision of a second look, as the history of a record has it."""

    reviewer_id: int | None
    reviewer: str | None
    verdict: str
    value: str
    reason: str
    note: str | None
    decided_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A record on a list, without its text.

    Parameters
    ----------
    by
        Who assessed it, or overturned its dismissal.
    at
        When.
    assessment
        Number of the assessment, where the list is one of assessments.
    state
        ``standing``, ``awaiting`` or ``withdrawn``; ``returned`` where a second look overturned
        its dismissal.
    """

    key: str
    reference: str
    channel: str | None
    received_at: datetime | None
    urgency: int
    safeguarding: bool
    status: str
    value: str
    closure_reason: str | None
    by: str
    at: datetime
    assessment: int | None
    state: Literal["standing", "awaiting", "withdrawn", "returned"]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One assessment beside its own view and the suggestion, for figures on automation bias."""

    account_id: int
    account: str
    team: str | None
    value_order: tuple[str, ...]
    own_value: str
    suggested_value: str | None
    value: str
    seconds: float | None
