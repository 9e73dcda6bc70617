"""What needs whom now: counts of what waits for somebody, by what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from serving.actors import Actor
from serving.queues import QUEUE
from serving.rates import Rate, wilson
from serving.store.database import Store, Unit
from serving.store.records_figures import Timely
from serving.store.records_intake import WorkFilter

AT_MOST = 100
LATELY = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Held:
    """A second look that somebody has taken and not decided."""

    claim: int
    reference: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What waits; ``None`` for what is no matter of whoever asks.

    Parameters
    ----------
    overdue, urgent, waiting
        Allegations to be assessed: past the limit, urgent, all.
    begun
        Those of them that the asker has begun to read.
    returned
        Dismissals that a second look overturned and nobody has worked on since.
    held
        Second looks that the asker has taken.
    second_looks
        Dismissed allegations that wait for one.
    to_discuss
        Records that somebody was unsure about.
    second_person
        Closures that a second person has to agree to.
    retention
        Records to be kept or erased, no more than ``AT_MOST`` of them.
    alerts, new_alerts
        Records with something for source handling to mind, and those of the last four weeks.
    in_time, in_time_before
        How the clock was kept for what came in during the last four weeks, and the four before.
    """

    overdue: int | None = None
    urgent: int | None = None
    waiting: int | None = None
    begun: int | None = None
    returned: int | None = None
    held: tuple[Held, ...] = ()
    second_looks: int | None = None
    to_discuss: int | None = None
    second_person: int | None = None
    retention: int | None = None
    alerts: int | None = None
    new_alerts: int | None = None
    in_time: Rate | None = None
    in_time_before: Rate | None = None


def needs(store: Store, actor: Actor, *, keep_days: int, now: datetime | None = None) -> Needs:
    """Count what waits for somebody.

    Parameters
    ----------
    keep_days
        Days after which a record is due to be kept or erased.
    """
    moment = now or datetime.now(UTC)
    with store.reading() as unit:
        found = Needs()
        for part in (_to_assess, _to_settle, _to_review, _to_oversee, _to_handle):
            found = part(found, unit, actor, moment)
        return _to_retain(found, unit, actor, moment - timedelta(days=keep_days), moment)


def _to_assess(found: Needs, unit: Unit, actor: Actor, now: datetime) -> Needs:
    if not (actor.may("assess") or actor.may("oversee")):
        return found
    backlog = unit.figures.backlog(QUEUE, now)
    begun = None
    if actor.may("assess") and actor.id is not None:
        begun = unit.worklists.count(QUEUE, WorkFilter(account_id=actor.id)).kept
    return replace(
        found,
        overdue=backlog.overdue,
        urgent=backlog.urgent,
        waiting=backlog.unassessed,
        begun=begun,
    )


def _to_settle(found: Needs, unit: Unit, actor: Actor, now: datetime) -> Needs:
    del now
    if actor.may("record_outcome"):
        returned = unit.assessment_lists.returned(limit=AT_MOST)
        found = replace(found, returned=len(returned))
    if actor.may("countersign"):
        awaiting = unit.assessment_lists.awaiting(actor.id, limit=AT_MOST)
        found = replace(found, second_person=len(awaiting))
    return found


def _to_review(found: Needs, unit: Unit, actor: Actor, now: datetime) -> Needs:
    if actor.may("review") and actor.id is not None:
        taken = unit.claims.held_by(actor.id, now)
        found = replace(
            found,
            held=tuple(Held(one.claim.id, one.allegation.reference) for one in taken),
            second_looks=unit.figures.backlog(QUEUE, now).second_looks,
        )
    if actor.may("review") or actor.may("oversee"):
        account = actor.id if actor.may("review") else None
        found = replace(found, to_discuss=len(unit.claims.to_discuss(account)))
    return found


def _to_oversee(found: Needs, unit: Unit, actor: Actor, now: datetime) -> Needs:
    if not actor.may("oversee"):
        return found
    timely = unit.figures.timely(QUEUE, now, (now - 2 * LATELY).date())
    return replace(
        found,
        in_time=_in_time(timely, now - LATELY, now),
        in_time_before=_in_time(timely, now - 2 * LATELY, now - LATELY),
    )


def _to_handle(found: Needs, unit: Unit, actor: Actor, now: datetime) -> Needs:
    if not actor.may("read_identities"):
        return found
    every = WorkFilter(status=None, alerts=True)
    lately = replace(every, received_from=now - LATELY)
    return replace(
        found,
        alerts=unit.worklists.count(QUEUE, every).kept,
        new_alerts=unit.worklists.count(QUEUE, lately).kept,
    )


def _to_retain(found: Needs, unit: Unit, actor: Actor, before: datetime, now: datetime) -> Needs:
    if not actor.may("retain"):
        return found
    due = unit.retention.due(now, received_before=before, limit=AT_MOST)
    return replace(found, retention=len(due))


def _in_time(timely: Iterable[Timely], since: datetime, until: datetime) -> Rate | None:
    """Give the share assessed within the limit, of what was assessed or is overdue."""
    some = [one for one in timely if since.date() < one.day <= until.date()]
    met = sum(one.met for one in some)
    due = met + sum(one.late + one.overdue for one in some)
    return wilson("in time", met, due) if due else None
