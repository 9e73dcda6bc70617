"""Words of many texts as integers: the step that every feature starts from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]

find_words = re.compile(r"\w+").findall


class _Numbering(dict[str, int]):
    """A dictionary that gives each new word the next number."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Tokens:
    """Words of a batch of texts.

    Parameters
    ----------
    words
        The distinct words of the batch.
    numbers
        For each word of each text in turn, its position in ``words``.
    bounds
        Where each text starts in ``numbers``; one more entry than there are texts.
    """

    words: list[str]
    numbers: Ints
    bounds: Ints

    def counts(self) -> sparse.csr_array:
        """Return how often each text (row) holds each distinct word (column)."""
        shape = (len(self.bounds) - 1, len(self.words))
        ones = np.ones(len(self.numbers), dtype=np.float32)
        numbers, bounds = self.numbers.astype(np.int32), self.bounds.astype(np.int32)
        table = sparse.csr_array((ones, numbers, bounds), shape=shape)
        table.sum_duplicates()
        return table

    def neighbours(self) -> tuple[Ints, Ints]:
        """Return the positions of words followed by another in the same text, and their text."""
        text = np.repeat(np.arange(len(self.bounds) - 1), np.diff(self.bounds))
        first = np.flatnonzero(text[:-1] == text[1:])
        return first, text[first]


def tokenise(texts: Iterable[str]) -> Tokens:
    """Split texts into lower-case words and number the distinct ones."""
    numbering = _Numbering()
    number = numbering.__getitem__
    numbers: list[int] = []
    bounds = [0]
    for text in texts:
        numbers.extend(map(number, find_words(text.lower())))
        bounds.append(len(numbers))
    return Tokens(
        list(numbering), np.asarray(numbers, dtype=np.int64), np.asarray(bounds, dtype=np.int64)
    )


def in_batches(texts: Sequence[str], size: int) -> Iterable[list[str]]:
    """Yield the texts in lists of at most ``size``."""
    rest = iter(texts)
    while batch := list(islice(rest, size)):
        yield batch


def pack_words(words: Sequence[str]) -> dict[str, NDArray[np.uint8]]:
    """Return words as one array of UTF-8 bytes, a line each."""
    return {"words": np.frombuffer("\n".join(words).encode(), dtype=np.uint8)}


def unpack_words(state: Mapping[str, NDArray[Any]]) -> list[str]:
    """Read the words back that ``pack_words`` packed."""
    text = state["words"].tobytes().decode()
    return text.split("\n") if text else []
