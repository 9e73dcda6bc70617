from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from model.second_look.blending import MISSES, PRIOR, evened, stacked_weights

Said = NDArray[np.float64]
RNG = np.random.default_rng(4)
TRUTH = np.arange(60) % 3 == 0
NOTHING = np.zeros(60)
GOOD, BLIND = TRUTH * 2 - 1 + RNG.normal(0, 0.3, 60), RNG.normal(0, 1, 60)


def test_the_weights_stand_until_ten_misses_are_confirmed() -> None:
    few = np.arange(60) < MISSES - 1
    assert stacked_weights(np.column_stack([BLIND, GOOD, GOOD, GOOD]), few) == PRIOR


def test_doubt_that_foresaw_the_decisions_gains_weight() -> None:
    table = np.column_stack([BLIND, NOTHING, NOTHING, GOOD])
    learned, gist, told, doubt = stacked_weights(table, TRUTH)
    assert (gist, told) == PRIOR[1:3]
    assert doubt > 5 * PRIOR[3]
    assert doubt > learned


def test_doubt_that_misled_is_dropped() -> None:
    table = np.column_stack([GOOD, NOTHING, NOTHING, -GOOD])
    learned, _, _, doubt = stacked_weights(table, TRUTH)
    assert doubt == 0
    assert learned > 0


@pytest.mark.parametrize("expert", [1, 2])
def test_meanings_and_telling_words_count_only_once_they_foresaw_decisions(expert: int) -> None:
    def weights(learned: Said, said: Said) -> tuple[float, ...]:
        table = np.column_stack([learned, NOTHING, NOTHING, NOTHING])
        table[:, expert] = said
        return stacked_weights(table, TRUTH)

    foresaw = weights(BLIND, GOOD)
    assert foresaw[expert] > foresaw[0]
    assert weights(GOOD, BLIND)[expert] < 0.3


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_only_upholds_or_only_overturns_give_finite_weights(share: float) -> None:
    missed = np.full(60, share == 1.0)
    assert np.isfinite(stacked_weights(np.column_stack([GOOD, BLIND, BLIND, BLIND]), missed)).all()


def test_doubts_are_brought_to_mean_0_and_spread_1_over_the_gauge() -> None:
    even = evened(RNG.uniform(0.01, 0.99, 60), np.arange(40))
    assert even[:40].mean() == pytest.approx(0)
    assert even[:40].std() == pytest.approx(1)


def test_equal_doubts_say_nothing() -> None:
    assert not evened(np.full(10, 0.3), np.arange(10)).any()
