"""What the repositories take and give: frozen, and without a trace of SQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from data.schema import Allegation


@dataclass(frozen=True, slots=True)
class NewAllegation:
    """An allegation on its way into the store, with its first assessment."""

    reference: str
    narrative: str
    first_value: str
    dismissed: bool
    channel: str | None = None
    received_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    reviewed_value: str | None = None


@dataclass(frozen=True, slots=True)
class StoredAllegation:
    """An allegation as kept. ``key`` is safe in an address; ``reference`` may not be."""

    id: int
    key: str
    reference: str
    narrative: str
    first_value: str | None
    dismissed: bool
    channel: str | None
    received_at: datetime | None
    fields: Mapping[str, str]
    categories: tuple[str, ...]
    reviewed_value: str | None
    identifies_reporter: bool = False

    def as_allegation(self) -> Allegation:
        """Give it as the model takes it."""
        return Allegation(
            reference=self.reference,
            narrative=self.narrative,
            received_at=self.received_at,
            channel=self.channel,
            fields=self.fields,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A dismissed allegation that nobody has looked at again, without its text.

    Parameters
    ----------
    doubt
        Probability, by the value model, that the first value is wrong.
    lot
        Its permanent random number, uniform between 0 and 1.
    """

    id: int
    doubt: float
    lot: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a model makes of an allegation.

    Parameters
    ----------
    doubt
        Probability that its value is not the lowest.
    evidence
        Named evidence that the value does not rest on, from 0 (absent) to 1.
    """

    allegation_id: int
    doubt: float
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the ranker learns from an allegation.

    Parameters
    ----------
    missed
        Whether a second look outside this service overturned it; ``None`` where there was none.
    """

    id: int
    narrative: str
    dismissed: bool
    missed: bool | None
    doubt: float
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A place in a ranking.

    Parameters
    ----------
    doubt
        Probability, by the value model, that the first value is wrong.
    score
        What the ranking ordered by; equal to ``doubt`` until the ranker has learned.
    selection_probability
        Probability with which this record was put into the queue: 1 where its rank put it there.
    audit
        Whether it was drawn at random.
    receipt
        Reasons and details, as JSON.
    """

    allegation_id: int
    doubt: float
    score: float
    selection_probability: float
    audit: bool
    receipt: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ranking:
    """One ranking of a queue; its number is the ranking version that decisions carry."""

    id: int
    queue: str
    made_at: datetime
    method: str
    model_version: str
    last_allegation_id: int
    last_decision_id: int
    waiting: int
    withdrawals: int = 0
    decisions: int = 0
    assessments: int = 0

    @property
    def marks(self) -> Marks:
        """What it was made from."""
        return Marks(
            self.last_allegation_id,
            self.last_decision_id,
            self.decisions,
            self.withdrawals,
            self.assessments,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a ranking with its allegation."""

    ranking_id: int
    position: int
    doubt: float
    score: float
    selection_probability: float
    audit: bool
    receipt: Mapping[str, Any]
    allegation: StoredAllegation


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A reviewer's answer, with what the queue knew when it was given."""

    allegation_id: int
    verdict: str
    value: str
    reason: str
    note: str | None
    reviewer: str | None
    decided_at: datetime
    model_version: str | None
    ranking_id: int | None
    position: int | None
    doubt: float | None
    score: float | None
    selection_probability: float | None
    audit: bool
    reviewer_id: int | None = None
    assessed_by: int | None = None
    claim_id: int | None = None
    exhibit_id: int | None = None
    seconds: float | None = None
    cycle: int = 1


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as kept."""

    id: int
    allegation_id: int
    verdict: str
    value: str
    reason: str
    note: str | None
    reviewer: str | None
    decided_at: datetime
    model_version: str | None
    ranking_id: int | None
    position: int | None
    doubt: float | None
    score: float | None
    selection_probability: float | None
    audit: bool
    reviewer_id: int | None = None
    assessed_by: int | None = None
    claim_id: int | None = None
    exhibit_id: int | None = None
    seconds: float | None = None
    cycle: int = 1
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a second look has come.

    Parameters
    ----------
    allegations, dismissed
        Records in the queue's store, and those of them that were dismissed.
    reviewed, found
        Dismissed records decided here, and those of them found to be wrong.
    reviewed_before, found_before
        The same of decisions that came with the import.
    waiting
        Dismissed records that nobody has looked at again.
    """

    allegations: int
    dismissed: int
    reviewed: int
    found: int
    reviewed_before: int
    found_before: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to look at, whatever was decided; read from a large index.

    Parameters
    ----------
    newest
        Number of the newest record.
    allegations, dismissed, reviewed_before, found_before
        As in `Counts`.
    """

    newest: int
    allegations: int
    dismissed: int
    reviewed_before: int
    found_before: int


@dataclass(frozen=True, slots=True)
class Marks:
    """How far a queue has come; they differ as soon as there is something new to rank.

    Parameters
    ----------
    last_allegation_id, last_decision_id
        The newest numbers.
    decisions, withdrawals, assessments
        How many there are: what is committed late has a lower number than what came before.
    """

    last_allegation_id: int
    last_decision_id: int
    decisions: int = 0
    withdrawals: int = 0
    assessments: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What the ranker hears of a decision that stands."""

    id: int
    allegation_id: int
    missed: bool


@dataclass(frozen=True, slots=True)
class Picked:
    """What the estimate of what is still missed rests on: how a record came to be decided."""

    missed: bool
    selection_probability: float | None
    audit: bool


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer once given under an Idempotency-Key, and the request it answered."""

    request_sha256: str
    response: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A row of the audit log.

    Parameters
    ----------
    details_text
        Canonical JSON, kept as text because the hash is of these very characters.
    """

    seq: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    subject: str | None
    details_text: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What an inspector looks for in the audit log; whatever is absent does not narrow it."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100
