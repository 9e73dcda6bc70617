"""The triage classifier: what it learns, what it refuses, what its thresholds promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from factories import tip_offs
from sklearn.utils.estimator_checks import parametrize_with_checks

from data.errors import BadInput, BadRecords
from data.schema import Allegation
from model.classifier import TriageClassifier, out_of_fold_doubt
from model.doubt import DoubtCurve, surest_share
from model.linear import CalibratedLinear

ORDER = ("no_value", "low", "medium", "high")
TEXTS, VALUES, CATEGORIES = tip_offs()


@pytest.fixture(scope="module")
def model() -> TriageClassifier:
    return TriageClassifier(value_order=ORDER, folds=3).fit(TEXTS, VALUES, CATEGORIES)


NUMBERS = "the check hands over numbers, and narratives are text"
NOT_MET = {
    **dict.fromkeys(
        (
            "check_classifier_data_not_an_array",
            "check_classifiers_classes",
            "check_classifiers_train",
            "check_complex_data",
            "check_dict_unchanged",
            "check_dont_overwrite_parameters",
            "check_dtype_object",
            "check_estimator_sparse_array",
            "check_estimator_sparse_matrix",
            "check_estimator_sparse_tag",
            "check_estimators_dtypes",
            "check_estimators_fit_returns_self",
            "check_estimators_nan_inf",
            "check_estimators_overwrite_params",
            "check_estimators_pickle",
            "check_f_contiguous_array_estimator",
            "check_fit1d",
            "check_fit2d_1feature",
            "check_fit2d_predict1d",
            "check_fit_check_is_fitted",
            "check_fit_idempotent",
            "check_fit_score_takes_y",
            "check_methods_sample_order_invariance",
            "check_methods_subset_invariance",
            "check_n_features_in",
            "check_n_features_in_after_fitting",
            "check_pipeline_consistency",
            "check_positive_only_tag_during_fit",
            "check_readonly_memmap_input",
        ),
        NUMBERS,
    ),
    "check_supervised_y_2d": "a list of narratives has one value each; the check hands numbers",
    "check_classifiers_one_label": "one value only is refused with BadRecords",
    "check_fit2d_1sample": "one value only is refused with BadRecords, which is no ValueError",
    "check_estimators_empty_data_messages": "readers refuse 0 rows before a model is reached",
    "check_classifiers_regression_target": "values are labels from an order, never measurements",
    "check_supervised_y_no_nan": "values are text, among which there is no infinity",
    "check_requires_y_none": "values are not optional; the types say so",
}


def not_met(estimator: Any) -> dict[str, str]:
    return NOT_MET if isinstance(estimator, TriageClassifier) else {}


@parametrize_with_checks(
    [CalibratedLinear(folds=3), TriageClassifier(folds=3)],
    expected_failed_checks=not_met,
    xfail_strict=True,
)
def test_the_estimator_keeps_the_rules_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


def test_the_values_keep_their_order_and_their_probabilities_sum_to_one(
    model: TriageClassifier,
) -> None:
    proba = model.predict_proba(TEXTS)
    assert model.value_codes_ == ORDER
    np.testing.assert_allclose(proba.sum(axis=1), 1)
    assert np.mean(model.predict(TEXTS) == np.array(VALUES)) > 0.95


def test_several_categories_may_apply_to_one_allegation() -> None:
    both = [("drugs", "cash") if "cash" in text else ("drugs",) for text in TEXTS]
    both[0] = ()
    found = TriageClassifier(value_order=ORDER, folds=3).fit(TEXTS, VALUES, both)
    assert found.category_codes_ == ("cash", "drugs")
    proba = found.predict_category_proba(["the landlord pays in cash near me"])[0]
    assert proba.min() > 0.5


def test_a_category_with_one_example_is_left_out_with_a_warning() -> None:
    rare = [*CATEGORIES[:-1], ("firearms",)]
    with pytest.warns(UserWarning, match="single example: firearms"):
        found = TriageClassifier(value_order=ORDER, folds=3).fit(TEXTS, VALUES, rare)
    assert "firearms" not in found.category_codes_
    assert found.skipped_categories_ == ("firearms",)


def test_records_of_one_value_only_are_refused() -> None:
    with pytest.raises(BadRecords, match="at least two values"):
        TriageClassifier().fit(TEXTS, ["low"] * len(TEXTS))


def test_a_value_outside_the_order_is_refused() -> None:
    with pytest.raises(BadRecords, match="urgent"):
        TriageClassifier(value_order=ORDER).fit(TEXTS, ["urgent", *VALUES[1:]])


def test_a_value_that_no_record_has_is_never_suggested() -> None:
    found = TriageClassifier(value_order=(*ORDER, "critical"), folds=3).fit(TEXTS, VALUES)
    proba = found.predict_proba(TEXTS)
    assert proba.shape[1] == 5
    assert proba[:, 4].max() < 1e-9
    assert "critical" not in found.predict(TEXTS)


def test_without_categories_there_are_none_to_suggest() -> None:
    found = TriageClassifier(value_order=ORDER, folds=3).fit(TEXTS, VALUES)
    assert found.predict_category_proba(TEXTS[:2]).shape == (2, 0)


def test_who_somebody_is_does_not_move_a_score(model: TriageClassifier) -> None:
    pairs = [
        ("my French neighbour sells cigarettes", "my Albanian neighbour sells cigarettes"),
        ("he sells cigarettes", "she sells cigarettes"),
    ]
    for one, other in pairs:
        np.testing.assert_array_equal(model.raw_scores([one]), model.raw_scores([other]))


def test_a_structured_answer_that_is_named_moves_the_score_and_no_other_does() -> None:
    texts = ["the landlord again"] * len(TEXTS)
    table = pd.DataFrame(
        {"narrative": texts, "timing": VALUES, "gender": [str(k % 2) for k in range(len(texts))]}
    )
    found = TriageClassifier(value_order=ORDER, fields=("timing",), folds=3).fit(table, VALUES)
    assert np.mean(found.predict(table) == np.array(VALUES)) == 1
    assert found.field_encoder_.names == sorted(f"timing: {value}" for value in ORDER)


def test_an_allegation_and_a_row_of_a_table_score_the_same() -> None:
    channels = ["web_form" if value == "high" else "phone_hotline" for value in VALUES]
    table = pd.DataFrame({"narrative": TEXTS, "channel": channels})
    found = TriageClassifier(value_order=ORDER, fields=("channel",), folds=3).fit(table, VALUES)
    records = [
        Allegation(str(k), text, channel=channel)
        for k, (text, channel) in enumerate(zip(TEXTS, channels, strict=True))
    ]
    np.testing.assert_allclose(found.raw_scores(records), found.raw_scores(table))


def test_processes_do_not_change_what_is_learnt(model: TriageClassifier) -> None:
    other = TriageClassifier(value_order=ORDER, folds=3, n_jobs=2).fit(TEXTS, VALUES, CATEGORIES)
    for name, array in model.get_state()[0].items():
        np.testing.assert_array_equal(array, other.get_state()[0][name])


def test_sure_suggestions_are_as_accurate_as_was_asked() -> None:
    noisy = np.array(VALUES)
    noisy[::4] = np.roll(noisy, 7)[::4]
    found = TriageClassifier(value_order=ORDER, folds=3, accuracy=0.7).fit(TEXTS, list(noisy))
    proba = found.oof_proba_
    chosen = found.choose(proba)
    confidence = proba[np.arange(len(chosen)), chosen]
    sure = confidence >= found.unsure_threshold_
    assert sure.any()
    assert np.mean(found.classes_[chosen][sure] == noisy[sure]) >= 0.7


def test_everything_is_unsure_when_nothing_is_accurate_enough() -> None:
    assert surest_share(np.array([0.9, 0.8]), np.array([False, False]), 0.5) > 1


def test_equally_confident_suggestions_stand_or_fall_together() -> None:
    confidence, right = np.array([0.9, 0.8, 0.8]), np.array([True, True, False])
    assert surest_share(confidence, right, 0.9) == 0.9
    assert surest_share(confidence, right, 0.6) == 0.8


def test_a_capacity_flags_that_share_of_the_held_out_records() -> None:
    curve = DoubtCurve(np.linspace(1, 0, 101))
    line = curve.threshold(capacity=0.1)
    assert np.sum(curve.doubts >= line) == 10


def test_a_precision_flags_as_many_as_are_expected_to_be_wrong_that_often() -> None:
    curve = DoubtCurve(np.array([0.9, 0.7, 0.5, 0.1]))
    assert curve.threshold(precision=0.8) == 0.7
    assert curve.threshold(precision=0.95) == 1.0
    assert curve.threshold(precision=0.5) == 0.1


@pytest.mark.parametrize(
    "asked", [{}, {"capacity": 0.0}, {"capacity": 1.5}, {"capacity": 0.1, "precision": 0.5}]
)
def test_a_threshold_needs_one_sensible_wish(asked: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="capacity or a precision"):
        DoubtCurve(np.array([0.5])).threshold(**asked)


def test_doubt_out_of_fold_is_highest_for_a_wrong_value() -> None:
    records = [Allegation(str(k), text) for k, text in enumerate(TEXTS)]
    wrong = VALUES.index("high")
    recorded = ["no_value" if k == wrong else value for k, value in enumerate(VALUES)]
    rows = np.arange(len(records))
    folds = [(rows[rows % 3 != k], rows[rows % 3 == k]) for k in range(3)]
    settings = TriageClassifier(value_order=ORDER, folds=3)
    doubts = out_of_fold_doubt(settings, records, recorded, folds)
    assert doubts.argmax() == wrong
    assert not hasattr(settings, "classes_")


def test_a_value_that_the_other_folds_never_held_is_doubted_wholly() -> None:
    records = [Allegation(str(k), text) for k, text in enumerate(TEXTS)]
    test = np.array([k for k, value in enumerate(VALUES) if value == "high"])
    train = np.setdiff1d(np.arange(len(VALUES)), test)
    # Without an order the model knows only the values of its training records.
    doubts = out_of_fold_doubt(TriageClassifier(folds=3), records, VALUES, [(train, test)])
    np.testing.assert_array_equal(doubts[test], 1)
    np.testing.assert_array_equal(doubts[train], 0)
