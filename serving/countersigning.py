"""The second person: agrees or not with closing a record that is flagged for safeguarding."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.assessing import Assessed, close_or_open, told
from serving.casework import held, moment, not_erased, noted, person
from serving.errors import Conflict, Forbidden, NotFound
from serving.opening import OPENED
from serving.store.database import Store, Unit
from serving.store.records_assessing import Assessment, CaseFile

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
