from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import postgres
import pytest
import sqlalchemy as sa

from data.errors import BadInput, SecondLookError
from serving.errors import Conflict, NotReady
from serving.problems import of_error
from serving.store import engines
from serving.store.database import Store
from serving.store.engines import told_plainly
from serving.store.records import NewAllegation
from serving.store.tables import allegations, leases

NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
AT_ONCE = 8
Opened = Callable[..., Store]


@pytest.fixture
def url(new_database: Callable[..., str]) -> str:
    return new_database()


@pytest.fixture
def opened(url: str) -> Iterator[Opened]:
    """Open the same store again, as another process would; closed at the end."""
    stores: list[Store] = []

    def again(*more: str) -> Store:
        stores.append(Store(url + ("&" if "?" in url else "?") * bool(more) + "&".join(more)))
        return stores[-1]

    yield again
    for one in stores:
        one.close()


@pytest.fixture
def impatient(opened: Opened, database: str) -> Store:
    """A store that waits only a moment for what another holds."""
    said = {"sqlite": "timeout=0.05", "postgresql": "options=-c%20lock_timeout%3D50"}
    return opened(said[database])


@contextmanager
def changing(store: Store) -> Iterator[sa.Connection]:
    """A transaction that changes things, told plainly as those of the service are."""
    with (
        told_plainly(),
        store.engine.connect().execution_options(secondlook_writes=True) as connection,
        connection.begin(),
    ):
        yield connection


def all_at_once(doing: Callable[[int], object]) -> list[object]:
    """What each of several threads that begin together gave, or the error it ended with."""
    barrier = threading.Barrier(AT_ONCE)

    def one(number: int) -> object:
        barrier.wait()
        try:
            return doing(number)
        except SecondLookError as refusal:
            return type(refusal)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_of_many_who_add_the_same_record_at_once_one_wins_and_the_others_are_told(
    opened: Opened,
) -> None:
    stores = [opened() for _ in range(AT_ONCE)]
    with stores[0].writing() as unit:
        unit.allegations.open_queue("second_look", ["no_value", "low"])

    def add(number: int) -> str:
        new = NewAllegation(
            reference="A-1", narrative=f"told by {number}", first_value="no_value", dismissed=True
        )
        with stores[number].writing() as unit:
            unit.allegations.add_many("second_look", [new])
        return "added"

    assert Counter(all_at_once(add)) == {"added": 1, Conflict: AT_ONCE - 1}
    with stores[0].snapshot() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(allegations)) == 1


@pytest.mark.parametrize("held_before", [False, True], ids=["never held", "run out"])
def test_of_many_workers_that_want_a_lease_at_once_one_gets_it_and_the_others_none(
    opened: Opened, held_before: bool
) -> None:
    stores = [opened() for _ in range(AT_ONCE)]
    if held_before:
        long_ago = NOW - timedelta(days=1)
        with stores[0].writing() as unit:
            unit.leases.take("ranking", "the one before", now=long_ago, seconds=30)

    def take(number: int) -> int | None:
        with stores[number].writing() as unit:
            return unit.leases.take("ranking", str(number), now=NOW, seconds=30)

    token = 2 if held_before else 1
    assert Counter(all_at_once(take)) == {token: 1, None: AT_ONCE - 1}


def test_a_worker_that_lost_its_lease_while_it_worked_cannot_write_what_it_protects(
    opened: Opened,
) -> None:
    slow, quick = opened(), opened()
    with slow.writing() as unit:
        token = unit.leases.take("ranking", "slow", now=NOW, seconds=30)
    with quick.writing() as unit:
        later = NOW + timedelta(seconds=31)
        assert unit.leases.take("ranking", "quick", now=later, seconds=30) == 2
    with slow.writing() as unit:
        assert token == 1
        assert not unit.leases.holds("ranking", "slow", token)


def test_readers_see_the_store_as_it_was_when_they_began(opened: Opened) -> None:
    reader, writer = opened(), opened()
    with reader.reading() as unit:
        before = unit.allegations.value_order("second_look")
        with writer.writing() as other:
            other.allegations.open_queue("second_look", ["no_value", "low"])
        assert unit.allegations.value_order("second_look") == before
    with reader.reading() as unit:
        assert unit.allegations.value_order("second_look") == ("no_value", "low")


def test_who_waits_too_long_for_another_is_told_to_try_again_and_then_can(
    opened: Opened, impatient: Store
) -> None:
    def write(store: Store) -> None:
        with store.writing() as unit:
            unit.leases.take("ranking", "somebody", now=NOW, seconds=30)

    write(impatient)
    with opened().writing() as unit:
        unit.leases.take("ranking", "somebody", now=NOW, seconds=30)
        with pytest.raises(NotReady, match="try again") as refused:
            write(impatient)
    answer = of_error(refused.value)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    write(impatient)


def test_what_an_unlucky_writer_had_done_is_undone_whole(opened: Opened, impatient: Store) -> None:
    with opened().writing() as unit:
        unit.leases.take("ranking", "somebody", now=NOW, seconds=30)
    held = threading.Event()
    done = threading.Event()

    def hold() -> None:
        with opened().writing() as unit:
            unit.leases.holds("ranking", "somebody", 1)
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(30)

    def write_twice() -> None:
        with impatient.writing() as unit:
            unit.allegations.open_queue("second_look", ["no_value", "low"])
            unit.leases.take("ranking", "somebody", now=NOW, seconds=30)

    with pytest.raises(NotReady, match="nothing was changed"):
        write_twice()
    done.set()
    holder.join()
    with impatient.reading() as unit:
        assert unit.allegations.value_order("second_look") is None


