"""Reasons that can be read: contributions as phrases, placeholders as words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Final

from data.terms import table
from model.explain import Parts, phrase
from model.features import NgramVectoriser
from model.fields import FieldEncoder
from model.lexicon import AGE, NAME, NATIONALITY, RELIGION
from model.types import Reason

REASONS: Final = 5
_SPARE: Final = 10  # looked at besides, so that five are left that tell something
_MASKED: Final = re.compile(r"\[[^]]+\]( \[[^]]+\])*")
_MOST_TOLD: Final = 50_000
_KINDS: Final = {
    NAME: "[a name]",
    NATIONALITY: "[a nationality]",
    RELIGION: "[a religion]",
    AGE: "[an age]",
    "xxgender": "[a gender]",
    "xxkin": "[a relative]",
    "xxoffspring": "[a son or daughter]",
    "xxtitle": "[a title]",
}


@cache
def placeholders() -> dict[str, str]:
    """Return what to write for each placeholder; ``xxpartner`` becomes ``[a partner]``."""
    listed = [name for name in table("gender")["placeholders"] if name.startswith("xx")]
    return {name: f"[a {name.removeprefix('xx')}]" for name in listed} | _KINDS


def readable(text: str) -> str:
    """Return a phrase with its placeholders in words.

    Parameters
    ----------
    text
        Words separated by single spaces, or the name of a structured answer.
    """
    if "xx" not in text:
        return text
    words = placeholders()
    return " ".join(words.get(word, word) for word in text.split(" "))


class Phrasebook:
    """The phrases of one batch by their numbers in ``Parts``.

    Parameters
    ----------
    vectoriser, fields
        What numbered the phrases.
    words
        The distinct words of the batch.
    told
        Phrases of the vocabulary told before, by number; added to, and emptied when large.
    """

    def __init__(
        self,
        vectoriser: NgramVectoriser,
        fields: FieldEncoder,
        words: list[str],
        told: dict[int, str],
    ) -> None:
        self._told = told
        self._source = vectoriser, fields, words
        self._vocabulary = len(vectoriser.idf_) + len(fields.names)
        if len(told) > _MOST_TOLD:
            told.clear()

    def __call__(self, number: int) -> str:
        """Return the phrase of that number."""
        found = self._told.get(number)
        if found is None:
            found = readable(phrase(*self._source, number))
            if number < self._vocabulary:
                self._told[number] = found
        return found


def reasons_of(
    parts: Parts, phrases: Phrasebook, towards: Sequence[str]
) -> list[tuple[Reason, ...]]:
    """Return for each text the largest contributions towards its value, largest first.

    A phrase of placeholders alone, such as "[a name]", tells a reader nothing: it is passed
    over, and what it added stays in the score like everything else that is not named.

    Parameters
    ----------
    parts
        Every contribution of the batch.
    phrases
        Puts them into words.
    towards
        The value that each text's contributions are towards.
    """
    top = parts.top(len(towards), REASONS + _SPARE)
    return [
        tuple(islice(_telling(parts, row, phrases, code), REASONS))
        for row, code in zip(top, towards, strict=True)
    ]


def _telling(parts: Parts, row: list[int], phrases: Phrasebook, code: str) -> Iterator[Reason]:
    numbers, values = parts.phrases[row].tolist(), parts.values[row].tolist()
    for number, value in zip(numbers, values, strict=True):
        text = phrases(number)
        if not _MASKED.fullmatch(text):
            yield Reason(text, value, code)
