"""Later records beside earlier ones: what changed is told, what did not is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from factories import different_columns, table_of, training_columns

from data.errors import BadRecords
from data.mapping import ColumnMapping
from data.reading import AllegationTable
from model.meaning import is_common
from training import drift, watching
from training.config import Settings
from training.drift import Drift, ToldApart, drift_of
from training.fairness import Gap
from training.groups import LEAST

QUICK = Settings(folds=2, jobs=1, category_rows=5)
SINCE = pd.Timestamp("2025-07-01", tz="UTC")
Columns = dict[str, list[str]]


def dated(rows: int = 240, *, changed: bool = False) -> Columns:
    """Columns of which the second half is later; changed, it speaks and values otherwise."""
    columns = different_columns(rows)
    columns["received_at"] = [f"2025-{1 + 6 * (n >= rows // 2):02d}-02" for n in range(rows)]
    for n in range(rows // 2, rows) if changed else ():
        columns["narrative"][n] += " by drone over the fence of Zoltrix 0191498"
        columns["value"][n] = "no_value" if columns["value"][n] != "no_value" else "high"
        columns["channel"][n] = "letter"
    return columns


def more(columns: Columns, rows: Sequence[int], **other: str) -> Columns:
    """Add copies of some rows, each under a reference of its own, otherwise in what is named."""
    return {
        name: cells
        + (
            [f"{cells[n]}-again" for n in rows]
            if name == "reference"
            else [other.get(name, cells[n]) for n in rows]
        )
        for name, cells in columns.items()
    }


def points(found: Drift) -> dict[str, tuple[float, float]]:
    return {name: (one.earlier, one.later) for name, one in found.figures.items()}


@pytest.fixture(scope="module", autouse=True)
def quicker() -> Iterator[None]:
    """Fewer resamples: what is compared here lies far apart or not at all."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drift, "RESAMPLES", 100)
        yield


@pytest.fixture(scope="module")
def steady() -> Drift:
    return drift_of(table_of(dated()), SINCE, QUICK)


@pytest.fixture(scope="module")
def moved() -> Drift:
    return drift_of(table_of(dated(changed=True)), SINCE, QUICK)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """The folds that were asked about: rows to learn from and rows to answer for."""
    noted: list[tuple[Any, Any]] = []
    held_out: Callable[..., Any] = drift.held_out

    def noting(recipes: Any, records: Any, labels: Any, folds: Any, jobs: int) -> Any:
        noted.extend(folds)
        return held_out(recipes, records, labels, folds, jobs)

    monkeypatch.setattr(drift, "held_out", noting)
    return noted


def contains(low: float, value: float, high: float) -> bool:
    return low <= value <= high


# Told apart ------------------------------------------------------------------------------


def test_records_that_are_alike_cannot_be_told_apart(steady: Drift) -> None:
    assert (steady.earlier, steady.later) == (120, 120)
    assert steady.told_apart is not None
    assert contains(steady.told_apart.low, 0.5, steady.told_apart.high)
    assert steady.told_apart.words == (), "what chance explains is not told by words"


def test_records_that_speak_otherwise_are_told_apart_and_by_what(moved: Drift) -> None:
    assert moved.told_apart is not None
    assert moved.told_apart.auc > 0.95
    assert moved.told_apart.low > 0.9
    assert {"drone", "fence"} < set(moved.told_apart.words)


def test_only_common_words_are_named(moved: Drift) -> None:
    assert moved.told_apart is not None
    assert not {"zoltrix", "0191498"} & set(moved.told_apart.words)
    assert all(map(is_common, moved.told_apart.words))


def test_words_that_tell_the_earlier_records_are_not_named() -> None:
    weights = np.array([0.2, -0.5, 0.9, 0.0])
    assert drift._common(["fence", "bicycle", "drone", "garden"], weights) == ("drone", "fence")


def test_too_few_different_narratives_are_not_told_apart_however_many_there_are() -> None:
    letters = dated()
    for n in range(120, 240):
        letters["narrative"][n] = letters["narrative"][n % 4]
    found = drift_of(table_of(letters), SINCE, QUICK)
    assert (found.earlier, found.later) == (120, 120)
    assert found.told_apart is None


def test_narratives_without_a_word_in_common_are_not_told_apart() -> None:
    columns = dated()
    columns["narrative"] = [" ".join(f"w{n}x{k}" for k in range(9)) for n in range(240)]
    assert drift_of(table_of(columns), SINCE, QUICK).told_apart is None


# Figures ---------------------------------------------------------------------------------


def test_a_model_does_as_well_on_records_that_are_alike(steady: Drift) -> None:
    assert set(steady.figures) == {"macro_f1", "no_value_auc"}
    assert all(contains(one.low, 0, one.high) for one in steady.figures.values())


