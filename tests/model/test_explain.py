"""Reasons: every contribution accounted for."""

from __future__ import annotations

import numpy as np
import pytest
from factories import tip_offs
from hypothesis import given, settings
from hypothesis import strategies as st

from model.classifier import TriageClassifier
from model.explain import Direction, contributions, phrase
from model.features import Features

ORDER = ("no_value", "low", "medium", "high")
TEXTS, VALUES, CATEGORIES = tip_offs()


@pytest.fixture(scope="module")
def model() -> TriageClassifier:
    return _MODEL


_MODEL = TriageClassifier(value_order=ORDER, folds=3, fields=("channel",)).fit(
    TEXTS, VALUES, CATEGORIES
)
words = st.lists(st.sampled_from([*" ".join(TEXTS[:40]).split(), "zzz", "cigaretes"]), max_size=25)


def _sums(texts: list[str], towards: int, against: int = -1) -> np.ndarray:
    features, answers = _MODEL.describe(texts)
    direction = Direction(np.full(len(texts), towards), np.full(len(texts), against))
    parts = contributions(features, answers, _MODEL.value_coef_, direction)
    return np.bincount(parts.rows, parts.values, len(texts))


@settings(max_examples=40, deadline=None)
@given(st.lists(words, min_size=1, max_size=5), st.integers(0, 3))
def test_the_contributions_and_the_intercept_add_up_to_the_raw_score(
    drawn: list[list[str]], value: int
) -> None:
    texts = [" ".join(text) for text in drawn]
    raw = _MODEL.raw_scores(texts)[:, value]
    np.testing.assert_allclose(
        _sums(texts, value) + _MODEL.value_intercept_[value], raw, atol=1e-4
    )


def test_the_contributions_of_many_texts_are_those_of_each_alone() -> None:
    together = _sums(TEXTS, 2)
    np.testing.assert_allclose(
        together[:5], [_sums([text], 2)[0] for text in TEXTS[:5]], atol=1e-5
    )


def test_one_value_against_another_adds_up_to_the_difference_of_their_scores() -> None:
    raw = _MODEL.raw_scores(TEXTS) - _MODEL.value_intercept_
    np.testing.assert_allclose(_sums(TEXTS, 3, 0), raw[:, 3] - raw[:, 0], atol=1e-4)


def test_the_word_that_makes_the_difference_comes_first(model: TriageClassifier) -> None:
    features, answers = model.describe(["someone sells cigarettes near me"])
    direction = Direction(np.array([2]), np.array([-1]))
    parts = contributions(features, answers, model.value_coef_, direction)
    best = parts.top(1, 3)[0]
    names = [
        phrase(
            model.vectoriser_, model.field_encoder_, features.tokens.words, int(parts.phrases[k])
        )
        for k in best
    ]
    assert any("cigarettes" in name or "sells" in name for name in names)
    assert list(parts.values[best]) == sorted(parts.values[best], reverse=True)


def test_an_unknown_word_is_credited_with_its_letters(model: TriageClassifier) -> None:
    features, answers = model.describe(["cigaretttes"])
    direction = Direction(np.array([2]), np.array([-1]))
    parts = contributions(features, answers, model.value_coef_, direction)
    assert (
        phrase(
            model.vectoriser_, model.field_encoder_, features.tokens.words, int(parts.phrases[0])
        )
        == "cigaretttes"
    )
    assert parts.values[0] > 0


def test_a_word_is_credited_with_its_own_term_and_with_its_letters() -> None:
    texts = ["sells cigarettes near zzz", "", "cigarettes cigarettes vodka"]
    features, answers = _MODEL.describe(texts)
    direction = Direction(np.array([2, 2, 2]), np.array([-1, -1, -1]))
    parts = contributions(features, answers, _MODEL.value_coef_, direction)
    names = [
        phrase(_MODEL.vectoriser_, _MODEL.field_encoder_, features.tokens.words, int(number))
        for number in parts.phrases
    ]
    assert len(set(zip(parts.rows.tolist(), names, strict=True))) == len(names)
    for row, text in enumerate(texts):
        for word in set(text.split()):
            [entry] = [k for k, name in enumerate(names) if (parts.rows[k], name) == (row, word)]
            assert parts.values[entry] == pytest.approx(_by_hand(features, row, word), abs=1e-5)


def _by_hand(features: Features, row: int, word: str) -> float:
    number = features.tokens.words.index(word)
    split = features.words.weights.shape[1]
    coef = _MODEL.value_coef_[:, 2]
    known = int(features.known[number])
    own = features.words.weights[[row]].toarray()[0, known] * coef[known] if known >= 0 else 0.0
    weights = features.grams.weights[[row]].toarray()[0] * coef[split : split + len(_GRAMS)]
    each = features.spelling[[number]].toarray()[0]
    counts = (features.word_counts @ features.spelling)[[row]].toarray()[0]
    here = features.word_counts[[row]].toarray()[0, number]
    return float(own + (weights / np.maximum(counts, 1) * each).sum() * here)


_GRAMS = _MODEL.vectoriser_.grams_


def test_an_empty_text_has_no_reasons() -> None:
    assert _sums([""], 1)[0] == 0
