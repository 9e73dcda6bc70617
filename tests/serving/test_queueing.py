from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from serving.queueing import compose

LOTS = np.random.default_rng(0).random(1000).tolist()
ORDER = list(range(1000))


def test_without_audit_the_queue_is_the_head_of_the_ranking() -> None:
    places = compose(ORDER, LOTS, depth=50, share=0.0, seed=(1, 1))
    assert [one.index for one in places] == ORDER[:50]
    assert all(one.probability == 1 and not one.audit for one in places)


def test_about_the_share_that_was_asked_for_is_random_and_knows_its_probability() -> None:
    places = compose(ORDER, LOTS, depth=500, share=0.1, seed=(1, 1))
    random = [one for one in places if one.audit]
    assert 30 <= len(random) <= 70
    assert {one.probability for one in random} == {len(random) / 1000}


def test_a_ranking_made_anew_does_not_draw_anew() -> None:
    one = compose(ORDER, LOTS, depth=100, share=0.2, seed=(1, 1))
    other = compose(ORDER[::-1], LOTS, depth=100, share=0.2, seed=(1, 2))
    first, second = ({it.index for it in places if it.audit} for places in (one, other))
    assert len(first & second) >= min(len(first), len(second)) - 2


def test_the_first_random_draw_is_the_smallest_lot() -> None:
    places = compose(ORDER, LOTS, depth=100, share=0.2, seed=(1, 1))
    assert next(one.index for one in places if one.audit) == int(np.argmin(LOTS))


@given(
    some.lists(some.floats(0, 1), max_size=40),
    some.integers(1, 60),
    some.floats(0, 0.99),
    some.integers(0, 99),
)
def test_a_queue_holds_each_record_once_and_is_as_deep_as_it_can_be(
    lots: list[float], depth: int, share: float, seed: int
) -> None:
    places = compose(range(len(lots)), lots, depth=depth, share=share, seed=(seed,))
    indices = [one.index for one in places]
    assert len(set(indices)) == len(indices) == min(depth, len(lots))
