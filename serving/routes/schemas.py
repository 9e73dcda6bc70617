"""What the API takes and gives, with examples."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic.config import JsonDict

from data.checks import NARRATIVE_LIMIT, narrative_offence

AT_MOST = 1000

EXAMPLE: JsonDict = {
    "reference": "A-2041",
    "narrative": "man at 14 Mill Lane NE1 4ST sells cigarettes from a white van AB12 CDE every "
    "friday around 6pm, foreign packets, about 40 sleeves each time",
    "channel": "web_form",
}


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not hold a NUL character")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return _without_nul(text)


def _no_number(given: Any) -> Any:  # noqa: ANN401
    # pydantic would take it for seconds, or milliseconds, since 1970
    try:
        float(given)
    except (TypeError, ValueError):
        return given
    raise ValueError("must be written as a date and time, such as 2026-11-23T08:55:00Z")


def _sound(text: str) -> str:
    offence = narrative_offence(text)
    if offence:
        raise ValueError(offence[0])
    return text


Text = Annotated[str, AfterValidator(_without_nul)]
Words = Annotated[str, AfterValidator(_not_blank)]
Narrative = Annotated[
    str,
    StringConstraints(min_length=1, max_length=NARRATIVE_LIMIT, strict=True),
    AfterValidator(_sound),
]
Reference = Annotated[Words, StringConstraints(min_length=1, max_length=200)]
Short = Annotated[Text, StringConstraints(min_length=1, max_length=60)]
Question = Annotated[Text, StringConstraints(min_length=1, max_length=100)]
When = Annotated[AwareDatetime, BeforeValidator(_no_number)]
# what any offset from UTC leaves within the years that dates can have
Moment = Annotated[
    When, Field(ge=datetime(1970, 1, 2, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC))
]
Reply = Annotated[Text, StringConstraints(max_length=2000)]


class Taken(BaseModel):
    """Whatever comes in: a field that is not known is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class AllegationIn(Taken):
    """An allegation to suggest a value and categories for."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    reference: Reference | None = Field(None, description="Yours; made up where absent.")
    narrative: Narrative
    channel: Short | None = None
    received_at: Annotated[datetime, BeforeValidator(_no_number)] | None = None
    fields: Annotated[dict[Question, Reply], Field(max_length=100)] = Field(
        default_factory=dict, description="Structured answers by question."
    )


class AssessedIn(AllegationIn):
    """An allegation with the value that was recorded for it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{**EXAMPLE, "value": "no_value"}]}
    )

    value: Annotated[Text, StringConstraints(min_length=1, max_length=60)]


def _shape(sent: Any) -> str:  # noqa: ANN401
    return "many" if isinstance(sent, list) else "one"


Allegations = Annotated[
    Annotated[AllegationIn, Tag("one")]
    | Annotated[list[AllegationIn], Field(min_length=1, max_length=AT_MOST), Tag("many")],
    Discriminator(_shape),
]
AssessedAllegations = Annotated[
    Annotated[AssessedIn, Tag("one")]
    | Annotated[list[AssessedIn], Field(min_length=1, max_length=AT_MOST), Tag("many")],
    Discriminator(_shape),
]


class ReasonOut(BaseModel):
    """A word, phrase or answer, and what it added to the score (log-odds)."""

    phrase: str
    contribution: float
    towards: str


class DetailOut(BaseModel):
    """An investigable fact; offsets into the narrative, end exclusive."""

    kind: str
    text: str
    start: int
    end: int


class RuleOut(BaseModel):
    """A rule, independent of the model, that fired."""

    rule: str
    because: str
    start: int | None
    end: int | None


class CategoryOut(BaseModel):
    """A category and its calibrated probability."""

    category: str
    probability: float


class SuggestionOut(BaseModel):
    """What the model suggests for one allegation."""

    reference: str
    value: str
    confidence: float
    unsure: bool = Field(description="Confidence below the threshold chosen on held-out data.")
    value_probabilities: dict[str, float] = Field(description="Lowest value first.")
    categories: list[CategoryOut]
    details: list[DetailOut]
    reasons: list[ReasonOut]
    urgency: list[RuleOut]
    safeguarding: list[RuleOut]


class SuggestionsOut(BaseModel):
    """Suggestions, in the order in which the allegations were sent."""

    model_version: str
    suggestions: list[SuggestionOut]


