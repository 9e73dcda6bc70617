"""What retention's part of the API takes and gives."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from serving.routes.schemas import Moment, Taken
from serving.routes.schemas_oversight import Why


class DueOut(BaseModel):
    """A record whose retention is to be reviewed."""

    key: str
    reference: str
    received_at: datetime | None
    review_on: datetime | None
    status: str
    safeguarding: bool


class KeepIn(Taken):
    """Why a record is kept, and until when."""

    until: Moment
    reason: Why


class EraseIn(Taken):
    """Why a record is erased."""

    reason: Why


class ErasedOut(BaseModel):
    """What an erasure did."""

    key: str
    reference: str
    models: list[str] = Field(description="Kept models that were trained on the record.")
    at: datetime
