"""The inspector's pages: the audit log, samples, and what the maker of a decision was shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from data.taxonomy import Taxonomy
from serving.auditing import Verdict
from serving.parts.figures import Cell, Column, Pagination, Table
from serving.parts.records import Fact, Narrative, narrative
from serving.replay import Replay, Shown
from serving.sampling import Sample
from serving.store.records import AuditEntry, AuditQuery
from serving.views import moment

KINDS = {"decision": "Second look", "assessment": "Assessment"}
FACTS = {
    "verdict": "Verdict",
    "own_value": "Own view",
    "suggested_value": "Suggested value",
    "value": "Value",
    "changed": "Changed after the suggestion",
    "closure_reason": "Closure reason",
    "outcome": "Outcome",
    "reason": "Reason",
    "note": "Note",
    "maker": "Made by",
    "decided_at": "Made",
    "made_at": "Made",
    "seconds": "Seconds taken",
    "model_version": "Model",
    "ranking_id": "Ranking",
    "position": "Place in the ranking",
    "score": "Score",
    "doubt": "Doubt",
    "selection_probability": "Probability of selection",
    "audit": "Drawn at random",
    "withdrawn_at": "Withdrawn",
}


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


@dataclass(frozen=True, slots=True)
class SamplePage:
    """Context of ``samples.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    population, seed, size
        What was asked for.
    told
        What it takes to draw the sample again; empty before one was drawn.
    records
        The records drawn.
    """

    title: str
    population: str
    seed: str
    size: str
    told: str
    records: Table


@dataclass(frozen=True, slots=True)
class ShownView:
    """Something that was shown.

    Parameters
    ----------
    title
        At which moment, and when.
    holds
        Whether it is still exactly what was shown.
    told
        The same in words.
    content
        What was shown, a line for each thing.
    """

    title: str
    holds: bool
    told: str
    content: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class ReplayPage:
    """Context of ``replay.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    facts
        The decision.
    text
        The narrative, with the details that were marked in it.
    shown
        What its maker was shown, in order.
    holds
        Whether all of it is still exactly what was shown.
    trail
        What the audit log says of the record.
    """

    title: str
    facts: tuple[Fact, ...]
    text: Narrative
    shown: tuple[ShownView, ...]
    holds: bool
    trail: Table


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
        rows=_rows(found, "Rows of the audit log, newest first"),
        pagination=Pagination(
            previous_url=f"/audit?{urlencode(given)}" if query.before else "",
            previous_text="Newest rows",
            next_url=f"/audit?{urlencode({**given, 'before': more})}" if more else "",
            label="Rows",
        ),
        check=_checked(verdict),
        sound=verdict is None or verdict.sound,
    )


def sample_page(population: str, seed: str, size: str, drawn: Sample | None) -> SamplePage:
    """Make the context of the samples' page."""
    records = drawn.records if drawn else ()
    rows = tuple(
        (
            Cell(one.reference, f"/records/{one.key}"),
            Cell(*_decision(one.decision)),
        )
        for one in records
    )
    told = ""
    if drawn:
        told = (
            f"{len(records):,} of {drawn.of:,} records, seed {drawn.seed}, numbers up to "
            f"{drawn.up_to}. Seed and number draw the same sample again."
        )
    return SamplePage(
        "Random sample",
        population,
        seed,
        size,
        told,
        Table("Records drawn", (Column("Allegation"), Column("Second look")), rows),
    )


def replay_page(found: Replay, taxonomy: Taxonomy) -> ReplayPage:
    """Make the context of a replay."""
    return ReplayPage(
        title=f"{KINDS[found.kind]} {found.number}: what its maker was shown",
        facts=_facts(found, taxonomy),
        text=narrative(found.allegation.narrative, _details(found.shown)),
        shown=tuple(_shown(one, taxonomy) for one in found.shown),
        holds=found.holds,
        trail=_rows(found.trail, "What the audit log says of this record"),
    )


def _asked(query: AuditQuery) -> dict[str, str]:
    days = {"since": query.since, "until": query.until}
    return {
        "actor": query.actor or "",
        "action": query.action or "",
        "subject": query.subject or "",
        **{name: at.date().isoformat() if at else "" for name, at in days.items()},
    }


def _rows(found: Sequence[AuditEntry], caption: str) -> Table:
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


def _decision(number: int | None) -> tuple[str, str]:
    return (f"Replay {number}", f"/audit/replays/decision/{number}") if number else ("None", "")


def _facts(found: Replay, taxonomy: Taxonomy) -> tuple[Fact, ...]:
    listed = [Fact("Allegation", found.allegation.reference)]
    for name, title in FACTS.items():
        value = found.facts.get(name)
        if value is not None:
            listed.append(Fact(title, _told(value, taxonomy)))
    return tuple(listed)


def _told(value: Any, taxonomy: Taxonomy) -> str:  # noqa: ANN401 - any column
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return f"{value:.4g}"
    return taxonomy.title(value) if isinstance(value, str) else str(value)


def _shown(one: Shown, taxonomy: Taxonomy) -> ShownView:
    holds = one.content_holds and one.narrative_holds
    content = one.exhibit.content or {}
    return ShownView(
        title=f"{one.exhibit.kind.replace('_', ' ').capitalize()}, "
        f"{moment(one.exhibit.made_at.astimezone(UTC))}",
        holds=holds,
        told=_whether(one, holds=holds),
        content=tuple(
            Fact(name.replace("_", " ").capitalize(), _written(value, taxonomy))
            for name, value in content.items()
        ),
    )


def _whether(one: Shown, *, holds: bool) -> str:
    if holds:
        return "Exactly what was shown: both digests are right."
    if one.exhibit.content is None:
        return "Erased; its digest remains."
    return "Not what was shown: a digest is wrong."


def _written(value: Any, taxonomy: Taxonomy) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, list):
        return "; ".join(_written(one, taxonomy) for one in value) or "None"
    if isinstance(value, dict):
        parts = (f"{name} {_written(one, taxonomy)}" for name, one in value.items())
        return ", ".join(parts)
    return "–" if value is None else _told(value, taxonomy)


def _details(shown: Sequence[Shown]) -> Sequence[Mapping[str, Any]]:
    for one in shown:
        found = (one.exhibit.content or {}).get("details")
        if found:
            marked: Sequence[Mapping[str, Any]] = [one for one in found if "start" in one]
            return marked
    return ()
