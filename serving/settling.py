"""After an assessment: a second person's answer, taking it back, taking a record up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.assessing import Assessed, close_or_open, told
from serving.casework import held, moment, not_erased, noted, person, unchanged
from serving.errors import Conflict, Forbidden, NotFound
from serving.opening import OPENED
from serving.store.database import Store, Unit
from serving.store.records_assessing import Assessment, CaseFile

UNDO_MINUTES = 10
SAY_WHY = "is needed: say why, whether you agree or not"


def countersign(
    store: Store,
    actor: Actor,
    number: int,
    agree: bool,
    note: str,
    *,
    taxonomy: Taxonomy,
    key: str | None = None,
    now: datetime | None = None,
) -> Assessed:
    """Agree or disagree, as the second person, with closing a flagged record.

    Agreeing closes it. Disagreeing withdraws the assessment, and the record is assessed anew.
    Either takes a note.

    Parameters
    ----------
    number
        Of the assessment.
    key
        Of the record that it is taken to be of, where the caller says so.

    Raises
    ------
    NotFound
        When there is no such assessment.
    Forbidden
        When it is the actor's own.
    Conflict
        When it awaits nobody, or the actor has not opened the record since it was made.
    """
    account, at = person(actor, "countersign"), moment(now)
    with store.writing() as unit:
        case, made = _awaiting(unit, number, key)
        if made.account_id == account:
            raise Forbidden("nobody countersigns an assessment of their own")
        if not unit.assessments.has_read(case.id, case.cycle, account, made.made_at):
            raise Conflict("open the record with this assessment and read it first")
        said = noted(note, needed=SAY_WHY)
        unit.assessments.settle(made.id, account, agreed=agree, note=said, now=at)
        done = _settled(unit, case, made, agree=agree, taxonomy=taxonomy, at=at)
        exhibit = unit.assessments.exhibit_of(case.id, account, OPENED, made.made_at)
        logged = {"assessment": number, "status": done.status, "exhibit": exhibit}
        logged["note_length"] = len(said or "")
        action = "agreed to assessment" if agree else "disagreed with assessment"
        unit.audit.append(actor, action, case.key, logged)
    return done


def undo(
    store: Store,
    actor: Actor,
    key: str,
    *,
    undo_minutes: int = UNDO_MINUTES,
    now: datetime | None = None,
) -> int:
    """Take back one's own assessment: the record waits for another; gives its version.

    The own view stays as it was given. An assessment that still awaits a second person can be
    taken back at any time.

    Parameters
    ----------
    undo_minutes
        How long after it was made.

    Raises
    ------
    Forbidden
        When somebody else made it.
    Conflict
        When there is none, it is too late, or a second look has begun.
    """
    account, at = person(actor, "assess"), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        made = unit.assessments.standing(case.id, case.cycle)
        if made is None:
            raise Conflict("no assessment stands that could be taken back")
        if made.account_id != account:
            raise Forbidden("only its maker takes an assessment back")
        _still_time(unit, case, made, timedelta(minutes=undo_minutes), at)
        _reopen(unit, case, made, at)
        unit.audit.append(actor, "took back assessment", case.key, {"assessment": made.id})
    return case.version + 1


def take_up(
    store: Store,
    actor: Actor,
    key: str,
    *,
    expected_version: int | None,
    due_at: datetime | None = None,
    now: datetime | None = None,
) -> int:
    """Take an open record up again, to close it or to value it otherwise; gives its version.

    It begins its next cycle and waits for an assessment, as a reopened one does; the earlier
    assessment stands in its own cycle.

    Parameters
    ----------
    due_at
        When the next assessment is due, or ``None`` for no time.

    Raises
    ------
    Conflict
        When the record is not open.
    """
    person(actor, "assess")
    moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        unchanged(case, expected_version)
        if case.status != "open":
            raise Conflict("only an open record is taken up again")
        unit.cases.change(
            case.id,
            status="unassessed",
            cycle=case.cycle + 1,
            assessed_at=None,
            assessed_by=None,
            due_at=due_at,
        )
        logged = {"cycle": case.cycle + 1, "value": case.first_value}
        unit.audit.append(actor, "took up allegation", case.key, logged)
    return case.version + 1


def _awaiting(unit: Unit, number: int, expected: str | None) -> tuple[CaseFile, Assessment]:
    found = unit.assessments.by_id(number)
    key = unit.assessments.key_of(number)
    if found is None or key is None or expected not in {None, key}:
        raise NotFound("there is no assessment of that number")
    case = not_erased(held(unit, key))
    # once more, now that nobody can change it
    made = unit.assessments.by_id(number) or found
    if not made.awaits_second_person or made.withdrawn_at or made.cycle != case.cycle:
        raise Conflict("the assessment awaits nobody")
    return case, made


def _settled(
    unit: Unit,
    case: CaseFile,
    made: Assessment,
    *,
    agree: bool,
    taxonomy: Taxonomy,
    at: datetime,
) -> Assessed:
    # what had been suggested to its maker is not for the second person
    settled = replace(made, awaits_second_person=False, closes=agree, suggested_value=None)
    if not agree:
        unit.cases.change(case.id)
        return told(case, settled, case.status)
    status = close_or_open(unit, case, settled, taxonomy, at)
    return told(case, settled, status)


def _still_time(
    unit: Unit, case: CaseFile, made: Assessment, within: timedelta, at: datetime
) -> None:
    if made.awaits_second_person:
        return
    if at - made.made_at > within:
        minutes = int(within.total_seconds() // 60)
        raise Conflict(f"an assessment can be taken back for {minutes} minutes, not later")
    if unit.cases.looked_at_again(case.id, at):
        raise Conflict("a second look has begun; the assessment stands")


def _reopen(unit: Unit, case: CaseFile, made: Assessment, at: datetime) -> None:
    earlier = unit.assessments.before(case.id, case.cycle)
    if made.awaits_second_person:
        unit.cases.change(case.id)
    else:
        # first the record, then the assessment: the store keeps a closed record's assessment
        unit.cases.change(
            case.id,
            status="unassessed",
            first_value=earlier.value if earlier else None,
            dismissed=False,
            assessed_at=None,
            assessed_by=None,
            closure_reason=None,
            closed_at=None,
            outcome=None,
        )
    unit.assessments.withdraw(made.id, at)
