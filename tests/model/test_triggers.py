"""Leaving texts out of the matcher never loses a fact."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.terms import table
from model.details import _pipeline
from model.triggers import needs, possible_kinds

SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "allegations.csv"
KINDS = frozenset(needs())
LISTED = sorted({word for words in table("facts").values() for word in words})
GLUE = st.sampled_from([" ", " ", " ", " ", "", "-", "'s ", "/", ", ", ".", "2", "²", "\n", "_"])
CASE = st.sampled_from([str.lower, str.title, str.upper])
PIECES = st.sampled_from(
    [*LISTED, "5", "12th", "2024", "c'mon", "mayn't", "called", "Zorblat", "İ"]
)


def _differing(text: str) -> set[tuple[int, int, str]]:
    """What the matcher finds in the whole text and not around triggers, or the reverse."""
    nlp, find = _pipeline()
    every = set(find(nlp.make_doc(text), KINDS, reach=10**9))
    return every ^ set(find(nlp.make_doc(text), possible_kinds(text)))


def test_nothing_is_lost_on_the_sample() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        texts = [
            row["narrative"] for row, _ in zip(csv.DictReader(file), range(600), strict=False)
        ]
    assert len(texts) == 600
    assert [k for k, text in enumerate(texts) if _differing(text)] == []


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(PIECES, CASE, GLUE), max_size=12))
def test_nothing_is_lost_on_made_up_texts(drawn: list[tuple[str, object, str]]) -> None:
    text = "".join(case(piece) + glue for piece, case, glue in drawn)  # type: ignore[operator]
    assert _differing(text) == set()


@pytest.mark.parametrize("text", ["", "they cheat", "they drink by themselves", "12345"])
def test_a_text_without_the_words_of_facts_is_left_out(text: str) -> None:
    assert possible_kinds(text) == frozenset()


def test_only_the_kinds_that_can_be_there_are_tried() -> None:
    assert possible_kinds("he came on tuesday") == {"date"}
