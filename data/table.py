"""The checked table of allegations that everything else works on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.mapping import FIELDS, ColumnMapping
from data.schema import Allegation

RECEIVED: Final = "datetime64[us, UTC]"


@dataclass(frozen=True, slots=True)
class AllegationTable:
    """Allegations that passed every check, one a row.

    Parameters
    ----------
    frame
        The columns ``reference``, ``narrative``, ``value``, ``categories`` (tuples),
        ``reviewed_value``, ``received_at`` (in UTC) and ``channel``, missing where there was
        nothing; then every column that became no field, as text under its own name. Such a
        column that bears a field's name without being it has " (source)" added.
    value_order
        Value labels, lowest first; the first means "no value".
    category_labels
        The declared category labels, or those seen, sorted.
    source
        The name of the file, without its folder.
    left_out
        Rows that the mapping asked to leave out: values that are not labels, blank narratives.
    mapping
        How the columns became fields.
    """

    frame: pd.DataFrame
    value_order: tuple[str, ...]
    category_labels: tuple[str, ...]
    source: str = ""
    left_out: int = 0
    mapping: ColumnMapping = field(default_factory=ColumnMapping)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def narratives(self) -> list[str]:
        """The narratives as plain Python texts, as scikit-learn wants them."""
        return [str(text) for text in self.frame["narrative"].tolist()]

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """The columns that became no field."""
        return tuple(str(name) for name in self.frame.columns if name not in FIELDS)

    def column(self, name: str) -> pd.Series[Any]:
        """Return a column by its name in the file or by the field that it became.

        Raises
        ------
        KeyError
            If there is no such column.
        """
        mapped = self.mapping.of(name)
        return self.frame[name if name in self.extra_columns else mapped]

    def select(self, rows: Sequence[int] | Sequence[bool] | NDArray[Any]) -> AllegationTable:
        """Return a table of some rows, by a mask or by positions; labels stay as they are."""
        wanted = np.asarray(rows)
        if wanted.dtype != bool:
            wanted = wanted.astype(np.intp)
        return replace(self, frame=self.frame.iloc[wanted].reset_index(drop=True))

    def allegations(self) -> list[Allegation]:
        """Return the rows as records; ``fields`` holds the extra columns that are not blank."""
        names = self.extra_columns
        answers = zip(*(_texts(self.frame[name]) for name in names), strict=True)
        fields = [
            {name: text for name, text in zip(names, row, strict=True) if text is not None}
            for row in answers
        ] or [{} for _ in range(len(self))]
        received = [
            None if pd.isna(at) else at.to_pydatetime() for at in self.frame["received_at"]
        ]
        core = (self.frame["reference"].tolist(), self.narratives, received)
        return [
            Allegation(*row)
            for row in zip(*core, _texts(self.frame["channel"]), fields, strict=True)
        ]


def fingerprint(table: AllegationTable) -> str:
    """Return the SHA-256 of a table's content: the same for the same rows in any file format."""
    digest = hashlib.sha256()
    for part in (table.value_order, table.category_labels):
        digest.update(json.dumps(part).encode())
    for name in (*FIELDS, *sorted(table.extra_columns)):
        column = table.frame[name]
        held = [list(one) for one in column] if name == "categories" else _texts(column)
        digest.update(json.dumps([name, held]).encode())
    return digest.hexdigest()


def _texts(column: pd.Series[Any]) -> list[str | None]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return [None if pd.isna(at) else at.isoformat() for at in column]
    return [None if gone else str(one) for one, gone in zip(column, column.isna(), strict=True)]
