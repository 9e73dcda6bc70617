"""Opening the store: engines, units of work, migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine, make_url

from serving.errors import Conflict, NotReady
from serving.store.allegations import AllegationRepository
from serving.store.audit import AuditRepository
from serving.store.decisions import DecisionRepository
from serving.store.exhibits import ExhibitRepository
from serving.store.keys import IdempotencyRepository
from serving.store.leases import LeaseRepository
from serving.store.rankings import RankingRepository

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Unit:
    """The repositories over one transaction."""

    allegations: AllegationRepository
    rankings: RankingRepository
    decisions: DecisionRepository
    leases: LeaseRepository
    keys: IdempotencyRepository
    audit: AuditRepository
    exhibits: ExhibitRepository


class Store:
    """The database, by URL.

    Parameters
    ----------
    url
        A SQLAlchemy URL. SQLite is opened in WAL mode, its folder made when absent; writers
        take the write lock at once, so that none fails half-way for want of it.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """One transaction in which nothing should be changed."""
        with _told_plainly(), self.engine.begin() as connection:
            yield _unit(connection)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """One transaction, committed whole when the block ends and undone when it fails."""
        with _told_plainly(), self._write() as connection:
            yield _unit(connection)

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to ``revision``; the whole step succeeds or nothing changes."""
        with self._altering() as config:
            command.upgrade(config, revision)

    def unmigrate(self, revision: str = "base") -> None:
        """Take the tables back to ``revision``."""
        with self._altering() as config:
            command.downgrade(config, revision)

    def is_migrated(self) -> bool:
        """Whether the tables are those that this version of the service needs.

        Raises
        ------
        NotReady
            When the store cannot be reached.
        """
        with _told_plainly(), self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current == ScriptDirectory(str(MIGRATIONS)).get_current_head()

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()

    @contextmanager
    def _write(self, *, altering: bool = False) -> Iterator[Connection]:
        with self.engine.connect().execution_options(secondlook_writes=True) as connection:
            if altering and connection.dialect.name == "sqlite":
                _leave_references(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def _altering(self) -> Iterator[Config]:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with _told_plainly(), self._write(altering=True) as connection:
            config.attributes["connection"] = connection
            yield config
            _check_references(connection)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """Say in our own words what failed: the database's may hold an address or a narrative."""
    try:
        yield
    except sa.exc.IntegrityError:
        raise Conflict("another change came first; look again") from None
    except (sa.exc.OperationalError, sa.exc.ProgrammingError, sa.exc.InterfaceError):
        raise NotReady("the store cannot be reached, or is not up to date") from None


def _unit(connection: Connection) -> Unit:
    return Unit(
        AllegationRepository(connection),
        RankingRepository(connection),
        DecisionRepository(connection),
        LeaseRepository(connection),
        IdempotencyRepository(connection),
        AuditRepository(connection),
        ExhibitRepository(connection),
    )


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    # sqlite3 would otherwise begin transactions by itself, too late and without the lock
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _leave_references(connection: Connection) -> None:
    """Let SQLite rebuild tables that others refer to, as its manual has it; checked at the end."""
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101 - a connection just taken is there
    raw.execute("PRAGMA foreign_keys=OFF")
    # not to be given to anybody else like this
    connection.detach()


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = ", ".join(sorted({row[0] for row in broken}))
        raise Conflict(f"rows in {tables} refer to rows that are not there; nothing was changed")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("secondlook_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
