from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from serving.actors import Actor
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records_figures import Timely
from serving.store.tables import allegations, decisions
from serving.store.tables_casework import claims

NOW = datetime(2026, 9, 24, 9, tzinfo=UTC)


def day_of(number: int) -> datetime:
    """Each record came in on a day of its own."""
    return NOW - timedelta(days=number)


@pytest.fixture
def spread(imported: Store) -> Store:
    """240 records, each from a day of its own, every second one late, two not assessed."""
    changed = [
        {
            "number": number,
            "channel_": ("letter", "email", None)[number % 3],
            "received": day_of(number),
            "due": day_of(number) + timedelta(hours=72),
            "assessed": day_of(number) + timedelta(hours=74 if number % 2 else 70),
        }
        for number in range(1, 241)
    ]
    with imported.engine.begin() as connection:
        connection.execute(
            sa.update(allegations)
            .where(allegations.c.id == sa.bindparam("number"))
            .values(
                channel=sa.bindparam("channel_"),
                received_at=sa.bindparam("received"),
                due_at=sa.bindparam("due"),
                assessed_at=sa.bindparam("assessed"),
            ),
            changed,
        )
        connection.execute(
            sa.update(allegations)
            .where(allegations.c.id.in_(two_valued(imported)))
            .values(status="unassessed", first_value=None, assessed_at=None, urgency=1)
        )
    return imported


def two_valued(store: Store) -> list[int]:
    """The newest and the oldest of the records that were not dismissed."""
    wanted = sa.select(allegations.c.id).where(allegations.c.dismissed.is_(False))
    with store.engine.connect() as connection:
        numbers = sorted(connection.scalars(wanted))
    return [numbers[0], numbers[-1]]


def rows(store: Store) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(allegations)).all())


def test_valued_records_add_up_by_channel_and_categories_and_days_multiply_no_group(
    spread: Store,
) -> None:
    with spread.reading() as unit:
        found = unit.figures.valued(QUEUE)
    every = [one for one in rows(spread) if one.first_value is not None]
    counted = Counter((one.channel, tuple(one.categories)) for one in every)
    dismissed = Counter((one.channel, tuple(one.categories)) for one in every if one.dismissed)
    assert {(one.channel, one.categories): one.valued for one in found} == counted
    assert {(one.channel, one.categories): one.no_value for one in found} == {
        group: dismissed[group] for group in counted
    }
    assert len(found) < 10


def test_days_are_counted_from_the_one_that_was_asked_for(spread: Store) -> None:
    since = day_of(20).date()
    with spread.reading() as unit:
        valued = unit.figures.valued_by_day(QUEUE, since)
        timely = unit.figures.timely(QUEUE, NOW, since)
    recent = [one for one in rows(spread) if one.received_at.date() >= since]
    assert sorted((one.day, one.valued, one.no_value) for one in valued) == sorted(
        (one.received_at.date(), 1, int(one.dismissed))
        for one in recent
        if one.first_value is not None
    )
    assert [one.day for one in timely] == sorted(one.received_at.date() for one in recent)
    assert timely[0] == Timely(since, met=1, late=0, waiting=0, overdue=0)
    assert sum(one.overdue for one in timely) == 1
    assert [one.late for one in timely if one.day == day_of(5).date()] == [1]


def test_the_backlog_counts_each_record_once_and_only_where_it_waits(
    spread: Store, a_person: Callable[..., Actor]
) -> None:
    reviewer = a_person("robin", "reviewer").id
    first, second, third = [one.id for one in rows(spread) if one.dismissed][:3]
    open_one = next(one.id for one in rows(spread) if not one.dismissed)
    with spread.engine.begin() as connection:
        for number in (first, first, second, open_one):
            connection.execute(sa.insert(claims).values(unsure(number, reviewer)))
        for number, verdict in ((second, "uphold"), (third, "overturn")):
            connection.execute(sa.insert(decisions).values(decided(number, verdict)))
    with spread.reading() as unit:
        backlog = unit.figures.backlog(QUEUE, NOW)
        assert unit.figures.reviewed(QUEUE) == [False, True]
    assert (backlog.unassessed, backlog.overdue, backlog.urgent) == (2, 2, 2)
    assert (backlog.second_looks, backlog.to_discuss, backlog.overturned) == (130, 1, 1)


def unsure(number: int, account: int | None) -> dict[str, Any]:
    return {
        "allegation_id": number,
        "account_id": account,
        "purpose": "second_look",
        "state": "unsure",
        "claimed_at": NOW,
        "expires_at": NOW,
    }


def decided(number: int, verdict: str) -> dict[str, Any]:
    return {
        "allegation_id": number,
        "queue": QUEUE,
        "verdict": verdict,
        "value": "low" if verdict == "overturn" else "no_value",
        "reason": "detail",
        "decided_at": NOW,
        "audit": False,
    }
