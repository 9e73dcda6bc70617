from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from serving.differences import Difference, differences

LEFT = "He works at the Harbour Grill. He is paid in cash every Friday."
RIGHT = "He works at the Golden Fry. He is paid in cash, every friday!"


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def sides(one: Difference, a: str, b: str) -> tuple[str, str]:
    return a[one.left_start : one.left_end], b[one.right_start : one.right_end]


def test_only_the_words_that_differ_are_told_apart() -> None:
    told = [(one.same, *sides(one, LEFT, RIGHT)) for one in differences(LEFT, RIGHT)]
    assert told == [
        (True, "He works at the ", "He works at the "),
        (False, "Harbour Grill. ", "Golden Fry. "),
        (True, "He is paid in cash every Friday.", "He is paid in cash, every friday!"),
    ]


def test_what_only_one_side_has_is_empty_on_the_other() -> None:
    assert differences("", "new") == (Difference(False, 0, 0, 0, 3),)
    assert differences("", "") == ()


texts = st.lists(
    st.sampled_from(["he", "He", "sells", "visas.", "a", "van", ",", "\n", "…", "ünï", "  "])
).map(" ".join)


@given(texts | st.text(max_size=80), texts | st.text(max_size=80))
def test_the_stretches_of_a_side_are_its_whole_text(a: str, b: str) -> None:
    found = differences(a, b)
    pairs = [sides(one, a, b) for one in found]
    assert "".join(left for left, _ in pairs) == a
    assert "".join(right for _, right in pairs) == b
    for one, (left, right) in zip(found, pairs, strict=True):
        assert (words(left) == words(right)) or not one.same
        assert left or right
    assert all(one.same != other.same for one, other in pairwise(found))


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(one.same for one in differences(text, text)) or not words(text)


def test_long_texts_that_repeat_themselves_are_still_compared_whole() -> None:
    a, b = "he sells visas " * 660, "visas he sells " * 660 + "now"
    pairs = [sides(one, a, b) for one in differences(a, b)]
    assert "".join(left for left, _ in pairs) == a
    assert "".join(right for _, right in pairs) == b


def test_a_sentence_that_differs_is_found_where_words_repeat_too_often_to_compare() -> None:
    begin = "".join(f"line {number}: he he he he he he he he he he.\n" for number in range(200))
    a, b = "x " + begin + "he he he van.\n" + begin, "y " + begin + "he he car.\n" + begin
    told = [sides(one, a, b) for one in differences(a, b) if not one.same]
    assert ["van" in left and "car" in right for left, right in told].count(True) == 1
    assert sum(len(left) for left, _ in told) < 200
