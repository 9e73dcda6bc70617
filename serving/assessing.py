"""Assessing: the value that an assessor settles on, one record at a time.

The reason is asked for in the same words and at the same length whether the suggestion is followed
or not. There is no way to assess several records at once, and the store refuses a closure without
a reading, an own view and an assessment of its own.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.assessment_rules import AssessmentAnswer, checked, closure, needs_two
from serving.casework import held, moment, not_erased, person, unchanged
from serving.errors import Conflict, NotAllowed
from serving.opening import OPENED
from serving.store.audit import canonical, sha256
from serving.store.database import Store, Unit
from serving.store.records_assessing import Assessment, CaseFile, NewAssessment, OwnView
from serving.suggestion_shown import SUGGESTION

REPEATED = "Idempotency-Key"


@dataclass(frozen=True, slots=True)
class Assessed:
    """An assessment as recorded.

    Parameters
    ----------
    status
        Of the record after it: still ``unassessed`` where a second person has to agree.
    version
        Of the record after it.
    changed
        Whether value or categories differ from the own view.
    repeated
        Whether the same request had been answered before, so that nothing was done.
    """

    assessment: int
    key: str
    status: str
    version: int
    value: str
    own_value: str
    suggested_value: str | None
    changed: bool
    closure_reason: str | None
    outcome: str | None
    awaits_second_person: bool
    repeated: bool = False


def assess(
    store: Store,
    actor: Actor,
    key: str,
    answer: AssessmentAnswer,
    *,
    taxonomy: Taxonomy,
    expected_version: int | None,
    idempotency_key: str | None = None,
    now: datetime | None = None,
) -> Assessed:
    """Record an assessment, once: the record is open from now on, or closed.

    A flagged record is not closed by one person as of no value, at the lowest value or as
    suspected false: it then awaits a second person and stays on the list.

    Parameters
    ----------
    expected_version
        The version that was read.
    idempotency_key
        The same key with the same request gives the first answer again and changes nothing.

    Raises
    ------
    Conflict
        When there is no own view yet, or the record waits for no assessment.
    NotAllowed
        When the answer breaks a rule; names the field.
    Stale, Unconditional
        When the record changed since it was read, or the version is not said.
    """
    account, at = person(actor, "assess"), moment(now)
    sent = sha256(canonical([account, key, asdict(answer)]))
    kept_as = sha256(f"assess {account} {idempotency_key}") if idempotency_key else None
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        kept = unit.keys.find(kept_as) if kept_as else None
        if kept and kept.request_sha256 != sent:
            raise NotAllowed(REPEATED, "was used for another request before")
        if kept:
            return Assessed(**kept.response, repeated=True)
        unchanged(case, expected_version)
        view = _own_view(unit, case, account)
        new = _new(unit, case, view, checked(answer, case, taxonomy), taxonomy, at)
        done = _record(unit, case, new, taxonomy)
        if kept_as:
            response = {name: value for name, value in asdict(done).items() if name != "repeated"}
            unit.keys.keep(kept_as, sent, response, now=at)
        unit.audit.append(actor, "assessed allegation", case.key, _logged(case, new, done))
    return done


def close_or_open(
    unit: Unit, case: CaseFile, made: NewAssessment, taxonomy: Taxonomy, at: datetime
) -> str:
    """Put a record into the state that an assessment gives it; gives its status."""
    reason = closure(made.closure_reason, taxonomy)
    status = "closed" if made.closes else "open"
    unit.cases.change(
        case.id,
        status=status,
        first_value=made.value,
        categories=list(made.categories),
        dismissed=bool(made.closes and reason and reason.second_look),
        assessed_at=made.made_at,
        assessed_by=made.account_id,
        closure_reason=made.closure_reason if made.closes else None,
        closed_at=at if made.closes else None,
        outcome=made.outcome,
    )
    if made.closes and made.outcome:
        unit.notes.add_outcome(case.id, made.account_id, made.outcome, None, at)
    return status


def _own_view(unit: Unit, case: CaseFile, account: int) -> OwnView:
    made = unit.assessments.standing(case.id, case.cycle)
    if made and made.awaits_second_person:
        raise Conflict("the record awaits a second person; agree or disagree with its assessment")
    if made or case.status != "unassessed":
        raise Conflict("the record waits for no assessment; take it up again first")
    view = unit.assessments.own_view_of(case.id, case.cycle, account)
    if view is None:
        raise Conflict("read the record and give your own view first")
    return view


def _new(
    unit: Unit,
    case: CaseFile,
    view: OwnView,
    answer: AssessmentAnswer,
    taxonomy: Taxonomy,
    at: datetime,
) -> NewAssessment:
    reason = closure(answer.closure_reason, taxonomy)
    awaits = needs_two(case, answer.value, reason)
    suggested, model, exhibit = _seen(unit, view)
    reading = unit.assessments.reading(view.reading_id)
    assert reading is not None  # noqa: S101 - the own view refers to it
    return NewAssessment(
        own_view_id=view.id,
        allegation_id=case.id,
        account_id=view.account_id,
        account_kind="person",
        cycle=case.cycle,
        **asdict(answer),
        model_version=model,
        suggested_value=suggested,
        changed=answer.value != view.value or set(answer.categories) != set(view.categories),
        no_value=bool(reason and reason.second_look),
        safeguarding=case.safeguarding,
        closes=reason is not None and not awaits,
        awaits_second_person=awaits,
        exhibit_id=exhibit
        or unit.assessments.exhibit_of(case.id, view.account_id, OPENED, reading.read_at),
        seconds=max(0.0, (at - reading.read_at).total_seconds()),
        made_at=at,
    )


def _seen(unit: Unit, view: OwnView) -> tuple[str | None, str | None, int | None]:
    """Value, model and exhibit of the suggestion that the assessor was shown, if any was."""
    who = view.allegation_id, view.account_id
    number = unit.assessments.exhibit_of(*who, SUGGESTION, view.made_at)
    exhibit = unit.exhibits.by_id(number) if number else None
    if exhibit is None or exhibit.content is None:
        return None, None, number
    return exhibit.content.get("value"), exhibit.model_version, number


def _record(unit: Unit, case: CaseFile, new: NewAssessment, taxonomy: Taxonomy) -> Assessed:
    made: Assessment = unit.assessments.add(new)
    if made.awaits_second_person:
        unit.cases.change(case.id)
        status = case.status
    else:
        status = close_or_open(unit, case, made, taxonomy, new.made_at)
    return told(case, made, status)


def told(case: CaseFile, made: Assessment, status: str) -> Assessed:
    """Tell what became of an assessment and its record, after one change of the record."""
    return Assessed(
        assessment=made.id,
        key=case.key,
        status=status,
        version=case.version + 1,
        value=made.value,
        own_value=made.own_value,
        suggested_value=made.suggested_value,
        changed=made.changed,
        closure_reason=made.closure_reason,
        outcome=made.outcome,
        awaits_second_person=made.awaits_second_person,
    )


def _logged(case: CaseFile, new: NewAssessment, done: Assessed) -> dict[str, Any]:
    kept = ("assessment", "value", "own_value", "suggested_value", "closure_reason", "outcome")
    return {
        **{name: getattr(done, name) for name in (*kept, "status", "awaits_second_person")},
        "reason": new.reason,
        "categories": list(new.categories),
        "cycle": new.cycle,
        "model_version": new.model_version,
        "exhibit": new.exhibit_id,
        "inputs_sha256": sha256(case.narrative),
        "note_length": len(new.note or ""),
    }
