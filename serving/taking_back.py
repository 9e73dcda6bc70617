"""Taking an assessment back while there is time, and taking an open record up again."""

from __future__ import annotations

from datetime import datetime, timedelta

from serving.actors import Actor
from serving.casework import held, moment, not_erased, person, unchanged
from serving.errors import Conflict, Forbidden
from serving.store.database import Store, Unit
from serving.store.records_assessing import Assessment, CaseFile

UNDO_MINUTES = 10


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
