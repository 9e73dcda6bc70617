"""Exporting: decisions leave as a file that training takes in, the audit log as lines of JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime

from serving.actors import Actor
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records import AuditEntry
from serving.store.records_oversight import Outgoing

COLUMNS = tuple(one.name for one in fields(Outgoing) if one.name not in {"id", "answers"})
SEPARATOR = "|"
AT_ONCE = 500


def decisions_csv(
    store: Store, actor: Actor, *, every: bool = False, questions: Sequence[str] = ()
) -> Iterator[str]:
    """Write second looks as CSV under our own column names, a stretch at a time.

    ``value`` is the first assessment and ``reviewed_value`` what the second look decided;
    ``selection_probability`` says how likely the record was to be looked at, and
    ``model_selected`` whether the model chose it, so that training can weigh the one against
    the other.

    Parameters
    ----------
    every
        Write valued allegations without a second look too: the labelled table to train on.
    questions
        Structured answers to write, a column each.
    """
    _recorded(store, actor, "exported allegations" if every else "exported decisions")
    with store.reading() as unit:
        yield from _in_csv(unit.exports.decided(QUEUE, every=every), questions)


def audit_lines(store: Store, actor: Actor) -> Iterator[str]:
    """Write the audit log as lines of JSON, in order, with the hashes."""
    _recorded(store, actor, "exported audit log")
    with store.reading() as unit:
        for entry in unit.audit.every():
            yield json.dumps(_plain(entry), sort_keys=True) + "\n"


def _recorded(store: Store, actor: Actor, action: str) -> None:
    with store.writing() as unit:
        unit.audit.append(actor, action)


def _in_csv(records: Iterable[Outgoing], questions: Sequence[str]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, *questions])
    for number, record in enumerate(records, start=1):
        answers = [record.answers.get(one, "") for one in questions]
        writer.writerow([*_row(record), *answers])
        if number % AT_ONCE == 0:
            yield _taken(out)
    yield _taken(out)


def _row(record: Outgoing) -> list[str]:
    return [_cell(getattr(record, name)) for name in COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return SEPARATOR.join(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return repr(value) if isinstance(value, float) else str(value)


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _plain(entry: AuditEntry) -> dict[str, object]:
    plain = asdict(entry)
    return {**plain, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
