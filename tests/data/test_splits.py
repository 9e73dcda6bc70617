from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from factories import table_of
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from data.errors import BadRecords
from data.mapping import ColumnMapping
from data.splits import (
    Fold,
    folds_for,
    grouped_folds,
    groups_of,
    holdout,
    stratified_folds,
    time_ordered_folds,
)
from data.table import AllegationTable

MAPPING = ColumnMapping(narrative="text", value="v", received_at="at", value_order=("a", "b", "c"))
WORDS = [
    "van",
    "lorry",
    "market",
    "cash",
    "shop",
    "owner",
    "visa",
    "student",
    "night",
    "house",
    "flat",
    "passport",
    "worker",
    "kitchen",
    "cousin",
    "airport",
    "boat",
    "parcel",
    "tobacco",
    "garage",
    "cleaner",
    "factory",
    "marriage",
    "college",
    "landlord",
    "driver",
]


def _sentence(rng: np.random.Generator) -> str:
    return " ".join(rng.choice(WORDS, size=14))


def _table(rows: int, seed: int = 0, copies: float = 0.4) -> AllegationTable:
    """Rows of which some repeat an earlier one with a word more, in groups and over time."""
    rng = np.random.default_rng(seed)
    texts: list[str] = []
    for _ in range(rows):
        repeat = texts and rng.random() < copies
        texts.append(f"{texts[rng.integers(len(texts))]} again" if repeat else _sentence(rng))
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 60, rows), unit="D")
    columns = {
        "text": texts,
        "v": [str(value) for value in rng.choice(["a", "b", "c"], rows, p=[0.6, 0.3, 0.1])],
        "at": [day.isoformat() for day in days],
        "event": [str(event) for event in rng.integers(0, 15, rows)],
    }
    return table_of(columns, MAPPING)


def _tests_cover_each_row_once(folds: list[Fold], rows: int) -> None:
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(rows))
    for train, test in folds:
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(rows))


def _shares_none(groups: NDArray[Any], folds: list[Fold]) -> bool:
    return all(not set(groups[train]) & set(groups[test]) for train, test in folds)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 12), min_size=30, max_size=120),
    st.integers(0, 2**31 - 1),
    st.integers(2, 4),
)
def test_no_group_is_ever_on_both_sides(groups: list[int], seed: int, n_splits: int) -> None:
    rng = np.random.default_rng(seed)
    y = rng.choice(["a", "b"], len(groups))
    try:
        folds = grouped_folds(y, groups, n_splits=n_splits, seed=seed)
    except BadRecords:
        reject()
    _tests_cover_each_row_once(folds, len(groups))
    assert _shares_none(np.asarray(groups), folds)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31 - 1), st.booleans())
def test_no_near_duplicate_is_ever_on_both_sides(seed: int, time_ordered: bool) -> None:
    table = _table(80, seed)
    groups = groups_of(table)
    assert groups is not None
    assert len(set(groups)) < len(table)
    assert _shares_none(groups, folds_for(table, 3, seed, time_ordered=time_ordered))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**31 - 1))
def test_near_duplicates_join_the_groups_that_they_touch(seed: int) -> None:
    table = _table(80, seed, copies=0.1)
    events = table.frame["event"].to_numpy(dtype=object)
    try:
        folds = folds_for(table, 3, seed, group_column="event")
    except BadRecords:
        reject()
    alike = groups_of(table)
    assert alike is not None
    assert _shares_none(events, folds)
    assert _shares_none(alike, folds)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=80),
    st.integers(2, 4),
    st.integers(1, 9),
)
def test_no_future_and_no_group_is_ever_trained_on(
    days: list[int], n_splits: int, spread: int
) -> None:
    times = pd.Series(pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(days, unit="D"))
    groups = np.arange(len(days)) % (spread * 5)
    try:
        folds = time_ordered_folds(times, n_splits=n_splits, groups=groups)
    except BadRecords:
        reject()
    assert len(folds) == n_splits
    for train, test in folds:
        assert times[train].max() < times[test].min()
    assert _shares_none(groups, folds)
    ends = [times[test].max() for _, test in folds]
    assert ends == sorted(ends)
    assert len(np.concatenate([test for _, test in folds])) == len(
        {row for _, test in folds for row in test.tolist()}
    )


def test_a_future_row_on_the_same_day_is_not_earlier() -> None:
    times = pd.Series(pd.to_datetime(["2024-01-01"] * 5 + ["2024-01-02"] * 5, utc=True))
    [(train, test)] = time_ordered_folds(times, n_splits=1)
    assert (train.tolist(), test.tolist()) == ([0, 1, 2, 3, 4], [5, 6, 7, 8, 9])


def test_plain_folds_keep_the_shares_of_the_values() -> None:
    table = _table(300)
    folds = folds_for(table, 5, 0, keep_near_duplicates_together=False)
    _tests_cover_each_row_once(folds, 300)
    share = (table.frame["value"] == "c").to_numpy()
    assert np.ptp([share[test].sum() for _, test in folds]) <= 1


