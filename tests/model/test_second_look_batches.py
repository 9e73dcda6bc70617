"""Batches: the top of the ranking with an audit sample that is random and told as such."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import BadRecords
from model.second_look import SecondLookRanker


@pytest.fixture
def ranker() -> SecondLookRanker:
    texts = [f"word{number} word{number % 5}" for number in range(50)]
    return SecondLookRanker().fit(texts, [True] * 10 + [False] * 40)


def test_without_an_audit_share_the_batch_is_the_top_of_the_ranking(
    ranker: SecondLookRanker,
) -> None:
    picks = ranker.next_batch(7, 0.0)
    assert [pick.index for pick in picks] == ranker.rank()[:7].tolist()
    assert all(pick.selection_probability == 1 and not pick.audit for pick in picks)


def test_a_batch_holds_no_record_twice_and_only_open_ones(ranker: SecondLookRanker) -> None:
    ranker.decide(20, missed=False)
    rows = [pick.index for pick in ranker.next_batch(40, 0.5)]
    assert len(set(rows)) == len(rows) == 39
    assert 20 not in rows
    assert min(rows) >= 10


def test_the_audit_sample_is_uniform_over_the_whole_backlog(ranker: SecondLookRanker) -> None:
    rng = np.random.default_rng(1)
    drawn = np.zeros(50)
    for _ in range(2000):
        for pick in ranker.next_batch(10, 0.25, rng):
            drawn[pick.index] += pick.audit
    expected = 2000 * 10 * 0.25 / 40
    assert drawn[:10].sum() == 0
    assert np.abs(drawn[10:] - expected).max() < 4.5 * np.sqrt(expected)


def test_an_audit_pick_tells_the_probability_with_which_it_was_drawn(
    ranker: SecondLookRanker,
) -> None:
    picks = ranker.next_batch(10, 0.5)
    assert {p.selection_probability for p in picks if p.audit} == {10 * 0.5 / 40}


def test_single_draws_reach_the_audit_share_on_average(ranker: SecondLookRanker) -> None:
    rng = np.random.default_rng(2)
    audits = [ranker.next_batch(1, 0.1, rng)[0].audit for _ in range(3000)]
    assert np.mean(audits) == pytest.approx(0.1, abs=0.02)


def test_audit_picks_stand_anywhere_in_the_batch(ranker: SecondLookRanker) -> None:
    rng = np.random.default_rng(3)
    places = [
        [pick.audit for pick in ranker.next_batch(10, 0.1, rng)].index(True) for _ in range(300)
    ]
    assert set(places) == set(range(10))


def test_the_same_state_draws_the_same_batch(ranker: SecondLookRanker) -> None:
    assert ranker.next_batch(10, 0.3) == ranker.next_batch(10, 0.3)


@pytest.mark.parametrize(("n", "share"), [(0, 0.1), (5, -0.1), (5, 1.1)])
def test_an_impossible_batch_is_refused(ranker: SecondLookRanker, n: int, share: float) -> None:
    with pytest.raises(BadRecords, match="batch"):
        ranker.next_batch(n, share)
