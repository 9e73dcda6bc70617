"""CSV, JSON lines and Parquet files as blocks of text cells, nothing repaired on the way."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

import pyarrow
import pyarrow.parquet

from data.errors import BadFile, Problem

Cell = str | tuple[str, ...]
"""A cell: a text, blank where there is nothing; or the texts of a list."""

FORMATS: Final = (".csv", ".jsonl", ".json", ".parquet")
LINE_LIMIT: Final = 16 * 1024 * 1024
_BROKEN: Final = (EOFError, OSError, zlib.error, pyarrow.ArrowException)
_AS_UTF8: Final = "save the file as UTF-8"


@dataclass(slots=True)
class Block:
    """Some consecutive rows of a file.

    Parameters
    ----------
    columns
        Cells by column, in the file's order of columns.
    rows
        The number of each row that could be taken apart, counting records from 1.
    lines
        The line that each of them begins on, where the format has lines.
    problems
        Rows that could not be taken apart.
    fatal
        Whether the file could not be read any further.
    all_columns
        Whether ``columns`` are all that the file has; more may turn up in JSON lines.
    """

    columns: Mapping[str, Sequence[Cell]]
    rows: Sequence[int] = ()
    lines: Sequence[int] = ()
    problems: list[Problem] = field(default_factory=list)
    fatal: bool = False
    all_columns: bool = True

    def where(self, position: int, column: str) -> str:
        """Return the place of a cell in words."""
        row = self.rows[position]
        line = self.lines[position] if self.lines else row + 1
        told = f"row {row}" if line == row + 1 else f"row {row} (line {line})"
        return f"{told}, column {column}"


def blocks(path: Path, rows: int) -> Iterator[Block]:
    """Read a file in blocks of at most ``rows`` rows; the first comes even where there are none.

    Raises
    ------
    BadFile
        If the file is missing or empty, is not in the format that its name says, or its header
        is broken. What goes wrong further on is told by the blocks.
    """
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    zipped = bool(suffixes) and suffixes[-1] == ".gz"
    kind = (suffixes[:-1] if zipped else suffixes)[-1:] or [""]
    if kind[0] not in FORMATS:
        formats = ", ".join(FORMATS)
        raise BadFile(f"{path.name}: the name must end in one of {formats}, or that and .gz")
    with ExitStack() as opened:
        stream = _open(path, zipped, opened)
        if kind[0] == ".parquet":
            yield from _parquet(stream, path.name, rows, zipped, opened)
        else:
            text = io.TextIOWrapper(
                stream,
                encoding="utf-8-sig",
                errors="surrogateescape",
                newline="" if kind[0] == ".csv" else "\n",
            )
            opened.callback(text.detach)
            read = _csv if kind[0] == ".csv" else _json_lines
            yield from read(text, path.name, rows)


def _open(path: Path, zipped: bool, opened: ExitStack) -> io.BufferedReader:
    try:
        raw: Any = opened.enter_context(path.open("rb"))
        if zipped:
            raw = opened.enter_context(gzip.GzipFile(fileobj=raw))
        stream = opened.enter_context(io.BufferedReader(raw, 1 << 16))
        start = stream.peek(4)
    except _BROKEN as broken:
        raise BadFile(f"{path.name} cannot be read: {_why(broken)}") from None
    if not start:
        raise BadFile(f"{path.name} is empty")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(f"{path.name} is in UTF-16, not UTF-8", [Problem("byte 1", "", _AS_UTF8)])
    if start[:2] == b"\x1f\x8b":
        raise BadFile(f"{path.name} is compressed with gzip: its name must end in .gz")
    return stream


def _why(broken: BaseException) -> str:
    if isinstance(broken, EOFError | zlib.error | gzip.BadGzipFile):
        return "it is not whole gzip: truncated or damaged"
    if isinstance(broken, OSError) and broken.strerror:
        return broken.strerror
    return str(broken).splitlines()[0] if str(broken) else type(broken).__name__


def _stopped(row: int, why: str, remedy: str = "") -> Block:
    told = Problem(f"after row {row}", f"reading stopped: {why}", remedy)
    return Block({}, problems=[told], fatal=True)


def _csv(text: IO[str], name: str, rows: int) -> Iterator[Block]:
    reader = csv.reader(text, strict=True)
    try:
        header = _header(next(reader, []), name)
    except (csv.Error, *_BROKEN) as broken:
        raise BadFile(f"{name}: the header cannot be read: {_why(broken)}") from None
    row = 0
    while True:
        taken, numbers, lines, problems = [], [], [], []
        begins = reader.line_num + 1
        try:
            for record in islice(reader, rows):
                if record or len(header) == 1:
                    row += 1
                    if len(record or [""]) == len(header):
                        taken.append(record or [""])
                        numbers.append(row)
                        lines.append(begins)
                    else:
                        rule = f"has {len(record)} cells where the header has {len(header)}"
                        problems.append(Problem(f"row {row} (line {begins})", rule))
                begins = reader.line_num + 1
        except (csv.Error, *_BROKEN) as broken:
            yield _block(header, taken, numbers, lines, problems)
            remedy = "look for a quote that is not closed" if isinstance(broken, csv.Error) else ""
            yield _stopped(row, f"line {begins}: {_why(broken)}", remedy)
            return
        finished = not taken and not problems
        if not finished or not row:
            yield _block(header, taken, numbers, lines, problems)
        if finished:
            return


def _header(names: Sequence[str], file: str) -> list[str]:
    header = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    problems = [
        Problem("header", f"column {name!r} stands there {header.count(name)} times")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    for number, name in enumerate(header, start=1):
        if "\0" in name or not _sound(name):
            problems.append(Problem(f"header, column {number}", "is not UTF-8 text", _AS_UTF8))
    if not header or problems:
        raise BadFile(f"{file}: the header is broken", problems)
    return header


def _sound(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _block(
    header: list[str],
    records: list[list[str]],
    rows: list[int],
    lines: list[int],
    problems: list[Problem],
) -> Block:
    columns = list(zip(*records, strict=True)) if records else [()] * len(header)
    return Block(dict(zip(header, columns, strict=True)), rows, lines, problems)


class _Repeated(ValueError):
    """A name stands twice in one JSON object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise _Repeated("a name stands twice in one object")
    return held


