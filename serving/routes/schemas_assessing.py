"""What the API of assessing takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from serving.casework import NOTE_LIMIT
from serving.routes.schemas import CategoryOut, DetailOut, ReasonOut, Short, Taken, Text, Words

Number = Annotated[int, Field(ge=1, le=2**53, strict=True)]
Note = Annotated[Text, StringConstraints(max_length=NOTE_LIMIT)]
Categories = Annotated[list[Short], Field(max_length=50)]
State = Literal["unassessed", "open", "closed"]


class OwnViewIn(Taken):
    """What an assessor thinks before seeing a suggestion."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"value": "low", "categories": ["drugs"], "reading": 12}]},
    )

    value: Short
    categories: Categories = Field(default_factory=list)
    reading: Number = Field(description="Number of your own reading of the record.")


class AssessmentIn(Taken):
    """What an assessor settles on; a closure has both a reason and an outcome."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "value": "no_value",
                    "categories": [],
                    "reason": "detail",
                    "closure_reason": "no_value_insufficient_information",
                    "outcome": "no_action",
                }
            ]
        },
    )

    value: Short
    categories: Categories = Field(default_factory=list)
    reason: Literal["detail", "seriousness", "lawful", "linked", "other"]
    note: Note | None = None
    closure_reason: Short | None = None
    outcome: Short | None = None


class CountersignatureIn(Taken):
    """A second person's answer; either takes a note."""

    assessment: Number
    agree: Annotated[bool, Field(strict=True)]
    note: Note


class GradingIn(Taken):
    """A grade by 3x5x2."""

    source: Annotated[Literal[1, 2, 3], Field(description="1 reliable, 2 untested, 3 not.")]
    information: Literal["A", "B", "C", "D", "E"]
    handling: Literal["P", "C"]
    conditions: Note | None = Field(None, description="Needed where handling is C.")


class OutcomeIn(Taken):
    """What came of an allegation."""

    outcome: Short
    note: Note | None = None


class RemarkIn(Taken):
    """Something to note on a record."""

    text: Annotated[Words, StringConstraints(max_length=NOTE_LIMIT)]


class VersionOut(BaseModel):
    """The record's version after a change; also its ETag."""

    key: str
    version: int


class OwnViewOut(BaseModel):
    """An own view as kept: it stays."""

    own_view: int
    value: str
    categories: list[str]
    made_at: datetime


class SuggestionShownOut(BaseModel):
    """What the model suggests; kept exactly as shown under the number of its exhibit."""

    suggested: bool
    exhibit: int
    told: str | None = Field(None, description="Where nothing was suggested.")
    value: str | None = None
    confidence: float | None = None
    confidence_percent: int | None = None
    confidence_words: str | None = None
    unsure: bool | None = None
    reasons: list[ReasonOut] = Field(default_factory=list)
    model_version: str | None = None


class AssessedOut(BaseModel):
    """An assessment as recorded."""

    assessment: int
    key: str
    status: State
    version: int
    value: str
    own_value: str
    suggested_value: str | None = Field(description="What you had been shown, if anything.")
    changed: bool = Field(description="Whether it differs from the own view.")
    closure_reason: str | None
    outcome: str | None
    awaits_second_person: bool


class CountersignedOut(BaseModel):
    """What became of an assessment that awaited a second person."""

    assessment: int
    key: str
    status: State
    version: int
    value: str
    closure_reason: str | None
    outcome: str | None


class FlagsOut(BaseModel):
    """What to mind about a record, from rules independent of the model."""

    urgency: int
    urgency_flags: list[dict[str, Any]]
    safeguarding: bool
    safeguarding_flags: list[dict[str, Any]]
    source_alerts: list[dict[str, Any]]
    identifies_reporter: bool


class SubjectOut(BaseModel):
    """Somebody whom the allegation is about, and in which part."""

    part: str
    details: dict[str, Any]


class LinkOut(BaseModel):
    """An allegation linked to this one."""

    key: str
    reference: str
    kinds: list[str]
    similarity: float | None
    status: State
    received_at: datetime | None


class GradingOut(BaseModel):
    """A grade by 3x5x2."""

    made_by: str
    source: int
    information: str
    handling: str
    conditions: str | None
    made_at: datetime


class OutcomeOut(BaseModel):
    """What came of it, as it was known at a time."""

    made_by: str
    outcome: str
    note: str | None
    made_at: datetime


class RemarkOut(BaseModel):
    """What somebody noted."""

    made_by: str
    text: str
    made_at: datetime


class StandingOut(BaseModel):
    """The assessment that stands, without what had been suggested."""

    number: int
    made_by: str
    own: bool
    value: str
    categories: list[str]
    reason: str
    note: str | None
    closure_reason: str | None
    outcome: str | None
    awaits_second_person: bool
    second_person: str | None
    made_at: datetime


class ReadingOut(BaseModel):
    """A record as its reader may see it: all but the suggested value."""

    reading: int
    key: str
    reference: str
    status: State
    cycle: int
    version: int
    narrative: str
    channel: str | None
    received_at: datetime | None
    due_at: datetime | None
    fields: dict[str, Any]
    value: str | None
    categories: list[str]
    closure_reason: str | None
    outcome: str | None
    flags: FlagsOut
    details: list[DetailOut]
    subjects: list[SubjectOut]
    suggested_categories: list[CategoryOut]
    links: list[LinkOut]
    gradings: list[GradingOut]
    outcomes: list[OutcomeOut]
    remarks: list[RemarkOut]
    own_view: OwnViewOut | None
    standing: StandingOut | None


class EventOut(BaseModel):
    """Something that happened to a record."""

    at: datetime
    what: str
    by: str
    details: dict[str, Any]


class HistoryOut(BaseModel):
    """What happened to a record, oldest first."""

    key: str
    reference: str
    status: State
    cycle: int
    version: int
    events: list[EventOut]


class ListedOut(BaseModel):
    """A record on a list, without its text."""

    key: str
    reference: str
    channel: str | None
    received_at: datetime | None
    urgency: int
    safeguarding: bool
    status: State
    value: str
    closure_reason: str | None
    by: str
    at: datetime
    assessment: int | None
    state: Literal["standing", "awaiting", "withdrawn", "returned"]


class BiasOut(BaseModel):
    """How one person or team stands to what the model suggested."""

    who: str
    assessments: int
    shown: int = Field(description="With a suggestion seen; the next four counts are of these.")
    own_equal: int
    towards: int
    away: int
    ends_equal: int
    median_seconds: float | None
