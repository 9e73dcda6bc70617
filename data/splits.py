"""Leak-free splits: no group, no near-duplicate and no future on both sides.

Stratified grouped folds are scikit-learn's ``StratifiedGroupKFold``; time-ordered ones train on
what came strictly before the rows that they test on, the window growing from fold to fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from data.errors import BadRecords, Problem
from data.near_duplicates import near_duplicate_groups
from data.table import AllegationTable

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Positions of the rows to train on and to test on, each ascending."""

_FINEST: Final = 50


def grouped_folds(
    y: Sequence[object] | NDArray[Any],
    groups: Sequence[object] | NDArray[Any],
    *,
    n_splits: int,
    seed: int,
) -> list[Fold]:
    """Return folds with about the same share of each label, every group whole in one of them.

    Labels too rare to be in every fold count as one label together.

    Raises
    ------
    BadRecords
        If there are fewer groups than folds, or too large ones to fill every fold.
    """
    numbers = _numbered(groups)
    if numbers.max(initial=-1) + 1 < n_splits:
        raise _too_few("groups", int(numbers.max(initial=-1)) + 1, n_splits)
    splitter = StratifiedGroupKFold(n_splits, shuffle=True, random_state=seed)
    strata = _strata(y, n_splits)
    folds = [_fold(*fold) for fold in splitter.split(strata, strata, numbers)]
    if any(not len(side) for fold in folds for side in fold):
        raise _too_few("groups of a size to be spread", int(numbers.max()) + 1, n_splits)
    return folds


def stratified_folds(
    y: Sequence[object] | NDArray[Any], *, n_splits: int, seed: int
) -> list[Fold]:
    """Return plain shuffled folds with about the same share of each label.

    Raises
    ------
    BadRecords
        If there are fewer rows than folds.
    """
    if len(y) < n_splits:
        raise _too_few("rows", len(y), n_splits)
    strata = _strata(y, n_splits)
    splitter = StratifiedKFold(n_splits, shuffle=True, random_state=seed)
    return [_fold(*fold) for fold in splitter.split(strata, strata)]


def time_ordered_folds(
    times: pd.Series[Any], *, n_splits: int, groups: NDArray[np.int64] | None = None
) -> list[Fold]:
    """Return folds that test on a stretch of time and train on what came strictly before it.

    Rows of a group that is tested on are taken out of the training side.

    Raises
    ------
    BadRecords
        If a row has no time, or there are too few different times.
    """
    moments = times.reset_index(drop=True)
    if undated := np.flatnonzero(moments.isna().to_numpy()).tolist():
        told = [Problem(f"row {row + 1} of the table", "has no date") for row in undated]
        raise BadRecords("splitting by time needs a date in every row", told)
    order = np.asarray(pd.to_datetime(moments, utc=True).astype("int64"), dtype=np.int64)
    starts = _starts(order, n_splits)
    ends = [*starts[1:], np.iinfo(np.int64).max]
    folds = [_window(order, start, end, groups) for start, end in zip(starts, ends, strict=True)]
    if any(not len(train) for train, _ in folds):
        raise BadRecords("splitting by time leaves nothing to train on outside the groups tested")
    return folds


def folds_for(
    table: AllegationTable,
    n_splits: int = 5,
    seed: int = 0,
    *,
    group_column: str | None = None,
    time_ordered: bool = False,
    keep_near_duplicates_together: bool = True,
    labels: Sequence[object] | None = None,
) -> list[Fold]:
    """Return the folds of a table.

    Parameters
    ----------
    table
        The allegations.
    n_splits
        How many folds.
    seed
        The same seed gives the same folds; not used where ``time_ordered``.
    group_column
        A column, by its name in the file, whose equal entries stay on one side. Rows where it
        is blank stand alone.
    time_ordered
        Whether to test on later rows than those trained on.
    keep_near_duplicates_together
        Whether rows with nearly the same narrative stay on one side, with any group they touch.
    labels
        What to stratify by; the values if ``None``, the categories where no value is known.

    Raises
    ------
    BadRecords
        If the column is missing, or the rows do not suffice.
    """
    groups = groups_of(table, group_column, near_duplicates=keep_near_duplicates_together)
    if time_ordered:
        times = table.frame["received_at"]
        return time_ordered_folds(times, n_splits=n_splits, groups=groups)
    y = _labels(table) if labels is None else labels
    if groups is None:
        return stratified_folds(y, n_splits=n_splits, seed=seed)
    return grouped_folds(y, groups, n_splits=n_splits, seed=seed)