def _json_lines(text: IO[str], name: str, rows: int) -> Iterator[Block]:
    row, ended = 0, False
    while not ended:
        records, numbers, problems = [], [], []
        stop: Block | None = None
        while len(records) + len(problems) < rows:
            try:
                line = text.readline(LINE_LIMIT)
            except _BROKEN as broken:
                stop = _stopped(row, _why(broken))
                break
            if not line:
                ended = True
                break
            row += 1
            if len(line) == LINE_LIMIT:
                stop = _stopped(row - 1, f"line {row} is over {LINE_LIMIT:,} characters")
                break
            if not line.strip():
                continue
            record, rule = _json_object(line)
            if record is None:
                problems.append(Problem(f"row {row}", rule, "one JSON object a line"))
            else:
                records.append(record)
                numbers.append(row)
        if records or problems or (ended and row == 0):
            yield _json_block(records, numbers, problems, name)
        if stop is not None:
            yield stop
            return


def _json_object(line: str) -> tuple[dict[str, Any] | None, str]:
    try:
        found = json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as broken:
        return None, f"is not JSON: {broken.msg} at character {broken.colno}"
    except (ValueError, RecursionError) as broken:
        told = str(broken) if isinstance(broken, _Repeated) else "a number or nesting is too large"
        return None, f"cannot be taken as JSON: {told}"
    return (found, "") if isinstance(found, dict) else (None, "is JSON but not an object")


def _json_block(
    records: list[dict[str, Any]], rows: list[int], problems: list[Problem], name: str
) -> Block:
    names = list(dict.fromkeys(key for record in records for key in record))
    if names:
        _header(names, name)
    columns: dict[str, Sequence[Cell]] = {
        key: [plain(record.get(key)) for record in records] for key in names
    }
    return Block(columns, rows, [row + 1 for row in rows], problems, all_columns=False)


def _parquet(
    stream: io.BufferedReader, name: str, rows: int, zipped: bool, opened: ExitStack
) -> Iterator[Block]:
    row = 0
    try:
        # A compressed stream cannot jump to the footer that a Parquet file ends in.
        source = _unzipped(stream, opened) if zipped else stream
        file = opened.enter_context(pyarrow.parquet.ParquetFile(source))
        batches = file.iter_batches(batch_size=rows, use_threads=False)
        names = list(file.schema_arrow.names)
    except _BROKEN as broken:
        raise BadFile(f"{name} is not Parquet: {_why(broken)}") from None
    header = _header(names, name)
    while True:
        try:
            batch = next(batches, None)
        except _BROKEN as broken:
            yield _stopped(row, _why(broken))
            return
        if batch is None:
            break
        cells = {
            column: [plain(one) for one in batch.column(place).to_pylist()]
            for place, column in enumerate(header)
            if not column.startswith("__index_level_")
        }
        numbers = range(row + 1, row + 1 + batch.num_rows)
        row += batch.num_rows
        yield Block(cells, numbers)
    if not row:
        yield Block({column: () for column in header})


def _unzipped(stream: io.BufferedReader, opened: ExitStack) -> IO[bytes]:
    whole = opened.enter_context(tempfile.TemporaryFile())
    while piece := stream.read(1 << 20):
        whole.write(piece)
    whole.seek(0)
    return whole


def plain(value: object) -> Cell:
    """Return a value as text: whole numbers without a fraction, nothing as a blank."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list | tuple):
        return tuple(str(plain(one)) for one in value)
    return (
        json.dumps(value, sort_keys=True, default=str) if isinstance(value, dict) else str(value)
    )
