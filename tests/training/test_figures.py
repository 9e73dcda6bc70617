"""Figures against hand-made cases and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss as sklearn_log_loss

from training.figures import (
    category_figures,
    log_loss,
    precision_curve,
    reliability,
    value_by_channel,
    value_figures,
)


def test_perfect_answers_have_perfect_figures() -> None:
    truth = np.array([0, 1, 2, 3] * 5)
    figures = value_figures(np.eye(4)[truth], truth, truth)
    assert figures == {
        "macro_f1": 1.0,
        "no_value_auc": 1.0,
        "log_loss": pytest.approx(0, abs=1e-9),
        "ece": pytest.approx(0, abs=1e-9),
    }


def test_log_loss_is_scikit_learns() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, 50)
    given = random.dirichlet(np.ones(3), 50)
    assert log_loss(given, truth) == pytest.approx(sklearn_log_loss(truth, given))


def test_calibration_error_is_the_gap_between_claim_and_truth() -> None:
    given = np.tile([0.9, 0.1], (100, 1))
    truth = np.array([0] * 70 + [1] * 30)
    assert reliability(given, truth, np.zeros(100, dtype=int)).ece == pytest.approx(0.2)


def test_honest_probabilities_have_a_small_calibration_error() -> None:
    random = np.random.default_rng(0)
    given = random.dirichlet(np.ones(4), 20_000)
    truth = np.array([random.choice(4, p=row) for row in given])
    assert reliability(given, truth, given.argmax(axis=1)).ece < 0.015


def test_no_value_auc_asks_only_whether_a_record_is_worth_anything() -> None:
    truth = np.array([0, 0, 1, 3])
    given = np.array([[0.9, 0, 0, 0.1], [0.8, 0, 0.2, 0], [0.1, 0, 0, 0.9], [0.2, 0.8, 0, 0]])
    figures = value_figures(given, truth, given.argmax(axis=1))
    assert figures["no_value_auc"] == 1
    assert figures["macro_f1"] < 1


def test_one_category_each_is_judged_by_the_most_probable_one() -> None:
    truth = np.eye(3, dtype=bool)
    given = np.array([[0.4, 0.3, 0.1], [0.1, 0.2, 0.1], [0.3, 0.2, 0.1]])
    figures = category_figures(given, truth, given.argmax(axis=1))
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert figures["top3"] == 1


def test_several_categories_are_judged_at_one_half_and_by_the_share_in_the_top_three() -> None:
    truth = np.array([[1, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]], dtype=bool)
    given = np.array([[0.9, 0.1, 0.3, 0.2, 0.4], [0, 0, 0, 0, 0.8], [1, 1, 1, 1, 1]])
    assert category_figures(given, truth, given.argmax(axis=1))["top3"] == pytest.approx(
        (0.5 + 1) / 2
    )


def test_a_channel_with_few_records_is_not_reported() -> None:
    truth = np.array([0, 1] * 40)
    given = np.eye(2)[truth]
    channels = ["phone_hotline"] * 70 + ["mp"] * 5 + [None] * 5
    found = value_by_channel(given, truth, truth, channels)
    assert list(found) == ["phone_hotline"]
    assert found["phone_hotline"]["records"] == 70


def test_precision_among_the_most_doubted_counts_from_the_top() -> None:
    looked_at, precision = precision_curve(
        np.array([0.1, 0.9, 0.5]), np.array([False, True, False])
    )
    assert looked_at.tolist() == [1, 2, 3]
    assert precision.tolist() == [1, 0.5, pytest.approx(1 / 3)]
