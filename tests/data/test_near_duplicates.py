from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.near_duplicates import near_duplicate_groups, near_duplicate_pairs

WORDS = [
    f"{start}{end}" for start in "bcdfgklmnprstv" for end in ("arrow", "itten", "olland", "ex")
]


def _report(rng: np.random.Generator, sentences: int = 5) -> list[str]:
    return [" ".join(rng.choice(WORDS, 9).tolist()).capitalize() for _ in range(sentences)]


def _text(sentences: list[str]) -> str:
    return ". ".join(sentences) + "."


def _misspelt(text: str, rng: np.random.Generator) -> str:
    letters = list(text)
    for at in rng.choice(len(letters) - 1, 3, replace=False).tolist():
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def _repeat(sentences: list[str], rng: np.random.Generator) -> str:
    """The same report as somebody sends it again."""
    kind = int(rng.integers(5))
    if kind == 0:
        return _misspelt(_text(sentences), rng)
    if kind == 1:
        return _text([*sentences[:2], *sentences[3:]])
    if kind == 2:
        return _text([*sentences, "It is still going on every week"])
    if kind == 3:
        return _text(sentences).upper()
    return _text(["I wrote to you before and nobody answered", *sentences[1:]])


def _planted(count: int, repeated: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    reports = [_report(rng) for _ in range(count)]
    return [_text(r) for r in reports] + [_repeat(r, rng) for r in reports[:repeated]]


def test_repeats_with_typing_mistakes_and_changed_sentences_are_found_and_nothing_else() -> None:
    count, repeated = 3_000, 600
    pairs = near_duplicate_pairs(_planted(count, repeated, seed=1))
    right = pairs.right - pairs.left == count
    assert right.sum() >= 0.99 * repeated
    assert right.mean() >= 0.95


def test_case_punctuation_and_spacing_do_not_make_a_text_another_one() -> None:
    groups = near_duplicate_groups(["He sells visas.", "A van, at night", "HE  SELLS visas!"])
    assert groups.tolist() == [0, 1, 0]


def test_a_chain_of_repeats_is_one_group() -> None:
    rng = np.random.default_rng(4)
    report = _report(rng, 12)
    chain = [_text(report[at : at + 9]) for at in range(4)]
    assert len(set(near_duplicate_groups([*chain, *_planted(50, 0, 5)])[:4].tolist())) == 1


def test_thousands_of_equal_texts_give_one_group_and_as_many_pairs_less_one() -> None:
    texts = ["Call ended before anything was said"] * 5_000
    assert set(near_duplicate_groups(texts).tolist()) == {0}
    pairs = near_duplicate_pairs(texts)
    assert len(pairs) == 4_999
    assert (pairs.similarity == 1).all()


def test_a_form_letter_does_not_make_reports_about_different_people_one() -> None:
    rng = np.random.default_rng(6)
    form = "The caller who did not leave a name rang the line and told us the following today"
    texts = [f"{form}. {_text(_report(rng, 3))}" for _ in range(400)]
    assert len(set(near_duplicate_groups(texts).tolist())) == 400


def test_no_texts_give_no_groups_and_no_pairs() -> None:
    assert near_duplicate_groups([]).shape == (0,)
    assert len(near_duplicate_pairs([])) == 0


def test_texts_without_a_word_stay_alone() -> None:
    assert near_duplicate_groups(["", "?!", "", "a", "a"]).tolist() == [0, 1, 2, 3, 3]


def test_a_text_in_another_script_is_compared_like_any_other() -> None:
    texts = [
        "он работает без разрешения на складе",
        "Он работает без разрешения на складе.",
        "كلام",
    ]
    assert near_duplicate_groups(texts).tolist() == [0, 0, 1]


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.01, float("nan")])
def test_a_threshold_that_is_no_similarity_is_refused(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold must be above 0"):
        near_duplicate_pairs(["a"], threshold)


def test_the_same_texts_give_the_same_answer_again() -> None:
    texts = _planted(300, 60, seed=2)
    first, second = near_duplicate_pairs(texts), near_duplicate_pairs(texts)
    assert first.left.tobytes() == second.left.tobytes()
    assert first.similarity.tobytes() == second.similarity.tobytes()


def test_a_stricter_threshold_never_finds_more() -> None:
    texts = _planted(300, 150, seed=3)
    counts = [len(near_duplicate_pairs(texts, threshold)) for threshold in (0.5, 0.7, 0.9, 1.0)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_text_gets_a_group_and_equal_ones_with_words_share_theirs(texts: list[str]) -> None:
    groups = near_duplicate_groups([*texts, *texts])
    assert len(groups) == 2 * len(texts)
    worded = [any(letter.isalnum() for letter in text) for text in texts]
    assert all(
        first == second
        for first, second, has_words in zip(
            groups[: len(texts)], groups[len(texts) :], worded, strict=True
        )
        if has_words
    )
