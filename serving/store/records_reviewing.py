"""What the repositories of reviewing take and give: claims, second opinions, plants, exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from serving.store.records import StoredAllegation


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What somebody was shown beside a narrative.

    Parameters
    ----------
    kind
        At which moment: ``before`` or ``after`` an answer was given.
    content
        What was shown, or ``None`` once it was erased; its digest stays.
    """

    id: int
    allegation_id: int
    account_id: int
    kind: str
    content: Mapping[str, Any] | None
    content_sha256: str
    narrative_sha256: str
    model_version: str | None
    ranking_id: int | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What the queue knew of a record when it was claimed; the reviewer sees none of it then.

    Parameters
    ----------
    ranking_id, position
        Where it stood; absent where it stood in no ranking.
    model_version, doubt
        What the value model made of it.
    score
        What the ranking ordered by.
    selection_probability, audit
        How it came into the queue.
    receipt
        Reasons, details, parts, words and precedents, as far as they were known.
    """

    ranking_id: int | None = None
    position: int | None = None
    model_version: str | None = None
    doubt: float | None = None
    score: float | None = None
    selection_probability: float | None = None
    audit: bool = False
    receipt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be claimed, and what for."""

    allegation: StoredAllegation
    purpose: str
    known: Known
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that somebody took for a while.

    Parameters
    ----------
    purpose
        A second look, or a second opinion on one.
    state
        Held, decided, skipped, unsure or expired. One that was given back has expired early.
    explained
        Whether the receipt is complete.
    """

    id: int
    allegation_id: int
    account_id: int
    purpose: str
    state: str
    claimed_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    exhibit_id: int | None
    known: Known
    explained: bool


@dataclass(frozen=True, slots=True)
class HeldClaim:
    """A claim with its record.

    Parameters
    ----------
    agreed
        Whether its reviewer was the second person who agreed to closing the record.
    """

    claim: Claim
    allegation: StoredAllegation
    planted: bool
    cycle: int
    assessed_by: int | None
    value_order: tuple[str, ...]
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a reviewer stands.

    Parameters
    ----------
    holds
        How many records he holds.
    last
        The newest claim of those that he holds or has dealt with.
    salt
        A number that nobody outside the store knows and that stays, to draw with.
    """

    holds: int
    last: int | None
    salt: float | None


@dataclass(frozen=True, slots=True)
class Unsure:
    """A record that somebody was unsure about."""

    claim_id: int
    key: str
    reference: str
    said_by: str
    note: str | None
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, wherever it is kept: a decision, a second opinion, or to a planted record."""

    verdict: str
    value: str
    reason: str
    note: str | None
    made_at: datetime
    seconds: float | None


@dataclass(frozen=True, slots=True)
class OpinionPair:
    """A decision and the blind second answer to the same record."""

    key: str
    reference: str
    first_verdict: str
    first_value: str
    first_reviewer: str
    second_verdict: str
    second_value: str
    second_reviewer: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class PlantTally:
    """How one reviewer answered planted records.

    Parameters
    ----------
    telling, found
        Records whose true value is above the lowest, and those of them that were overturned.
    empty, upheld
        Records of the lowest value, and those of them that were upheld.
    """

    reviewer: str
    telling: int
    found: int
    empty: int
    upheld: int
