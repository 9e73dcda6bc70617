"""Backup and restore: one file for both databases, so that it also moves a store between them.

A backup is read in one transaction that sees the store as it was when it began, whoever writes
meanwhile. A restore fills a store that is empty, in one transaction: it is there whole or not at
all. What an earlier version of the service wrote is filled into the tables of that version, and
these are then brought up to date as any store is.
"""

from __future__ import annotations

import itertools
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from data.errors import BadFile
from serving.errors import Conflict, NotReady
from serving.store.database import MIGRATIONS, Store
from serving.store.kinds import KINDS, kind_of
from serving.store.packing import (
    Manifest,
    Packed,
    Told,
    check,
    new_pack,
    open_pack,
    read_table,
    unpack,
    write_manifest,
    write_table,
)
from serving.store.schema import metadata

AT_ONCE = 1000
# what a migration puts there, before anything has happened
FILLED_BY_MIGRATIONS = frozenset({"audit_head"})
BOOKKEEPING = "alembic_version"
# the full-text index of SQLite keeps tables of its own, filled by triggers
INDEXED = "_fts"


def size(store: Store) -> int:
    """How many rows a backup would hold.

    Raises
    ------
    NotReady
        When the store cannot be reached, or is of another version than this service.
    """
    _check_version(store)
    with store.snapshot() as connection:
        return sum(_count(connection, table.name) for table in metadata.sorted_tables)


def back_up(store: Store, path: Path, told: Told = lambda _: None) -> Manifest:
    """Write every table of a store to a file.

    Parameters
    ----------
    told
        Is told of rows as they are written.

    Raises
    ------
    NotReady
        When the store cannot be reached, or is of another version than this service.
    CannotWrite
        When the file is there already or cannot be written; nothing is left behind.
    """
    _check_version(store)
    with new_pack(path) as pack, store.snapshot() as connection:
        revision = str(_revision(connection))
        tables = tuple(
            write_table(pack, table.name, _columns(table), _rows(connection, table), told)
            for table in metadata.sorted_tables
        )
        manifest = Manifest(revision, datetime.now(UTC).isoformat(timespec="seconds"), tables)
        write_manifest(pack, manifest)
    return manifest


def restore(store: Store, path: Path, told: Told = lambda _: None) -> Manifest:
    """Fill an empty store from a file.

    Triggers that say what may be done to a record rest meanwhile, since what they guard is
    done; constraints hold, and triggers that keep the full-text index work.

    Parameters
    ----------
    told
        Is told of rows as they are checked, and again as they are restored.

    Raises
    ------
    BadFile
        When the file is no backup, is damaged, or comes from a later version.
    Conflict
        When the store holds anything, or what the file holds breaks a rule of the tables.
    """
    with open_pack(path) as (pack, manifest):
        check(pack, manifest, path.name, told)
        with store.altering() as config:
            connection: Connection = config.attributes["connection"]
            _check_empty(connection)
            _go_to(config, manifest.revision, path.name)
            _check_shape(connection, manifest, path.name)
            _fill(connection, pack, manifest, path.name, told)
            command.upgrade(config, "head")
    return manifest


def _check_version(store: Store) -> None:
    if not store.is_migrated():
        raise NotReady("the store is of another version: back it up with the one that wrote it")


def _columns(table: sa.Table) -> dict[str, str]:
    return {column.name: kind_of(column) for column in table.columns if not column.computed}


