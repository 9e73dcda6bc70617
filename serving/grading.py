"""What people add to a record: its grade by 3x5x2, what came of it, remarks.

Each is only ever added; the newest grade and the newest outcome hold. No model is given any of
it: a source's grade says who spoke, not what was said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.actors import Actor, Permission
from serving.casework import held, moment, not_erased, noted, one_of, person
from serving.errors import Conflict, NotAllowed
from serving.store.database import Store, Unit
from serving.store.records_assessing import CaseFile

SOURCE: dict[int, str] = {1: "Reliable", 2: "Untested", 3: "Not reliable"}
INFORMATION: dict[str, str] = {
    "A": "Known directly to the source",
    "B": "Known indirectly to the source, but corroborated",
    "C": "Known indirectly to the source",
    "D": "Not known",
    "E": "Suspected to be false",
}
HANDLING: dict[str, str] = {
    "P": "Lawful sharing permitted",
    "C": "Lawful sharing permitted with conditions",
}
BLOCKS_SHARING = "risk_if_used"
"""The source-handling alert with which nothing is shared without conditions."""

UNSAFE = "must be C: using the information may put somebody at risk"


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade by 3x5x2.

    Parameters
    ----------
    source
        1 reliable, 2 untested, 3 not reliable. An anonymous report is 2, which speaks for no
        value in particular.
    information
        A to E.
    handling
        P, or C with conditions.
    """

    source: int
    information: str
    handling: str
    conditions: str | None = None


def grade(
    store: Store, actor: Actor, key: str, given: Grade, *, now: datetime | None = None
) -> int:
    """Grade a record; gives its version. Earlier grades are kept.

    Raises
    ------
    NotAllowed
        When a code is unknown, conditions are missing, or using the information may put
        somebody at risk and sharing is permitted without conditions.
    """
    account, at = person(actor, "assess"), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        conditions = _conditions(case, given)
        unit.notes.add_grading(
            case.id,
            account,
            source=given.source,
            information=given.information,
            handling=given.handling,
            conditions=conditions,
            now=at,
        )
        code = f"{given.source}{given.information}{given.handling}"
        return _added(unit, actor, case, "graded allegation", {"grade": code})


def record_outcome(
    store: Store,
    actor: Actor,
    key: str,
    outcome: str,
    note: str | None = None,
    *,
    taxonomy: Taxonomy,
    now: datetime | None = None,
) -> int:
    """Record what came of an allegation, at its closure or long after; gives its version.

    Earlier outcomes are kept. A dismissal that a second look overturned leaves the list of those
    to be worked once its outcome is recorded.

    Raises
    ------
    Conflict
        When the record has not been assessed.
    """
    account, at = person(actor, "record_outcome"), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        if case.status == "unassessed":
            raise Conflict("the record has not been assessed; nothing can have come of it yet")
        one_of(outcome, taxonomy.outcome_codes, "/outcome")
        said = noted(note)
        unit.notes.add_outcome(case.id, account, outcome, said, at)
        logged = {"outcome": outcome, "before": case.outcome, "note_length": len(said or "")}
        return _added(unit, actor, case, "recorded outcome", logged, outcome=outcome)


def remark(store: Store, actor: Actor, key: str, text: str, *, now: datetime | None = None) -> int:
    """Note something on a record; gives its version.

    Raises
    ------
    NotAllowed
        When the text is blank or too long.
    """
    permission: Permission = "record_outcome"
    account, at = person(actor, permission), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        said = noted(text, needed="must not be blank", field="/text") or ""
        unit.notes.add_remark(case.id, account, said, at)
        return _added(unit, actor, case, "remarked on allegation", {"length": len(said)})


def _conditions(case: CaseFile, given: Grade) -> str | None:
    if given.source not in SOURCE:
        raise NotAllowed("/source", "must be 1, 2 or 3")
    one_of(given.information, tuple(INFORMATION), "/information")
    one_of(given.handling, tuple(HANDLING), "/handling")
    if given.handling == "P":
        if any(one.get("code") == BLOCKS_SHARING for one in case.source_alerts):
            raise NotAllowed(
                "/handling", "must be C: using the information may put somebody at risk"
            )
        if (given.conditions or "").strip():
            raise NotAllowed("/conditions", "are given only where handling is C")
        return None
    return noted(given.conditions, needed="are needed where handling is C", field="/conditions")


def _added(
    unit: Unit,
    actor: Actor,
    case: CaseFile,
    action: str,
    logged: dict[str, Any],
    **changes: Any,  # noqa: ANN401
) -> int:
    unit.cases.change(case.id, **changes)
    unit.audit.append(actor, action, case.key, logged)
    return case.version + 1
