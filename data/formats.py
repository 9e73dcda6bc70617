"""CSV, JSON lines and Parquet files as blocks of text cells, nothing repaired on the way."""

from __future__ import annotations

import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import pyarrow
import pyarrow.parquet

from data.blocks import BROKEN, Block, Cell, checked_header, plain, stopped, why
from data.errors import BadFile, Problem
from data.lines import csv_blocks, json_blocks

FORMATS: Final = (".csv", ".jsonl", ".json", ".parquet")


def blocks(path: Path, rows: int) -> Iterator[Block]:
    """Read a file in blocks of at most ``rows`` rows; the first comes even where there are none.

    Raises
    ------
    BadFile
        If the file is missing or empty, is not in the format that its name says, or its header
        is broken. What goes wrong further on is told by the blocks.
    """
    if rows < 1:
        raise ValueError("a block needs at least one row")
    kind, zipped = _kind(path)
    with ExitStack() as opened:
        stream = _open(path, zipped, opened)
        if kind == ".parquet":
            yield from _parquet(stream, path.name, rows, zipped, opened)
        elif kind == ".csv":
            yield from csv_blocks(_as_text(stream, "", opened), path.name, rows)
        else:
            yield from json_blocks(_as_text(stream, "\n", opened), path.name, rows)


def _kind(path: Path) -> tuple[str, bool]:
    suffixes = [suffix.casefold() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    kind = "".join((suffixes[:-1] if zipped else suffixes)[-1:])
    if kind not in FORMATS:
        formats = ", ".join(FORMATS)
        raise BadFile(f"{path.name}: the name must end in one of {formats}, or that and .gz")
    return kind, zipped


def _as_text(stream: io.BufferedReader, newline: str, opened: ExitStack) -> io.TextIOWrapper:
    # Escaped, a byte that is not UTF-8 reaches the checks, which know its row and column.
    text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline=newline)
    opened.callback(text.detach)
    return text


def _open(path: Path, zipped: bool, opened: ExitStack) -> io.BufferedReader:
    try:
        raw: Any = opened.enter_context(path.open("rb"))
        if zipped:
            raw = opened.enter_context(gzip.GzipFile(fileobj=raw))
        stream = opened.enter_context(io.BufferedReader(raw, 1 << 16))
        start = stream.peek(4)
    except BROKEN as broken:
        raise BadFile(f"{path.name} cannot be read: {why(broken)}") from None
    if not start:
        raise BadFile(f"{path.name} is empty")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise BadFile(
            f"{path.name} is in UTF-16, not UTF-8",
            [Problem("byte 1", "begins as UTF-16 does", "save the file as UTF-8")],
        )
    if start[:2] == b"\x1f\x8b":
        raise BadFile(f"{path.name} is compressed with gzip: its name must end in .gz")
    return stream


def _parquet(
    stream: io.BufferedReader, name: str, rows: int, zipped: bool, opened: ExitStack
) -> Iterator[Block]:
    try:
        # A compressed stream cannot jump to the footer that a Parquet file ends in.
        source = _unzipped(stream, opened) if zipped else stream
        file = opened.enter_context(pyarrow.parquet.ParquetFile(source))
        names = list(file.schema_arrow.names)
    except BROKEN as broken:
        raise BadFile(f"{name} is not whole Parquet: {why(broken)}") from None
    header = checked_header(names, name)
    row = 0
    yield Block(dict.fromkeys(header, ()))
    try:
        for batch in file.iter_batches(batch_size=rows, use_threads=False):
            numbers = range(row + 1, row + 1 + batch.num_rows)
            row += batch.num_rows
            yield Block(_cells(header, batch), numbers)
    except (*BROKEN, ValueError, OverflowError) as broken:  # such as a date after the year 9999
        yield Block({}, problems=[stopped(row, why(broken))], fatal=True)


def _cells(header: list[str], batch: Any) -> dict[str, list[Cell]]:  # noqa: ANN401 - untyped
    return {
        column: [plain(one) for one in _held(batch.column(place))]
        for place, column in enumerate(header)
        if not column.startswith("__index_level_")
    }


def _held(column: Any) -> list[Any]:  # noqa: ANN401 - untyped
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        # As bytes they reach the checks, which know their row.
        return list(column.cast(pyarrow.binary()).to_pylist())


def _unzipped(stream: io.BufferedReader, opened: ExitStack) -> IO[bytes]:
    whole = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    while piece := stream.read(1 << 20):
        whole.write(piece)
    whole.seek(0)
    return whole
