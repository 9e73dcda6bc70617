from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from factories import write_csv

from serving.actors import SYSTEM, Actor
from serving.errors import NotAllowed
from serving.intake import import_file
from serving.noticing import NewCase
from serving.receiving import receive
from serving.store.database import Store
from serving.store.search import groups_of
from serving.worklist import Asked, counts, read, work_list

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVERY = Asked(status=None)


def take(store: Store, text: str, hours_ago: float = 0) -> str:
    at = NOW - timedelta(hours=hours_ago)
    return receive(store, SYSTEM, NewCase("api", text, received_at=at), now=NOW).key


def keys(store: Store, asked: Asked, *, limit: int = 200) -> list[str]:
    """Every key of a list, read page by page."""
    found: list[str] = []
    cursor = None
    while True:
        page = work_list(store, SYSTEM, asked, limit=limit, cursor=cursor, now=NOW)
        found += [one.key for one in page.items]
        assert len(page.items) <= limit
        cursor = page.next_cursor
        if cursor is None:
            return found


@pytest.fixture
def mixed(store: Store, tmp_path: Path) -> Store:
    """Records of every urgency, due at known times or none, several at the same."""
    numbers = range(5)
    columns = {
        "reference": [f"I-{number}" for number in numbers],
        "narrative": [f"imported matter {number}" for number in numbers],
        "value": ["low"] * len(numbers),
    }
    import_file(store, write_csv(tmp_path / "a.csv", columns))
    for number in range(3):
        take(store, f"Goods number {number} come by boat tonight", hours_ago=number)
        take(store, f"His appeal hearing number {number} is on friday")
        take(store, f"Noise in house {number}", hours_ago=1)
    return store


@pytest.mark.parametrize("limit", [1, 2, 5, 14, 200])
def test_paging_neither_repeats_nor_loses_a_record(mixed: Store, limit: int) -> None:
    whole = keys(mixed, EVERY)
    assert len(set(whole)) == 14
    assert keys(mixed, EVERY, limit=limit) == whole


def test_what_is_due_at_no_known_time_comes_after_what_is(mixed: Store) -> None:
    page = work_list(mixed, SYSTEM, EVERY, limit=200, now=NOW)
    order = [(-one.urgency, one.due_at is None, one.due_at or NOW, one.id) for one in page.items]
    assert order == sorted(order)
    assert [one.urgency for one in page.items[:6]] == [2, 2, 2, 1, 1, 1]


def test_the_counts_are_of_what_waits(mixed: Store) -> None:
    take(mixed, "A child is locked in a shed", hours_ago=60)
    found = counts(mixed, now=NOW)
    assert (found.unassessed, found.overdue) == (10, 1)
    assert (found.within_24_hours, found.time_critical, found.safeguarding) == (3, 3, 1)


def test_mine_is_what_i_have_begun_to_read(store: Store, a_person: Callable[..., Actor]) -> None:
    anna, ben = a_person("anna", "assessor"), a_person("ben", "assessor")
    key = take(store, "A van at night")
    take(store, "Noise in a house")
    number = read(store, anna, key).case.id
    with store.writing() as unit:
        unit.assessments.add_reading(number, anna.id or 0, 1, NOW)

    def mine(actor: Actor) -> list[str]:
        return [one.key for one in work_list(store, actor, Asked(mine=True), now=NOW).items]

    assert mine(anna) == [key]
    assert mine(ben) == []
    with pytest.raises(NotAllowed, match="mine"):
        mine(SYSTEM)


def test_an_erased_record_is_on_no_list(store: Store) -> None:
    take(store, "A van at night")
    with store.writing() as unit:
        unit.intake._connection.exec_driver_sql(
            "UPDATE allegations SET erased_at = '2026-01-01 00:00:00'"
        )
    assert keys(store, EVERY) == []


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("typed", "groups"),
    [
        ("van night", ("van", "night")),
        ('"white van" night', ("white van", "night")),
        ('a "b', ("a", "b")),
        ("O'Brien's NE1-4ST", ("O Brien s", "NE1 4ST")),
        ('"" -- (NEAR) *', ("NEAR",)),
        ("_ !? …", ()),
        ("é ß 東京", ("é", "ß", "東京")),
    ],
)
def test_what_is_typed_becomes_groups_of_words(typed: str, groups: tuple[str, ...]) -> None:
    assert groups_of(typed) == groups


def test_a_search_finds_what_came_in_and_what_was_imported(mixed: Store) -> None:
    assert len(keys(mixed, Asked(status=None, search="matters"))) == 5
    assert len(keys(mixed, Asked(status=None, search="boat goods"), limit=2)) == 3
    assert keys(mixed, Asked(status=None, search='"boat goods"')) == []
