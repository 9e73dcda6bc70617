"""What narrows a list of allegations, as its address has it. No words of a narrative are in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from serving.errors import NotAllowed
from serving.worklist import Asked

LIST: Final = "/records"
STATUSES: Final = ("unassessed", "open", "closed", "any")
FLAGS: Final = ("overdue", "no_value", "overturned", "timed")
NAMES: Final = (
    "status", *FLAGS, "urgency", "safeguarding", "channel", "category", "week", "mine",
)  # fmt: skip
WAITING: Final[Mapping[str, str]] = MappingProxyType({"status": "unassessed"})
"""What is listed where nothing is asked for: what waits for its assessment."""

ANY: Final[Mapping[str, str]] = MappingProxyType({"status": "any"})


def narrowing(given: Mapping[str, str]) -> dict[str, str]:
    """Take out of an address or a form what narrows the list.

    Parameters
    ----------
    given
        By name. The form's question of status may be answered with one of ``FLAGS``.

    Raises
    ------
    NotAllowed
        When an answer is none.
    """
    found = {name: given[name].strip() for name in NAMES if given.get(name, "").strip()}
    if found.get("status") in FLAGS:
        found[found.pop("status")] = "1"
    _check(found)
    if set(found) - {"status"} and found.get("status") == "any":
        del found["status"]
    return {name: found[name] for name in NAMES if name in found} or dict(WAITING)


def asked_of(narrowed: Mapping[str, str], words: str = "") -> Asked:
    """Give what to ask the work list for."""
    status = narrowed.get("status", "any")
    urgency = narrowed.get("urgency")
    week = narrowed.get("week")
    safeguarding = narrowed.get("safeguarding")
    return Asked(
        status=None if status == "any" else status,
        overdue="overdue" in narrowed,
        safeguarding=None if safeguarding is None else safeguarding == "1",
        channel=narrowed.get("channel"),
        category=narrowed.get("category"),
        mine="mine" in narrowed,
        search=words or None,
        least_urgency=None if urgency is None else int(urgency),
        week=None if week is None else date.fromisoformat(week),
        no_value="no_value" in narrowed,
        overturned="overturned" in narrowed,
        timed="timed" in narrowed,
    )


def address(narrowed: Mapping[str, str], cursor: str | None = None) -> str:
    """Give the address of a list."""
    query = dict(narrowed or ANY)
    if query == WAITING and not cursor:
        return LIST
    return f"{LIST}?{urlencode({**query, 'cursor': cursor} if cursor else query)}"


def without(narrowed: Mapping[str, str], name: str) -> str:
    """Give the address of a list that one thing less narrows."""
    return address({key: value for key, value in narrowed.items() if key != name})


def _check(found: Mapping[str, str]) -> None:
    answers: dict[str, tuple[str, ...]] = {
        "status": STATUSES,
        "urgency": ("1", "2"),
        "safeguarding": ("0", "1"),
        **dict.fromkeys((*FLAGS, "mine"), ("1",)),
    }
    for name, allowed in answers.items():
        if found.get(name, allowed[0]) not in allowed:
            raise NotAllowed(name, f"must be one of {', '.join(allowed)}")
    _check_week(found.get("week"))


def _check_week(week: str | None) -> None:
    try:
        monday = week is None or date.fromisoformat(week).weekday() == 0
    except ValueError:
        monday = False
    if not monday:
        raise NotAllowed("week", "must be the Monday of a week, such as 2026-03-23")
