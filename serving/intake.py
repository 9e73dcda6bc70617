"""Intake from a file: allegations assessed elsewhere, and allegations that nobody assessed yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import BadRecords, Problem
from data.mapping import ColumnMapping
from data.reading import AllegationTable, read_in_chunks
from data.schema import Allegation
from model.predictor import Predictor, details_of
from serving import linking
from serving.actors import SYSTEM, Actor
from serving.clock import Clock
from serving.noticing import NewCase, Noticed, facts, notice
from serving.queues import QUEUE as QUEUE
from serving.receiving import digest as digest_of
from serving.receiving import enter, log_reopened
from serving.store.allegations import digest
from serving.store.database import Store, Unit
from serving.store.records import NewAllegation


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did so far.

    Parameters
    ----------
    added
        Allegations that are new.
    known
        Allegations that were in the store already, unchanged.
    differing
        Allegations that were in the store already with other content; they stay as they were.
    dismissed
        Of those added, how many wait for a second look.
    unassessed
        Of those added, how many nobody has assessed yet.
    reopened
        Closed allegations that were reopened because one of those added repeats them.
    """

    added: int = 0
    known: int = 0
    differing: int = 0
    dismissed: int = 0
    unassessed: int = 0
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Desk:
    """By whom, with which model and by which clock a file is taken in."""

    actor: Actor = SYSTEM
    predictor: Predictor | None = None
    clock: Clock = field(default_factory=Clock)


def check_file(path: Path, mapping: ColumnMapping | None) -> int:
    """Read a file to its end without keeping it, and count its records.

    Raises
    ------
    BadInput
        Listing what is wrong with it.
    """
    return sum(len(table) for table in read_in_chunks(path, mapping))


def import_file(
    store: Store,
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    desk: Desk | None = None,
    queue: str = QUEUE,
    rows: int = 200,
    told: Callable[[int], None] = lambda _: None,
    now: datetime | None = None,
) -> Imported:
    """Take in a file of allegations.

    The file is checked to its end before the first record is kept. Each chunk is one
    transaction with one row in the audit log; an import that was cut off is continued by running
    it again, because records are known by their reference.

    A row with a value comes in as assessed elsewhere: dismissed where it is the lowest. A row
    without one comes in as any other new allegation does, and waits for its assessment.

    Parameters
    ----------
    told
        Called with the number of records dealt with after each chunk.

    Raises
    ------
    BadInput
        When the file breaks a rule, or its values are not those of the queue.
    """
    check_file(path, mapping)
    done = Imported()
    for table in read_in_chunks(path, mapping, rows=rows):
        chunk = _prepared(store, queue, table, desk or Desk())
        with store.writing() as unit:
            done = _keep(unit, queue, chunk, desk or Desk(), done, now or datetime.now(UTC))
        told(len(table))
    return done


Keys = tuple[Sequence[tuple[str, str]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows of a file, with what was worked out of those that are new before the store is held.

    Parameters
    ----------
    keys
        By which those are found that come in assessed, by reference.
    noticed
        What is noticed about the others, by reference.
    """

    table: AllegationTable
    offered: Sequence[NewAllegation | NewCase]
    keys: Mapping[str, Keys]
    noticed: Mapping[str, Noticed]


def _prepared(store: Store, queue: str, table: AllegationTable, desk: Desk) -> _Chunk:
    offered = list(_records(table))
    with store.reading() as unit:
        there = unit.allegations.digests(queue, [one.reference or "" for one in offered])
    new = [one for one in offered if one.reference not in there]
    cases = [one for one in new if isinstance(one, NewCase)]
    noticed = zip(cases, notice(cases, desk.predictor), strict=True)
    return _Chunk(
        table,
        offered,
        _keys([one for one in new if isinstance(one, NewAllegation)]),
        {one.reference or "": seen for one, seen in noticed},
    )


def _keys(valued: Sequence[NewAllegation]) -> dict[str, Keys]:
    """Return by which facts and words what comes in later finds these."""
    found = details_of([Allegation(one.reference, one.narrative) for one in valued])
    return {
        one.reference: (
            facts(NewCase("import", one.narrative, fields=one.fields), details),
            linking.bands(one.narrative),
        )
        for one, details in zip(valued, found, strict=True)
    }


def _keep(
    unit: Unit, queue: str, chunk: _Chunk, desk: Desk, before: Imported, now: datetime
) -> Imported:
    unit.links.one_at_a_time()
    _agree_on_values(unit, queue, chunk.table)
    there = unit.allegations.digests(queue, [one.reference or "" for one in chunk.offered])
    new = [one for one in chunk.offered if one.reference not in there]
    valued = [one for one in new if isinstance(one, NewAllegation)]
    unit.allegations.add_many(queue, valued)
    numbers = unit.intake.numbers(queue, [one.reference for one in valued])
    unit.links.add_keys({numbers[one.reference]: chunk.keys[one.reference] for one in valued})
    entered = [
        enter(unit, one, chunk.noticed[one.reference or ""], desk.clock, now)
        for one in new
        if isinstance(one, NewCase)
    ]
    same = sum(there.get(one.reference or "") == _digest(one) for one in chunk.offered)
    done = Imported(
        added=len(new),
        known=same,
        differing=len(chunk.offered) - len(new) - same,
        dismissed=sum(one.dismissed and one.reviewed_value is None for one in valued),
        unassessed=len(entered),
        reopened=sum(len(one.reopened) for one in entered),
    )
    unit.audit.append(desk.actor, "imported allegations", queue, asdict(done))
    for one in entered:
        log_reopened(unit, desk.actor, one)
    return replace(
        before, **{name: value + getattr(before, name) for name, value in asdict(done).items()}
    )


def _digest(one: NewAllegation | NewCase) -> str:
    return digest(one) if isinstance(one, NewAllegation) else digest_of(one)


def _agree_on_values(unit: Unit, queue: str, table: AllegationTable) -> None:
    known = unit.allegations.value_order(queue)
    if known is not None and table.mapping.value_order is None and not _has_values(table):
        return
    if known is None:
        unit.allegations.open_queue(queue, table.value_order)
    elif known != table.value_order:
        offence = Problem(
            "value order",
            f"the store's values are {', '.join(known)}; the file's are "
            f"{', '.join(table.value_order)}",
            "give a mapping with the store's order, or use another store",
        )
        raise BadRecords("The file speaks of other values than the store", [offence])


def _has_values(table: AllegationTable) -> bool:
    return bool(table.frame["value"].notna().any())


def _records(table: AllegationTable) -> Iterator[NewAllegation | NewCase]:
    columns = (table.frame[name] for name in ("value", "categories", "reviewed_value"))
    for allegation, value, categories, reviewed in zip(table.allegations(), *columns, strict=True):
        first = _text(value)
        if first is None:
            yield _unassessed(allegation, tuple(categories))
            continue
        yield NewAllegation(
            reference=allegation.reference,
            narrative=allegation.narrative,
            first_value=first,
            dismissed=first == table.value_order[0],
            channel=allegation.channel,
            received_at=allegation.received_at,
            fields=dict(allegation.fields),
            categories=tuple(categories),
            reviewed_value=_text(reviewed),
        )


def _unassessed(allegation: Allegation, categories: tuple[str, ...]) -> NewCase:
    return NewCase(
        "import",
        allegation.narrative,
        reference=allegation.reference,
        channel=allegation.channel,
        received_at=allegation.received_at,
        fields=dict(allegation.fields),
        categories=categories,
    )


def _text(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None or pd.isna(value) else str(value)
