"""Engines for both databases, and what either says when it refuses, in our own words."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from data.errors import BadInput, Problem, SecondLookError
from serving.errors import Conflict, NotReady

WRITES = "secondlook_writes"
SQLITE_PATIENCE = 30
WAL_PAUSE = 0.01
POSTGRESQL = "postgresql+psycopg"
DRIVERS = {"postgres": POSTGRESQL, "postgresql": POSTGRESQL, POSTGRESQL: POSTGRESQL}
SETTING = "SECONDLOOK_DATABASE_URL"
REMEDY = "such as sqlite:///var/secondlook.db or postgresql://user@host/name"

# A server that hangs must not take every thread with it, nor a forgotten transaction a lock.
LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
# Four server processes of twenty stay below the hundred connections that PostgreSQL takes.
UNASKED_SECONDS = 5
# More of them would wait for each other, and those who wait hold locks for which others wait.
WRITERS = {"sqlite": 1, "postgresql": 3}
POOL = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 15, "pool_recycle": 1800}

# any number will do, as long as everybody who migrates takes the same one
MIGRATING = 0x5EC0_4D10

RAISED_BY_A_RULE = "P0001"
TRY_AGAIN = frozenset({"40001", "40P01", "55P03", "57014"})
SQLITE_TRY_AGAIN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

CAME_FIRST = "another change came first; look again"
BUSY = "the store is busy with other changes; nothing was changed, try again"
UNFIT = "a value is too long, out of range, or holds characters that the store cannot keep"
AWAY = "the store cannot be reached, or is not up to date"


def make_engine(url: str) -> Engine:
    """Make the engine of a URL.

    SQLite is opened in WAL mode, its folder made when absent. What the URL itself says goes
    before our time limits: ``timeout`` for SQLite, ``options`` for PostgreSQL.

    Raises
    ------
    BadInput
        When the URL is none, or names a database that the store does not know.
    """
    parsed = _parsed(url)
    return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)


@contextmanager
def told_plainly() -> Iterator[None]:
    """Say in our own words what failed: the database's may hold an address or a narrative.

    Raises
    ------
    Conflict
        When a constraint or a rule of the store refused.
    BadInput
        When a value cannot be kept.
    NotReady
        When trying again later may help.
    """
    try:
        yield
    except sa.exc.DBAPIError as problem:
        raise plainly(problem) from None
    except sa.exc.TimeoutError:
        raise NotReady(BUSY) from None
    except (sa.exc.StatementError, UnicodeEncodeError):
        raise BadInput(UNFIT) from None


class Turn:
    """Lets few of this process's writers at the store at once, the others in turn after them.

    Left to itself SQLite lets them knock again and again, ever less often: whoever comes last is
    often served first, and some wait for seconds. PostgreSQL lets in all, and each that waits for
    another's lock holds locks for which others wait.

    Parameters
    ----------
    places
        How many may write at once.
    """

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)

    def __enter__(self) -> None:
        """Wait for the turn.

        Raises
        ------
        NotReady
            When it does not come for as long as SQLite would knock.
        """
        if not self._places.acquire(timeout=SQLITE_PATIENCE):
            raise NotReady(BUSY)

    def __exit__(self, *_: object) -> None:
        """Let the next one in."""
        self._places.release()


def plainly(problem: sa.exc.DBAPIError) -> SecondLookError:
    """Give the error of ours for one of the database's; it quotes nothing."""
    state = getattr(problem.orig, "sqlstate", None)
    code = getattr(problem.orig, "sqlite_errorcode", None) or 0
    if isinstance(problem, sa.exc.IntegrityError) or state == RAISED_BY_A_RULE:
        return Conflict(CAME_FIRST)
    if isinstance(problem, sa.exc.DataError):
        return BadInput(UNFIT)
    # SQLite's extended codes keep the plain one in their lowest byte
    if state in TRY_AGAIN or code & 0xFF in SQLITE_TRY_AGAIN:
        return NotReady(BUSY)
    return NotReady(AWAY)


def alone(connection: Connection) -> None:
    """Let one process at a time change the tables, for as long as it takes.

    SQLite's writers are alone anyway.
    """
    unhurried(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))


def unhurried(connection: Connection) -> None:
    """Lift the time limits until the transaction ends."""
    if connection.dialect.name == "postgresql":
        for name in LIMITS:
            connection.execute(sa.text(f"SET LOCAL {name} = 0"))


def leave_references(connection: Connection) -> None:
    """Let SQLite rebuild tables that others refer to, as its manual has it; checked at the end."""
    if connection.dialect.name != "sqlite":
        return
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101 - a connection just taken is there
    raw.execute("PRAGMA foreign_keys=OFF")
    # not to be given to anybody else like this
    connection.detach()


def check_references(connection: Connection) -> None:
    """Refuse what was done without looking at references if it broke any.

    Raises
    ------
    Conflict
        Naming the tables whose rows refer to rows that are not there.
    """
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise Conflict(f"rows in {tables} refer to rows that are not there; nothing was changed")


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise _bad("is no database URL") from None
    if parsed.get_backend_name() == "sqlite":
        return parsed
    if parsed.drivername not in DRIVERS:
        raise _bad("names neither SQLite nor PostgreSQL")
    return parsed.set(drivername=DRIVERS[parsed.drivername])


def _bad(rule: str) -> BadInput:
    # the URL may hold a password, so it is not repeated
    return BadInput("The settings do not fit", [Problem(SETTING, rule, REMEDY)])


def _postgresql(url: URL) -> Engine:
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    said = {"options": limits, "connect_timeout": "5", "application_name": "secondlook"}
    engine = sa.create_engine(
        url,
        connect_args={name: value for name, value in said.items() if name not in url.query},
        hide_parameters=True,
        **POOL,
    )
    sa.event.listen(engine, "checkin", _note_return)
    sa.event.listen(engine, "checkout", partial(_ask_whether_there, engine.dialect))
    return engine


def _note_return(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.info["returned"] = time.monotonic()


def _ask_whether_there(
    dialect: Dialect,
    connection: DBAPIConnection,
    record: sa.pool.ConnectionPoolEntry,
    _: object,
) -> None:
    """Replace a connection that the server let go; one that was just used is not asked."""
    returned = record.info.get("returned")
    if returned is None or time.monotonic() - returned < UNASKED_SECONDS:
        return
    try:
        dialect.do_ping(connection)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, another one may do
        raise sa.exc.DisconnectionError from None


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    patience = {} if "timeout" in url.query else {"timeout": SQLITE_PATIENCE}
    engine = sa.create_engine(url, connect_args=patience, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    # sqlite3 would otherwise begin transactions by itself, too late and without the lock
    connection.isolation_level = None
    _write_ahead(connection)
    # secure_delete: what is erased is written over, not only let go
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    # for this alone SQLite refuses at once, whatever its timeout, when others open the file too
    until = time.monotonic() + SQLITE_PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF not in SQLITE_TRY_AGAIN or time.monotonic() > until:
                raise
            time.sleep(WAL_PAUSE)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
