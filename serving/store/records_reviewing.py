"""What the repositories of reviewing take and give: claims, second opinions, plants, exhibits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
