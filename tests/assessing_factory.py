"""Unassessed allegations, and the steps by which an assessor gets to an assessment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from factories import VALUES

from data.taxonomy import load_taxonomy
from serving.actors import Actor
from serving.assessing import Assessed, assess
from serving.assessment_rules import AssessmentAnswer
from serving.intake import QUEUE
from serving.opening import open_record
from serving.own_view import give_own_view
from serving.store.database import Store
from serving.store.records_intake import NewRecord

TAXONOMY = load_taxonomy()
NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
NARRATIVE = "sells cigarettes from a white van AB12 CDE outside 14 Mill Lane"
SUGGESTED = {
    "value": "medium",
    "confidence": 0.81,
    "unsure": False,
    "value_probabilities": {"no_value": 0.05, "low": 0.09, "medium": 0.81, "high": 0.05},
    "categories": [{"category": "cigarettes_tobacco", "probability": 0.9}],
    "details": [{"kind": "vehicle_registration", "text": "AB12 CDE", "start": 33, "end": 41}],
    "reasons": [{"phrase": "white van", "contribution": 1.4, "towards": "medium"}],
    "model_version": "m-1",
}
FLAG = {"rule": "child_at_risk", "because": "A child may be at risk or used.", "start": None}
NO_VALUE = {
    "value": "no_value",
    "closure_reason": "no_value_insufficient_information",
    "outcome": "no_action",
}


def after(minutes: float) -> datetime:
    """The time so many minutes after the first reading."""
    return NOW + timedelta(minutes=minutes)


def arrived(
    store: Store,
    key: str = "B-1",
    *,
    flagged: bool = False,
    suggested: bool = True,
    **more: Any,
) -> str:
    """Put an unassessed allegation into the store, and give its key."""
    flags = (FLAG,) if flagged else ()
    new = NewRecord(
        origin="api",
        narrative=NARRATIVE,
        content_sha256="0" * 64,
        reference=key,
        safeguarding_flags=flags,
        **more,
    )
    with store.writing() as unit:
        if unit.allegations.value_order(QUEUE) is None:
            unit.allegations.open_queue(QUEUE, VALUES)
        number, made = unit.intake.add(QUEUE, new, now=NOW)
        if suggested:
            unit.intake.add_suggestion(number, "m-1", SUGGESTED, now=NOW)
    return made


def answer(**given: Any) -> AssessmentAnswer:
    """What an assessor settles on; a medium value where nothing else is said."""
    categories = tuple(given.pop("categories", ()))
    return AssessmentAnswer(
        **{"value": "medium", "reason": "detail", **given},
        categories=categories,
    )


def viewed(
    store: Store, actor: Actor, key: str = "B-1", value: str = "low", at: datetime = NOW
) -> int:
    """Read a record and give an own view of it; gives its version."""
    opened = open_record(store, actor, key, now=at)
    reading = opened.reading
    give_own_view(store, actor, key, value, (), reading, taxonomy=TAXONOMY, now=at)
    return opened.case.version


def settle(
    store: Store, actor: Actor, key: str = "B-1", at: datetime | None = None, **given: Any
) -> Assessed:
    """Assess a record of which an own view was given."""
    with store.reading() as unit:
        case = unit.cases.find(key)
    assert case is not None
    return assess(
        store,
        actor,
        key,
        answer(**given),
        taxonomy=TAXONOMY,
        expected_version=case.version,
        now=at or after(2),
    )


def assessed(store: Store, actor: Actor, key: str = "B-1", **given: Any) -> Assessed:
    """Read, view and assess a record."""
    viewed(store, actor, key)
    return settle(store, actor, key, **given)


def actions(store: Store) -> list[str]:
    """What the audit log holds, oldest first."""
    with store.reading() as unit:
        return [row.action for row in unit.audit.every()]
