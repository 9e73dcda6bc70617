"""The vectoriser against scikit-learn's own, and what it promises besides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from model.chargrams import LARGEST_ALPHABET, Alphabet, windows
from model.features import NgramVectoriser

TEXTS = [
    "Two men work at the car wash without papers",
    "the car wash pays cash, cash only; men sleep there",
    "She sells cigarettes from the shop on the corner",
    "cigarettes sold at the shop, no receipt and cash only",
    "he said he would marry for papers",
    "",
]
alphabet = st.text(st.sampled_from("abcé ,.'ß7"), max_size=40)


def _peer(kind: str) -> TfidfVectorizer:
    if kind == "word":
        return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    return TfidfVectorizer(
        analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, preprocessor=_words_only
    )


def _words_only(text: str) -> str:
    return " ".join("".join(c if c.isalnum() or c == "_" else " " for c in text.lower()).split())


def _by_name(names: list[str], row: np.ndarray) -> dict[str, float]:
    return {name: float(row[k]) for k, name in enumerate(names) if row[k]}


def test_words_and_pairs_weigh_the_same_as_in_scikit_learn() -> None:
    ours = NgramVectoriser(longest=0).fit(TEXTS)
    peer = _peer("word").fit(TEXTS)
    mine, theirs = ours.transform(TEXTS).toarray(), peer.transform(TEXTS).toarray()
    for one, other in zip(mine, theirs, strict=True):
        assert _by_name(list(ours.get_feature_names_out()), one) == pytest.approx(
            _by_name(list(peer.get_feature_names_out()), other), abs=1e-6
        )


def test_character_ngrams_weigh_the_same_as_in_scikit_learn() -> None:
    texts = [text for text in TEXTS if text]
    ours = NgramVectoriser(char_min_df=1).fit(texts)
    split = len(ours.words_) + len(ours.pairs_)
    names = [name.strip("‹›") for name in ours.get_feature_names_out()[split:]]
    peer = _peer("char").fit(texts)
    known = set(names)
    # scikit-learn also keeps a padded word that is shorter than the n-gram; we do not.
    assert {name for name in peer.get_feature_names_out() if len(name) >= 3} >= known
    counts = ours.describe(texts).grams.counts
    assert counts.sum() == sum(
        max(len(word) + 2 - n + 1, 0)
        for text in texts
        for word in _words_only(text).split()
        for n in (3, 4, 5)
    )


@pytest.mark.parametrize("chosen", [{}, {"min_df": 2}, {"max_features": 30}, {"longest": 0}])
def test_learning_and_transforming_at_once_is_the_same_as_one_after_the_other(
    chosen: dict[str, int],
) -> None:
    vectoriser = NgramVectoriser(**chosen)
    at_once = vectoriser.fit_transform(TEXTS)
    after = NgramVectoriser(**chosen).fit(TEXTS).transform(TEXTS)
    for one, other in ((at_once, after), (vectoriser.transform(TEXTS), after)):
        np.testing.assert_array_equal(one.toarray(), other.toarray())


def test_a_fitted_vectoriser_survives_its_state() -> None:
    ours = NgramVectoriser(min_df=1, char_min_df=1).fit(TEXTS)
    again = NgramVectoriser.from_state(ours.get_state(), **ours.get_params())
    assert (again.transform(TEXTS) != ours.transform(TEXTS)).nnz == 0
    assert list(again.get_feature_names_out()) == list(ours.get_feature_names_out())


def test_the_order_of_the_texts_does_not_change_what_is_learnt() -> None:
    forwards, backwards = NgramVectoriser().fit(TEXTS), NgramVectoriser().fit(TEXTS[::-1])
    for name, array in forwards.get_state().items():
        np.testing.assert_array_equal(array, backwards.get_state()[name])


def test_each_feature_is_in_as_many_texts_as_it_must_be() -> None:
    ours = NgramVectoriser(min_df=2, char_min_df=3).fit(TEXTS)
    table = ours.transform(TEXTS)
    df = np.bincount(table.indices, minlength=len(ours.idf_))
    split = len(ours.words_) + len(ours.pairs_)
    assert df[:split].min() >= 2
    assert df[split:].min() >= 3


def test_the_number_of_pairs_and_ngrams_can_be_bounded() -> None:
    ours = NgramVectoriser(max_features=7, char_min_df=1).fit(TEXTS)
    assert len(ours.pairs_) == 7
    assert len(ours.grams_) == 7
    assert "car wash" in ours.get_feature_names_out()


def test_a_misspelt_word_still_shares_its_letters() -> None:
    ours = NgramVectoriser(char_min_df=1).fit(TEXTS)
    misspelt, known = ours.transform(["cigaretes", "cigarettes"])
    assert misspelt.nnz > 0
    assert (misspelt @ known.T).sum() > 0.3


def test_texts_of_nothing_known_are_empty_rows() -> None:
    ours = NgramVectoriser().fit(TEXTS)
    assert ours.transform(["", "???", "ツツツツ"]).nnz == 0
    assert ours.transform([]).shape == (0, len(ours.idf_))


def test_texts_without_any_word_can_still_be_learnt_from() -> None:
    ours = NgramVectoriser().fit(["", "!!"])
    assert ours.transform(["anything"]).shape == (1, 0)


@settings(max_examples=60, deadline=None)
@given(st.lists(alphabet, min_size=1, max_size=6), st.lists(alphabet, max_size=4))
def test_one_at_a_time_gives_what_a_batch_gives(learnt: list[str], asked: list[str]) -> None:
    ours = NgramVectoriser(char_min_df=1).fit(learnt)
    whole = ours.transform(asked).toarray()
    for row, text in enumerate(asked):
        np.testing.assert_allclose(ours.transform([text]).toarray()[0], whole[row], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(alphabet, min_size=1, max_size=6))
def test_every_row_has_a_length_of_one_in_each_kind_or_is_empty(texts: list[str]) -> None:
    features = NgramVectoriser(char_min_df=1).fit(texts).describe(texts)
    for block in (features.words.weights, features.grams.weights):
        lengths = np.sqrt((block.toarray() ** 2).sum(axis=1))
        assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))


def test_ngrams_are_read_back_from_their_keys() -> None:
    letters = Alphabet.of(["naïve", "ab"])
    owner, keys = windows(["naïve", "ab"], letters, 3, 5)
    found = {(int(o), letters.decode(int(key))) for o, key in zip(owner, keys, strict=True)}
    assert {(0, " na"), (0, "naïve"), (0, "ïve "), (1, " ab "), (1, "ab ")} <= found
    assert not any(" " in text.strip() for _, text in found)


def test_the_rarest_characters_have_no_code_when_there_are_too_many() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + LARGEST_ALPHABET + 50)))
    letters = Alphabet.of([many, "zzz"])
    assert len(letters.code_points) == LARGEST_ALPHABET - 1
    assert letters.encode("z")[0] > 0
    assert letters.encode(many[-1])[0] == 0
