"""Opening a record: a reading is kept, and what an assessor may see is given.

The suggested value is not part of it, whoever reads. Suggested categories are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from serving.actors import Actor
from serving.casework import held, moment, person, plainly
from serving.store.database import Store, Unit
from serving.store.records_assessing import (
    Assessment,
    CaseFile,
    Grading,
    OutcomeRow,
    OwnView,
    Remark,
)
from serving.store.records_intake import Linked, Subject

OPENED = "opened"
"""Kind of the exhibit that keeps what an assessor had before them when the record was opened."""

_FLAGS = (
    "urgency",
    "urgency_flags",
    "safeguarding",
    "safeguarding_flags",
    "source_alerts",
    "identifies_reporter",
)
_BESIDE = ("reference", "channel", "received_at", "fields", "due_at", "cycle", *_FLAGS)


@dataclass(frozen=True, slots=True)
class Standing:
    """The assessment that stands, without what had been suggested.

    Parameters
    ----------
    number
        By which it is countersigned.
    own
        Whether the reader made it.
    """

    number: int
    made_by: str
    own: bool
    value: str
    categories: tuple[str, ...]
    reason: str
    note: str | None
    closure_reason: str | None
    outcome: str | None
    awaits_second_person: bool
    second_person: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record as whoever assesses it sees it.

    Parameters
    ----------
    reading
        Number of this reading; an own view rests on it.
    details
        Investigable facts found at intake: ``kind``, ``text``, ``start``, ``end``.
    suggested_categories
        Each with ``category`` and ``probability``.
    defects
        What does not fit in the message that it came as: ``field`` and ``words`` among others.
    files
        How many files came with it.
    own_view
        The reader's own in this cycle, once it is given.
    standing
        The assessment of this cycle, or ``None``.
    """

    case: CaseFile
    reading: int
    details: tuple[Mapping[str, Any], ...]
    subjects: tuple[Subject, ...]
    suggested_categories: tuple[Mapping[str, Any], ...]
    defects: tuple[Mapping[str, str], ...]
    files: int
    links: tuple[Linked, ...]
    gradings: tuple[Grading, ...]
    outcomes: tuple[OutcomeRow, ...]
    remarks: tuple[Remark, ...]
    own_view: OwnView | None
    standing: Standing | None


def open_record(
    store: Store, actor: Actor, key: str, *, now: datetime | None = None
) -> OpenRecord:
    """Open a record: the reading is kept and logged.

    What whoever may decide has before them while the record waits is kept as an exhibit.

    Raises
    ------
    NotFound
        When there is no such record.
    Forbidden
        When the actor may not read records.
    """
    account, at = person(actor, "read_records"), moment(now)
    with store.writing() as unit:
        case = held(unit, key)
        number = unit.assessments.add_reading(case.id, account, case.cycle, at)
        opened = _opened(unit, case, number, account)
        logged: dict[str, Any] = {"reading": number, "cycle": case.cycle}
        if case.status == "unassessed" and case.erased_at is None and _may_decide(actor):
            logged["exhibit"] = unit.exhibits.add(
                case.id, actor, OPENED, shown(opened), case.narrative, now=at
            )
        unit.audit.append(actor, "read allegation", case.key, logged)
    return opened


def shown(opened: OpenRecord) -> dict[str, Any]:
    """Give all that stands beside the narrative, as plain JSON."""
    named = ("details", "suggested_categories", "defects", "files")
    lists = ("subjects", "links", "gradings", "outcomes", "remarks")
    return {
        **{name: plainly(getattr(opened.case, name)) for name in _BESIDE},
        **{name: plainly(getattr(opened, name)) for name in named},
        **{name: [plainly(asdict(one)) for one in getattr(opened, name)] for name in lists},
        "standing": plainly(asdict(opened.standing)) if opened.standing else None,
    }


def _may_decide(actor: Actor) -> bool:
    return actor.may("assess") or actor.may("countersign")


def _opened(unit: Unit, case: CaseFile, number: int, account: int) -> OpenRecord:
    kept = unit.intake.suggestion(case.id)
    content: Mapping[str, Any] = kept.content if kept else {}
    made = unit.assessments.standing(case.id, case.cycle)
    message = unit.messages.of(case.id)
    return OpenRecord(
        case=case,
        reading=number,
        details=tuple(content.get("details", ())),
        subjects=tuple(unit.intake.subjects(case.id)),
        suggested_categories=tuple(content.get("categories", ())),
        defects=message.defects if message else (),
        files=len(message.attachments) if message else 0,
        links=tuple(unit.links.of(case.id)),
        gradings=tuple(unit.notes.gradings(case.id)),
        outcomes=tuple(unit.notes.outcomes(case.id)),
        remarks=tuple(unit.notes.remarks(case.id)),
        own_view=unit.assessments.own_view_of(case.id, case.cycle, account),
        standing=_standing(made, account) if made else None,
    )


def _standing(made: Assessment, account: int) -> Standing:
    return Standing(
        number=made.id,
        made_by=made.made_by,
        own=made.account_id == account,
        value=made.value,
        categories=made.categories,
        reason=made.reason,
        note=made.note,
        closure_reason=made.closure_reason,
        outcome=made.outcome,
        awaits_second_person=made.awaits_second_person,
        second_person=made.second_person,
        made_at=made.made_at,
    )
