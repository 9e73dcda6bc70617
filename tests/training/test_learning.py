"""Labels, baselines, held-out answers and the fair comparison with a champion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from factories import table_of, training_columns

from data.errors import BadInput, BadRecords
from data.mapping import ColumnMapping
from data.reading import AllegationTable
from model import artifact
from training.baselines import Majority, PlainText
from training.champion import unseen, verdict_against, write_seen
from training.config import GateSettings, Settings
from training.evaluate import OURS, PLAIN, Evaluation, evaluate, folds_of, held_out
from training.fit import fit_all, recipe_of
from training.labels import labels_of, with_value

QUICK = Settings(
    folds=2,
    jobs=1,
    plain_folds=True,
    category_rows=5,
    gate=GateSettings(least_unseen=60, resamples=200),
)


@pytest.fixture(scope="module")
def table() -> AllegationTable:
    return table_of(training_columns(160))


@pytest.fixture(scope="module")
def evaluation(table: AllegationTable) -> Evaluation:
    return evaluate(table, labels_of(table, QUICK), QUICK)


def test_a_second_look_overrules_the_first_value(table: AllegationTable) -> None:
    labels = labels_of(table, QUICK)
    frame = table.frame
    reviewed = frame["reviewed_value"].notna().to_numpy()
    assert reviewed.any()
    values = np.array(labels.values, dtype=object)
    assert values[reviewed].tolist() == frame["reviewed_value"][reviewed].tolist()
    assert values[~reviewed].tolist() == frame["value"][~reviewed].tolist()


def test_a_table_without_any_value_has_nothing_to_teach() -> None:
    columns = {name: training_columns()[name] for name in ("reference", "narrative")}
    with pytest.raises(BadRecords, match="nothing to learn"):
        with_value(table_of(columns, ColumnMapping(reference="reference", narrative="narrative")))


def test_labels_that_mean_no_category_are_not_learnt(table: AllegationTable) -> None:
    labels = labels_of(table, Settings(category_rows=1, not_categories=("illegal_working",)))
    assert "illegal_working" not in labels.category_labels
    assert labels.left_out == ()


@pytest.mark.parametrize("name", ["nationality", "Gender", "religion"])
def test_a_sensitive_column_is_never_a_feature(name: str) -> None:
    with pytest.raises(BadInput, match=name.lower()):
        Settings(fields=("timing", name))


def test_the_recipe_takes_only_answers_that_the_table_has(table: AllegationTable) -> None:
    assert recipe_of(Settings(), table)["fields"] == ("children_involved",)


def test_every_record_is_answered_by_a_model_that_did_not_learn_from_it(
    table: AllegationTable, evaluation: Evaluation
) -> None:
    tested = np.sort(np.concatenate([test for _, test in evaluation.folds]))
    assert tested.tolist() == list(range(len(table)))
    assert all(not set(train) & set(test) for train, test in evaluation.folds)
    for given in evaluation.answers.values():
        assert given.value.sum(axis=1) == pytest.approx(np.ones(len(table)))


def test_ours_and_the_plain_baseline_learn_what_the_words_tell(evaluation: Evaluation) -> None:
    figures = evaluation.figures()
    assert figures["value"]["no_value_auc"] > 0.8
    assert figures["baselines"][PLAIN]["value"]["no_value_auc"] > 0.8
    assert figures["baselines"]["majority"]["value"]["no_value_auc"] == pytest.approx(0.5, abs=0.1)


def test_figures_do_not_depend_on_the_number_of_processes(
    table: AllegationTable, evaluation: Evaluation
) -> None:
    labels = labels_of(table, QUICK)
    again = held_out({PLAIN: PlainText}, table.allegations(), labels, evaluation.folds, jobs=2)
    assert np.array_equal(again[PLAIN].value, evaluation.answers[PLAIN].value)


def test_baselines_answer_for_a_level_and_a_category_that_a_fold_never_saw(
    table: AllegationTable,
) -> None:
    labels = labels_of(table, QUICK)
    rows = np.flatnonzero((labels.value < 2) & labels.categories[:, 0])
    records = table.allegations()
    for learner in (Majority(), PlainText()):
        learner.fit([records[row] for row in rows], labels.select(rows))
        given = learner.answer(records[:5])
        assert given.value.shape == (5, 4)
        assert given.value[:, 2:].sum() == 0
        assert given.categories.shape == (5, len(labels.category_labels))


def test_folds_can_spread_the_categories_instead_of_the_values(table: AllegationTable) -> None:
    settings = Settings(folds=2, plain_folds=True, category_rows=5, by_category=True)
    labels = labels_of(table, settings)
    counts = [labels.categories[test].sum(axis=0) for _, test in folds_of(table, labels, settings)]
    assert np.abs(counts[0] - counts[1]).max() <= 1


def test_time_ordered_folds_learn_from_the_past_only_and_count_what_they_tested() -> None:
    columns = training_columns(160)
    columns["received_at"] = [f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(160)]
    table = table_of(columns)
    settings = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5, time_ordered=True)
    evaluation = evaluate(table, labels_of(table, settings), settings, baselines=False)
    assert all(train.max() < test.min() for train, test in evaluation.folds)
    assert evaluation.figures()["records"] == sum(len(test) for _, test in evaluation.folds) < 160
    assert evaluation.figures()["value"]["no_value_auc"] > 0.8


# Against a champion ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def champion(table: AllegationTable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a champion that learnt from the first half of the table."""
    folder = tmp_path_factory.mktemp("champion")
    half = table.select(np.arange(80))
    artifact.save(fit_all(half, labels_of(half, QUICK), QUICK), folder / "artefact")
    write_seen(folder / "marks", half.narratives)
    return folder


