"""The inspector's replay: what the maker of a decision was shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.parts.figures import Table
from serving.parts.phrases import plainly
from serving.parts.records import Fact, Narrative, narrative
from serving.replay import Replay, Shown
from serving.views import moment
from serving.views_audit import KINDS, log_rows

MOVED = ("phrase", "word")
NAMES = (*MOVED, "name", "category", "text", "reference")
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


def replay_page(found: Replay, taxonomy: Taxonomy) -> ReplayPage:
    """Make the context of a replay."""
    return ReplayPage(
        title=f"{KINDS[found.kind]} {found.number}: what its maker was shown",
        facts=_facts(found, taxonomy),
        text=narrative(found.allegation.narrative, _details(found.shown)),
        shown=tuple(_shown(one, taxonomy) for one in found.shown),
        holds=found.holds,
        trail=log_rows(found.trail, "What the audit log says of this record"),
    )


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
        return _named(value, taxonomy)
    return "–" if value is None else _told(value, taxonomy)


def _details(shown: Sequence[Shown]) -> Sequence[Mapping[str, Any]]:
    for one in shown:
        found = (one.exhibit.content or {}).get("details")
        if found:
            marked: Sequence[Mapping[str, Any]] = [one for one in found if "start" in one]
            return marked
    return ()


def _named(value: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """Write what has a name as its name, with what kind it is or how much it weighed."""
    said = next((one for one in NAMES if one in value), None)
    if said is None:
        return ", ".join(f"{one} {_written(held, taxonomy)}" for one, held in value.items())
    name = plainly(value[said]) if said in MOVED else value[said]
    weight = value.get("contribution", value.get("probability"))
    note = value.get("kind") if weight is None else f"{weight:+.2f}"
    return f"{name} ({note})" if note else str(name)
