from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from serving.errors import Conflict
from serving.store.columns import UtcDateTime
from serving.store.database import MIGRATIONS, Store
from serving.store.schema import metadata

NOW = datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=UTC)
REVISIONS = [
    script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions("base", "heads")
][::-1]
# revision of the tables of each version that was released
RELEASED = {"0.1.0": "0001"}


def allegation(number: int, **said: Any) -> dict[str, Any]:
    return {
        "id": number,
        "queue": "second_look",
        "key": f"A-{number}",
        "reference": f"A-{number}",
        "narrative": 'sells "cigarettes"\nfrom a van é',
        "channel": None,
        "received_at": NOW,
        "fields": {"town": "Leeds", "n": [1, 0.1, None]},
        "first_value": "no_value",
        "categories": ["smuggling"],
        "dismissed": True,
        "reviewed_value": None,
        "lot": 0.1 + 0.2,
        "content_sha256": "0" * 64,
        "imported_at": NOW,
    } | said


# what version 0.1.0 may have written
ROWS: dict[str, list[dict[str, Any]]] = {
    "queues": [{"name": "second_look", "value_order": ["no_value", "low"], "created_at": NOW}],
    "allegations": [
        allegation(1),
        allegation(2, reviewed_value="low", channel="hotline"),
        allegation(3, first_value="low", dismissed=False, received_at=None),
    ],
    "doubts": [{"allegation_id": 1, "model_version": "v1", "doubt": 0.7, "evidence": {"a": 1}}],
    "rankings": [
        {"id": 5, "queue": "second_look", "made_at": NOW, "method": "second look ranker",
         "model_version": "v1", "last_allegation_id": 3, "last_decision_id": 0, "waiting": 1},
    ],
    "ranking_entries": [
        {"ranking_id": 5, "position": 1, "allegation_id": 1, "doubt": 0.7, "score": 0.9,
         "selection_probability": 1.0, "audit": False, "receipt": {"because": ["a"]}},
    ],
    "decisions": [
        {"id": 9, "allegation_id": 1, "queue": "second_look", "verdict": "overturn",
         "value": "low", "reason": "detail", "note": "seen before", "reviewer": "ana",
         "decided_at": NOW, "model_version": "v1", "ranking_id": 5, "position": 1, "doubt": 0.7,
         "score": 0.9, "selection_probability": 1.0, "audit": False},
    ],
    "leases": [{"name": "ranking", "holder": "somebody", "token": 3, "expires_at": NOW}],
    "idempotency_keys": [
        {"key": "k", "request_sha256": "0" * 64, "response": {"id": 9}, "created_at": NOW},
    ],
}  # fmt: skip


def type_of(name: str, value: Any) -> sa.types.TypeEngine[Any] | None:
    if name.endswith("_at"):
        return UtcDateTime()
    return sa.JSON() if isinstance(value, dict | list) else None


def as_first(name: str) -> sa.TableClause:
    """A table with the columns that it had in the first version."""
    row = ROWS[name][0]
    columns = (sa.column(one, type_of(one, value)) for one, value in row.items())
    return sa.table(name, *columns)


def content(store: Store) -> dict[str, list[dict[str, Any]]]:
    """What the store holds of the first version's rows, in that version's columns."""
    with store.snapshot() as connection:
        return {
            name: [
                dict(row._mapping)
                for row in connection.execute(
                    sa.select(as_first(name)).order_by(sa.literal_column("1"))
                )
            ]
            for name in ROWS
        }


def things(store: Store) -> list[str]:
    """Names of all that migrations made and might forget to take away."""
    found = {
        "sqlite": "SELECT name FROM sqlite_master WHERE name NOT LIKE '%alembic_version%'",
        "postgresql": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "AND relname NOT LIKE 'alembic_version%' UNION "
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    }
    with store.snapshot() as connection:
        return sorted(connection.scalars(sa.text(found[connection.dialect.name])))


@pytest.fixture
def bare(new_database: Callable[..., str]) -> Iterator[Store]:
    """A store without tables."""
    store = Store(new_database(migrated=False))
    yield store
    store.close()


@pytest.fixture
def first(bare: Store) -> Store:
    """A store as version 0.1.0 left it."""
    bare.migrate(RELEASED["0.1.0"])
    with bare.altering() as config:
        for name, rows in ROWS.items():
            config.attributes["connection"].execute(sa.insert(as_first(name)), rows)
    return bare


def test_history_is_one_line() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1
    assert set(RELEASED.values()) <= set(REVISIONS)


def test_every_step_up_from_a_released_version_keeps_what_it_wrote(first: Store) -> None:
    before = content(first)
    assert before == ROWS
    for revision in REVISIONS[1:]:
        first.migrate(revision)
        assert content(first) == before, revision
    assert first.is_migrated()


def test_every_step_down_to_a_released_version_keeps_what_it_wrote(first: Store) -> None:
    first.migrate()
    for revision in REVISIONS[-2::-1]:
        first.unmigrate(revision)
        assert content(first) == ROWS, revision


def test_every_step_can_be_taken_back_and_taken_again(bare: Store) -> None:
    for before, revision in zip(["base", *REVISIONS], REVISIONS, strict=False):
        left = things(bare)
        bare.migrate(revision)
        made = things(bare)
        bare.unmigrate(before)
        assert things(bare) == left, revision
        bare.migrate(revision)
        assert things(bare) == made, revision


def test_all_the_way_down_leaves_nothing_and_up_again_everything(store: Store) -> None:
    made = things(store)
    store.unmigrate()
    assert things(store) == []
    store.migrate()
    assert things(store) == made


def test_migrations_make_exactly_the_checks_that_the_code_speaks_of(store: Store) -> None:
    with store.snapshot() as connection:
        inspector = sa.inspect(connection)
        made = {
            (table, one["name"])
            for table in metadata.tables
            for one in inspector.get_check_constraints(table)
        }
    spoken_of = {
        (table.name, f"ck_{table.name}_{str(one.name).removeprefix(f'ck_{table.name}_')}")
        for table in metadata.sorted_tables
        for one in table.constraints
        if isinstance(one, sa.CheckConstraint)
    }
    assert made == spoken_of


def test_servers_that_start_at_once_on_an_empty_database_migrate_it_once(
    new_database: Callable[..., str],
) -> None:
    url = new_database(migrated=False)
    stores = [Store(url) for _ in range(4)]
    barrier = Barrier(len(stores))

    def start(store: Store) -> bool:
        barrier.wait()
        store.migrate()
        return store.is_migrated()

    with ThreadPoolExecutor(len(stores)) as pool:
        assert list(pool.map(start, stores)) == [True] * len(stores)
    for store in stores:
        store.close()


@pytest.mark.sqlite_alone
def test_a_store_with_broken_references_is_left_as_it_is_and_its_tables_named(
    first: Store,
) -> None:
    path = str(first.engine.url.database)
    # as a tool would that does not ask SQLite to look
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("INSERT INTO doubts VALUES (77, 'v1', 0.5, '{}')")
    before = things(first)
    with pytest.raises(Conflict, match="rows in doubts"):
        first.migrate()
    assert things(first) == before
