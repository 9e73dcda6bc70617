"""The inspector's pages: the audit log, samples, and what the maker of a decision was shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from serving.auditing import Verdict
from serving.parts.figures import Cell, Column, Pagination, Table
from serving.store.records import AuditEntry, AuditQuery
from serving.views import moment

KINDS = {"decision": "Second look", "assessment": "Assessment"}


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Context of ``audit.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    query
        What was looked for, by field.
    rows
        What was found, newest first.
    pagination
        Where the list goes on.
    check
        What a check of the whole log found, in words; empty where none was asked for.
    sound
        Whether it found nothing wrong.
    """

    title: str
    query: Mapping[str, str]
    rows: Table
    pagination: Pagination
    check: str
    sound: bool


def audit_page(
    query: AuditQuery, found: Sequence[AuditEntry], verdict: Verdict | None
) -> AuditPage:
    """Make the context of the audit log's page."""
    asked = _asked(query)
    more = found[-1].seq if len(found) == query.limit else None
    given = {name: value for name, value in asked.items() if value}
    return AuditPage(
        title="Audit log",
        query=asked,
        rows=log_rows(found, "Rows of the audit log, newest first"),
        pagination=Pagination(
            previous_url=f"/audit?{urlencode(given)}" if query.before else "",
            previous_text="Newest rows",
            next_url=f"/audit?{urlencode({**given, 'before': more})}" if more else "",
            label="Rows",
        ),
        check=_checked(verdict),
        sound=verdict is None or verdict.sound,
    )


def _asked(query: AuditQuery) -> dict[str, str]:
    days = {"since": query.since, "until": query.until}
    return {
        "actor": query.actor or "",
        "action": query.action or "",
        "subject": query.subject or "",
        **{name: at.date().isoformat() if at else "" for name, at in days.items()},
    }


def log_rows(found: Sequence[AuditEntry], caption: str) -> Table:
    """Show rows of the audit log as a table, each with the record that it speaks of."""
    rows = tuple(
        (
            Cell(f"{one.seq:,}"),
            Cell(moment(one.at)),
            Cell(one.actor),
            Cell(one.action),
            _subject(one),
            Cell(_plain(one.details_text)),
        )
        for one in found
    )
    heads = ("Row", "When (UTC)", "Who", "What", "Record", "Details")
    columns = tuple(Column(one, numeric=one == "Row") for one in heads)
    return Table(caption, columns, rows, empty="No row of the log fits.")


def _subject(one: AuditEntry) -> Cell:
    details = json.loads(one.details_text)
    for kind in KINDS:
        if kind in details and one.subject:
            return Cell(one.subject, f"/audit/replays/{kind}/{details[kind]}")
    return Cell(one.subject or "", f"/audit?subject={one.subject}" if one.subject else "")


def _plain(details: str) -> str:
    return ", ".join(f"{name}: {_word(value)}" for name, value in json.loads(details).items())


def _word(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text[:12]}…" if len(text) == 64 else text


def _checked(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    if verdict.sound:
        return f"All {verdict.rows:,} rows are as they were written. Head: {verdict.head}"
    return "; ".join(one.told for one in verdict.faults)
