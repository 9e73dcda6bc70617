from __future__ import annotations

import json
import re
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

import secondlook
from data.errors import BadFile, BadInput, CannotWrite
from serving.errors import Conflict, NotReady
from serving.store.backup import back_up, restore, rules_resting
from serving.store.database import Store
from serving.store.kinds import kind_of
from serving.store.packing import Manifest, new_pack, write_manifest, write_table
from serving.store.schema import metadata

Databases = Callable[..., str]
Opened = Callable[..., Store]
Members = dict[str, bytes]

NOW = datetime(2026, 7, 1, 9, 30, 0, 123456, tzinfo=UTC)
NARRATIVE = 'the "red" van\n\u2028\u00e9\U0001f690\\ from Mill Lane'
CHOICE = re.compile(r"(\w+) IN \('(\w+)'")
QUEUES = {"name": "text", "value_order": "json", "created_at": "moment"}

# closed, and yet it did not arrive by import: as an assessment leaves it
CLOSED = {"status": "closed", "origin": "api", "first_value": "no_value", "dismissed": True}
SAID: dict[str, dict[str, Any]] = {
    "accounts": {"kind": "person"},
    "allegations": {**CLOSED, "narrative": NARRATIVE},
    "assessments": {"account_kind": "person"},
    "suggestions": {"content": None},
    "links": {"allegation_id": 2},
}


def value_of(column: sa.Column[Any]) -> Any:
    """Something that the column can hold, none of it empty."""
    kind = kind_of(column)
    return {
        "moment": NOW,
        "json": {"a": [1, 0.1, None, "é"], "deep": {"b": True}},
        "boolean": False,
        "integer": 1,
        "float": 0.1 + 0.2,
        "text": "x",
    }[kind]


def row_of(table: sa.Table) -> dict[str, Any]:
    """A row that keeps the constraints; what may be absent is, where it is bound to others."""
    checks = [str(one.sqltext) for one in table.constraints if isinstance(one, sa.CheckConstraint)]
    choices = dict(match.groups() for match in map(CHOICE.match, checks) if match)
    bound = {name for text in checks for name in re.findall(r"\w+", text)} - set(choices)
    row = {
        column.name: choices.get(column.name) or value_of(column)
        for column in table.columns
        if not (column.nullable and (column.name in bound or column.foreign_keys))
    }
    return row | SAID.get(table.name, {})


