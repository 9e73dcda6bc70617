from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from serving.errors import Conflict, NotReady
from serving.store.allegations import safe_key
from serving.store.database import Store
from serving.store.records import NewAllegation, NewDecision
from serving.store.schema import metadata

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def opened(store: Store) -> Store:
    with store.writing() as unit:
        unit.allegations.open_queue("second_look", ["no_value", "low"])
    return store


def allegation(reference: str, **more: object) -> NewAllegation:
    return NewAllegation(
        **{
            "reference": reference,
            "narrative": "something",
            "first_value": "no_value",
            "dismissed": True,
            **more,
        }  # type: ignore[arg-type]
    )


def decision(allegation_id: int) -> NewDecision:
    return NewDecision(
        allegation_id=allegation_id,
        verdict="uphold",
        value="no_value",
        reason="detail",
        note=None,
        reviewer=None,
        decided_at=NOW,
        model_version=None,
        ranking_id=None,
        position=None,
        doubt=None,
        score=None,
        selection_probability=None,
        audit=False,
    )


def test_migrations_make_exactly_the_tables_that_the_code_speaks_of(store: Store) -> None:
    # the full-text search of each database is its own, and none that both have words for
    opts = {"include_name": lambda name, *_: "_fts" not in (name or "")}
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_migrations_go_down_and_up_again(store: Store) -> None:
    store.unmigrate()
    assert not store.is_migrated()
    store.migrate()
    assert store.is_migrated()


def test_a_store_that_is_not_migrated_says_so_plainly(tmp_path: Path) -> None:
    bare = Store(f"sqlite:///{tmp_path / 'bare.db'}")
    with pytest.raises(NotReady, match="not up to date"), bare.reading() as unit:
        unit.rankings.current("second_look")
    bare.close()


def test_a_unit_of_work_that_fails_leaves_nothing(opened: Store) -> None:
    def failing() -> None:
        with opened.writing() as unit:
            unit.allegations.add_many("second_look", [allegation("A-1")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    with opened.reading() as unit:
        assert unit.decisions.counts("second_look").allegations == 0


def test_a_moment_comes_back_in_utc_whatever_zone_it_had(opened: Store) -> None:
    summer = datetime(2026, 7, 1, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    with opened.writing() as unit:
        unit.allegations.add_many("second_look", [allegation("A-1", received_at=summer)])
        found = unit.allegations.by_key("second_look", "A-1")
    assert found is not None
    assert found.received_at == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def test_the_store_itself_refuses_a_second_decision(opened: Store) -> None:
    with opened.writing() as unit:
        unit.allegations.add_many("second_look", [allegation("A-1")])
        unit.decisions.add("second_look", decision(1))
    with pytest.raises(Conflict), opened.writing() as unit:
        unit.decisions.add("second_look", decision(1))


@pytest.mark.parametrize("reference", ["A-1", "2024.17_b", "x9~"])
def test_a_reference_that_is_safe_in_an_address_is_its_own_key(reference: str) -> None:
    assert safe_key(reference) == reference


@pytest.mark.parametrize(
    "reference", ["a/b1", "John Smith 1", "John-Smith", "..", "ä1", "1" * 65, "sl-12", "1\n", ""]
)
def test_any_other_reference_gets_a_random_key(reference: str) -> None:
    key = safe_key(reference)
    assert key.startswith("sl-")
    assert key != safe_key(reference)


def test_a_lease_is_held_by_one_until_it_runs_out(store: Store) -> None:
    later = NOW + timedelta(seconds=31)
    with store.writing() as unit:
        assert unit.leases.take("ranking", "one", now=NOW, seconds=30) == 1
        assert unit.leases.take("ranking", "two", now=NOW, seconds=30) is None
        assert unit.leases.take("ranking", "one", now=NOW, seconds=30) == 1
        assert unit.leases.take("ranking", "two", now=later, seconds=30) == 2
        assert not unit.leases.holds("ranking", "one", 1)
        assert unit.leases.holds("ranking", "two", 2)


def test_a_lease_let_go_is_free_at_once(store: Store) -> None:
    with store.writing() as unit:
        unit.leases.take("ranking", "one", now=NOW, seconds=30)
        unit.leases.release("ranking", "one")
        assert unit.leases.take("ranking", "two", now=NOW, seconds=30) == 2
