"""Links between an allegation that comes in and those in the store: by words and by facts.

``model.similar`` compares a whole collection at once; here one text at a time is turned into keys
that an indexed table can hold, so that a store of any size is asked with a few look-ups. Texts are
cut as in ``data.near_duplicates``, into words and word pairs, and found by banded MinHash [1]_.
Each text's keys depend on that text alone. What the keys find is a candidate; ``similarity``
decides.

References
----------
.. [1] J. Leskovec, A. Rajaraman, J. Ullman, "Mining of Massive Datasets", 3rd edition, 2020,
   section 3.4.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.near_duplicates import BANDS, CONTAINED_FROM, ROWS, words_of
from serving.facts import (
    HUB,
    HUB_NAMED,
    KINDS,
    FactKey,
    Shared,
    fact_keys,
    normalised,
    shared_fact,
)

__all__ = [
    "CANDIDATES", "CROWD", "HUB", "HUB_NAMED", "KINDS", "THRESHOLD", "FactKey", "Shared", "bands",
    "fact_keys", "most_shared", "normalised", "shared_fact", "shared_words", "similarity",
]  # fmt: skip

THRESHOLD: Final = 0.6
"""Similarity from which two narratives count as near-duplicates, as in `data.near_duplicates`."""

CANDIDATES: Final = 50
"""How many candidates, those that share most bands first, are worth comparing exactly."""

CROWD: Final = 200
"""A band that more allegations than this share is a stock phrase and worth no look-up."""

MOST_UNEQUAL: Final = 0.99
"""What the similarity of narratives in which a word differs never exceeds by containment."""


def shared_words(similar: float) -> Shared:
    """Say whether narratives of this `similarity` link, and how nearly they agree."""
    if similar >= 1:
        return Shared(True, "the same words")
    return Shared(similar >= THRESHOLD, f"nearly the same words: {min(int(similar * 100), 99)}%")


def bands(narrative: str) -> tuple[int, ...]:
    """Return the keys under which a narrative is found by what says nearly the same.

    Two texts whose `similarity` is 0.6 share at least one of the keys with a probability of
    .999, at 0.5 with .98. The same text has the same keys on every machine.

    Parameters
    ----------
    narrative
        The narrative; case, punctuation and spacing are ignored.

    Returns
    -------
    tuple of int
        ``BANDS`` signed 64-bit numbers, or none where the text has no word. The number of the
        band is part of each key, so that one indexed column holds them all.
    """
    marks = _shingles(narrative)
    if not len(marks):
        return ()
    multipliers, shifts = _hashes()
    hashed = marks[:, None] * multipliers + shifts
    hashed ^= hashed >> np.uint64(29)
    least = (hashed * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(16)).min(axis=0)
    key = np.arange(BANDS, dtype=np.uint64) + np.uint64(1)
    for row in least.reshape(BANDS, ROWS).T:
        key = (key ^ row) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(31)
    return tuple(key.astype(np.int64).tolist())


def most_shared(counts: Mapping[int, int], at_most: int = CANDIDATES) -> tuple[int, ...]:
    """Return the candidates worth comparing: those that share most bands, the newest first.

    Parameters
    ----------
    counts
        How many bands each candidate, by its number in the store, shares with the text. Bands
        held by more than ``CROWD`` allegations should be left out where others are left.
    at_most
        How many to return.
    """
    return tuple(sorted(counts, key=lambda one: (-counts[one], -one))[:at_most])


def similarity(a: str, b: str) -> float:
    """Return how far two narratives agree: exact, 0 to 1, and 1 for equal words.

    Jaccard similarity of their words and word pairs. Where one holds nearly all of another that
    is at least half as long, what counts is the share of the shorter that the longer holds, as in
    `data.near_duplicates`; unlike there, every shingle weighs the same, because an intake sees
    one text at a time and knows no frequencies.
    """
    one, other = _shingles(a), _shingles(b)
    if not len(one) or not len(other):
        return 0.0
    common = len(np.intersect1d(one, other, assume_unique=True))
    small, large = sorted((len(one), len(other)))
    long = small >= CONTAINED_FROM and 2 * small >= large
    if long and common < large and common / small >= (1 + THRESHOLD) / 2:
        return min(common / small, MOST_UNEQUAL)
    return common / (small + large - common)


def _shingles(text: str) -> NDArray[np.uint64]:
    """One number for each distinct word and word pair."""
    words = words_of(text)
    marks = np.fromiter((_mark(word) for word in words), np.uint64, len(words))
    pairs = (marks[:-1] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) ^ marks[1:]
    return np.unique(np.concatenate([marks, pairs]))


def _mark(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


@cache
def _hashes() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    # written out rather than drawn from numpy, whose generators may change with its version
    state, drawn = 20140523, []
    for _ in range(2 * BANDS * ROWS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        drawn.append(state ^ state >> 31)
    numbers = np.array(drawn, dtype=np.uint64)
    return numbers[::2] | np.uint64(1), numbers[1::2]