def fill(store: Store) -> None:
    """Put a row into every table, and a second allegation, as if all rules had been kept."""
    with store.altering() as config, rules_resting(config.attributes["connection"]):
        connection = config.attributes["connection"]
        connection.execute(sa.delete(metadata.tables["audit_head"]))
        for table in metadata.sorted_tables:
            connection.execute(sa.insert(table), row_of(table))
            if table.name == "allegations":
                other = {"id": 2, "key": "k2", "reference": "r2", "received_at": None}
                connection.execute(sa.insert(table), row_of(table) | other)


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a store holds, JSON as its text."""
    found = {}
    with store.snapshot() as connection:
        for table in metadata.sorted_tables:
            columns = [
                sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column
                for column in table.columns
            ]
            rows = connection.execute(sa.select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    return found


@pytest.fixture
def opened(new_database: Databases) -> Iterator[Opened]:
    """Open new stores; closed at the end."""
    stores: list[Store] = []

    def make(*kind: str, migrated: bool = True) -> Store:
        stores.append(Store(new_database(*kind, migrated=migrated)))
        return stores[-1]

    yield make
    for one in stores:
        one.close()


@pytest.fixture
def full(opened: Opened) -> Store:
    store = opened()
    fill(store)
    return store


@pytest.fixture
def packed(full: Store, tmp_path: Path) -> Path:
    back_up(full, tmp_path / "full.backup")
    return tmp_path / "full.backup"


def rewritten(path: Path, change: Callable[[Members], None]) -> Path:
    """Give the same backup with its members changed."""
    with zipfile.ZipFile(path) as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    change(members)
    other = path.with_name("other.backup")
    with zipfile.ZipFile(other, "w") as pack:
        for name, data in members.items():
            pack.writestr(name, data)
    return other


def made_up(path: Path, table: str, columns: dict[str, str], *rows: list[Any]) -> Path:
    """Give a well-formed backup at the first revision, of one table."""
    with new_pack(path) as pack:
        packed = write_table(pack, table, columns, rows, lambda _: None)
        write_manifest(pack, Manifest("0001", NOW.isoformat(), (packed,)))
    return path


def test_every_column_of_every_table_has_a_way_to_travel() -> None:
    kinds = [kind_of(column) for table in metadata.sorted_tables for column in table.columns]
    assert {"moment", "json", "boolean", "integer", "float", "text"} <= set(kinds)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
@pytest.mark.parametrize("migrated", [True, False], ids=["migrated", "bare"])
def test_what_comes_back_is_what_was_there_on_either_database(
    full: Store, packed: Path, opened: Opened, target: str, migrated: bool
) -> None:
    other = opened(target, migrated=migrated)
    manifest = restore(other, packed)
    assert {table.name for table in manifest.tables} == set(metadata.tables)
    assert manifest.rows == len(metadata.tables) + 1
    assert other.is_migrated()
    assert content(other) == content(full)


def test_json_null_and_no_value_at_all_stay_apart(packed: Path, opened: Opened) -> None:
    other = opened()
    restore(other, packed)
    suggestions = metadata.tables["suggestions"]
    with other.snapshot() as connection:
        text = connection.scalar(sa.select(sa.cast(suggestions.c.content, sa.Text)))
    assert text == "null"


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_new_records_are_numbered_after_the_restored_ones(
    packed: Path, opened: Opened, target: str
) -> None:
    other = opened(target)
    restore(other, packed)
    remarks = metadata.tables["remarks"]
    row = row_of(remarks)
    del row["id"]
    with other.altering() as config:
        connection = config.attributes["connection"]
        assert connection.scalar(sa.insert(remarks).values(row).returning(remarks.c.id)) == 2


def test_the_rules_hold_again_once_a_store_is_restored(packed: Path, opened: Opened) -> None:
    other = opened()
    restore(other, packed)
    allegations, log = metadata.tables["allegations"], metadata.tables["audit_log"]
    new = row_of(allegations) | {"id": 9, "key": "k9", "reference": "r9"}
    for statement in (
        sa.insert(allegations).values(new),
        sa.update(log).values(actor="somebody else"),
        sa.delete(log),
    ):
        with pytest.raises(Conflict), other.altering() as config:
            config.attributes["connection"].execute(statement)


def test_restored_narratives_are_found_by_their_words(packed: Path, opened: Opened) -> None:
    other = opened()
    restore(other, packed)
    found = {
        "sqlite": "SELECT count(*) FROM allegations_fts WHERE allegations_fts MATCH 'van'",
        "postgresql": "SELECT count(*) FROM allegations "
        "WHERE to_tsvector('english', narrative) @@ to_tsquery('english', 'van')",
    }
    with other.snapshot() as connection:
        assert connection.scalar(sa.text(found[connection.dialect.name])) == 2


def test_what_is_written_while_a_backup_is_made_is_not_half_in_it(
    full: Store, tmp_path: Path, opened: Opened
) -> None:
    before = content(full)
    later = iter(range(100, 1000))

    def meanwhile(_: int) -> None:
        # a record whose parts are in tables that are read at different times
        number = next(later)
        allegation = {"id": number, "key": f"k{number}", "reference": f"r{number}"}
        remark = {"id": number, "allegation_id": number}
        tables = metadata.tables
        with full.altering() as config, rules_resting(config.attributes["connection"]):
            for table, said in ((tables["allegations"], allegation), (tables["remarks"], remark)):
                config.attributes["connection"].execute(sa.insert(table), row_of(table) | said)

    back_up(full, tmp_path / "busy.backup", meanwhile)
    assert len(content(full)["remarks"]) > len(before["remarks"])
    other = opened()
    restore(other, tmp_path / "busy.backup")
    assert content(other) == before


@pytest.mark.sqlite_alone
def test_rows_are_told_as_they_pass_each_way(full: Store, tmp_path: Path, opened: Opened) -> None:
    written: list[int] = []
    restored: list[int] = []
    manifest = back_up(full, tmp_path / "told.backup", written.append)
    restore(opened(), tmp_path / "told.backup", restored.append)
    assert sum(written) == manifest.rows
    assert sum(restored) == 2 * manifest.rows


def test_a_store_that_holds_anything_is_not_restored_into(full: Store, packed: Path) -> None:
    before = content(full)
    with pytest.raises(Conflict, match="is not empty"):
        restore(full, packed)
    assert content(full) == before


def test_a_file_that_is_there_is_not_replaced(full: Store, packed: Path) -> None:
    before = packed.read_bytes()
    with pytest.raises(CannotWrite, match="there already"):
        back_up(full, packed)
    assert packed.read_bytes() == before


@pytest.mark.sqlite_alone
def test_only_its_owner_may_read_a_backup(packed: Path) -> None:
    assert stat.S_IMODE(packed.stat().st_mode) == 0o600


def test_a_backup_that_fails_leaves_nothing_behind(full: Store, tmp_path: Path) -> None:
    def failing(_: int) -> None:
        raise ZeroDivisionError

    (tmp_path / "backups").mkdir()
    with pytest.raises(ZeroDivisionError):
        back_up(full, tmp_path / "backups" / "failed.backup", failing)
    with pytest.raises(CannotWrite, match="No such file or directory"):
        back_up(full, tmp_path / "nowhere" / "failed.backup")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_store_of_another_version_is_not_backed_up(opened: Opened, tmp_path: Path) -> None:
    old = opened(migrated=False)
    old.migrate("0001")
    with pytest.raises(NotReady, match="another version"):
        back_up(old, tmp_path / "old.backup")


def change_a_row(members: Members) -> None:
    name = "tables/allegations.jsonl"
    members[name] = members[name].replace(b"Mill Lane", b"Hill Lane")


def lose_a_row(members: Members) -> None:
    name = "tables/allegations.jsonl"
    members[name] = members[name].splitlines(keepends=True)[0]


def lose_a_table(members: Members) -> None:
    del members["tables/remarks.jsonl"]


def lose_the_manifest(members: Members) -> None:
    del members["manifest.json"]


@pytest.mark.parametrize("damage", [change_a_row, lose_a_row, lose_a_table, lose_the_manifest])
@pytest.mark.sqlite_alone
def test_a_damaged_backup_is_refused_and_nothing_is_restored(
    packed: Path, opened: Opened, damage: Callable[[Members], None]
) -> None:
    other = opened()
    before = content(other)
    with pytest.raises(BadFile, match="damaged"):
        restore(other, rewritten(packed, damage))
    assert content(other) == before


@pytest.mark.parametrize("kept", [0.3, 0.9])
@pytest.mark.sqlite_alone
def test_a_backup_that_was_cut_short_is_refused(packed: Path, opened: Opened, kept: float) -> None:
    data = packed.read_bytes()
    packed.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(BadFile, match="damaged"):
        restore(opened(), packed)


@pytest.mark.sqlite_alone
def test_a_file_that_is_no_backup_or_not_there_is_refused(opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a backup")
    for name in ("notes.txt", "nothing.backup"):
        with pytest.raises(BadFile, match=name):
            restore(opened(), tmp_path / name)


@pytest.mark.parametrize(
    "claims", [{"revision": "9999"}, {"version": 2}], ids=["revision", "format"]
)
@pytest.mark.sqlite_alone
def test_a_backup_of_a_later_version_is_refused_saying_so(
    packed: Path, opened: Opened, claims: dict[str, Any]
) -> None:
    def change(members: Members) -> None:
        manifest = json.loads(members["manifest.json"])
        members["manifest.json"] = json.dumps(manifest | claims).encode()

    with pytest.raises(BadFile, match="later"):
        restore(opened(), rewritten(packed, change))


@pytest.mark.parametrize(
    ("table", "columns", "row"),
    [
        ("ranking_entries", {"ranking_id": "integer", "position": "integer"}, [7, 1]),
        ("queues", QUEUES, ["Mrs Smith of Mill Lane", "[]", None]),
    ],
    ids=["reference", "absence"],
)
def test_rows_that_break_a_constraint_are_refused_unquoted_and_none_is_kept(
    tmp_path: Path,
    opened: Opened,
    table: str,
    columns: dict[str, str],
    row: list[Any],
) -> None:
    other = opened(migrated=False)
    with pytest.raises(Conflict) as refused:
        restore(other, made_up(tmp_path / "bad.backup", table, columns, row))
    assert "Smith" not in str(refused.value)
    assert refused.value.__suppress_context__
    assert not other.is_migrated()


@pytest.mark.parametrize(
    "row", [["x" * 50, "[]", NOW], ["nul\x00", "[]", NOW], ["half \ud800", "[]", NOW]]
)
def test_values_that_postgresql_cannot_keep_are_refused_plainly(
    tmp_path: Path, opened: Opened, row: list[Any], postgresql: object
) -> None:
    assert postgresql
    with pytest.raises(BadInput, match="too long, out of range"):
        restore(opened("postgresql"), made_up(tmp_path / "odd.backup", "queues", QUEUES, row))


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("alembic", {"version_num": "text"}),
        ("leases", {"name; DROP TABLE leases": "text"}),
        ("leases", {"name": "pickle"}),
    ],
)
@pytest.mark.sqlite_alone
def test_tables_columns_and_kinds_that_its_version_does_not_have_are_refused(
    tmp_path: Path, opened: Opened, table: str, columns: dict[str, str]
) -> None:
    path = made_up(tmp_path / "odd.backup", "leases", {"name": "text"})

    def change(members: Members) -> None:
        manifest = json.loads(members["manifest.json"])
        manifest["tables"][0] |= {"name": table, "columns": columns}
        members["manifest.json"] = json.dumps(manifest).encode()
        members[f"tables/{table}.jsonl"] = members["tables/leases.jsonl"]

    with pytest.raises(BadFile, match="no backup of Second Look"):
        restore(opened(), rewritten(path, change))


def test_a_backup_of_the_first_version_comes_back_up_to_date(
    tmp_path: Path, opened: Opened
) -> None:
    row = ["second_look", '["no_value", "low"]', NOW]
    other = opened()
    restore(other, made_up(tmp_path / "first.backup", "queues", QUEUES, row))
    assert other.is_migrated()
    with other.reading() as unit:
        assert unit.allegations.value_order("second_look") == ("no_value", "low")


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
@pytest.mark.sqlite_alone
def test_the_commands_back_up_and_restore_and_write_their_figures(
    new_database: Databases,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    target: str,
) -> None:
    one, other = Store(new_database(source)), Store(new_database(target))
    fill(one)
    kept, figures = str(tmp_path / "all.backup"), tmp_path / "figures.json"
    told = []
    for store, command in ((one, ["backup", "--to", kept]), (other, ["restore", kept])):
        url = store.engine.url.render_as_string(hide_password=False)
        monkeypatch.setenv("SECONDLOOK_DATABASE_URL", url)
        done = CliRunner().invoke(secondlook.app, [*command, "--json", str(figures)])
        assert done.exit_code == 0, done.output
        told.append(json.loads(figures.read_text()))
    same = ("revision", "made_at", "rows", "tables", "bytes", "sha256")
    assert {name: told[0][name] for name in same} == {name: told[1][name] for name in same}
    assert told[0]["tables"]["allegations"] == 2
    assert told[0]["bytes"] == Path(kept).stat().st_size
    with one.reading() as before, other.reading() as after:
        kept_rows, all_rows = list(before.audit.every()), list(after.audit.every())
    assert kept_rows[-1].action == "backed up the store"
    assert all_rows[:-1] == kept_rows
    assert all_rows[-1].action == "restored the store"
    assert json.loads(all_rows[-1].details_text) == {"made_at": told[0]["made_at"]}
    assert all_rows[-1].previous_hash == kept_rows[-1].hash
    before_it, after_it = content(one), content(other)
    for table in ("audit_log", "audit_head"):
        del before_it[table], after_it[table]
    assert after_it == before_it
    one.close()
    other.close()


@pytest.mark.sqlite_alone
def test_a_second_restore_ends_with_status_2_and_says_why(
    full: Store, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDLOOK_DATABASE_URL", str(full.engine.url))
    done = CliRunner().invoke(secondlook.app, ["restore", str(packed)])
    assert done.exit_code == 2
    assert "the store is not empty" in done.output


@pytest.mark.sqlite_alone
def test_any_tool_can_look_into_a_backup(packed: Path) -> None:
    with zipfile.ZipFile(packed) as pack:
        manifest = json.loads(pack.read("manifest.json"))
        lines = pack.read("tables/allegations.jsonl").decode().splitlines()
    columns = next(one for one in manifest["tables"] if one["name"] == "allegations")["columns"]
    first = dict(zip(columns, json.loads(lines[0]), strict=True))
    assert first["narrative"] == NARRATIVE
    assert first["received_at"] == NOW.isoformat()
    assert json.loads(first["fields"]) == {"a": [1, 0.1, None, "é"], "deep": {"b": True}}


def test_sqlite_itself_finds_nothing_wrong_with_a_restored_store(
    packed: Path, new_database: Databases
) -> None:
    url = new_database("sqlite", migrated=False)
    other = Store(url)
    restore(other, packed)
    other.close()
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
