from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model.second_look.estimate import estimate
from training.coverage import SETTINGS, Look, Setting, certificates, coverage, simulate_look

QUICK = Setting("quick", 300, 0.08, 1.5, (0.2, 0.6))


def test_the_settings_are_those_that_the_estimate_must_stand() -> None:
    names = " ".join(setting.name for setting in SETTINGS)
    kinds = ["rare", "common", "good", "useless", "small", "large", "drifting", "unseen"]
    assert [kind for kind in kinds if kind in names] == kinds


def test_a_look_reviews_no_more_than_there_is_and_counts_what_is_left() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        look = simulate_look(replace(QUICK, stops_between=(0.05, 1.0)), rng)
        assert look.stop <= len(look.missed) <= look.backlog
        assert look.missed.shape == look.audit.shape
        found_later = int(look.missed[look.stop :].sum())
        assert found_later <= look.remaining <= look.backlog - look.stop


def test_a_look_to_the_end_leaves_nothing() -> None:
    look = simulate_look(replace(QUICK, stops_between=(1.0, 1.0)), np.random.default_rng(1))
    assert (look.stop, look.remaining) == (300, 0)
    assert len(look.decisions(300)) == 300


def test_a_tenth_of_each_batch_is_drawn_at_random() -> None:
    look = simulate_look(replace(QUICK, stops_between=(0.9, 0.9)), np.random.default_rng(2))
    assert look.audit[:270].reshape(27, 10).sum(axis=1).tolist() == [1] * 27


def test_a_good_ranker_finds_more_than_a_useless_one() -> None:
    found = [
        sum(
            int(look.missed[: look.stop].sum())
            for look in (
                simulate_look(replace(QUICK, ranker=ranker), np.random.default_rng(seed))
                for seed in range(20)
            )
        )
        for ranker in (0.0, 3.0)
    ]
    assert found[1] > 2 * found[0]


def test_a_kind_that_the_ranker_does_not_see_comes_no_earlier_than_chance_has_it() -> None:
    setting = replace(QUICK, backlog=2_000, ranker=6.0, unseen=0.5, stops_between=(0.1, 0.1))
    looks = [simulate_look(setting, np.random.default_rng(seed)) for seed in range(5)]
    found = sum(int(look.missed[: look.stop].sum()) for look in looks)
    total = found + sum(look.remaining for look in looks)
    assert 0.4 < found / total < 0.65


def test_the_precision_of_the_queue_is_that_of_the_next_ranked_picks() -> None:
    missed, audit = np.zeros(200, bool), np.arange(200) % 2 == 0
    missed[[10, 101, 103, 104, 106, 199]] = True
    look = Look(missed, audit, 300, stop=100, remaining=9)
    assert look.next_precision() == 3 / 50
    assert replace(look, stop=120).next_precision() == 1 / 40
    assert replace(look, stop=200).next_precision() == 0


def test_recall_lies_in_its_interval_whenever_the_remaining_lie_in_theirs() -> None:
    """Recall is found / (found + remaining): the one coverage that is measured holds for both."""
    rng = np.random.default_rng(4)
    inside = []
    for _ in range(100):
        look = simulate_look(replace(QUICK, backlog=200), rng)
        result = estimate(look.decisions(look.stop), 200 - look.stop)
        total = result.found + look.remaining
        if not result.found:
            continue
        left, recall = result.remaining, result.recall
        inside.append(left.low_80 <= look.remaining <= left.high_80)
        assert inside[-1] == (recall.low_80 <= result.found / total <= recall.high_80)
        assert (left.low <= look.remaining <= left.high) == (
            recall.low <= result.found / total <= recall.high
        )
    assert 0 < sum(inside) < len(inside)


def test_the_same_seed_measures_the_same() -> None:
    assert coverage(QUICK, 20, seed=5) == coverage(QUICK, 20, seed=5)
    assert coverage(QUICK, 20, seed=5) != coverage(QUICK, 20, seed=6)


@pytest.mark.slow
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_intervals_contain_the_truth_about_as_often_as_they_say(setting: Setting) -> None:
    """A smaller look at benchmarks/coverage.py: bounds are three standard errors wider."""
    looks = 60 if setting.backlog > 10_000 else 250
    measured = coverage(setting, looks, seed=11)
    spread = 3 * np.sqrt(0.8 * 0.2 / looks)
    assert measured.remaining_95 >= 0.94 - 3 * np.sqrt(0.95 * 0.05 / looks)
    assert 0.77 - spread <= measured.remaining_80 <= 0.90 + spread
    assert measured.precision_95 >= 0.94 - 3 * np.sqrt(0.95 * 0.05 / looks)
    for share in (measured.forecast_80, measured.precision_80):
        assert 0.77 - spread <= share <= 0.90 + spread


def test_stopping_at_the_first_certificate_is_seldom_wrong() -> None:
    setting = Setting("half audit", 200, 0.15, 0.0, (1.0, 1.0), audit_share=0.5)
    measured = certificates(setting, 40, seed=3)
    assert measured.certified == 1
    assert measured.wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert measured.reviewed > 0.5
