"""The suggestion, shown to nobody who has not said what they think; what is shown is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serving.actors import Actor
from serving.casework import held, moment, not_erased, person
from serving.errors import Conflict
from serving.parts.figures import confidence
from serving.store.database import Store, Unit
from serving.store.records_assessing import CaseFile, OwnView

SUGGESTION = "suggestion"
"""Kind of the exhibit that keeps the suggestion as it was shown."""

NONE_MADE = "No suggestion was made for this record."


@dataclass(frozen=True, slots=True)
class Shown:
    """The suggestion as it is shown: pages show this content and nothing else of it.

    Parameters
    ----------
    suggested
        Whether there is one.
    content
        ``suggested``, and either ``told`` or ``value``, ``confidence``, ``confidence_percent``,
        ``confidence_words``, ``unsure``, ``reasons`` and ``model_version``.
    exhibit
        Number under which exactly this is kept.
    """

    suggested: bool
    content: Mapping[str, Any]
    exhibit: int


def suggestion_for(store: Store, actor: Actor, key: str, *, now: datetime | None = None) -> Shown:
    """Show an assessor what the model suggests, after the own view; what is shown is kept.

    Raises
    ------
    Conflict
        When the assessor has not given an own view of the record in its present cycle.
    """
    account, at = person(actor, "assess"), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        view = unit.assessments.own_view_of(case.id, case.cycle, account)
        if view is None:
            raise Conflict("give your own view first; then the suggestion is shown")
        content = _content(unit, case)
        model = content.get("model_version")
        number = _already(unit, view, content) or unit.exhibits.add(
            case.id, actor, SUGGESTION, content, case.narrative, model, now=at
        )
        logged = {"exhibit": number, "model_version": model}
        for name in ("value", "confidence"):
            logged[f"suggested_{name}"] = content.get(name)
        unit.audit.append(actor, "read suggestion", case.key, logged)
    return Shown(bool(content["suggested"]), content, number)


def _content(unit: Unit, case: CaseFile) -> dict[str, Any]:
    kept = unit.intake.suggestion(case.id)
    if kept is None or "value" not in kept.content:
        return {"suggested": False, "told": NONE_MADE}
    percent, words = confidence(kept.content["confidence"])
    return {
        "suggested": True,
        "value": kept.content["value"],
        "confidence": kept.content["confidence"],
        "confidence_percent": percent,
        "confidence_words": words,
        "unsure": bool(kept.content.get("unsure", False)),
        "reasons": [dict(one) for one in kept.content.get("reasons", ())],
        "model_version": kept.model_version,
    }


def _already(unit: Unit, view: OwnView, content: Mapping[str, Any]) -> int | None:
    number = unit.assessments.exhibit_of(
        view.allegation_id, view.account_id, SUGGESTION, view.made_at
    )
    exhibit = unit.exhibits.by_id(number) if number else None
    return exhibit.id if exhibit and exhibit.content == content else None
