"""Taking CSV and JSON lines apart, row by row."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import IO, Any, Final

from data.blocks import BROKEN, Block, Cell, checked_header, plain, stopped, why
from data.errors import BadFile, Problem

LINE_LIMIT: Final = 16 * 1024 * 1024
"""Characters of one JSON line; a longer one is a file of another kind."""

_STOPPED: Final = -1

_Taken = tuple[int, int, Any, Problem | None]
"""A row: its number (or that reading stopped), its line, its record or what is wrong."""


def csv_blocks(text: IO[str], name: str, rows: int) -> Iterator[Block]:
    """Read CSV in blocks of at most ``rows`` rows.

    Raises
    ------
    BadFile
        If the header is broken.
    """
    reader = csv.reader(text, strict=True)
    try:
        header = checked_header(next(reader, []), name)
    except (csv.Error, *BROKEN) as broken:
        raise BadFile(f"{name}: the header cannot be read: {why(broken)}") from None
    return _in_blocks(_csv_rows(reader, len(header)), rows, partial(_csv_block, header))


def json_blocks(text: IO[str], name: str, rows: int) -> Iterator[Block]:
    """Read JSON lines in blocks of at most ``rows`` rows; blank lines count but are skipped."""
    return _in_blocks(_json_rows(text), rows, partial(_json_block, name))


def _in_blocks(
    taken: Iterator[_Taken], rows: int, made: Callable[[list[_Taken]], Block]
) -> Iterator[Block]:
    batch = list(islice(taken, rows))
    yield made(batch)
    while batch := list(islice(taken, rows)):
        yield made(batch)


def _csv_rows(reader: Any, width: int) -> Iterator[_Taken]:  # noqa: ANN401 - csv names no type
    row, line = 0, reader.line_num + 1
    try:
        for record in reader:
            if record or width == 1:
                row += 1
                yield row, line, record or [""], _ragged(row, line, len(record or [""]), width)
            line = reader.line_num + 1
    except csv.Error as broken:
        remedy = "look for a quote that is not closed, or a text that is far too long"
        yield _STOPPED, line, None, stopped(row, f"line {line}: {broken}", remedy)
    except BROKEN as broken:
        yield _STOPPED, line, None, stopped(row, why(broken))


def _ragged(row: int, line: int, cells: int, width: int) -> Problem | None:
    if cells == width:
        return None
    return Problem(f"row {row} (line {line})", f"has {cells} cells where the header has {width}")


def _csv_block(header: Sequence[str], batch: list[_Taken]) -> Block:
    whole = [taken for taken in batch if taken[3] is None]
    columns: Sequence[Sequence[str]] = [()] * len(header)
    if whole:
        columns = list(zip(*(record for _, _, record, _ in whole), strict=True))
    return _block(dict(zip(header, columns, strict=True)), whole, batch, all_columns=True)


def _json_rows(text: IO[str]) -> Iterator[_Taken]:
    row = 0
    try:
        while line := text.readline(LINE_LIMIT):
            row += 1
            if len(line) == LINE_LIMIT:
                told = f"line {row} is over {LINE_LIMIT:,} characters"
                yield _STOPPED, row, None, stopped(row - 1, told)
                return
            if not line.isspace():
                # The row is the line: told as a line, it would read as if the two differed.
                yield row, row + 1, *_json_object(line, row)
    except BROKEN as broken:
        yield _STOPPED, row, None, stopped(row, why(broken))


def _json_object(line: str, row: int) -> tuple[dict[str, Any] | None, Problem | None]:
    try:
        found = json.loads(line, object_pairs_hook=_object)
    except json.JSONDecodeError as broken:
        rule = f"is not JSON: {broken.msg} at character {broken.colno}"
    except (ValueError, RecursionError) as broken:
        told = (
            broken
            if isinstance(broken, _RepeatedNameError)
            else "a number or the nesting is too large"
        )
        rule = f"cannot be taken as JSON: {told}"
    else:
        if isinstance(found, dict):
            return found, None
        rule = "is JSON but not an object"
    return None, Problem(f"row {row}", rule, "write one JSON object on each line")


class _RepeatedNameError(ValueError):
    """A name stands twice in one JSON object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise _RepeatedNameError("a name stands twice in one object")
    return held


def _json_block(file: str, batch: list[_Taken]) -> Block:
    whole = [taken for taken in batch if taken[3] is None]
    records = [record for _, _, record, _ in whole]
    names = list(dict.fromkeys(key for record in records for key in record))
    header = checked_header(names, file) if names else []
    columns = {
        name: [plain(record.get(key)) for record in records]
        for name, key in zip(header, names, strict=True)
    }
    return _block(columns, whole, batch, all_columns=False)


def _block(
    columns: dict[str, Sequence[Cell]] | dict[str, Sequence[str]] | dict[str, list[Cell]],
    whole: list[_Taken],
    batch: list[_Taken],
    *,
    all_columns: bool,
) -> Block:
    return Block(
        columns,
        rows=[row for row, *_ in whole],
        lines=[line for _, line, *_ in whole],
        problems=[taken[3] for taken in batch if taken[3] is not None],
        fatal=bool(batch) and batch[-1][0] == _STOPPED,
        all_columns=all_columns,
    )
