"""Putting an allegation's page together: what is read, and the one step that the reader is at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.case_history import History
from serving.clock import Clock
from serving.opening import OpenRecord
from serving.parts.records import Fact, narrative
from serving.store.records_intake import Case, Subject
from serving.suggestion_shown import Shown
from serving.views import moment
from serving.views_assess import LinkView, PartyView, RecordPage
from serving.views_assess_asking import (
    Typed,
    decision_form,
    grade_form,
    outcome_form,
    own_view_form,
    remark_form,
    second_person_form,
    standing_view,
)
from serving.views_assess_reading import (
    answers,
    defects,
    header,
    linked_tags,
    missing,
    noticed,
    overturned,
    side_by_side,
    timeline,
    why_linked,
)

PARTIES: Final[Mapping[str, str]] = {
    "alleged_offender": "Person",
    "organisation": "Organisation",
    "journey": "Journey",
}
OVERTURNED: Final = "A second look overturned this closure. Its value is now:"
ERASED: Final = "The text of this record was erased. Nothing is left to work on."


@dataclass(frozen=True, slots=True)
class Rules:
    """What an operator set that a page tells.

    Parameters
    ----------
    clock
        How the time limit is counted.
    undo_minutes
        How long an assessment can be taken back.
    """

    taxonomy: Taxonomy
    clock: Clock
    undo_minutes: int


def record_page(
    opened: OpenRecord,
    past: History,
    shown: Shown | None,
    actor: Actor,
    rules: Rules,
    *,
    typed: Typed,
    beside: Case | None,
    now: datetime,
) -> RecordPage:
    """Make the context of one allegation's page.

    Parameters
    ----------
    past
        What happened to the record.
    shown
        The suggestion, or ``None`` before the reader's own view.
    typed
        What was typed into a form that could not be taken.
    beside
        A linked record to set beside it.
    """
    case, taxonomy = opened.case, rules.taxonomy
    erased = case.erased_at is not None
    again = overturned(past.events) if case.status == "closed" else None
    return RecordPage(
        key=case.key,
        header=header(opened, taxonomy, rules.clock, now),
        narrative=narrative(case.narrative, opened.details),
        identifies=case.identifies_reporter,
        noticed=noticed(case),
        missing=() if erased else missing(opened),
        defects=defects(opened),
        answers=answers(case.fields, taxonomy),
        parties=tuple(_parties(opened.subjects, taxonomy)),
        links=_links(opened, taxonomy),
        beside=side_by_side(opened, beside) if beside else None,
        events=timeline(past.events, taxonomy),
        works=actor.may("assess"),
        **_steps(opened, shown, actor, rules, typed, now, again),
        **_additions(opened, actor, typed, taxonomy, again),
    )


def asks_for_a_view(opened: OpenRecord, actor: Actor) -> bool:
    """Whether the reader is one who may assess this record, as it is now."""
    case = opened.case
    waits = case.status == "unassessed" and case.erased_at is None and opened.standing is None
    return waits and actor.may("assess")


def _steps(
    opened: OpenRecord,
    shown: Shown | None,
    actor: Actor,
    rules: Rules,
    typed: Typed,
    now: datetime,
    again: str | None,
) -> dict[str, Any]:
    asked = asks_for_a_view(opened, actor)
    taxonomy, reference = rules.taxonomy, opened.case.reference
    own = decision = second = None
    title = f"Allegation {reference}"
    if asked and shown is None:
        own = own_view_form(opened, typed.of("own_view"), taxonomy)
        title = f"Your own view: {reference}"
    elif asked and shown is not None:
        decision = decision_form(opened, shown, typed.of("decision"), taxonomy)
        title = f"Suggestion and assessment: {reference}"
    elif actor.may("countersign") and opened.case.erased_at is None:
        second = second_person_form(opened, typed.of("second_person"))
    standing = standing_view(
        opened,
        taxonomy,
        assesses=actor.may("assess"),
        undo_minutes=rules.undo_minutes,
        now=now,
    )
    if second:
        title = f"For a second person: {reference}"
    elif standing and standing.undo:
        title = f"Assessed: {reference}"
    return {
        "title": title,
        "own_view": own,
        "decision": decision,
        "second_person": second,
        "standing": standing,
        "kept": _kept(typed, {"decision": decision, "second_person": second}),
        "waiting": _waiting(opened, taxonomy.title(again) if again else "", asked=asked),
    }


def _kept(typed: Typed, asked: Mapping[str, object | None]) -> str:
    """Give what was written into a form that somebody else made needless meanwhile."""
    return typed.text("note") if asked.get(typed.form, typed) is None else ""


def _waiting(opened: OpenRecord, again: str, *, asked: bool) -> str:
    if opened.case.erased_at is not None:
        return ERASED
    if again:
        return f"{OVERTURNED} {again}. Pursue it, and record what came of it."
    if opened.standing is None and not asked and opened.case.status == "unassessed":
        return "It waits for an assessor."
    if opened.standing is None and opened.case.status != "unassessed":
        return "It was assessed before it came into this service."
    return ""


def _additions(
    opened: OpenRecord, actor: Actor, typed: Typed, taxonomy: Taxonomy, again: str | None
) -> dict[str, Any]:
    there = opened.case.erased_at is None
    adds = there and actor.may("record_outcome")
    assessed = opened.case.status != "unassessed"
    return {
        "grade": grade_form(opened, typed.of("grade")) if there and actor.may("assess") else None,
        "outcome": outcome_form(typed.of("outcome"), taxonomy, unfolded=again is not None)
        if adds and assessed
        else None,
        "remark": remark_form(typed.of("remark")) if adds else None,
    }


def _parties(subjects: tuple[Subject, ...], taxonomy: Taxonomy) -> list[PartyView]:
    return [
        PartyView(PARTIES.get(one.part, one.part), facts)
        for one in subjects
        if (facts := answers(one.details, taxonomy))
    ]


def _links(opened: OpenRecord, taxonomy: Taxonomy) -> tuple[LinkView, ...]:
    views = []
    for one in opened.links:
        received = moment(one.received_at) if one.received_at else "Not known"
        facts = [Fact("Received", received)]
        if one.closure_reason:
            facts.append(Fact("Closed as", taxonomy.title(one.closure_reason)))
        views.append(
            LinkView(one.key, one.reference, why_linked(one.kinds), linked_tags(one), tuple(facts))
        )
    return tuple(views)