def test_grouped_folds_keep_the_shares_roughly() -> None:
    rng = np.random.default_rng(0)
    y = rng.choice(["a", "b"], 600, p=[0.8, 0.2])
    folds = grouped_folds(y, np.arange(600) // 3, n_splits=5, seed=0)
    assert all(abs((y[test] == "b").mean() - (y == "b").mean()) < 0.03 for _, test in folds)


def test_a_seed_gives_the_same_folds_and_another_gives_others() -> None:
    table = _table(120)
    first, again, other = (folds_for(table, 4, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a[1], b[1]) for a, b in zip(first, other, strict=True))


def test_labels_too_rare_for_every_fold_are_spread_without_a_warning() -> None:
    y = ["a"] * 20 + ["b", "c"]
    _tests_cover_each_row_once(stratified_folds(y, n_splits=5, seed=0), 22)
    _tests_cover_each_row_once(grouped_folds(y, range(22), n_splits=5, seed=0), 22)


def test_folds_follow_other_labels_where_given_and_categories_without_values() -> None:
    table = table_of(
        {"text": [f"{n}" for n in range(40)], "kind": ["a", "b"] * 20},
        ColumnMapping(narrative="text", categories="kind"),
    )
    for labels in (None, ["x"] * 20 + ["y"] * 20):
        by = np.asarray(labels or [kinds[0] for kinds in table.frame["categories"]])
        folds = folds_for(table, 4, 0, labels=labels, keep_near_duplicates_together=False)
        assert all((by[test] == by[0]).sum() == 5 for _, test in folds)


def test_rows_with_a_blank_group_stand_alone() -> None:
    table = table_of(
        {"text": ["x", "y", "z"], "event": ["", "", "e"]}, ColumnMapping(narrative="text")
    )
    groups = groups_of(table, "event", near_duplicates=False)
    assert groups is not None
    assert len(set(groups.tolist())) == 3


def test_a_mapped_column_can_be_grouped_by_under_its_name_in_the_file() -> None:
    table = table_of(
        {"text": ["x", "y", "z"], "genre": ["a", "b", "a"]},
        ColumnMapping(narrative="text", channel="genre"),
    )
    groups = groups_of(table, "genre", near_duplicates=False)
    assert groups is not None
    assert groups.tolist() == [0, 1, 0]


def test_grouping_by_a_column_that_is_not_there_says_so() -> None:
    with pytest.raises(BadRecords, match="column 'event' is missing"):
        folds_for(table_of({"narrative": ["x", "y"]}), 2, group_column="event")


@pytest.mark.parametrize("share", [0.1, 0.15, 0.2, 0.25, 1 / 3, 0.5, 0.75])
@pytest.mark.parametrize("together", [True, False])
def test_a_holdout_holds_out_about_its_share(share: float, together: bool) -> None:
    table = _table(400, copies=0.2)
    train, test = holdout(table, share, 0, keep_near_duplicates_together=together)
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(400))
    assert abs(len(test) / 400 - share) < 0.02
    if together:
        groups = groups_of(table)
        assert groups is not None
        assert _shares_none(groups, [(train, test)])


def test_a_holdout_of_few_rows_leaves_something_on_either_side() -> None:
    table = table_of({"narrative": ["x", "y", "z"]})
    for share in (0.01, 0.5, 0.99):
        train, test = holdout(table, share, 0)
        assert len(train)
        assert len(test)


@pytest.mark.parametrize("share", [0, 1, -0.2, 1.5])
def test_a_share_that_holds_out_nothing_or_everything_is_a_mistake(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        holdout(table_of({"narrative": ["x", "y"]}), share, 0)


def test_too_few_rows_groups_or_times_are_told() -> None:
    with pytest.raises(BadRecords, match="5 folds need at least 5 rows; there are 3"):
        stratified_folds(["a"] * 3, n_splits=5, seed=0)
    with pytest.raises(BadRecords, match="3 folds need at least 3 groups; there are 2"):
        grouped_folds(["a"] * 6, [0, 0, 0, 1, 1, 1], n_splits=3, seed=0)
    one_day = pd.Series(pd.to_datetime(["2024-01-01"] * 9, utc=True))
    with pytest.raises(BadRecords, match="2 folds need at least 3 different times; there are 1"):
        time_ordered_folds(one_day, n_splits=2)


def test_splitting_by_time_needs_a_date_in_every_row() -> None:
    table = table_of(
        {"text": list("xyz"), "v": list("aab"), "at": ["2024-01-01", "", ""]}, MAPPING
    )
    with pytest.raises(BadRecords, match="row 2 of the table: has no date") as caught:
        folds_for(table, 2, time_ordered=True)
    assert len(caught.value.problems) == 2


def test_plain_folds_are_those_that_others_report_on() -> None:
    y = np.random.default_rng(0).choice(["a", "b", "c"], 200).tolist()
    theirs = StratifiedKFold(5, shuffle=True, random_state=0).split(y, y)
    ours = stratified_folds(y, n_splits=5, seed=0)
    for (_, expected), (_, test) in zip(theirs, ours, strict=True):
        assert test.tolist() == expected.tolist()
