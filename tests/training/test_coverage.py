from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.coverage import SETTINGS, Setting, certificates, coverage, simulate_look

QUICK = Setting("quick", 300, 0.08, 1.5, (0.2, 0.6))


def test_the_settings_are_those_that_the_estimate_must_stand() -> None:
    names = " ".join(setting.name for setting in SETTINGS)
    kinds = ["rare", "common", "good", "useless", "small", "large", "drifting"]
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
    assert measured.forecast_80 >= 0.77 - spread


def test_stopping_at_the_first_certificate_is_seldom_wrong() -> None:
    setting = Setting("half audit", 200, 0.15, 0.0, (1.0, 1.0), audit_share=0.5)
    measured = certificates(setting, 40, seed=3)
    assert measured.certified == 1
    assert measured.wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert measured.reviewed > 0.5
