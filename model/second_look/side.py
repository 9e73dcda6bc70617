"""Doubt of the value model and other evidence, as named columns beside the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.errors import BadRecords

Table = NDArray[np.float32]

DOUBT = "model doubt"


@dataclass(frozen=True, slots=True)
class SideEvidence:
    """Named numbers about each record that are not words.

    Parameters
    ----------
    names
        One for each column.
    table
        Records in rows; every number from 0 to 1.
    prior
        Weight of each column before any decision.
    doubt
        How much the value model doubts each record, from 0 to 1; ``None`` where nobody said.
        It is an expert of its own, not a column to learn from.
    """

    names: tuple[str, ...]
    table: Table
    prior: Table
    doubt: Table | None = None

    @classmethod
    def of(
        cls,
        rows: int,
        doubt: ArrayLike | None,
        evidence: Mapping[str, ArrayLike] | None,
        weight: float,
    ) -> Self:
        """Collect the columns, the evidence in the order of its names."""
        names = tuple(sorted(evidence or {}))
        columns = [_column(name, (evidence or {})[name], rows) for name in names]
        prior = np.full(len(columns), weight, np.float32)
        doubts = None if doubt is None else _column(DOUBT, doubt, rows)
        return cls(names, _table(columns, rows), prior, doubts)

    def grown(
        self, rows: int, doubt: ArrayLike | None, evidence: Mapping[str, ArrayLike] | None
    ) -> Self:
        """Return it with further records; a column they lack is 0 for them."""
        given = dict(evidence or {})
        strange = sorted(set(given) - set(self.names))
        strange += [DOUBT] if doubt is not None and self.doubt is None else []
        if strange:
            raise BadRecords(f"Evidence that the first records had not: {', '.join(strange)}.")
        zeros = np.zeros(rows, np.float32)
        columns = [_column(n, given[n], rows) if n in given else zeros for n in self.names]
        doubts = self.doubt
        if doubts is not None:
            more = zeros if doubt is None else _column(DOUBT, doubt, rows)
            doubts = np.concatenate([doubts, more])
        table = np.vstack([self.table, _table(columns, rows)])
        return replace(self, table=table, doubt=doubts)


def _table(columns: list[Table], rows: int) -> Table:
    return np.column_stack(columns) if columns else np.empty((rows, 0), np.float32)


def _column(name: str, values: ArrayLike, rows: int) -> Table:
    column = np.asarray(values, dtype=np.float32)
    if column.shape != (rows,):
        raise BadRecords(f"{rows} records came with {column.size} numbers of {name!r}.")
    if not np.isfinite(column).all() or column.min() < 0 or column.max() > 1:
        raise BadRecords(f"The numbers of {name!r} must lie between 0 and 1.")
    return column
