"""Who reported: for source handlers alone, each reading logged and shown to the next reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from serving.actors import Actor
from serving.errors import NotFound
from serving.queues import QUEUE
from serving.store.database import Store
from serving.store.records import AuditQuery
from serving.store.records_intake import WorkFilter, WorkItem
from serving.worklist import cursor_of, position_of

READ = "read reporter"
AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Alerted:
    """Records with something for source handling to mind.

    Parameters
    ----------
    readings
        How often each one's reporter was read, by key.
    """

    items: tuple[WorkItem, ...]
    readings: Mapping[str, int]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read who reported."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Who reported one allegation.

    Parameters
    ----------
    details
        What they said of themselves; nothing once erased.
    readings
        Who read this before, latest first.
    """

    reference: str
    allegation: str | None
    alerts: tuple[str, ...]
    details: Mapping[str, Any] = field(repr=False)
    erased_at: datetime | None
    readings: tuple[Reading, ...]


def alerted(
    store: Store, actor: Actor, *, limit: int = AT_MOST, cursor: str | None = None
) -> Alerted:
    """List records with source alerts, the most pressing first; without their text.

    Raises
    ------
    NotAllowed
        When the cursor is none that was given out.
    """
    after = position_of(cursor)
    wanted = WorkFilter(status=None, alerts=True)
    with store.writing() as unit:
        found = unit.worklists.page(QUEUE, wanted, after=after, limit=limit + 1)
        items = tuple(found[:limit])
        readings = {one.key: len(unit.audit.find(_readings_of(one.key))) for one in items}
        more = cursor_of(items[-1]) if len(found) > limit else None
        unit.audit.append(actor, "listed source alerts", None, {"records": len(items)})
    return Alerted(items, readings, more)


def identity(store: Store, actor: Actor, reference: str) -> Identity:
    """Read who reported; the reading is logged.

    Raises
    ------
    NotFound
        When there is no such reference.
    """
    with store.writing() as unit:
        reporter = unit.intake.reporter(reference)
        if reporter is None:
            raise NotFound("there is no reporter of that reference")
        key = unit.intake.of_reporter(reference)
        case = unit.intake.by_key(QUEUE, key) if key else None
        earlier = unit.audit.find(_readings_of(key)) if key else []
        unit.audit.append(actor, READ, key, {"reference": reference})
    return Identity(
        reference,
        case.reference if case else None,
        tuple(one["words"] for one in case.source_alerts) if case else (),
        reporter.details,
        reporter.erased_at,
        tuple(Reading(one.actor, one.at) for one in earlier),
    )


def _readings_of(key: str) -> AuditQuery:
    return AuditQuery(action=READ, subject=key, limit=AT_MOST)
