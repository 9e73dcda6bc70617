"""Reasons in words."""

from __future__ import annotations

import pytest

from data.terms import table
from model.lexicon import lexicon
from model.reasons import placeholders, readable


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
