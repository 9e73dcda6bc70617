"""What reviewing takes and gives over HTTP. Nothing here tells why a record was given out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from serving.routes.schemas import Narrative, Short, Taken, Text, Words

KEY = r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$"
Note = Annotated[Words, StringConstraints(min_length=1, max_length=2000)]


class ClaimIn(Taken):
    """Which record is wanted."""

    key: Annotated[Text, StringConstraints(pattern=KEY)] | None = Field(
        None, description="A certain record; the next one of the queue if absent."
    )


class UnsureIn(Taken):
    """Why a record is to be discussed."""

    note: Note


class ClaimedOut(BaseModel):
    """A record that the reviewer holds, as it is shown before an answer."""

    claim: int = Field(description="Number of the claim, and of the decision that comes of it.")
    claimed_at: datetime
    expires_at: datetime = Field(description="When it goes to somebody else.")
    key: str
    reference: str
    narrative: str
    first_value: str
    categories: list[str]
    channel: str | None
    received_at: datetime | None
    identifies_reporter: bool = Field(description="Whether the text may tell who reported.")


class NextOut(BaseModel):
    """What was claimed: nothing where no record is left."""

    claimed: ClaimedOut | None


class ClaimsOut(BaseModel):
    """What the reviewer holds, the oldest first."""

    claims: list[ClaimedOut]


class EndedOut(BaseModel):
    """A claim that is over."""

    claim: int
    state: str


class ReceiptOut(BaseModel):
    """Why a record was thought to be worth a second look, shown after it had one."""

    decision: int
    key: str
    reference: str
    first_value: str | None
    verdict: str
    value: str
    model_version: str | None
    doubt: float | None
    suggested_value: str | None
    reasons: list[dict[str, Any]]
    details: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    words: list[dict[str, Any]]
    precedents: list[dict[str, Any]]


class UnsureOut(BaseModel):
    """A record that somebody was unsure about."""

    key: str
    reference: str
    said_by: str
    note: str | None
    said_at: datetime


class ToDiscussOut(BaseModel):
    """Records to discuss, the oldest first."""

    records: list[UnsureOut]


class KappaOut(BaseModel):
    """Cohen's kappa with its 95% interval."""

    estimate: float | None
    low: float | None
    high: float | None
    method: str


class PairsOut(BaseModel):
    """How often a pair of verdicts came."""

    first: str
    second: str
    count: int


class DisagreementOut(BaseModel):
    """A decision and a blind second answer that differ."""

    key: str
    reference: str
    first_verdict: str
    first_value: str
    first_reviewer: str
    second_verdict: str
    second_value: str
    second_reviewer: str
    made_at: datetime


class AgreementOut(BaseModel):
    """How well first and second answers agree."""

    pairs: int
    agreed: int
    raw: float | None
    kappa: KappaOut
    table: list[PairsOut]
    due: int
    disagreements: list[DisagreementOut]


class PlantIn(Taken):
    """A record whose right value is known."""

    narrative: Narrative
    categories: Annotated[list[Short], Field(max_length=50)] = Field(default_factory=list)
    true_value: Short


class PlantedOut(BaseModel):
    """The record as it was planted."""

    key: str
    reference: str


class RateOut(BaseModel):
    """A share with its 95% Wilson interval."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class MeasureOut(BaseModel):
    """How well a reviewer answers planted records."""

    reviewer: str
    sensitivity: RateOut
    specificity: RateOut


class MeasuresOut(BaseModel):
    """Of each reviewer."""

    reviewers: list[MeasureOut]
