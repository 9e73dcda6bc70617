"""Groups by sensitive attributes that are held apart from the records, in a file of their own.

They serve the fairness figures alone: no model ever sees them, and who is in which group is
worked out where it is needed and never kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from data.blocks import Block, Cell
from data.checks import check_references, check_texts
from data.errors import BadFile, BadRecords, Problem
from data.formats import blocks
from data.table import AllegationTable
from training.figures import Bools
from training.groups import LEAST, Groups

ATTRIBUTES = ("nationality", "ethnicity", "birthplace", "religion", "gender", "sex", "age")
"""What may be compared. A name or a date of birth says who somebody is, and no group."""

ROWS_AT_ONCE = 10_000
_YEARS = re.compile(r"(\d{1,3})(?:\.0+)?")


def sensitive_groups(path: Path, records: AllegationTable) -> tuple[Groups, int]:
    """Group records by sensitive attributes that are held apart from them.

    Parameters
    ----------
    path
        A table, as those of records are read, with the column ``reference`` and one or more of
        ``ATTRIBUTES``, in whatever case; other columns are not looked at. An empty cell means
        that it is not known. Ages in years become groups of ten.
    records
        The records it speaks of; it may speak of others too.

    Returns
    -------
    The groups, and how many of the records it speaks of.

    Raises
    ------
    BadFile
        When the file cannot be read, or has no such columns.
    BadRecords
        When a reference is blank or stands there twice, or a cell is no text: every offence
        with its row and column. Also when it speaks of none of the records.
    """
    columns = _columns_of(path)
    place = {reference: row for row, reference in enumerate(columns["reference"])}
    rows = [place.get(str(one)) for one in records.frame["reference"]]
    told = sum(row is not None for row in rows)
    if not told:
        raise BadRecords(f"{path.name}: none of its references is in {records.source}.")
    return {
        name: _groups_of(["" if row is None else _grouped(name, cells[row]) for row in rows])
        for name, cells in columns.items()
        if name != "reference"
    }, told


def _columns_of(path: Path) -> dict[str, Sequence[str]]:
    """Return the columns that are looked at, by their names in small letters."""
    columns, whole = _read(path)
    names = Counter(map(_name, columns))
    if not names["reference"] or len(names) < 2 or max(names.values()) > 1:
        rule = f"must hold reference and, once each, one or more of {', '.join(ATTRIBUTES)}"
        raise BadFile(f"{path.name} does not fit", [Problem("header", rule), *whole.problems])
    problems = [*whole.problems]
    for column, cells in columns.items():
        where = partial(whole.where, column=column)
        problems += check_texts(cells, where)
        if _name(column) == "reference":
            problems += check_references(cells, whole.rows, {}, where)
    if problems:
        kind = BadFile if whole.fatal else BadRecords
        raise kind(f"{path.name} cannot be used (rows are counted without the header)", problems)
    return {_name(column): cells for column, cells in columns.items()}


def _read(path: Path) -> tuple[dict[str, list[str]], Block]:
    """Return the columns that are looked at, and of all blocks as one where their rows are.

    JSON lines leave out what is blank: a column may be missing in any block.
    """
    found: dict[str, list[str]] = {}
    rows: list[int] = []
    lines: list[int] = []
    whole = Block(found, rows, lines)
    for block in blocks(path, ROWS_AT_ONCE):
        for column in block.columns:
            if _name(column) in {"reference", *ATTRIBUTES}:
                found.setdefault(column, [""] * len(rows))
        for column, cells in found.items():
            cells += map(_text, block.columns.get(column, [""] * len(block.rows)))
        rows += block.rows
        lines += block.lines
        whole.problems += block.problems
        whole.fatal |= block.fatal
    return found, whole


def _name(column: str) -> str:
    return column.strip().lower()


def _text(cell: Cell) -> str:
    return (cell if isinstance(cell, str) else ", ".join(cell)).strip()


def _grouped(attribute: str, cell: str) -> str:
    """Put a year of age into ten; take anything else as it stands."""
    years = _YEARS.fullmatch(cell) if attribute == "age" else None
    if years is None:
        return cell
    tens = int(years[1]) // 10 * 10
    return f"{tens} to {tens + 9}"


def _groups_of(cells: Sequence[str]) -> dict[str, tuple[Bools, Bools]]:
    """Compare each group with the others of whom it is known; an empty cell is neither.

    Capitals make no other group.
    """
    spelt: dict[str, str] = {}
    column = np.array([spelt.setdefault(cell.casefold(), cell) for cell in cells], dtype=object)
    known = column != ""
    counts = Counter(column.tolist())
    large = sorted(one for one, count in counts.items() if one and count >= LEAST)
    return {one: (column == one, known & (column != one)) for one in large}
