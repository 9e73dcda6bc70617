"""Retention: review dates, recorded reasons to keep, and erasure.

Keeping everything is unlawful; erasing without a record is no better. Police practice is a
periodic, recorded review (College of Policing, *Management of police information*).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.errors import SecondLookError
from model.predictor import Predictor
from serving.actors import Actor
from serving.errors import Conflict, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.store.audit import sha256
from serving.store.database import Store, Unit
from serving.store.records import StoredAllegation
from serving.store.records_oversight import Due, Erasure, Kept

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure did.

    Parameters
    ----------
    models
        Names of the kept models that were trained on the record. Training again without it is
        the way to take it out of them.
    """

    reference: str
    models: tuple[str, ...]
    at: datetime


def due(
    store: Store,
    actor: Actor,
    *,
    keep_days: int,
    now: datetime | None = None,
    limit: int = 100,
) -> list[Due]:
    """List records whose review date has come; the listing is recorded.

    Parameters
    ----------
    keep_days
        Days after which a record that was never reviewed is due.
    """
    now = now or datetime.now(UTC)
    before = now - timedelta(days=keep_days)
    with store.writing() as unit:
        found = unit.retention.due(now, received_before=before, limit=limit)
        unit.audit.append(actor, "listed retention reviews", None, {"records": len(found)})
    return found


def keep(
    store: Store,
    actor: Actor,
    key: str,
    *,
    until: datetime,
    reason: str,
    now: datetime | None = None,
) -> None:
    """Keep a record until a later review, and say why.

    Raises
    ------
    NotFound
        When there is no such record.
    NotAllowed
        When no reason is given, or the date has passed.
    """
    now = now or datetime.now(UTC)
    _say_why(reason)
    if until <= now:
        raise NotAllowed("/until", "must lie in the future")
    with store.writing() as unit:
        record = _record(unit, key)
        unit.retention.keep(Kept(record.id, _person(actor), until, reason.strip(), now))
        unit.audit.append(
            actor,
            "kept allegation",
            key,
            {"until": until.isoformat(), "reason_sha256": sha256(reason)},
        )


def erase(
    store: Store,
    actor: Actor,
    key: str,
    *,
    reason: str,
    models_dir: Path,
    now: datetime | None = None,
) -> Erased:
    """Erase a record's text, people, notes and whatever was worked out from them.

    Decisions, codes, times and digests stay, so that the audit log still verifies and figures
    do not change behind anybody's back.

    Parameters
    ----------
    models_dir
        Folder of kept models; those trained on the record are named.

    Raises
    ------
    NotFound
        When there is no such record.
    Conflict
        When it was erased before.
    NotAllowed
        When no reason is given.
    """
    now = now or datetime.now(UTC)
    _say_why(reason)
    with store.reading() as unit:
        narrative = _record(unit, key).narrative
    models = models_trained_on(models_dir, narrative)
    with store.writing() as unit:
        record = _record(unit, key)
        unit.retention.erase(
            Erasure(record.id, _person(actor), reason.strip(), models, now), record.key
        )
        unit.audit.append(
            actor,
            "erased allegation",
            key,
            {"models": list(models), "narrative_sha256": sha256(narrative)},
        )
    return Erased(record.reference, models, now)


def models_trained_on(models_dir: Path, narrative: str) -> tuple[str, ...]:
    """Name the kept models that were trained on a narrative.

    A model that cannot be read is named too, with a question mark: it may have been.
    """
    found = []
    for folder in sorted(models_dir.glob(f"*/{MANIFEST}")):
        name = folder.parent.name
        try:
            if Predictor.load(folder.parent).trained_on([narrative])[0]:
                found.append(name)
        except SecondLookError:
            found.append(f"{name}?")
    return tuple(found)


def _record(unit: Unit, key: str) -> StoredAllegation:
    record = unit.allegations.by_key(QUEUE, key)
    if record is None:
        raise NotFound("there is no allegation of that reference")
    if unit.retention.erasure_of(record.id):
        raise Conflict("it was erased already")
    return record


def _say_why(reason: str) -> None:
    if not reason.strip():
        raise NotAllowed("/reason", "must say why")


def _person(actor: Actor) -> int:
    if actor.id is None or actor.kind != "person":
        raise NotAllowed("actor", "must be a person")
    return actor.id
