"""The file that a backup is: a manifest, and a member of JSON lines for each table.

A zip archive, so that any tool can look inside. ``manifest.json`` names the schema's revision and,
for each table, its columns, how many rows it has and the SHA-256 of its member. Nothing in it
depends on the database that it came from.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from data.errors import BadFile, CannotWrite
from serving.store.kinds import KINDS

FORMAT = "secondlook backup"
VERSION = 1
MANIFEST = "manifest.json"
TOLD_EVERY = 500
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, TypeError, ValueError)

Told = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Packed:
    """One table in the file: how each column travels, how many rows, digest of its member."""

    name: str
    columns: dict[str, str]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        """Name of its member."""
        return f"tables/{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: its tables in an order in which they can be filled."""

    revision: str
    made_at: str
    tables: tuple[Packed, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)


@contextmanager
def new_pack(path: Path) -> Iterator[zipfile.ZipFile]:
    """Write a file beside ``path``, readable by its owner alone; it takes its name when whole.

    Raises
    ------
    CannotWrite
        When there is such a file already, or it cannot be written; nothing is left behind.
    """
    if path.exists():
        raise CannotWrite(f"{path.name} is there already; a backup never replaces a file")
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
                yield pack
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as problem:
        raise CannotWrite(f"cannot write {path.name}: {problem.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def write_table(
    pack: zipfile.ZipFile,
    name: str,
    columns: dict[str, str],
    rows: Iterable[Sequence[Any]],
    told: Told,
) -> Packed:
    """Write a table's rows into the file, each an array of its columns."""
    packers = [KINDS[kind].pack for kind in columns.values()]
    digest, count = hashlib.sha256(), 0
    with pack.open(Packed(name, columns, 0, "").member, "w", force_zip64=True) as member:
        for row in rows:
            line = json.dumps(_through(packers, row), separators=(",", ":")).encode() + b"\n"
            digest.update(line)
            member.write(line)
            count += 1
            if count % TOLD_EVERY == 0:
                told(TOLD_EVERY)
    told(count % TOLD_EVERY)
    return Packed(name, columns, count, digest.hexdigest())


def write_manifest(pack: zipfile.ZipFile, manifest: Manifest) -> None:
    """Write the manifest, which makes the file a backup."""
    content = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
    pack.writestr(MANIFEST, json.dumps(content, indent=2) + "\n")


@contextmanager
def open_pack(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """Open a backup.

    Raises
    ------
    BadFile
        When it is none, is damaged, or is of a later format.
    """
    if not path.is_file():
        raise BadFile(f"{path.name}: there is no such file")
    with _legible(path.name):
        pack = zipfile.ZipFile(path)
    with pack:
        with _legible(path.name):
            manifest = _manifest(pack, path.name)
        yield pack, manifest


def rows_in(path: Path) -> int:
    """How many rows a backup says that it holds.

    Raises
    ------
    BadFile
        When it is no backup.
    """
    with open_pack(path) as (_, manifest):
        return manifest.rows


def check(pack: zipfile.ZipFile, manifest: Manifest, name: str, told: Told) -> None:
    """See that every table is as it was written.

    Raises
    ------
    BadFile
        Naming the first table whose rows or digest are not what the manifest says.
    """
    for table in manifest.tables:
        digest, count = hashlib.sha256(), 0
        with _legible(name), pack.open(table.member) as member:
            for line in member:
                digest.update(line)
                count += 1
        told(count)
        if (count, digest.hexdigest()) != (table.rows, table.sha256):
            raise BadFile(f"{name} is damaged: table {table.name} is not as it was written")


def read_table(pack: zipfile.ZipFile, table: Packed, name: str) -> Iterator[dict[str, Any]]:
    """Give a table's rows, their values as they travel.

    Raises
    ------
    BadFile
        When one of them is not what the manifest says that a row is.
    """
    with pack.open(table.member) as member:
        for line in member:
            with _legible(name):
                row = dict(zip(table.columns, json.loads(line), strict=True))
            yield row


def unpack(table: Packed, row: dict[str, Any], name: str) -> dict[str, Any]:
    """Give the values of a row as the database takes them.

    Raises
    ------
    BadFile
        When one of them is not of its kind.
    """
    ways = [KINDS[kind].unpack for kind in table.columns.values()]
    with _legible(name):
        return dict(zip(row, _through(ways, list(row.values())), strict=True))


@contextmanager
def _legible(name: str) -> Iterator[None]:
    try:
        yield
    except BROKEN:
        raise BadFile(f"{name} is no backup of Second Look, or is damaged") from None


def _through(ways: Sequence[Callable[[Any], Any] | None], row: Sequence[Any]) -> list[Any]:
    return [
        value if way is None or value is None else way(value)
        for way, value in zip(ways, row, strict=True)
    ]


def _manifest(pack: zipfile.ZipFile, name: str) -> Manifest:
    content = json.loads(pack.read(MANIFEST))
    if content["format"] != FORMAT:
        raise ValueError
    if content["version"] != VERSION:
        raise BadFile(f"{name} is of a later format; restore it with the version it came from")
    tables = tuple(Packed(**table) for table in content["tables"])
    if any(kind not in KINDS for table in tables for kind in table.columns.values()):
        raise ValueError
    return Manifest(content["revision"], content["made_at"], tables)
