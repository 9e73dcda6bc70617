"""Reasons: every contribution accounted for."""

from __future__ import annotations

import numpy as np
import pytest
from factories import tip_offs
from hypothesis import given, settings
from hypothesis import strategies as st

from model.classifier import TriageClassifier
from model.explain import Direction, contributions, phrase

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


def test_an_empty_text_has_no_reasons() -> None:
    assert _sums([""], 1)[0] == 0
