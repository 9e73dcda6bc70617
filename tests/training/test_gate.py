"""The gate must let real gains through, and chance not."""

from __future__ import annotations

import numpy as np
import pytest

from training.config import GateSettings
from training.figures import Floats, Ints, macro_f1
from training.gate import compare, paired_gains
from training.learner import Answers

GATE = GateSettings(resamples=300)


def answers(truth: Ints, right: float, seed: int, sure: float = 0.7) -> Answers:
    """Give answers whose most probable level is right for a share of the records."""
    random = np.random.default_rng(seed)
    levels = int(truth.max()) + 1
    wrong = (truth + random.integers(1, levels, len(truth))) % levels
    chosen = np.where(random.random(len(truth)) < right, truth, wrong)
    given = np.full((len(truth), levels), (1 - sure) / (levels - 1))
    given[np.arange(len(truth)), chosen] = sure
    return of(given)


def of(value: Floats) -> Answers:
    return Answers.most_probable(value, np.zeros((len(value), 0)))


@pytest.fixture
def truth() -> Ints:
    return np.random.default_rng(0).integers(0, 4, 800)


def test_a_clearly_better_challenger_is_promoted_with_its_gain(truth: Ints) -> None:
    verdict = compare(
        truth, answers(truth, 0.8, 1), answers(truth, 0.6, 2), against="c", settings=GATE
    )
    assert verdict.promoted
    assert verdict.gain == pytest.approx(0.2, abs=0.06)
    assert 0 < verdict.lower_bound < verdict.gain
    assert verdict.records == 800


def test_the_same_answers_are_no_gain(truth: Ints) -> None:
    same = answers(truth, 0.7, 1)
    verdict = compare(truth, same, same, against="c", settings=GATE)
    assert not verdict.promoted
    assert verdict.gain == 0


def test_two_equally_good_models_are_rarely_told_apart(truth: Ints) -> None:
    promoted = [
        compare(
            truth,
            answers(truth, 0.7, seed),
            answers(truth, 0.7, seed + 100),
            against="c",
            settings=GATE,
        ).promoted
        for seed in range(40)
    ]
    assert sum(promoted) <= 6  # 5% of 40 are expected; 6 or fewer in 98 of 100 such runs


def test_a_wider_margin_asks_for_a_larger_gain(truth: Ints) -> None:
    strict = GateSettings(margin=0.3, resamples=300)
    verdict = compare(
        truth, answers(truth, 0.8, 1), answers(truth, 0.6, 2), against="c", settings=strict
    )
    assert not verdict.promoted


def test_a_gain_does_not_pay_for_confidence_that_is_untrue(truth: Ints) -> None:
    boasting = answers(truth, 0.8, 1, sure=0.999)
    honest = answers(truth, 0.6, 2, sure=0.6)
    verdict = compare(truth, boasting, honest, against="c", settings=GATE)
    assert not verdict.promoted
    assert "calibration" in verdict.because


def test_a_gain_elsewhere_does_not_pay_for_no_value_told_worse() -> None:
    truth = np.random.default_rng(0).integers(0, 4, 2000)
    champion = answers(truth, 0.6, 2)
    challenger = answers(truth, 0.9, 1).value
    # Its first choice is right more often, but its second thoughts about no value are upside down.
    challenger[:, 0] = np.where(truth == 0, 0.0, np.minimum(challenger[:, 0], 0.29) + 0.01)
    lenient = GateSettings(worse_ece=1.0, resamples=300)
    verdict = compare(truth, of(challenger), champion, against="c", settings=lenient)
    assert not verdict.promoted
    assert "no-value AUC" in verdict.because


def test_the_bootstrap_is_the_f1_of_scikit_learn_and_repeats_with_its_seed(truth: Ints) -> None:
    ours, theirs = (answers(truth, s, 1).level for s in (0.8, 0.6))
    gains = paired_gains(truth, ours, theirs, resamples=400, seed=5)
    assert np.array_equal(gains, paired_gains(truth, ours, theirs, resamples=400, seed=5))
    gain = macro_f1(ours, truth) - macro_f1(theirs, truth)
    assert gains.mean() == pytest.approx(gain, abs=0.01)