def test_a_champion_is_asked_only_about_records_it_has_not_learnt_from(
    champion: Path, table: AllegationTable, evaluation: Evaluation
) -> None:
    assert unseen(champion / "marks", table.narratives).tolist() == [False] * 80 + [True] * 80
    verdict = verdict_against(
        "champion 1",
        champion / "artefact",
        champion / "marks",
        table,
        evaluation,
        recipe_of(QUICK, table),
        QUICK,
    )
    assert verdict.records == 80
    assert verdict.against == "champion 1"


def test_small_changes_of_space_and_case_do_not_make_a_record_new(
    champion: Path, table: AllegationTable
) -> None:
    texts = [f"  {text.upper()}\n" for text in table.narratives[:80]]
    assert not unseen(champion / "marks", texts).any()


def test_the_same_recipe_with_too_few_new_records_cannot_be_told_apart(
    champion: Path, table: AllegationTable, evaluation: Evaluation
) -> None:
    gate = GateSettings(least_unseen=81)
    settings = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5, gate=gate)
    verdict = verdict_against(
        "champion 1",
        champion / "artefact",
        champion / "marks",
        table,
        evaluation,
        recipe_of(settings, table),
        settings,
    )
    assert not verdict.promoted
    assert "80 records" in verdict.because


def test_another_recipe_with_too_few_new_records_is_fitted_again_on_the_same_folds(
    champion: Path, table: AllegationTable, evaluation: Evaluation
) -> None:
    gate = GateSettings(least_unseen=81, resamples=100)
    settings = Settings(folds=2, jobs=1, plain_folds=True, category_rows=5, gate=gate)
    recipe = recipe_of(settings, table) | {"C": 0.001}
    verdict = verdict_against(
        "champion 1",
        champion / "artefact",
        champion / "marks",
        table,
        evaluation,
        recipe,
        settings,
    )
    assert verdict.records == len(table)
    assert verdict.gain == 0  # the challenger's answers came from the champion's own recipe
    assert OURS in evaluation.answers


def test_a_champion_of_other_values_cannot_be_compared(
    champion: Path, evaluation: Evaluation
) -> None:
    from dataclasses import replace

    columns = training_columns(160)
    columns["value"] = [value.replace("low", "minor") for value in columns["value"]]
    columns["reviewed_value"] = [v.replace("low", "minor") for v in columns["reviewed_value"]]
    mapping = ColumnMapping(
        reference="reference",
        narrative="narrative",
        value="value",
        reviewed_value="reviewed_value",
        value_order=("no_value", "minor", "medium", "high"),
    )
    other = table_of(columns, mapping)
    told = replace(evaluation, labels=labels_of(other, QUICK))
    verdict = verdict_against(
        "champion 1",
        champion / "artefact",
        champion / "marks",
        other,
        told,
        recipe_of(QUICK, other),
        QUICK,
    )
    assert not verdict.promoted
    assert "other values" in verdict.because
