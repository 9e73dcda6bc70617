"""The own view: what an assessor thinks before seeing what the model suggests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.casework import held, moment, not_erased, one_of, person
from serving.errors import Conflict, NotAllowed
from serving.store.database import Store, Unit
from serving.store.records_assessing import CaseFile, OwnView, Reading


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


def _reading(unit: Unit, case: CaseFile, account: int, number: int) -> Reading:
    found = unit.assessments.reading(number)
    wanted = (case.id, account, case.cycle)
    if found is None or (found.allegation_id, found.account_id, found.cycle) != wanted:
        raise NotAllowed("/reading", "must be your own reading of this record as it now is")
    return found
