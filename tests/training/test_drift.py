"""Later records beside earlier ones: what changed is told, what did not is not."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from factories import table_of, training_columns

from data.errors import BadRecords
from data.mapping import ColumnMapping
from data.reading import AllegationTable
from training.config import Settings
from training.drift import Drift, drift_of
from training.fairness import LEAST

QUICK = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5)
SINCE = pd.Timestamp("2025-07-01", tz="UTC")


def dated(rows: int = 240, *, changed: bool = False) -> dict[str, list[str]]:
    """Columns of which the second half is later; changed, it speaks and values otherwise."""
    columns = training_columns(rows)
    columns["received_at"] = [f"2025-{1 + 6 * (n >= rows // 2):02d}-02" for n in range(rows)]
    columns["channel"] = ["web_form" if n % 3 else "police" for n in range(rows)]
    for n in range(rows // 2, rows) if changed else ():
        columns["narrative"][n] += " by drone over the fence"
        columns["value"][n] = "no_value" if columns["value"][n] != "no_value" else "high"
        columns["reviewed_value"][n] = ""
        columns["channel"][n] = "letter"
    return columns


@pytest.fixture(scope="module")
def steady() -> Drift:
    columns = dated()
    order = random.Random(1).sample(range(240), 240)
    mixed = {name: [cells[k] for k in order] for name, cells in columns.items()}
    mixed["received_at"] = columns["received_at"]
    return drift_of(table_of(mixed), SINCE, QUICK)


@pytest.fixture(scope="module")
def moved() -> Drift:
    return drift_of(table_of(dated(changed=True)), SINCE, QUICK)


def contains(low: float, value: float, high: float) -> bool:
    return low <= value <= high


def test_records_that_are_alike_cannot_be_told_apart(steady: Drift) -> None:
    assert (steady.earlier, steady.later) == (120, 120)
    assert steady.low <= 0.5, "out of fold, a half or less is chance"


def test_a_model_does_as_well_on_records_that_are_alike(steady: Drift) -> None:
    assert set(steady.figures) == {"macro_f1", "no_value_auc"}
    assert all(contains(one.low, 0, one.high) for one in steady.figures.values())


def test_records_that_speak_otherwise_are_told_apart_and_by_what(moved: Drift) -> None:
    assert moved.told_apart > 0.95
    assert "drone" in moved.words


def test_a_model_that_does_worse_on_later_records_is_found_out(moved: Drift) -> None:
    auc = moved.figures["no_value_auc"]
    assert auc.earlier > 0.9
    assert auc.later < 0.5
    assert auc.high < 0


def test_shares_of_values_and_channels_stand_beside_each_other(moved: Drift) -> None:
    letters = moved.shares["channel"]["letter"]
    assert (letters.share, letters.others) == (1, 0)
    assert letters.low > 0.9
    assert list(moved.shares["value"]) == ["no_value", "low", "medium", "high"]


def test_a_seed_gives_the_same_answer(moved: Drift) -> None:
    assert drift_of(table_of(dated(changed=True)), SINCE, QUICK).as_dict() == moved.as_dict()


def test_the_newest_fifth_is_compared_where_nothing_else_is_said() -> None:
    columns = dated(400)
    columns["received_at"] = [f"2025-{1 + n // 40:02d}-{1 + n % 20:02d}" for n in range(400)]
    found = drift_of(table_of(columns), None, QUICK)
    assert (found.earlier, found.later) == (320, 80)


def test_records_without_values_are_compared_by_what_they_say() -> None:
    columns = dated()
    bare = {name: columns[name] for name in ("reference", "narrative", "received_at")}
    names = ColumnMapping(**{name: name for name in bare})
    found = drift_of(table_of(bare, names), SINCE, QUICK)
    assert found.figures == {}
    assert found.shares == {}
    assert 0 <= found.low <= found.told_apart <= found.high <= 1


@pytest.mark.parametrize("since", ["2024-01-01", "2026-01-01"])
def test_too_few_records_on_one_side_are_refused_with_their_numbers(since: str) -> None:
    with pytest.raises(BadRecords, match=rf"{LEAST} of each are needed"):
        drift_of(table_of(dated()), pd.Timestamp(since, tz="UTC"), QUICK)


def test_records_without_a_date_are_refused() -> None:
    columns = dated()
    columns["received_at"][3] = columns["received_at"][5] = ""
    table: AllegationTable = table_of(columns)
    with pytest.raises(BadRecords, match="2 records have no date"):
        drift_of(table, SINCE, QUICK)
