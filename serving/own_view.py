"""The own view first, then the suggestion: shown to nobody who has not said what they think."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.casework import held, moment, not_erased, one_of, person
from serving.errors import Conflict, NotAllowed
from serving.parts.figures import confidence
from serving.store.database import Store, Unit
from serving.store.records_assessing import CaseFile, OwnView, Reading

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


def give_own_view(
    store: Store,
    actor: Actor,
    key: str,
    value: str,
    categories: Sequence[str],
    reading: int,
    *,
    taxonomy: Taxonomy,
    now: datetime | None = None,
) -> OwnView:
    """Record what an assessor thinks before seeing what the model suggests.

    It is kept as it is given: whoever thinks otherwise later says so in the assessment.

    Parameters
    ----------
    reading
        Number of the assessor's own reading of the record in its present cycle.

    Raises
    ------
    NotAllowed
        When value or categories are none of the vocabulary, or the reading is another's.
    Conflict
        When the record waits for no assessment, or the assessor has given a view of it.
    """
    account, at = person(actor, "assess"), moment(now)
    with store.writing() as unit:
        case = not_erased(held(unit, key))
        if case.status != "unassessed":
            raise Conflict("the record waits for no assessment")
        one_of(value, case.value_order, "/value")
        chosen = categories_of(categories, taxonomy)
        used = _reading(unit, case, account, reading)
        if unit.assessments.own_view_of(case.id, case.cycle, account):
            raise Conflict("your own view is kept as you gave it; the assessment may differ")
        view = unit.assessments.add_own_view(used, value, chosen, at)
        logged = {"own_view": view.id, "value": value, "categories": list(chosen)}
        unit.audit.append(actor, "gave own view", case.key, {**logged, "reading": reading})
    return view


def categories_of(categories: Sequence[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Give categories in the vocabulary's order.

    Raises
    ------
    NotAllowed
        When one is unknown or named twice.
    """
    known = taxonomy.category_codes
    for place, one in enumerate(categories):
        one_of(one, known, f"/categories/{place}")
    if len(set(categories)) < len(categories):
        raise NotAllowed("/categories", "must not name one twice")
    return tuple(one for one in known if one in categories)


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


def _reading(unit: Unit, case: CaseFile, account: int, number: int) -> Reading:
    found = unit.assessments.reading(number)
    wanted = (case.id, account, case.cycle)
    if found is None or (found.allegation_id, found.account_id, found.cycle) != wanted:
        raise NotAllowed("/reading", "must be your own reading of this record as it now is")
    return found


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
