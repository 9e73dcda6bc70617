"""What a lead has to know before keeping or erasing a record, and after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from serving.actors import Actor
from serving.errors import Conflict, NotFound
from serving.queues import QUEUE
from serving.retention import models_trained_on
from serving.store.database import Store, Unit
from serving.store.records_intake import Case
from serving.store.records_oversight import Erasure, Kept


@dataclass(frozen=True, slots=True)
class Review:
    """A record whose retention is reviewed, without its text.

    Parameters
    ----------
    kept
        Why it was kept before, oldest first.
    """

    key: str
    reference: str
    received_at: datetime | None
    status: str
    safeguarding: bool
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class Doomed:
    """What an erasure would take away.

    Parameters
    ----------
    characters
        Length of the narrative.
    people
        Whom it speaks of.
    links
        Allegations that it is linked to.
    reporter, message
        Whether it is kept who reported, and the message as it came.
    models
        Kept models that were trained on it; they stay as they are until trained anew.
    """

    key: str
    reference: str
    characters: int
    people: int
    links: int
    reporter: bool
    message: bool
    models: tuple[str, ...]


def review(store: Store, actor: Actor, key: str) -> Review:
    """Give a record to be kept or erased; the reading is logged.

    Raises
    ------
    NotFound
        When there is no such record.
    Conflict
        When it was erased.
    """
    with store.writing() as unit:
        case = _case(unit, key)
        kept = tuple(unit.retention.reviews(case.id))
        unit.audit.append(actor, "read for retention", key, {"version": case.version})
    return Review(case.key, case.reference, case.received_at, case.status, case.safeguarding, kept)


def doomed(store: Store, actor: Actor, key: str, *, models_dir: Path) -> Doomed:
    """Say what an erasure would take away; the reading is logged.

    Raises
    ------
    NotFound
        When there is no such record.
    Conflict
        When it was erased.
    """
    with store.writing() as unit:
        case = _case(unit, key)
        people = len(unit.intake.subjects(case.id))
        links = len(unit.links.of(case.id))
        message = unit.messages.of(case.id) is not None
        unit.audit.append(actor, "read for erasure", key, {"version": case.version})
    return Doomed(
        case.key,
        case.reference,
        len(case.narrative),
        people,
        links,
        case.reporter_reference is not None,
        message,
        models_trained_on(models_dir, case.narrative),
    )


def erasure(store: Store, key: str) -> tuple[str, Erasure]:
    """Give the reference of an erased record, and its erasure.

    Raises
    ------
    NotFound
        When there is no such record, or it was not erased.
    """
    with store.reading() as unit:
        case = unit.intake.by_key(QUEUE, key)
        found = unit.retention.erasure_of(case.id) if case else None
    if case is None or found is None:
        raise NotFound("no erased allegation has that reference")
    return case.reference, found


def _case(unit: Unit, key: str) -> Case:
    case = unit.intake.by_key(QUEUE, key)
    if case is None:
        raise NotFound("there is no allegation of that reference")
    if case.erased_at is not None:
        raise Conflict("it was erased already")
    return case
