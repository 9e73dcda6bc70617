"""Planting records whose answer is known, to measure reviewers by.

A planted record looks like those around it: its reference is made after theirs, and it takes
channel and dates of one of them. It is in no count, no estimate, no lesson and no export.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.checks import narrative_offence
from serving.actors import Actor
from serving.errors import Conflict, NotAllowed
from serving.intake import QUEUE
from serving.rates import Rate, wilson
from serving.store.database import Store, Unit
from serving.store.records import NewAllegation

TRIES = 200
DIGITS = re.compile(r"\d+(?=\D*$)")
_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Planted:
    """A planted record."""

    key: str
    reference: str


@dataclass(frozen=True, slots=True)
class Measure:
    """How well a reviewer answers planted records.

    Parameters
    ----------
    sensitivity
        Share overturned of those of a value above the lowest, with its 95% Wilson interval.
    specificity
        Share upheld of those of the lowest value, likewise.
    """

    reviewer: str
    sensitivity: Rate
    specificity: Rate


def plant(
    store: Store,
    actor: Actor,
    narrative: str,
    categories: Sequence[str],
    true_value: str,
    *,
    now: datetime | None = None,
) -> Planted:
    """Put a dismissed record among the others whose right value is known.

    Raises
    ------
    NotAllowed
        When the narrative cannot be read, or the value is none of the queue's.
    Conflict
        When there is no record yet that it could resemble.
    """
    moment = now or datetime.now(UTC)
    offence = narrative_offence(narrative)
    if offence:
        raise NotAllowed("/narrative", offence[0])
    with store.writing() as unit:
        order = unit.allegations.value_order(QUEUE) or ()
        if true_value not in order:
            raise NotAllowed("/true_value", f"must be one of {', '.join(order)}")
        like = _like(unit)
        new = NewAllegation(
            reference=_reference(unit),
            narrative=narrative,
            first_value=order[0],
            dismissed=True,
            channel=like.channel,
            received_at=like.received_at,
            categories=tuple(categories),
        )
        number, key = unit.plants.add(
            QUEUE,
            new,
            true_value=true_value,
            planted_by=_number(actor),
            imported_at=like.imported_at,
            now=moment,
        )
        unit.audit.append(actor, "planted record", key, {"record": number, "value": true_value})
    return Planted(key, new.reference)


def reviewer_measures(store: Store, actor: Actor) -> tuple[Measure, ...]:
    """Say of each reviewer how planted records were answered."""
    with store.writing() as unit:
        order = unit.allegations.value_order(QUEUE) or ("",)
        found = unit.plants.tallies(order[0])
        unit.audit.append(actor, "read reviewer measures", None, {"reviewers": len(found)})
    return tuple(
        Measure(
            one.reviewer,
            wilson("sensitivity", one.found, one.telling),
            wilson("specificity", one.upheld, one.empty),
        )
        for one in found
    )


def _like(unit: Unit) -> Any:  # noqa: ANN401
    models = unit.plants.models(QUEUE)
    if not models:
        raise Conflict("no record was dismissed yet, so a planted one would stand out")
    return _CHANCE.choice(models)


def _reference(unit: Unit) -> str:
    """Make a reference after those of the records around it.

    Numbers that were passed over come first: a record still to come is not likely to bear one.
    """
    models = [one.reference for one in unit.plants.models(QUEUE)]
    for widened in (False, True):
        offered = [_varied(_CHANCE.choice(models), widened) for _ in range(TRIES)]
        taken = unit.plants.taken(QUEUE, offered)
        free = [one for one in offered if one not in taken]
        if free:
            return free[0]
    raise Conflict("no reference like the others' was free; try again")


def _varied(reference: str, widened: bool) -> str:
    """Put other digits in the place of a reference's last ones."""
    found = DIGITS.search(reference)
    if found is None:
        return f"{reference}-{_CHANCE.randrange(10_000):04d}"
    width = len(found[0])
    number = _CHANCE.randrange(10**width if widened else int(found[0]) + 1)
    return f"{reference[: found.start()]}{number:0{width}d}{reference[found.end() :]}"


def _number(actor: Actor) -> int:
    if actor.id is None:
        raise Conflict("somebody with an account plants records")
    return actor.id