def holdout(
    table: AllegationTable,
    share: float,
    seed: int,
    *,
    group_column: str | None = None,
    keep_near_duplicates_together: bool = True,
    labels: Sequence[object] | None = None,
) -> Fold:
    """Return one split with about ``share`` of the rows held out; parameters as in ``folds_for``.

    Raises
    ------
    ValueError
        If ``share`` is not between 0 and 1.
    BadRecords
        If the rows do not suffice.
    """
    if not 0 < share < 1:
        raise ValueError("share must lie between 0 and 1")
    parts = Fraction(share).limit_denominator(min(_FINEST, max(2, len(table))))
    held_out, n_splits = max(1, parts.numerator), max(2, parts.denominator)
    if held_out >= n_splits:
        held_out, n_splits = _FINEST - 1, _FINEST
    folds = folds_for(
        table,
        n_splits,
        seed,
        group_column=group_column,
        keep_near_duplicates_together=keep_near_duplicates_together,
        labels=labels,
    )
    test = np.sort(np.concatenate([test for _, test in folds[:held_out]]))
    return np.setdiff1d(np.arange(len(table)), test), test


def groups_of(
    table: AllegationTable, column: str | None = None, *, near_duplicates: bool = True
) -> NDArray[np.int64] | None:
    """Return a group number for each row, or ``None`` where nothing is to be kept together.

    Near-duplicates that lie in two groups of the column make one group of both.

    Raises
    ------
    BadRecords
        If there is no such column.
    """
    kinds = []
    if column is not None:
        kinds.append(_column_groups(table, column))
    if near_duplicates:
        kinds.append(_numbered(near_duplicate_groups(table.narratives)))
    return _joined(kinds) if kinds else None


def _column_groups(table: AllegationTable, column: str) -> NDArray[np.int64]:
    try:
        entries = table.column(column)
    except KeyError:
        problem = Problem("header", f"column {column!r} is missing (to group by)")
        raise BadRecords(f"{table.source} cannot be grouped", [problem]) from None
    return _numbered(
        [
            f"\0{place}" if blank else str(entry)
            for place, (entry, blank) in enumerate(zip(entries, entries.isna(), strict=True))
        ]
    )


def _joined(kinds: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return a number for each set of rows linked by sharing a group of any kind."""
    rows = np.arange(len(kinds[0]))
    links, offset = [], len(rows)
    for numbers in kinds:
        links.append(numbers + offset)
        offset += int(numbers.max(initial=-1)) + 1
    ends = np.concatenate(links)
    starts = np.tile(rows, len(kinds))
    graph = coo_array((np.ones(len(ends), dtype=np.int8), (starts, ends)), shape=(offset, offset))
    _, found = connected_components(graph, directed=False)
    return _numbered(found[: len(rows)])


def _numbered(entries: Sequence[object] | NDArray[Any]) -> NDArray[np.int64]:
    return np.unique(np.asarray(entries), return_inverse=True)[1].astype(np.int64)


def _labels(table: AllegationTable) -> list[str]:
    values = table.frame["value"]
    if values.isna().all():
        return ["|".join(labels) for labels in table.frame["categories"]]
    return [str(value) for value in values]


def _strata(y: Sequence[object] | NDArray[Any], n_splits: int) -> NDArray[np.int64]:
    numbers = _numbered([str(label) for label in y])
    counts = np.bincount(numbers)
    pooled = np.where(counts[numbers] < n_splits, -1, numbers)
    if 0 < np.count_nonzero(pooled == -1) < n_splits:
        pooled = np.where(pooled == -1, counts.argmax(), pooled)
    return _numbered(pooled)


def _starts(order: NDArray[np.int64], n_splits: int) -> list[int]:
    """Return where each tested stretch begins, so that about equally many rows lie in each."""
    different = np.unique(order)
    if len(different) < n_splits + 1:
        raise _too_few("different times", len(different), n_splits, spare=1)
    ordered = np.sort(order)
    wanted = [ordered[len(order) * k // (n_splits + 1)] for k in range(1, n_splits + 1)]
    places: list[int] = []
    for k, start in enumerate(np.searchsorted(different, wanted)):
        least = places[-1] + 1 if places else 1
        places.append(int(np.clip(start, least, len(different) - n_splits + k)))
    return [int(different[place]) for place in places]


def _window(
    order: NDArray[np.int64], start: int, end: int, groups: NDArray[np.int64] | None
) -> Fold:
    tested = (order >= start) & (order < end)
    earlier = order < start
    if groups is not None:
        earlier &= ~np.isin(groups, groups[tested])
    return _fold(np.flatnonzero(earlier), np.flatnonzero(tested))


def _fold(train: NDArray[Any], test: NDArray[Any]) -> Fold:
    return np.sort(train).astype(np.intp), np.sort(test).astype(np.intp)


def _too_few(what: str, count: int, n_splits: int, *, spare: int = 0) -> BadRecords:
    needed = n_splits + spare
    return BadRecords(f"{n_splits} folds need at least {needed} {what}; there are {count}")
