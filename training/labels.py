"""What a model learns from a table: the latest value of each record, and its categories."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.errors import BadRecords, Problem
from data.reading import AllegationTable
from training.config import Settings
from training.figures import Bools, Ints


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of the records of one table, in its order.

    Parameters
    ----------
    value
        Level of each record, an index into ``value_order``.
    value_order
        Codes of the levels, lowest first.
    categories
        One row per record, one column per category of ``category_labels``.
    category_labels
        The categories that are learnt.
    left_out
        Categories with too few records to learn from, and how many each has.
    """

    value: Ints
    value_order: tuple[str, ...]
    categories: Bools
    category_labels: tuple[str, ...]
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def values(self) -> list[str]:
        """The value of each record as its code."""
        return [self.value_order[level] for level in self.value]

    def select(self, rows: Ints) -> Labels:
        """Take the labels of some records, by position."""
        return replace(self, value=self.value[rows], categories=self.categories[rows])

    def category_tuples(self) -> list[tuple[str, ...]]:
        """Learnt categories of each record."""
        names = np.array(self.category_labels, dtype=object)
        return [tuple(names[row]) for row in self.categories]

    def warnings(self) -> list[str]:
        """Tell what the reader of a report must know about these labels."""
        return [
            f"category {label!r} is left out: {count} record{'s' * (count != 1)}, too few"
            for label, count in self.left_out
        ]


def with_value(table: AllegationTable) -> AllegationTable:
    """Keep the records that have been valued; the others teach nothing about value.

    Raises
    ------
    BadRecords
        Where no record has a value.
    """
    known = table.frame["value"].notna() | table.frame["reviewed_value"].notna()
    if not known.any():
        where = Problem("column of value", "no record has a value", "name it in the mapping")
        raise BadRecords(f"{table.source}: nothing to learn from", [where])
    return table if known.all() else table.select(known.to_numpy())


def labels_of(table: AllegationTable, settings: Settings) -> Labels:
    """Labels to learn: what a second look decided where there was one, else the first value.

    Raises
    ------
    BadRecords
        Where fewer than two values occur: there is nothing to tell apart.
    """
    latest = table.frame["reviewed_value"].fillna(table.frame["value"])
    level = {code: i for i, code in enumerate(table.value_order)}
    value = np.array([level[str(code)] for code in latest], dtype=np.int64)
    if len(np.unique(value)) < 2:
        where = Problem("column of value", "only one value occurs", "give at least two")
        raise BadRecords(f"{table.source}: nothing to tell apart", [where])
    matrix, kept, left_out = _categories(table, settings)
    return Labels(value, table.value_order, matrix, kept, left_out)


def _categories(
    table: AllegationTable, settings: Settings
) -> tuple[Bools, tuple[str, ...], tuple[tuple[str, int], ...]]:
    rows = list(table.frame["categories"])
    counts = dict.fromkeys(table.category_labels, 0)
    for row in rows:
        for label in set(row):
            counts[label] = counts.get(label, 0) + 1
    for label in settings.not_categories:
        counts.pop(label, None)
    least = settings.category_rows
    kept = tuple(label for label in sorted(counts) if counts[label] >= least)
    left_out = tuple((k, n) for k, n in sorted(counts.items()) if 0 < n < least)
    matrix = np.array([[label in row for label in kept] for row in rows], dtype=np.bool_)
    return matrix.reshape(len(rows), len(kept)), kept, left_out
