"""The allegation that an assessor takes up next: the most pressing one that nobody settled."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from serving.actors import Actor
from serving.casework import person
from serving.store.database import Store
from serving.worklist import Asked, work_list

AT_ONCE: Final = 10


def next_up(
    store: Store, actor: Actor, *, than: str | None = None, now: datetime | None = None
) -> str | None:
    """Find the most pressing unassessed allegation; gives its key, or ``None`` where none waits.

    Those that await a second person are passed over: they are unassessed, but not to be assessed.

    Parameters
    ----------
    than
        Not this one.
    """
    person(actor, "assess")
    cursor = None
    while True:
        page = work_list(store, actor, Asked(), limit=AT_ONCE, cursor=cursor, now=now)
        with store.reading() as unit:
            for item in page.items:
                if item.key != than and unit.assessments.standing(item.id, item.cycle) is None:
                    return item.key
        if page.next_cursor is None:
            return None
        cursor = page.next_cursor
