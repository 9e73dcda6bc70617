"""A stretch of rows of any file, as cells of text."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import pyarrow

from data.checks import text_offence
from data.errors import BadFile, Problem

Cell = str | tuple[str, ...]
"""A cell: a text, blank where there is nothing; or the texts of a list."""

BROKEN: Final = (EOFError, OSError, zlib.error, pyarrow.ArrowException)
"""What reading a damaged file may raise."""


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


def checked_header(names: Sequence[str], file: str) -> list[str]:
    """Return the names of the columns, nameless ones numbered.

    Raises
    ------
    BadFile
        If there are none, or one stands there twice or is not text.
    """
    header = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    problems = [
        Problem("header", f"column {name!r} stands there {header.count(name)} times")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    for number, name in enumerate(header, start=1):
        if (offence := text_offence(name)) is not None:
            problems.append(Problem(f"header, column {number}", *offence))
    if not header or problems:
        raise BadFile(f"{file}: the header is broken", problems)
    return header


def stopped(row: int, told: str, remedy: str = "") -> Problem:
    """Return the offence of a file that cannot be read beyond a row."""
    return Problem(f"after row {row}", f"reading stopped: {told}", remedy)


def why(broken: BaseException) -> str:
    """Return why a file could not be read, in words."""
    if isinstance(broken, EOFError | zlib.error | gzip.BadGzipFile):
        return "it is not whole gzip: truncated or damaged"
    if isinstance(broken, OSError) and broken.strerror:
        return broken.strerror
    return str(broken).splitlines()[0] if str(broken) else type(broken).__name__


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
