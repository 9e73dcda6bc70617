"""A few words whose mere presence tells misses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from model.features import NgramVectoriser
from model.second_look import SecondLookRanker
from model.second_look.lessons import DECIDED, Taught
from model.second_look.telling import TellingWords

LONG = " ".join(f"word{number}" for number in range(60))
TEXTS = [f"{LONG} {'cellar' if number % 4 == 0 else 'garden'} {number}" for number in range(80)]
TOLD = np.arange(80) % 4 == 0
ALL = np.arange(80)
LABELS = np.where(TOLD, 1, -1).astype(np.float32)
COSTS = np.ones(80, np.float32)


def words_of(texts: list[str]) -> tuple[NgramVectoriser, sparse.csr_array]:
    vectoriser = NgramVectoriser()
    table = vectoriser.fit_transform(texts)
    return vectoriser, sparse.csr_array(table[:, : len(vectoriser.words_)])


def learned(taught: NDArray[np.int64], decided: int = 40) -> NDArray[np.float64]:
    _, words = words_of(TEXTS)
    return TellingWords(words).learn(teaching(taught, LABELS[taught], decided), COSTS[taught])


def teaching(rows: NDArray[np.int64], labels: NDArray[np.float32], decided: int) -> Taught:
    kinds = np.full(len(rows), DECIDED, np.int8)
    return Taught(rows, labels, kinds, slice(0, len(rows)), decided)


def test_one_word_in_a_long_narrative_tells_the_misses_that_nobody_decided() -> None:
    scores = learned(ALL[:40])
    rest = ALL[40:]
    assert scores[rest][TOLD[rest]].min() > scores[rest][~TOLD[rest]].max()


def test_how_often_a_word_stands_makes_no_difference() -> None:
    vectoriser, words = words_of(TEXTS)
    telling = TellingWords(words)
    telling.learn(teaching(ALL, LABELS, 80), COSTS)
    table = vectoriser.transform(["cellar", "cellar cellar cellar", "garden"])
    once, often, none = telling.score_of(sparse.csr_array(table[:, : words.shape[1]]))
    assert once == often > none


def test_it_learns_anew_only_when_the_decisions_have_grown_by_a_twentieth() -> None:
    _, words = words_of(TEXTS)
    telling = TellingWords(words)
    first = telling.learn(teaching(ALL, LABELS, 40), COSTS).copy()
    assert telling.learn(teaching(ALL, -LABELS, 41), COSTS).tolist() == first.tolist()
    assert telling.learn(teaching(ALL, -LABELS, 42), COSTS).tolist() != first.tolist()


@pytest.mark.parametrize(
    "labels", [np.ones(80, np.float32), -np.ones(80, np.float32)], ids=["misses", "upheld"]
)
def test_answers_of_one_kind_alone_teach_it_nothing(labels: NDArray[np.float32]) -> None:
    _, words = words_of(TEXTS)
    assert not TellingWords(words).learn(teaching(ALL, labels, 80), COSTS).any()


def test_words_that_stand_in_two_texts_or_fewer_are_not_listened_to() -> None:
    _, words = words_of(["one", "two", "three", "one"])
    telling = TellingWords(words)
    labels = np.array([1, -1, -1, 1], np.float32)
    assert not telling.learn(teaching(ALL[:4], labels, 4), COSTS[:4]).any()


def test_prepared_features_come_without_telling_words() -> None:
    _, words = words_of(TEXTS)
    known = TOLD & (ALL < 8)
    ranker = SecondLookRanker().fit(words, known, np.linspace(0, 1, 80))
    names = {part.name for part in ranker.decide(1, missed=False).receipt(3).reasons}
    assert "telling words" not in names
    told = SecondLookRanker().fit(TEXTS, known, np.linspace(0, 1, 80))
    names = {part.name for part in told.decide(1, missed=False).receipt(3).reasons}
    assert "telling words" in names


def test_another_of_the_same_words_learns_on_its_own() -> None:
    _, words = words_of(TEXTS)
    telling = TellingWords(words)
    said = telling.learn(teaching(ALL, LABELS, 80), COSTS).copy()
    other = telling.another()
    assert not other.scores.any()
    assert other.learn(teaching(ALL, -LABELS, 80), COSTS).tolist() != said.tolist()
    assert telling.scores.tolist() == said.tolist()