@pytest.mark.parametrize(
    "value", ["x" * 41, "nul \x00", "half \ud800"], ids=["long", "nul", "surrogate"]
)
def test_a_value_that_the_store_cannot_keep_is_refused_without_being_quoted(
    postgresql: postgres.Server, value: str
) -> None:
    store = Store(postgresql.create("unfit", like="migrated"))
    with pytest.raises(BadInput, match="too long") as refused, store.writing() as unit:
        unit.allegations.open_queue(value, ["no_value"])
    assert value not in str(refused.value)
    assert of_error(refused.value).status_code == 422
    store.close()
    postgresql.drop("unfit")


@pytest.fixture
def on_postgresql(postgresql: postgres.Server) -> Iterator[Store]:
    """A store with two rows to fight over."""
    store = Store(postgresql.create("fought_over", like="migrated"))
    with store.writing() as unit:
        for name in ("first", "second"):
            unit.leases.take(name, "nobody", now=NOW, seconds=30)
    yield store
    store.close()
    postgresql.drop("fought_over")


def test_of_two_that_wait_for_each_other_one_is_told_to_try_again(on_postgresql: Store) -> None:
    both_hold_one = threading.Barrier(2)

    def cross(order: tuple[str, str]) -> object:
        try:
            with on_postgresql.writing() as unit:
                unit.leases.take(order[0], "somebody", now=NOW + timedelta(days=1), seconds=30)
                both_hold_one.wait(30)
                unit.leases.take(order[1], "somebody", now=NOW + timedelta(days=1), seconds=30)
        except NotReady as refusal:
            return str(refusal)
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(cross, [("first", "second"), ("second", "first")]))
    told = "the store is busy with other changes; nothing was changed, try again"
    assert sorted(map(str, ended)) == ["done", told]


def test_a_change_to_what_another_has_changed_since_is_told_to_try_again(
    on_postgresql: Store,
) -> None:
    change = sa.update(leases).values(holder="somebody")

    def late() -> None:
        with told_plainly(), on_postgresql.engine.connect() as connection:
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(sa.select(leases)).all()
            with changing(on_postgresql) as other:
                other.execute(change)
            connection.execute(change)

    with pytest.raises(NotReady, match="try again"):
        late()


def test_reading_cannot_change_anything(on_postgresql: Store) -> None:
    with pytest.raises(SecondLookError), on_postgresql.reading() as unit:
        unit.leases.release("first", "nobody")
    with on_postgresql.snapshot() as connection:
        assert set(connection.scalars(sa.select(leases.c.expires_at))) == {
            NOW + timedelta(seconds=30)
        }


def test_a_connection_that_the_server_cuts_is_told_plainly_and_the_next_one_works(
    on_postgresql: Store,
) -> None:
    cut = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def cut_off() -> None:
        with on_postgresql.writing() as unit:
            unit.allegations.open_queue("second_look", ["no_value"])
            with changing(on_postgresql) as other:
                other.execute(cut)
            unit.leases.release("first", "nobody")

    with pytest.raises(NotReady, match="cannot be reached"):
        cut_off()
    with on_postgresql.writing() as unit:
        assert unit.allegations.value_order("second_look") is None
        unit.allegations.open_queue("second_look", ["no_value"])


def test_more_at_once_than_there_are_connections_are_told_to_try_again(
    postgresql: postgres.Server,
) -> None:
    store = Store(postgresql.create("crowded", like="migrated"))
    store.engine.pool._timeout = 0.05
    with told_plainly():
        taken = [store.engine.connect() for _ in range(20)]
        with pytest.raises(NotReady, match="try again"), store.reading():
            pass
    for connection in taken:
        connection.close()
    store.close()
    postgresql.drop("crowded")


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://u@h/n", "postgresql+psycopg"),
        ("postgres://u@h/n", "postgresql+psycopg"),
        ("postgresql+psycopg://u@h/n", "postgresql+psycopg"),
        ("sqlite://", "sqlite"),
    ],
)
def test_either_database_is_named_by_its_usual_url(given: str, driver: str) -> None:
    store = Store(given)
    assert store.engine.url.drivername == driver
    store.close()


@pytest.mark.parametrize(
    "given", ["mysql://u:secret@h/n", "postgresql+pg8000://u:secret@h/n", "secret", ""]
)
def test_any_other_url_is_refused_by_the_settings_name_without_its_password(given: str) -> None:
    with pytest.raises(BadInput, match="SECONDLOOK_DATABASE_URL") as refused:
        Store(given)
    assert "secret" not in str(refused.value)


def test_nothing_waits_for_ever_on_postgresql(on_postgresql: Store) -> None:
    with on_postgresql.engine.connect() as connection:
        limits: dict[str, Any] = {
            name: connection.scalar(sa.text(f"SHOW {name}"))
            for name in ("statement_timeout", "lock_timeout")
        }
    with on_postgresql.snapshot() as connection:
        assert connection.scalar(sa.text("SHOW statement_timeout")) == "0"
    assert limits == {"statement_timeout": "30s", "lock_timeout": "10s"}


@pytest.mark.sqlite_alone
def test_a_new_file_that_somebody_else_is_making_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new.db"
    pauses: list[float] = []
    with closing(sqlite3.connect(file, isolation_level=None)) as maker:
        maker.execute("CREATE TABLE made (at TEXT)")
        maker.execute("BEGIN EXCLUSIVE")

        def lets_go(seconds: float) -> None:
            pauses.append(seconds)
            maker.execute("ROLLBACK")

        monkeypatch.setattr(engines.time, "sleep", lets_go)
        store = Store(f"sqlite:///{file}?timeout=0")
        with store.engine.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        store.close()
    assert (mode, pauses) == ("wal", [engines.WAL_PAUSE])
