"""Reading files of allegations, strictly: a table that passed every check, or every offence.

Rows are counted as records from 1, the header of a CSV file not among them; the line is told as
well where line breaks inside quotes make it differ. JSON lines are counted as they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from data.assembling import Assembler
from data.formats import blocks
from data.mapping import OWN_NAMES, ColumnMapping
from data.table import AllegationTable, fingerprint
from data.taxonomy import Taxonomy, load_taxonomy

__all__ = ["AllegationTable", "fingerprint", "read_allegations", "read_in_chunks"]

_BLOCK: Final = 20_000


def read_allegations(
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    needs: frozenset[str] = frozenset(),
    taxonomy: Taxonomy | None = None,
) -> AllegationTable:
    """Read a whole file of allegations.

    Parameters
    ----------
    path
        A ``.csv``, ``.jsonl``, ``.json`` (lines) or ``.parquet`` file in UTF-8, or any of them
        compressed as ``.gz``.
    mapping
        How columns become fields; our own names where ``None``.
    needs
        Fields without which the caller cannot work, such as ``{"value"}``. Their columns must
        be there, and every row must have a value where ``value`` is among them.
    taxonomy
        Values, and with our own names also categories and channels; the packaged one if
        ``None``.

    Raises
    ------
    BadFile
        If the file cannot be read as what its name says or lacks a column.
    BadRecords
        If there are no rows, or rows break a rule: every offence with its row and column.
    """
    tables = list(read_in_chunks(path, mapping, rows=_BLOCK, needs=needs, taxonomy=taxonomy))
    first = tables[0]
    if len(tables) == 1:
        return first
    frame = pd.concat([table.frame for table in tables], ignore_index=True)
    labels = {label for table in tables for label in table.category_labels}
    declared = first.mapping.category_labels
    return AllegationTable(
        frame,
        first.value_order,
        declared if declared is not None else tuple(sorted(labels)),
        first.source,
        sum(table.left_out for table in tables),
        first.mapping,
    )


def read_in_chunks(
    path: Path,
    mapping: ColumnMapping | None = None,
    *,
    rows: int = 5000,
    needs: frozenset[str] = frozenset(),
    taxonomy: Taxonomy | None = None,
) -> Iterator[AllegationTable]:
    """Read a file of allegations piece by piece, in memory that its length does not decide.

    Only the references are remembered throughout, to tell duplicates. Parameters and checks are
    those of ``read_allegations``. From the first offence on nothing more is yielded; the rest of
    the file is still checked, so that the error lists everything. What was made of the pieces
    yielded before is therefore to be kept only if the iteration ends without an error.

    Raises
    ------
    BadFile, BadRecords
        As ``read_allegations`` does, from within the iteration.
    """
    assembler = Assembler(path.name, mapping or OWN_NAMES, needs, taxonomy or load_taxonomy())
    for block in blocks(path, rows):
        table = assembler.table(block)
        if table is not None:
            yield table
    assembler.finish()