def test_a_model_that_does_worse_on_later_records_is_found_out(moved: Drift) -> None:
    auc = moved.figures["no_value_auc"]
    assert auc.earlier > 0.9
    assert auc.later < 0.5
    assert auc.high < 0


def test_figures_are_those_of_first_values_on_both_sides(steady: Drift) -> None:
    columns = dated()
    for n in range(100):
        columns["reviewed_value"][n] = "high" if columns["value"][n] == "no_value" else "no_value"
    assert drift_of(table_of(columns), SINCE, QUICK).figures == steady.figures


def test_near_duplicates_of_later_records_teach_nothing(steady: Drift) -> None:
    columns = more(dated(), range(120, 160), received_at="2025-03-01", value="high")
    found = drift_of(table_of(columns), SINCE, QUICK)
    assert found.earlier == 160
    assert points(found) == points(steady)


def test_later_records_are_answered_for_from_as_many_as_earlier_ones(
    asked: list[tuple[Any, Any]],
) -> None:
    drift_of(table_of(dated()), SINCE, Settings(folds=4, jobs=1))
    *folds, (learnt, told) = asked
    assert len(folds) == 4
    assert len(learnt) == len(folds[0][0]) == 90
    assert (len(told), min(told)) == (120, 120)
    assert max(learnt) < 120


@pytest.mark.parametrize("jobs", [1, 2])
def test_earlier_records_of_one_value_leave_no_figures(jobs: int) -> None:
    columns = dated()
    columns["value"][:120] = ["no_value"] * 120
    found = drift_of(table_of(columns), SINCE, Settings(folds=2, jobs=jobs))
    assert found.figures == {}
    assert found.shares["value"]["no_value"].others == 1


def test_later_records_of_one_value_have_no_auc() -> None:
    columns = dated()
    columns["value"][120:] = ["no_value"] * 120
    assert set(drift_of(table_of(columns), SINCE, QUICK).figures) == {"macro_f1"}


def test_too_few_first_values_leave_no_figures() -> None:
    columns = dated()
    columns["value"][120 + LEAST - 1 :] = [""] * (121 - LEAST)
    columns["reviewed_value"][120 + LEAST - 1 :] = ["high"] * (121 - LEAST)
    found = drift_of(table_of(columns), SINCE, QUICK)
    assert found.later == 120
    assert found.figures == {}


def test_records_that_are_all_told_again_later_leave_no_figures() -> None:
    columns = training_columns(240)
    columns["received_at"] = [f"2025-{1 + 6 * (n >= 120):02d}-02" for n in range(240)]
    found = drift_of(table_of(columns), SINCE, QUICK)
    assert (found.figures, found.told_apart) == ({}, None)


# Shares and the rest ---------------------------------------------------------------------


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
    columns = dated(changed=True)
    bare = {name: columns[name] for name in ("reference", "narrative", "received_at")}
    names = ColumnMapping(**{name: name for name in bare})
    found = drift_of(table_of(bare, names), SINCE, QUICK)
    assert found.figures == {}
    assert found.shares == {}
    assert found.told_apart is not None
    assert 0.9 < found.told_apart.low <= found.told_apart.auc <= found.told_apart.high <= 1


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


# What a person is told -------------------------------------------------------------------


FAR_APART = "Narratives told apart: 0.900 (0.800 to 0.950; 0.5 is chance)."


def drifted(told: ToldApart | None, channel: str = "web") -> Drift:
    shares = {"channel": {channel: Gap(60, 0.25, 0.5, -0.4, -0.1)}}
    return Drift(SINCE, 80, 60, told, shares, {})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (None, "Too few different narratives to say whether they can be told apart."),
        (
            ToldApart(0.51, 0.44, 0.58, ()),
            "Narratives told apart: 0.510 (0.440 to 0.580; 0.5 is chance).",
        ),
        (
            ToldApart(0.9, 0.8, 0.95, ("drone", "fence")),
            f"{FAR_APART} Words that tell the later ones: drone, fence",
        ),
    ],
)
def test_whether_narratives_are_told_apart_is_said_in_a_sentence(
    capsys: pytest.CaptureFixture[str], told: ToldApart | None, said: str
) -> None:
    watching._show(drifted(told))
    assert capsys.readouterr().out.splitlines()[-1] == said


def test_a_channel_that_reads_like_markup_is_shown_as_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    watching._show(drifted(None, "[red]web[/blue]"))
    assert "share of channel [red]web[/blue]" in capsys.readouterr().out


def test_figures_for_a_file_hold_all_that_is_told(steady: Drift) -> None:
    told = steady.as_dict()
    assert told["since"] == "2025-07-01T00:00:00+00:00"
    assert set(told["told_apart"]) == {"auc", "low", "high", "words"}
    assert set(told["figures"]["no_value_auc"]) == {"earlier", "later", "low", "high"}
