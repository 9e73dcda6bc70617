"""From blocks of cells to checked tables: fields found, labels spelled, offences collected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import compress
from typing import Any, Final

import numpy as np
import pandas as pd

from data import checks
from data.blocks import Block, Cell
from data.dates import NotADate, parse_received
from data.errors import BadFile, BadRecords, Problem
from data.mapping import FIELDS, ColumnMapping
from data.table import RECEIVED, AllegationTable
from data.taxonomy import Taxonomy
from data.toml import closest

_KEPT: Final = 100_000
"""Offences remembered; the rest are only counted, so that memory stays bounded."""


class Assembler:
    """Turns blocks into tables for as long as nothing is wrong, and remembers what is.

    Parameters
    ----------
    source
        The name of the file, for messages.
    mapping
        How columns become fields.
    needs
        Fields whose columns must be there.
    taxonomy
        What values, and with our own names categories and channels, there are.
    """

    def __init__(
        self, source: str, mapping: ColumnMapping, needs: frozenset[str], taxonomy: Taxonomy
    ) -> None:
        if unknown := needs - set(FIELDS):
            raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
        self._source = source
        self._mapping = mapping
        self._needs = needs | {"narrative"}
        self._order = mapping.value_order or taxonomy.value_codes
        self._categories = mapping.category_labels
        self._channels: tuple[str, ...] | None = None
        if mapping.own_names:
            self._categories = self._categories or taxonomy.category_codes
            self._channels = taxonomy.channel_codes
        self._problems: list[Problem] = []
        self._uncounted = 0
        self._fatal = False
        self._rows = self._kept = 0
        self._seen: dict[str, int] = {}
        self._columns: dict[str, None] = {}
        self._left_out = 0

    def table(self, block: Block) -> AllegationTable | None:
        """Check a block; return its table unless anything was wrong so far."""
        self._note(block.problems)
        self._fatal = self._fatal or block.fatal
        self._rows += len(block.rows) + len(block.problems)
        self._columns.update(dict.fromkeys(block.columns))
        if not block.rows:
            return None
        self._require_columns(self._columns, known=block.all_columns)
        block = self._without_left_out(block)
        fields = self._checked(block)
        if self._problems or not block.rows:
            return None
        self._kept += len(block.rows)
        return self._built(block, fields)

    def finish(self) -> None:
        """Raise for whatever was wrong."""
        if not self._fatal and self._columns:
            self._require_columns(self._columns, known=True)
        if self._problems:
            kind = BadFile if self._fatal else BadRecords
            raise kind(self._headline(), self._problems)
        if not self._kept:
            left = f" but the {self._rows:,} that the mapping leaves out" if self._rows else ""
            raise BadRecords(f"{self._source} holds 0 rows{left}")

    def _headline(self) -> str:
        count = len(self._problems) + self._uncounted
        offences = "1 offence" if count == 1 else f"{count:,} offences"
        return f"{self._source}: {offences} (rows are records counted from 1, without the header)"

    def _note(self, problems: Sequence[Problem]) -> None:
        room = max(0, _KEPT - len(self._problems))
        self._problems.extend(problems[:room])
        self._uncounted += max(0, len(problems) - room)

    def _require_columns(self, present: Mapping[str, object], *, known: bool) -> None:
        """Refuse columns that are named but missing, all of them in one error.

        Before the last of JSON lines only the narrative can be known to be missing: a field may
        first appear on any line.
        """
        wanted = self._mapping.columns
        if self._mapping.own_names:
            wanted = {name: column for name, column in wanted.items() if name in self._needs}
        problems = [
            Problem("header", f"column {column!r} is missing ({name})", closest(column, present))
            for name, column in wanted.items()
            if column not in present and (known or name == "narrative")
        ]
        problems += [
            Problem("mapping", f"no column is named for {name}, which is needed here")
            for name in sorted(self._needs - self._mapping.columns.keys())
        ]
        if problems:
            raise BadFile(f"{self._source} lacks columns{_hint(present)}", problems)

    def _without_left_out(self, block: Block) -> Block:
        """Drop the rows that the mapping asks to leave out, before anything is checked."""
        keep = np.ones(len(block.rows), dtype=bool)
        if self._mapping.leave_out_blank:
            column = block.columns[self._mapping.columns["narrative"]]
            keep &= [not checks.is_blank(str(cell)) for cell in column]
        unlabelled = set(self._mapping.value_not_labels)
        if "value" in self._needs and unlabelled:
            column = block.columns.get(self._mapping.columns["value"], ())
            keep[: len(column)] &= [str(cell).strip() not in unlabelled for cell in column]
        left_out = int((~keep).sum())
        if not left_out:
            return block
        self._left_out += left_out
        columns = {name: list(compress(cells, keep)) for name, cells in block.columns.items()}
        lines = list(compress(block.lines, keep))
        return Block(columns, list(compress(block.rows, keep)), lines)

    def _checked(self, block: Block) -> dict[str, Sequence[Any]]:
        """Return the fields of a block, noting whatever is wrong with them."""
        fields: dict[str, Sequence[Any]] = {}
        mapped = set(self._mapping.columns.values())
        for column, cells in block.columns.items():
            if column not in mapped:
                self._sound(column, [_text(cell) for cell in cells], block)
        for name, column in self._mapping.columns.items():
            # JSON lines leave out what is blank: a column that is known of is blank here.
            if column in self._columns or name in self._needs:
                cells = block.columns.get(column, [""] * len(block.rows))
                fields[name] = self._field(name, column, cells, block)
        return fields

    def _field(self, name: str, column: str, cells: Sequence[Cell], block: Block) -> Sequence[Any]:
        where = partial(block.where, column=column)
        if name == "categories":
            return self._category_cells(cells, column, block)
        texts = [_text(cell) for cell in cells]
        if name == "narrative":
            self._note(checks.check_narratives(texts, where))
            return texts
        texts = [text.strip() for text in texts]
        if not self._sound(column, texts, block):
            return texts
        if name == "reference":
            self._note(checks.check_references(texts, block.rows, self._seen, where))
        elif name == "received_at":
            return self._received(texts, where)
        elif name == "channel":
            if self._channels is not None:
                offences = checks.check_labels(texts, self._channels, where, blank_allowed=True)
                self._note(offences)
        else:
            return self._values(name, texts, where)
        return texts

    def _sound(self, column: str, texts: Sequence[str], block: Block) -> bool:
        problems = checks.check_texts(texts, partial(block.where, column=column))
        self._note(problems)
        return not problems

    def _values(self, name: str, texts: list[str], where: checks.Where) -> list[str]:
        unlabelled = set(self._mapping.value_not_labels)
        spelled = {text: checks.spelled(text, self._order) for text in dict.fromkeys(texts)}
        labels = ["" if text in unlabelled else spelled[text] for text in texts]
        blank_allowed = name != "value" or "value" not in self._needs
        offences = checks.check_labels(labels, self._order, where, blank_allowed=blank_allowed)
        self._note(offences)
        return labels

    def _received(self, texts: list[str], where: checks.Where) -> list[datetime | None]:
        moments: list[datetime | None] = []
        for at, text in enumerate(texts):
            try:
                day_first = self._mapping.day_first
                moments.append(parse_received(text, day_first=day_first) if text else None)
            except NotADate as broken:
                moments.append(None)
                self._note([Problem(where(at), f"the date {broken}", "write it as 2024-03-31")])
        return moments

    def _category_cells(
        self, cells: Sequence[Cell], column: str, block: Block
    ) -> list[tuple[str, ...]]:
        if not self._sound(column, [_text(cell) for cell in cells], block):
            return []
        split = {cell: self._split(cell) for cell in dict.fromkeys(cells)}
        found = [split[cell] for cell in cells]
        where = partial(block.where, column=column)
        self._note(checks.check_categories(found, self._categories, where))
        return found

    def _split(self, cell: Cell) -> tuple[str, ...]:
        separator = self._mapping.category_separator
        parts: Sequence[str] = cell if isinstance(cell, tuple) else (cell,)
        if isinstance(cell, str) and separator:
            parts = cell.split(separator)
        stripped = (part.strip() for part in parts)
        return tuple(checks.spelled(part, self._categories or ()) for part in stripped if part)

    def _built(self, block: Block, fields: Mapping[str, Sequence[Any]]) -> AllegationTable:
        rows = len(block.rows)
        made_up = [f"row-{row}" for row in block.rows] if "reference" not in fields else []
        held = {"reference": made_up, **fields}
        frame = {name: _series(name, held.get(name), rows) for name in FIELDS}
        mapped = set(self._mapping.columns.values())
        for column, cells in block.columns.items():
            if column not in mapped:
                name = f"{column} (source)" if column in FIELDS else column
                frame[name] = _series(name, [_text(cell) for cell in cells], rows)
        labels = {label for labels in fields.get("categories", ()) for label in labels}
        declared = self._mapping.category_labels
        return AllegationTable(
            frame=pd.DataFrame(frame),
            value_order=self._order,
            category_labels=tuple(sorted(labels)) if declared is None else declared,
            source=self._source,
            left_out=self._take_left_out(),
            mapping=self._mapping,
        )

    def _take_left_out(self) -> int:
        left_out, self._left_out = self._left_out, 0
        return left_out


def _series(name: str, cells: Sequence[Any] | None, rows: int) -> pd.Series[Any]:
    if name == "categories":
        held = np.empty(rows, dtype=object)
        held[:] = [()] * rows if cells is None else list(cells)
        return pd.Series(held, dtype=object)
    if name == "received_at":
        return pd.Series([None] * rows if cells is None else list(cells), dtype=RECEIVED)
    texts = [None] * rows if cells is None else [cell or None for cell in cells]
    return pd.Series(texts, dtype="str")


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return json.dumps(cell, ensure_ascii=False) if cell else ""


def _hint(present: Mapping[str, object]) -> str:
    only = next(iter(present)) if len(present) == 1 else ""
    told = " (are its cells separated by something else than commas?)"
    return told if ";" in only or "\t" in only else ""
