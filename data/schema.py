"""The frozen records that every package speaks of: what was alleged, and what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

DONT_KNOW: Final = "dont_know"
"""The answer of someone who was asked and does not know: never the same as a blank."""

_NO_FIELDS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Allegation:
    """One allegation as it was received.

    Parameters
    ----------
    reference
        What it is known by; unique.
    narrative
        What was said, in free text.
    received_at
        When it came in, or ``None`` where that was not recorded.
    channel
        How it came in, a code of the taxonomy's ``channels``.
    fields
        Structured answers by the name of the question. A question that was left blank is
        absent; one answered "don't know" holds ``DONT_KNOW``.
    """

    reference: str
    narrative: str
    received_at: datetime | None = None
    channel: str | None = None
    fields: Mapping[str, str] = field(default_factory=lambda: _NO_FIELDS)

    def answer(self, question: str) -> str | None:
        """Return the answer to a question, ``DONT_KNOW`` included, or ``None`` if left blank."""
        return self.fields.get(question) or None


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessor's initial harm assessment of one allegation.

    Parameters
    ----------
    reference
        The allegation's reference.
    value
        A code of the taxonomy's ``values``.
    categories
        Codes of the taxonomy's ``categories``; several may apply.
    assessor
        Who assessed it.
    assessed_at
        When.
    """

    reference: str
    value: str
    categories: tuple[str, ...] = ()
    assessor: str | None = None
    assessed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A reviewer's decision on an allegation that was first assessed as of no value.

    Parameters
    ----------
    reference
        The allegation's reference.
    value
        The value decided now: upheld when it is the first one, overturned otherwise.
    reviewer
        Who decided.
    decided_at
        When.
    selection_probability
        The probability with which the record was picked for review, where it was picked at
        random; ``None`` where the ranking picked it.
    reason
        Why, asked for equally whether the decision upholds or overturns.
    """

    reference: str
    value: str
    reviewer: str | None = None
    decided_at: datetime | None = None
    selection_probability: float | None = None
    reason: str | None = None

    def overturns(self, first_value: str) -> bool:
        """Return whether this decision differs from the first assessment."""
        return self.value != first_value
