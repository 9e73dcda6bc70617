"""What oversight's part of the API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from serving.routes.schemas import Words

Why = Annotated[Words, StringConstraints(min_length=3, max_length=2000)]


class AuditRowOut(BaseModel):
    """A row of the audit log."""

    seq: int
    at: datetime
    actor_id: int | None
    actor: str
    action: str
    subject: str | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


class AuditOut(BaseModel):
    """Rows of the audit log, newest first."""

    rows: list[AuditRowOut]
    next_before: int | None = Field(description="Give it as ``before`` for the rows before these.")


class FaultOut(BaseModel):
    """A place where the log is not what was written."""

    seq: int
    kind: Literal["altered", "removed", "reordered"]
    told: str


class VerdictOut(BaseModel):
    """What a check of the audit log found."""

    sound: bool
    rows: int
    head: str = Field(description="Note it elsewhere: it proves later that nothing changed.")
    faults: list[FaultOut]


class ShownOut(BaseModel):
    """Something that was shown, checked against the digests taken then."""

    exhibit: int
    kind: str
    made_at: datetime
    content: dict[str, Any] | None
    content_sha256: str
    content_holds: bool
    narrative_sha256: str
    narrative_holds: bool
    model_version: str | None
    ranking_version: int | None


class ReplayOut(BaseModel):
    """A decision with all that its maker was shown."""

    kind: Literal["decision", "assessment"]
    number: int
    key: str
    reference: str
    narrative: str
    maker: str | None
    facts: dict[str, Any]
    holds: bool
    shown: list[ShownOut]
    trail: list[AuditRowOut]


class SampledOut(BaseModel):
    """A record of a random sample."""

    key: str
    reference: str
    decision: int | None


class SampleOut(BaseModel):
    """A random sample that the same seed gives again over the same records."""

    seed: int
    of: int = Field(description="How many records it was drawn from.")
    up_to: int = Field(description="Give it again with the seed to get the same sample later.")
    records: list[SampledOut]
