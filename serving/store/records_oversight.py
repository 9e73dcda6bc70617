"""What the repositories of oversight take and give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose retention is to be reviewed."""

    id: int
    key: str
    reference: str
    received_at: datetime | None
    review_on: datetime | None
    status: str
    safeguarding: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A decision to keep a record longer, and why."""

    allegation_id: int
    account_id: int
    keep_until: datetime
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure.

    Parameters
    ----------
    models
        Names of the models that were trained on the record.
    """

    allegation_id: int
    account_id: int
    reason: str
    models: tuple[str, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A second look on its way out, as training takes it in.

    Parameters
    ----------
    reviewed_value
        What the second look decided.
    selection_probability
        Probability with which the record came into the queue.
    model_selected
        Whether the model chose it; otherwise it was drawn at random.
    answers
        Structured answers by question.
    """

    id: int
    reference: str
    narrative: str
    value: str
    categories: tuple[str, ...]
    reviewed_value: str | None
    received_at: datetime | None
    channel: str | None
    decided_at: datetime | None
    reason: str | None
    reviewer: str | None
    model_version: str | None
    ranking_version: int | None
    score: float | None
    doubt: float | None
    selection_probability: float | None
    model_selected: bool | None
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sampled:
    """A record of a sample, and the second look's decision on it if there is one."""

    key: str
    reference: str
    decision: int | None
