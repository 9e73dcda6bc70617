"""Where very many decisions were made, some of them teach, and no row comes in one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from model.second_look import thinning
from model.second_look.inner import TeachingRows
from model.second_look.ledger import Ledger
from model.second_look.ranker import SecondLookRanker


def decided(upheld: int, missed: int) -> Ledger:
    ledger = Ledger(np.zeros(upheld + missed, np.bool_))
    ledger.record([(row, row >= upheld) for row in range(upheld + missed)])
    return ledger


def test_all_decisions_teach_as_long_as_there_is_room() -> None:
    ledger = decided(thinning.MOST, 3)
    assert thinning.thinned(ledger) == (0, 0)
    assert thinning.teaching(ledger, (0, 0)).all()


@pytest.mark.parametrize(
    ("upheld", "halvings"), [(thinning.MOST + 1, 1), (2 * thinning.MOST + 1, 2), (20_000, 3)]
)
def test_of_very_many_upheld_a_part_teaches_and_every_missed_one(
    upheld: int, halvings: int
) -> None:
    ledger = decided(upheld, 50)
    assert thinning.thinned(ledger) == (halvings, 0)
    teaches = thinning.teaching(ledger, (halvings, 0))
    assert teaches[ledger.missed].all()
    assert teaches[~ledger.missed].sum() == pytest.approx(upheld / 2**halvings, rel=0.05)


def test_rows_that_come_together_have_the_products_of_rows_that_come_one_by_one() -> None:
    rng = np.random.default_rng(0)
    table = sparse.csr_array(
        np.where(rng.random((90, 40)) < 0.2, rng.random((90, 40)), 0).astype(np.float32)
    )
    together, apart = TeachingRows(table[:10]), TeachingRows(table[:10])
    together.append(table[[10]].indices, table[[10]].data)
    together.extend(table[11:])
    for row in range(10, 90):
        apart.append(table[[row]].indices, table[[row]].data)
    assert together.gram == pytest.approx(apart.gram, abs=1e-5)
    weights = rng.random(90).astype(np.float32)
    assert together.combine(weights) == pytest.approx(apart.combine(weights), abs=1e-4)


def test_a_ranker_that_hears_very_many_decisions_still_tells_the_missed_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(thinning, "MOST", 100)
    texts = [
        f"{'cash and a van' if n % 10 == 0 else 'a noisy party'} at number {n % 37}"
        for n in range(900)
    ]
    ranker = SecondLookRanker(mask=False).fit(texts, [False] * 900)
    heard = list(range(700))
    for first in range(0, 700, 70):
        ranker.update([(row, row % 10 == 0) for row in heard[first : first + 70]])
        ranker.scores()
    again = SecondLookRanker(mask=False).fit(texts, [False] * 900)
    again.update([(row, row % 10 == 0) for row in heard])
    for one in (ranker, again):
        assert all(row % 10 == 0 for row in one.rank()[:20])
