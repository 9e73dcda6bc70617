"""What the routes of intake take and give.

Words to search for come in a body and never in an address: they are personal data, and addresses
end in logs, histories and other sites' reports.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from serving.routes.schemas import (
    Narrative,
    Question,
    Reference,
    Reply,
    Short,
    Taken,
    Text,
    When,
    Words,
)

Said = Annotated[Words, StringConstraints(min_length=1, max_length=300)]
YesNo = Literal["yes", "no", "dont_know"]
Status = Literal["unassessed", "open", "closed"]
Urgency = Literal["routine", "time_critical", "within_24_hours"]
Part = Literal["alleged_offender", "victim", "witness", "organisation", "journey"]
LEVELS: tuple[Urgency, ...] = ("routine", "time_critical", "within_24_hours")


class PersonIn(Taken):
    """Somebody, or something, an allegation speaks of."""

    part: Part
    details: Annotated[dict[Question, Reply], Field(min_length=1, max_length=60)] = Field(
        description="By plain names, such as person_name, postcode, phone, company."
    )


class ReporterIn(Taken):
    """Who reported. It is kept apart under a random reference; no model ever sees it."""

    how_found_out: Said | None = None
    who_else_knows: Said | None = None
    reported_before: Said | None = Field(None, description="yes, no, dont_know, or their words.")
    relationship: Said | None = Field(None, description="To the person reported.")
    risk_if_used: Said | None = Field(
        None, description="Whether using it puts anyone at risk: yes, no, dont_know, or words."
    )
    under_18: YesNo | None = None
    may_contact: Said | None = None
    contact_time: Said | None = None
    first_name: Said | None = None
    surname: Said | None = None
    date_of_birth: Said | None = None
    nationality: Said | None = None
    gender: Said | None = None
    phone: Said | None = None
    email: Said | None = None
    address: Said | None = None
    postcode: Said | None = None


class NewAllegationIn(Taken):
    """An allegation to be taken in."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "narrative": "A man works in the kitchen of the Harbour Grill every weekend "
                    "and is paid cash. He moves out on Friday.",
                    "channel": "phone_hotline",
                    "received_at": "2026-11-23T08:55:00Z",
                    "categories": ["illegal_working"],
                    "fields": {"children_involved": "dont_know"},
                    "people": [{"part": "organisation", "details": {"company": "Harbour Grill"}}],
                    "reporter": {"reported_before": "no", "risk_if_used": "no"},
                }
            ]
        },
    )

    reference: Reference | None = Field(None, description="Yours, if it has one; unique.")
    narrative: Narrative
    channel: Short | None = None
    received_at: When | None = Field(
        None, description="When it was received elsewhere; now where absent. The clock runs on it."
    )
    fields: Annotated[dict[Question, Reply], Field(max_length=100)] = Field(
        default_factory=dict, description="Structured answers by question; never the reporter's."
    )
    categories: Annotated[list[Short], Field(max_length=30)] = Field(
        default_factory=list, description="Those that the reporter named."
    )
    people: Annotated[list[PersonIn], Field(max_length=30)] = Field(default_factory=list)
    reporter: ReporterIn | None = None


class SearchIn(Taken):
    """What a work list is narrowed to; whatever is absent does not narrow it."""

    search: Annotated[Text, StringConstraints(min_length=1, max_length=500)] | None = Field(
        None,
        description="Words that the narrative must hold, every one of them, in whatever form; "
        "words in double quotes stand together.",
        examples=['"Harbour Grill" cash'],
    )
    status: Status | None = None
    urgency: Urgency | None = None
    overdue: StrictBool = False
    safeguarding: StrictBool | None = None
    channel: Short | None = None
    category: Short | None = None
    mine: StrictBool = False
    cursor: Annotated[Text, StringConstraints(max_length=60)] | None = None
    limit: int = Field(50, ge=1, le=200, strict=True)


class FlagOut(BaseModel):
    """A rule that fired; ``from`` is the allegation whose flag it was, where it was taken over."""

    model_config = ConfigDict(populate_by_name=True)

    rule: str
    because: str
    start: int | None = None
    end: int | None = None
    taken_over_from: str | None = Field(None, alias="from")


class AlertOut(BaseModel):
    """Something that source-handling staff have to mind."""

    code: str
    words: str


