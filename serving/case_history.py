"""What happened to a record, in order, for those who may read it.

What the model suggested is left out for whoever could still assess the record or look at it again
without having given a view of their own. Second looks are left out for reviewers, who may be
asked for a second opinion without knowing the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from serving.actors import Actor
from serving.casework import held, person
from serving.store.database import Store, Unit
from serving.store.records_assessing import (
    Assessment,
    CaseFile,
    Grading,
    OutcomeRow,
    OwnView,
    Remark,
    SecondLookRow,
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record.

    Parameters
    ----------
    what
        ``received``, ``own_view``, ``assessment``, ``second_person``, ``withdrawn``,
        ``grading``, ``outcome``, ``remark``, ``second_look`` or ``second_look_withdrawn``.
    by
        Who did it, or empty where nobody in particular did.
    details
        Codes, numbers and notes.
    """

    at: datetime
    what: str
    by: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """The events of a record, oldest first."""

    key: str
    reference: str
    status: str
    cycle: int
    version: int
    events: tuple[Event, ...]


def history(store: Store, actor: Actor, key: str) -> History:
    """Tell what happened to a record; that it was asked for is logged.

    Raises
    ------
    NotFound
        When there is no such record.
    """
    account = person(actor, "read_records")
    with store.writing() as unit:
        case = held(unit, key)
        views = unit.assessments.own_views(case.id)
        mine = {one.cycle for one, _ in views if one.account_id == account}
        told = [Event(case.imported_at, "received", "", {"origin": case.origin})]
        told += [_of_view(view, by) for view, by in views]
        for made in unit.assessments.of(case.id):
            told += _of_assessment(made, may_see=made.cycle in mine or _decides_nothing(actor))
        told += _of_notes(unit, case)
        told += _of_second_looks(actor, unit.cases.second_looks(case.id))
        unit.audit.append(actor, "read history", case.key, {"events": len(told)})
    events = tuple(sorted(told, key=lambda one: one.at))
    return History(case.key, case.reference, case.status, case.cycle, case.version, events)


def _decides_nothing(actor: Actor) -> bool:
    return not (actor.may("assess") or actor.may("countersign") or actor.may("review"))


def _of_view(view: OwnView, by: str) -> Event:
    kept = {"value": view.value, "categories": list(view.categories), "cycle": view.cycle}
    return Event(view.made_at, "own_view", by, kept)


def _of_assessment(made: Assessment, *, may_see: bool) -> Iterator[Event]:
    kept = ("id", "value", "reason", "note", "closure_reason", "outcome", "changed", "cycle")
    details: dict[str, Any] = {name: getattr(made, name) for name in kept}
    details["categories"] = list(made.categories)
    if may_see:
        details["suggested_value"] = made.suggested_value
        details["model_version"] = made.model_version
    yield Event(made.made_at, "assessment", made.made_by, details)
    if made.second_person_at:
        said = {"agreed": made.second_person_agreed, "note": made.second_person_note}
        yield Event(made.second_person_at, "second_person", made.second_person or "", said)
    if made.withdrawn_at and made.second_person_at is None:
        yield Event(made.withdrawn_at, "withdrawn", made.made_by, {"id": made.id})


def _of_notes(unit: Unit, case: CaseFile) -> Iterator[Event]:
    rows: dict[str, Sequence[Grading | OutcomeRow | Remark]] = {
        "grading": unit.notes.gradings(case.id),
        "outcome": unit.notes.outcomes(case.id),
        "remark": unit.notes.remarks(case.id),
    }
    for what, several in rows.items():
        for one in several:
            details = asdict(one)
            by, at = details.pop("made_by"), details.pop("made_at")
            yield Event(at, what, by, details)


def _of_second_looks(actor: Actor, rows: list[SecondLookRow]) -> Iterator[Event]:
    for row in rows:
        if actor.may("review") and row.reviewer_id != actor.id:
            continue
        details = {name: getattr(row, name) for name in ("verdict", "value", "reason", "note")}
        yield Event(row.decided_at, "second_look", row.reviewer or "", details)
        if row.withdrawn_at:
            yield Event(row.withdrawn_at, "second_look_withdrawn", row.reviewer or "")
