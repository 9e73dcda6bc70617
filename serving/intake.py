"""Intake: first-assessed allegations come in from a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import BadRecords, Problem
from data.mapping import ColumnMapping
from data.reading import AllegationTable, read_in_chunks
from serving.store.allegations import digest
from serving.store.database import Store, Unit
from serving.store.records import NewAllegation

QUEUE = "second_look"
NEEDS = frozenset({"value"})


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
    """

    added: int = 0
    known: int = 0
    differing: int = 0
    dismissed: int = 0


def check_file(path: Path, mapping: ColumnMapping | None) -> int:
    """Read a file to its end without keeping it, and count its records.

    Raises
    ------
    BadInput
        Listing what is wrong with it.
    """
    return sum(len(table) for table in read_in_chunks(path, mapping, needs=NEEDS))


def import_file(
    store: Store,
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    queue: str = QUEUE,
    rows: int = 2000,
    told: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Take in a file of first-assessed allegations.

    The file is checked to its end before the first record is kept. Each chunk is one
    transaction; an import that was cut off is continued by running it again, because records
    are known by their reference.

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
    for table in read_in_chunks(path, mapping, rows=rows, needs=NEEDS):
        with store.writing() as unit:
            done = _keep(unit, queue, table, done)
        told(len(table))
    return done


def _keep(unit: Unit, queue: str, table: AllegationTable, done: Imported) -> Imported:
    _agree_on_values(unit, queue, table)
    offered = list(_records(table))
    there = unit.allegations.digests(queue, [one.reference for one in offered])
    new = [one for one in offered if one.reference not in there]
    unit.allegations.add_many(queue, new)
    same = sum(there.get(one.reference) == digest(one) for one in offered)
    return replace(
        done,
        added=done.added + len(new),
        known=done.known + same,
        differing=done.differing + len(offered) - len(new) - same,
        dismissed=done.dismissed
        + sum(one.dismissed and one.reviewed_value is None for one in new),
    )


def _agree_on_values(unit: Unit, queue: str, table: AllegationTable) -> None:
    known = unit.allegations.value_order(queue)
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


def _records(table: AllegationTable) -> Iterator[NewAllegation]:
    lowest = table.value_order[0]
    columns = (table.frame[name] for name in ("value", "categories", "reviewed_value"))
    for allegation, value, categories, reviewed in zip(table.allegations(), *columns, strict=True):
        yield NewAllegation(
            reference=allegation.reference,
            narrative=allegation.narrative,
            first_value=str(value),
            dismissed=str(value) == lowest,
            channel=allegation.channel,
            received_at=allegation.received_at,
            fields=dict(allegation.fields),
            categories=tuple(categories),
            reviewed_value=_text(reviewed),
        )


def _text(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None or pd.isna(value) else str(value)