def _rows(connection: Connection, table: sa.Table) -> Iterable[Sequence[Any]]:
    # JSON as its text, which tells JSON's null from no value at all
    chosen = [
        sa.cast(table.c[name], sa.Text) if kind == "json" else table.c[name]
        for name, kind in _columns(table).items()
    ]
    return connection.execute(
        sa.select(*chosen).order_by(*table.primary_key.columns),
        execution_options={"yield_per": AT_ONCE},
    )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _count(connection: Connection, table: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0


def _check_empty(connection: Connection) -> None:
    for table in sa.inspect(connection).get_table_names():
        passed_over = table == BOOKKEEPING or table in FILLED_BY_MIGRATIONS or INDEXED in table
        if not passed_over and _count(connection, table):
            raise Conflict(
                f"the store is not empty: {table} holds rows. Restore into a new, empty one."
            )


def _go_to(config: Config, revision: str, name: str) -> None:
    """Bring the empty tables to what they were when the backup was made."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision not in known:
        raise BadFile(f"{name} comes from a later version of Second Look; restore it with that")
    current = _revision(config.attributes["connection"])
    if current not in {None, revision}:
        command.downgrade(config, "base")
    command.upgrade(config, revision)


def _check_shape(connection: Connection, manifest: Manifest, name: str) -> None:
    """Refuse a file that speaks of tables or columns that its version does not have."""
    inspector = sa.inspect(connection)
    for table in manifest.tables:
        there = inspector.has_table(table.name) and {
            column["name"] for column in inspector.get_columns(table.name)
        }
        if not there or not there >= table.columns.keys():
            raise BadFile(f"{name} is no backup of Second Look: table {table.name} does not fit")


def _fill(
    connection: Connection, pack: zipfile.ZipFile, manifest: Manifest, name: str, told: Told
) -> None:
    with rules_resting(connection):
        for table in manifest.tables:
            connection.execute(sa.delete(sa.table(table.name)))
            _insert(connection, table, read_table(pack, table, name), name, told)
    if connection.dialect.name == "postgresql":
        for table in manifest.tables:
            _count_on(connection, table)


def _insert(
    connection: Connection, table: Packed, rows: Iterator[dict[str, Any]], name: str, told: Told
) -> None:
    at_once = connection.dialect.name == "postgresql"
    insert = _many_at_once(table) if at_once else sa.insert(_target(table))
    while some := list(itertools.islice(rows, AT_ONCE)):
        if at_once:
            connection.execute(insert, {"rows": json.dumps(some)})
        else:
            connection.execute(insert, [unpack(table, row, name) for row in some])
        told(len(some))


def _target(table: Packed) -> sa.TableClause:
    columns = (sa.column(name, KINDS[kind].write) for name, kind in table.columns.items())
    return sa.table(table.name, *columns)


def _many_at_once(table: Packed) -> sa.Insert:
    """One statement for many rows, which PostgreSQL reads from JSON: several times as fast."""
    sent = (
        sa.column(name, sa.Text() if kind == "json" else KINDS[kind].write)
        for name, kind in table.columns.items()
    )
    rows = sa.cast(sa.bindparam("rows", type_=sa.Text()), sa.JSON)
    given = sa.func.json_to_recordset(rows).table_valued(*sent).render_derived(with_types=True)
    chosen = [
        sa.cast(given.c[name], sa.JSON) if kind == "json" else given.c[name]
        for name, kind in table.columns.items()
    ]
    return sa.insert(_target(table)).from_select(list(table.columns), sa.select(*chosen))


def _count_on(connection: Connection, table: Packed) -> None:
    """Let PostgreSQL number new rows after the restored ones; SQLite does so by itself."""
    quoted = connection.dialect.identifier_preparer.quote(table.name)
    for name in (name for name, kind in table.columns.items() if kind == "integer"):
        sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(quoted, name)))
        if sequence and table.rows:
            number: sa.ColumnClause[int] = sa.column(name)
            highest = sa.select(sa.func.max(number)).select_from(sa.table(table.name))
            connection.execute(sa.select(sa.func.setval(sequence, highest.scalar_subquery())))


@contextmanager
def rules_resting(connection: Connection) -> Iterator[None]:
    """Let BEFORE triggers rest, which hold rules; AFTER ones, which keep an index, work on."""
    if connection.dialect.name == "postgresql":
        rules = connection.execute(
            sa.text(
                "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger "
                "WHERE NOT tgisinternal AND (tgtype & 2) = 2 AND tgrelid IN ("
                "SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace)"
            )
        ).all()
        rest = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in rules]
        resume = [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in rules]
    else:
        rules = connection.execute(
            sa.text(
                "SELECT name, sql FROM sqlite_master "
                "WHERE type = 'trigger' AND sql LIKE '% BEFORE %'"
            )
        ).all()
        rest = [f'DROP TRIGGER "{name}"' for name, _ in rules]
        resume = [str(sql) for _, sql in rules]
    for statement in rest:
        connection.exec_driver_sql(statement)
    # nothing to put back when this fails: the transaction is undone, and this with it
    yield
    for statement in resume:
        connection.exec_driver_sql(statement)
