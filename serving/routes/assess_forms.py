"""What the forms of an allegation's page send, and what is plainly lacking in it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from data.taxonomy import Taxonomy
from serving.assessment_rules import SUSPECTED_FALSE, AssessmentAnswer
from serving.casework import NOTE_LIMIT
from serving.grading import Grade
from serving.reasons import REASONS

LIMIT = f"Shorten it to {NOTE_LIMIT:,} characters"
SECOND_LOOK_VALUE = (
    "Choose the lowest value, or another reason: “no value” is a closure of its own"
)


class OwnViewSent(BaseModel):
    """The own view."""

    value: str = ""
    categories: list[str] = []
    reading: int = 0

    def lacking(self) -> dict[str, str]:
        """Say what is lacking, by field."""
        return {} if self.value else {"value": "Select what it is worth"}


class DecisionSent(BaseModel):
    """The assessment."""

    value: str = ""
    categories: list[str] = []
    reason: str = ""
    note: str = ""
    closing: str = ""
    closure_reason: str = ""
    outcome: str = ""
    version: int = 0

    def lacking(self, lowest: str, taxonomy: Taxonomy) -> dict[str, str]:
        """Say what is lacking, by field, in the page's order."""
        found: dict[str, str] = {}
        if not self.value:
            found["value"] = "Select a value"
        if self.closing not in {"open", "close"}:
            found["closing"] = "Select whether to keep it open or close it"
        elif self.closing == "open" and self.value == lowest:
            found["closing"] = "Close it, or give it a higher value: what has no value is closed"
        elif self.closing == "close":
            found.update(self._lacking_closure(lowest, taxonomy))
        if self.reason not in REASONS:
            found["reason"] = "Select what decided it"
        return {**found, **self._lacking_note()}

    def answer(self) -> AssessmentAnswer:
        """Give what was settled on."""
        closes = self.closing == "close"
        return AssessmentAnswer(
            self.value,
            tuple(self.categories),
            self.reason,
            self.note or None,
            self.closure_reason if closes else None,
            self.outcome if closes else None,
        )

    def _lacking_note(self) -> dict[str, str]:
        blank = not self.note.strip()
        if len(self.note.strip()) > NOTE_LIMIT:
            return {"note": LIMIT}
        if blank and self.reason == "other":
            return {"note": "Say what decided it"}
        if blank and self.closing == "close" and self.closure_reason == SUSPECTED_FALSE:
            return {"note": "Say what speaks for the report being false"}
        return {}

    def _lacking_closure(self, lowest: str, taxonomy: Taxonomy) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.closure_reason not in taxonomy.closure_codes:
            found["closure_reason"] = "Select why it is closed"
        elif self.closure_reason in taxonomy.second_look_codes and self.value != lowest:
            found["closure_reason"] = SECOND_LOOK_VALUE
        if self.outcome not in taxonomy.outcome_codes:
            found["outcome"] = "Select what came of it; “Not yet known” is an answer"
        return found


class SecondPersonSent(BaseModel):
    """What the second person says."""

    assessment: int = 0
    agree: str = ""
    note: str = ""

    def lacking(self) -> dict[str, str]:
        """Say what is lacking, by field."""
        found = {}
        if self.agree not in {"yes", "no"}:
            found["agree"] = "Select whether you agree"
        if not self.note.strip():
            found["note"] = "Say why, whether you agree or not"
        elif len(self.note.strip()) > NOTE_LIMIT:
            found["note"] = LIMIT
        return found


class GradeSent(BaseModel):
    """A grade by 3x5x2."""

    source: str = ""
    information: str = ""
    handling: str = ""
    conditions: str = ""

    def lacking(self) -> dict[str, str]:
        """Say what is lacking, by field."""
        asked = {
            "source": "Select a grade of the source",
            "information": "Select a grade of the information",
            "handling": "Select how it may be handled",
        }
        found = {name: told for name, told in asked.items() if not getattr(self, name)}
        if self.handling == "C" and not self.conditions.strip():
            found["conditions"] = "Say on which conditions it may be shared"
        return found

    def grade(self) -> Grade:
        """Give the grade; a source that is no number is none of those there are."""
        source = int(self.source) if self.source in {"1", "2", "3"} else 0
        conditions = self.conditions if self.handling == "C" else None
        return Grade(source, self.information, self.handling, conditions)


class OutcomeSent(BaseModel):
    """What came of a record."""

    outcome: str = ""
    note: str = ""

    def lacking(self) -> dict[str, str]:
        """Say what is lacking, by field."""
        found = {} if self.outcome else {"outcome": "Select what came of it"}
        return {**found, **({"note": LIMIT} if len(self.note.strip()) > NOTE_LIMIT else {})}


class RemarkSent(BaseModel):
    """A remark."""

    text: str = ""

    def lacking(self) -> dict[str, str]:
        """Say what is lacking, by field."""
        if not self.text.strip():
            return {"text": "Write the remark"}
        return {"text": LIMIT} if len(self.text.strip()) > NOTE_LIMIT else {}


class TakeUpSent(BaseModel):
    """Which version was read of a record that is taken up again."""

    version: int = 0


def typed_of(sent: BaseModel) -> dict[str, Any]:
    """Give what was typed, to be shown again."""
    return sent.model_dump()
