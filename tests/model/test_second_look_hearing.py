"""A lesson that does not hear all records learns what it would from the table of all."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from model.second_look import margin
from model.second_look.gram import Gram
from model.second_look.hearing import Hearing
from model.second_look.margin import Margin, solve_margin

RNG = np.random.default_rng(4)
ROWS = RNG.normal(size=(80, 12)).astype(np.float32)
GRAM = np.asarray(ROWS @ ROWS.T)
LABELS = np.where(ROWS[:, 0] + RNG.normal(0, 0.5, 80) > 0, 1, -1).astype(np.float32)
OFFSET = np.full(80, 0.1, np.float32)


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(margin, "TOLERANCE", 1e-5)


def costs(heard: NDArray[np.int64] | slice) -> NDArray[np.float32]:
    made = np.zeros(80, np.float32)
    made[heard] = 0.3
    return made


def settled(hearing: Hearing, cost: NDArray[np.float32]) -> Margin:
    """Learn until nothing moves: one learning leaves a little for the next."""
    for _ in range(30):
        learned = hearing.learn(GRAM, LABELS, cost, OFFSET)
    return learned


def of_all(cost: NDArray[np.float32]) -> Margin:
    nothing = np.zeros(80, np.float32)
    learned = Margin(nothing, nothing)
    for _ in range(30):
        learned = solve_margin(GRAM, LABELS, cost, OFFSET, learned)
    return learned


@pytest.mark.parametrize("heard", [slice(0, 80), slice(0, 50), slice(20, 80), slice(3, 80, 4)])
def test_it_learns_what_the_table_of_all_teaches(heard: slice) -> None:
    learned, other = settled(Hearing(80), costs(heard)), of_all(costs(heard))
    np.testing.assert_allclose(learned.weights, other.weights, atol=1e-3)
    np.testing.assert_allclose(learned.scores, other.scores, atol=1e-3)


def test_one_voice_teaches_and_none_teaches_nothing() -> None:
    one = settled(Hearing(80), costs(slice(7, 8)))
    assert np.flatnonzero(one.weights).tolist() == [7]
    np.testing.assert_allclose(one.scores, one.weights @ GRAM, atol=1e-4)
    none = settled(Hearing(80), costs(slice(0, 0)))
    assert not none.weights.any()
    assert not none.scores.any()


def test_those_that_are_not_heard_have_no_weight_and_yet_a_score() -> None:
    learned = settled(Hearing(80), costs(slice(0, 50)))
    assert not learned.weights[50:].any()
    np.testing.assert_allclose(learned.scores, learned.weights @ GRAM, atol=1e-4)


def test_who_is_heard_may_grow_and_shrink_and_change() -> None:
    hearing = Hearing(80)
    for heard in (slice(0, 80), slice(0, 30), slice(0, 60), slice(10, 40), slice(30, 80)):
        learned = settled(hearing, costs(heard))
        np.testing.assert_allclose(learned.weights, of_all(costs(heard)).weights, atol=1e-3)
        np.testing.assert_allclose(learned.scores, learned.weights @ GRAM, atol=1e-4)


def test_a_record_that_joins_is_heard_from_then_on() -> None:
    hearing, heard = Hearing(79), np.r_[0:40, 79]
    hearing.learn(GRAM[:79, :79], LABELS[:79], costs(slice(0, 40))[:79], OFFSET[:79])
    hearing.follow(GRAM[79:])
    learned = settled(hearing, costs(heard))
    np.testing.assert_allclose(learned.weights, of_all(costs(heard)).weights, atol=1e-3)


def test_a_table_holds_the_products_of_all_however_they_came() -> None:
    table = Gram(GRAM[:10, :10].copy())
    for last in (11, 12, 50, 80):
        table.extend(GRAM[len(table) : last, :last])
    assert len(table) == 80
    np.testing.assert_array_equal(table.table, GRAM)
    empty = Gram(np.empty((0, 0), np.float32))
    empty.extend(GRAM[:3, :3])
    np.testing.assert_array_equal(empty.table, GRAM[:3, :3])