class CategoryOut(BaseModel):
    """A category that the model suggests."""

    category: str
    probability: float


class DefectOut(BaseModel):
    """Something that does not fit; it was taken as it came."""

    field: str
    rule: str
    words: str
    where: str


class NoticedLinkOut(BaseModel):
    """An earlier allegation that this one is linked to."""

    key: str
    kinds: list[str] = Field(description="Kinds of shared fact; words where texts are alike.")
    similarity: float | None
    repeats: bool = Field(description="Whether this one repeats it.")
    reopened: bool = Field(description="Whether it had been closed and is reopened.")


class ReceiptOut(BaseModel):
    """What was taken in and noticed. The suggested value is not told here."""

    key: str
    repeated: bool = Field(description="The same message had come before; nothing new was made.")
    due_at: datetime | None
    urgency: Urgency
    urgency_flags: list[FlagOut]
    safeguarding_flags: list[FlagOut]
    source_alerts: list[AlertOut]
    identifies_reporter: bool
    linked: list[NoticedLinkOut]
    suggested_categories: list[CategoryOut]
    defects: list[DefectOut]
    links: dict[str, str]


class WorkItemOut(BaseModel):
    """One line of a work list."""

    key: str
    reference: str
    opening: str = Field(description="How the narrative begins.")
    status: Status
    channel: str | None
    categories: list[str]
    received_at: datetime | None
    due_at: datetime | None
    overdue: bool
    urgency: Urgency
    urgency_flags: list[FlagOut]
    safeguarding: bool
    safeguarding_flags: list[FlagOut]
    source_alerts: list[AlertOut]
    identifies_reporter: bool
    links: dict[str, str]


class WorkListOut(BaseModel):
    """A page of a work list: by urgency, then by when they are due."""

    allegations: list[WorkItemOut]
    next_cursor: str | None


class SubjectOut(BaseModel):
    """Somebody, or something, an allegation speaks of."""

    part: str
    details: dict[str, Any]


class LinkOut(BaseModel):
    """An allegation that belongs with this one, earlier or later."""

    key: str
    kinds: list[str]
    similarity: float | None
    status: Status
    closure_reason: str | None
    urgency: Urgency
    safeguarding: bool
    received_at: datetime | None


class AttachmentOut(BaseModel):
    """A file that came with the form; where it lies is told by the message alone."""

    name: str
    mimetype: str
    id: str


class MessageAboutOut(BaseModel):
    """What is known of the message beside its text."""

    kind: str
    deliveries: int
    received_at: datetime
    defects: list[DefectOut]
    attachments: list[AttachmentOut]


class DetailOut(BaseModel):
    """An investigable fact; offsets into the narrative, end exclusive."""

    kind: str
    text: str
    start: int
    end: int


class AllegationOut(BaseModel):
    """An allegation as its readers have it: no reporter, and no suggested value."""

    key: str
    reference: str
    origin: str
    narrative: str
    channel: str | None
    received_at: datetime | None
    taken_in_at: datetime
    fields: dict[str, str]
    categories: list[str]
    status: Status
    cycle: int
    version: int
    due_at: datetime | None
    overdue: bool
    urgency: Urgency
    urgency_flags: list[FlagOut]
    safeguarding: bool
    safeguarding_flags: list[FlagOut]
    source_alerts: list[AlertOut]
    identifies_reporter: bool = Field(description="The narrative may tell who reported.")
    reporter_reference: str | None
    value: str | None = Field(description="Of the assessment that stands, or stood last.")
    assessed_at: datetime | None
    closure_reason: str | None
    closed_at: datetime | None
    outcome: str | None
    erased_at: datetime | None
    people: list[SubjectOut]
    linked: list[LinkOut]
    message: MessageAboutOut | None
    suggested_categories: list[CategoryOut]
    details: list[DetailOut]
    links: dict[str, str]


class MessageOut(BaseModel):
    """A message as it was received, word for word."""

    key: str
    kind: str
    body: str | None = Field(description="Absent once it was erased.")
    deliveries: int
    received_at: datetime
    erased_at: datetime | None


class ReporterOut(BaseModel):
    """Who reported."""

    reference: str
    allegation: str | None
    details: dict[str, Any]
    created_at: datetime
    erased_at: datetime | None