class FlagOut(BaseModel):
    """How doubtful a recorded value is."""

    reference: str
    recorded_value: str
    doubt: float = Field(description="Calibrated probability that the recorded value is wrong.")
    flagged: bool
    suggested_value: str
    reasons: list[ReasonOut]
    details: list[DetailOut]


class FlagsOut(BaseModel):
    """Flags, in the order in which the allegations were sent, and the threshold in force."""

    model_version: str
    threshold: float
    threshold_chosen_for: str
    flags: list[FlagOut]


class PartOut(BaseModel):
    """A named part of the score that the queue is ordered by; all parts sum to it."""

    name: str
    contribution: float


class WordOut(BaseModel):
    """A word; without it, the score would be lower by its contribution."""

    word: str
    contribution: float


class PrecedentOut(BaseModel):
    """A similar allegation whose answer is known."""

    reference: str
    key: str
    similarity: float
    kind: Literal["overturned", "upheld", "valued"]


class Links(BaseModel):
    """Where to go on from a second look."""

    self: str
    decisions: str


class SecondLookOut(BaseModel):
    """A dismissed allegation that waits for a second look."""

    position: int
    reference: str
    key: str = Field(description="Stands for the reference in addresses.")
    narrative: str
    first_value: str
    categories: list[str]
    channel: str | None
    received_at: datetime | None
    doubt: float
    score: float = Field(description="What the queue is ordered by.")
    reasons: list[ReasonOut]
    details: list[DetailOut]
    parts: list[PartOut] = Field(description="Of the score; given for the first of the queue.")
    words: list[WordOut]
    precedents: list[PrecedentOut]
    ranking_version: int
    links: Links


class SecondLooksOut(BaseModel):
    """A page of second looks, most doubtful first."""

    ranking_version: int | None
    model_version: str | None
    ranked_at: datetime | None
    method: str | None
    queued: int
    next_cursor: str | None
    second_looks: list[SecondLookOut]


Verdict = Literal["uphold", "overturn"]
ReasonCode = Literal["detail", "seriousness", "lawful", "linked", "other"]


class DecisionIn(Taken):
    """A reviewer's decision."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "verdict": "overturn",
                    "value": "medium",
                    "reason": "detail",
                    "note": "Address, vehicle and a weekly time: enough to look into.",
                }
            ]
        },
    )

    verdict: Verdict
    value: Short | None = Field(None, description="Needed where the first value is overturned.")
    reason: ReasonCode
    note: Annotated[Text, StringConstraints(max_length=2000)] | None = None


class DecisionOut(BaseModel):
    """A decision as recorded; what the queue knew is kept with it and not told."""

    decision: int = Field(description="Its number: that of the claim it was made under.")
    reference: str
    key: str
    verdict: Verdict
    value: str
    reason: str
    decided_at: datetime


class IntervalOut(BaseModel):
    """A number that is not known exactly, with the limits of its 95% and 80% intervals."""

    estimate: float | None
    low: float
    high: float
    low_80: float
    high_80: float


class ForecastOut(BaseModel):
    """What so many more reviews would find; with the stated confidence between low and high."""

    reviews: int
    finds: float
    low: int
    high: int
    confidence: float


class ProgressOut(BaseModel):
    """How far the second look has come."""

    dismissed: int
    waiting: int
    reviewed: int = Field(description="Decided here.")
    found: int = Field(description="Decided here, and overturned.")
    reviewed_before: int = Field(description="Decided elsewhere, as the import said.")
    found_before: int
    audited: int = Field(description="Reviewed records of the random audit sample.")
    audit_found: int
    still_missed: IntervalOut
    recall: IntervalOut
    precision: IntervalOut = Field(description="Of the next in the queue.")
    forecast: ForecastOut | None
    recall_certified: bool = Field(description="95% of the wrong ones found, at 95% confidence.")
    draws_to_certify: int | None = Field(
        description="Further random draws in a row, none of them wrong, that would certify it; "
        "null once it is certified."
    )
    reviews_to_certify: int | None = Field(
        description="The same in reviews of which as many are drawn at random as so far and none "
        "finds anything; null also while none was drawn at random."
    )
    step: Literal["finished", "target_met", "target_likely", "carry_on", "not_known"]
    may_stop: bool
    advice: str
