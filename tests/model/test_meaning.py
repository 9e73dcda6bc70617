"""Vectors of what narratives are about."""

from __future__ import annotations

import numpy as np
import pytest

from model.meaning import Meanings, is_common
from model.second_look import SecondLookRanker
from model.second_look.gist import solve_few
from model.second_look.margin import Margin, solve_margin

TEXTS = ["a lorry by the port", "a truck in the harbour", "a dog in the park", "", "zzqx"]


def test_narratives_on_one_matter_are_nearer_than_those_on_two() -> None:
    lorry, truck, dog, *_ = Meanings(TEXTS).made
    assert lorry @ truck > lorry @ dog


def test_each_vector_has_length_one_or_is_empty_of_words() -> None:
    lengths = np.linalg.norm(Meanings(TEXTS).made, axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-5)
    assert np.isfinite(Meanings([""]).made).all()
    assert Meanings([]).made.shape == (0, 50)


def test_a_narrative_gets_the_same_vector_when_it_comes_later() -> None:
    made = Meanings(TEXTS)
    np.testing.assert_allclose(made.of(TEXTS), made.made, atol=1e-6)
    assert made.of([]).shape == (0, 50)


def test_the_same_narratives_give_the_same_bytes() -> None:
    assert Meanings(TEXTS).made.tobytes() == Meanings(TEXTS).made.tobytes()


@pytest.mark.parametrize(
    ("word", "common"),
    [("lorry", True), ("fence", True), ("kowalski", False), ("zoltrix", False), ("0191", False)],
)
def test_a_surname_that_has_a_vector_is_no_common_word(word: str, common: bool) -> None:
    assert is_common(word) is common


def test_a_machine_on_few_features_is_that_of_the_inner_products() -> None:
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(60, 6)).astype(np.float32)
    labels = np.where(rows[:, 0] + rng.normal(0, 0.5, 60) > 0, 1, -1).astype(np.float32)
    costs = np.where(np.arange(60) < 50, 0.3, 0).astype(np.float32)
    offset = np.full(60, 0.1, np.float32)
    weights = solve_few(rows, labels, costs, offset, np.zeros(6, np.float32))
    nothing = np.zeros(60, np.float32)
    other = solve_margin(rows @ rows.T, labels, costs, offset, Margin(nothing, nothing))
    np.testing.assert_allclose(rows @ weights, other.scores, atol=0.01)


KIN = ["lorry", "truck", "van", "trucks", "lorries", "vehicle", "tractor", "car", "bus", "vans"]
DULL = [
    "noise",
    "music",
    "party",
    "loud",
    "singing",
    "drums",
    "concert",
    "band",
    "guitar",
    "songs",
]


def taught(*, meaning: bool) -> SecondLookRanker:
    """Misses that share no word with one another, only what they are about."""
    words = [one for pair in zip(KIN, DULL, strict=True) for one in pair] * 3
    texts = [f"{word} {number}" for number, word in enumerate(words)]
    ranker = SecondLookRanker(meaning=meaning).fit(texts, [False] * len(texts))
    for index in range(46):
        ranker.decide(index, missed=index % 2 == 0)
    return ranker


def test_meanings_that_foresaw_decisions_gain_weight() -> None:
    parts = {one.name: one.contribution for one in taught(meaning=True).receipt(50).reasons}
    assert parts["what it is about"] > 0.1
    without = {one.name for one in taught(meaning=False).receipt(50).reasons}
    assert "what it is about" not in without


def test_parts_still_sum_and_words_are_cited_where_meanings_count() -> None:
    ranker = taught(meaning=True)
    receipt = ranker.receipt(50)
    assert sum(one.contribution for one in receipt.reasons) == pytest.approx(receipt.score)
    assert receipt.words


def test_records_that_join_are_read_for_what_they_are_about() -> None:
    ranker = taught(meaning=True).add(["lorries and trucks", "drums and guitars"], [False, False])
    lorries, drums = ranker.scores()[-2:]
    assert lorries > drums
