"""Lists of assessments, and how far people follow what the model suggests.

Lists hold no narrative: reading a record is opening it, and that is logged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

from serving.actors import Actor
from serving.casework import person
from serving.store.database import Store
from serving.store.records_assessing import Listed, ViewRow

AT_MOST = 200


@dataclass(frozen=True, slots=True)
class BiasRow:
    """How one person or team stands to the suggestions in a period.

    Parameters
    ----------
    who
        Display name of the account, or name of the team; empty where there is no team.
    assessments
        All that were not withdrawn.
    shown
        Those whose maker had seen a suggested value; the counts after it are of these.
    own_equal
        The own view already had the suggested value.
    towards, away
        The final value is nearer to the suggested one than the own view was, or further off.
    ends_equal
        The final value is the suggested one.
    median_seconds
        From reading to assessment, over all.
    """

    who: str
    assessments: int
    shown: int
    own_equal: int
    towards: int
    away: int
    ends_equal: int
    median_seconds: float | None


def awaiting_second_person(store: Store, actor: Actor, *, limit: int = AT_MOST) -> list[Listed]:
    """List closures that wait for a second person, other than the actor's own."""
    account = person(actor, "countersign")
    with store.reading() as unit:
        return unit.assessment_lists.awaiting(account, limit=limit)


def my_assessments(store: Store, actor: Actor, *, limit: int = 50) -> list[Listed]:
    """List the actor's own assessments, newest first."""
    account = person(actor, "assess")
    with store.reading() as unit:
        return unit.assessment_lists.recent(account, limit=limit)


def returned_to_work(store: Store, actor: Actor, *, limit: int = AT_MOST) -> list[Listed]:
    """List dismissals that a second look overturned and that nobody has worked on since.

    Such a record stays a dismissed one, so that the second look can count it; it leaves this
    list once an outcome is recorded. Its ``value`` is the reviewer's.
    """
    person(actor, "record_outcome")
    with store.reading() as unit:
        return unit.assessment_lists.returned(limit=limit)


def bias_rows(
    store: Store,
    actor: Actor,
    since: datetime,
    until: datetime,
    *,
    by: Literal["account", "team"] = "account",
) -> list[BiasRow]:
    """Compare own views, suggestions and assessments of a period, by person or by team."""
    person(actor, "oversee")
    with store.reading() as unit:
        rows = unit.assessment_lists.views(since, until)
    groups: dict[str, list[ViewRow]] = defaultdict(list)
    for row in rows:
        groups[row.account if by == "account" else row.team or ""].append(row)
    return [_bias(who, groups[who]) for who in sorted(groups)]


def moved(row: ViewRow) -> int:
    """How many values the assessment came nearer to the suggestion; negative for away from it."""
    if row.suggested_value is None:
        return 0
    places = {value: place for place, value in enumerate(row.value_order)}
    aim = places.get(row.suggested_value, 0)
    before = abs(places.get(row.own_value, aim) - aim)
    return before - abs(places.get(row.value, aim) - aim)


def _bias(who: str, rows: Sequence[ViewRow]) -> BiasRow:
    shown = [row for row in rows if row.suggested_value is not None]
    seconds = [row.seconds for row in rows if row.seconds is not None]
    return BiasRow(
        who=who,
        assessments=len(rows),
        shown=len(shown),
        own_equal=sum(row.own_value == row.suggested_value for row in shown),
        towards=sum(moved(row) > 0 for row in shown),
        away=sum(moved(row) < 0 for row in shown),
        ends_equal=sum(row.value == row.suggested_value for row in shown),
        median_seconds=median(seconds) if seconds else None,
    )
