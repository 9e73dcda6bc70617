"""Vectors of meaning: what they add to words, and what has none."""

from __future__ import annotations

import numpy as np
import pytest

from model.second_look import SecondLookRanker
from model.second_look.meaning import DIMENSIONS, MeaningVectoriser, vectors_of

TEXTS = ["a lorry at the port", "a truck at the depot", "a dog in the garden", "a cat at home"]


def meaning_of(texts: list[str], fitted: MeaningVectoriser) -> np.ndarray:
    return fitted.transform(texts).toarray()[:, -DIMENSIONS:]


def test_words_of_like_meaning_are_nearer_than_others() -> None:
    lorry, truck, dog = meaning_of(["lorry", "truck", "dog"], MeaningVectoriser().fit(TEXTS))
    assert lorry @ truck > 2 * lorry @ dog


def test_words_that_no_text_held_before_still_mean_something() -> None:
    fitted = MeaningVectoriser().fit(TEXTS)
    van, truck, kitten = meaning_of(["van", "truck", "kitten"], fitted)
    assert van @ truck > kitten @ truck


def test_every_text_with_a_known_word_has_the_same_length_of_meaning() -> None:
    fitted = MeaningVectoriser(weight=0.5).fit(TEXTS)
    lengths = np.linalg.norm(
        meaning_of(["dog", TEXTS[0] * 20, "xxnationality", ""], fitted), axis=1
    )
    assert lengths.tolist() == pytest.approx([0.5, 0.5, 0, 0])


def test_words_without_a_vector_get_zeros() -> None:
    assert not vectors_of(["qzzxvw"]).any()
    assert vectors_of([]).shape == (0, DIMENSIONS)


def test_the_features_of_words_and_letters_are_unchanged() -> None:
    fitted = MeaningVectoriser().fit(TEXTS)
    words = fitted.words_.transform(TEXTS)
    assert np.array_equal(fitted.transform(TEXTS).toarray()[:, :-DIMENSIONS], words.toarray())


def test_a_confirmed_miss_raises_a_record_that_shares_only_its_meaning() -> None:
    texts = ["men inside lorry", "people hidden truck", "music party neighbours", "rubbish bins"]
    ranker = SecondLookRanker().fit(texts, [False] * 4).update([(0, True), (3, False)])
    assert ranker.rank().tolist() == [1, 2]
