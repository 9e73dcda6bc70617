"""Reasons in words."""

from __future__ import annotations

import numpy as np
import pytest

from data.terms import table
from model.explain import Parts
from model.lexicon import lexicon
from model.reasons import REASONS, placeholders, readable, reasons_of


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        ("xxnat", "[a nationality]"),
        ("xxname sells", "[a name] sells"),
        ("the xxpartner", "the [a partner]"),
        ("cigarettes", "cigarettes"),
        ("channel: web_form", "channel: web_form"),
        ("xxl shirts", "xxl shirts"),
    ],
)
def test_a_placeholder_is_told_in_words(phrase: str, told: str) -> None:
    assert readable(phrase) == told


def test_every_placeholder_that_masking_writes_has_words() -> None:
    written = {placeholder for placeholder, _ in lexicon().words.values()}
    written |= {name for found in lexicon().phrases.values() for _, name in found}
    written |= set(table("gender")["placeholders"])
    assert {name for name in written if name.startswith("xx")} == set(placeholders())
    assert all(words.startswith("[") for words in placeholders().values())


def reasons(*phrases: str) -> list[str]:
    """The reasons of one text whose contributions fall from the first phrase to the last."""
    count = len(phrases)
    values = np.arange(count, 0, -1, dtype=np.float32)
    parts = Parts(np.zeros(count, dtype=np.int64), np.arange(count), values)
    (found,) = reasons_of(parts, lambda number: phrases[number], ["low"])  # type: ignore[arg-type]
    assert [one.contribution for one in found] == [
        count - phrases.index(one.phrase) for one in found
    ]
    return [one.phrase for one in found]


def test_placeholders_alone_are_no_reason_and_the_next_words_take_their_place() -> None:
    told = ("[a name]", "van", "[a name] [a nationality]", "cash", "[a name] sells", "a", "b", "c")
    assert reasons(*told) == ["van", "cash", "[a name] sells", "a", "b"]


def test_a_text_of_placeholders_has_no_reasons_and_others_keep_theirs() -> None:
    assert reasons("[a name]", "[an age]") == []
    assert len(reasons(*"abcdefgh")) == REASONS


def test_each_text_keeps_its_own_reasons() -> None:
    phrases = ("[a name]", "van", "cash", "[an age]")
    parts = Parts(
        np.array([0, 0, 1, 2]), np.array([0, 1, 2, 3]), np.array([3, 2, 1, 1], dtype=np.float32)
    )
    found = reasons_of(parts, lambda number: phrases[number], ["low", "high", "low"])  # type: ignore[arg-type]
    assert [[(one.phrase, one.towards) for one in row] for row in found] == [
        [("van", "low")],
        [("cash", "high")],
        [],
    ]
