"""What narratives are about, from vectors of words that were learned on other text.

A backlog is too small to tell that *lorry* and *truck* stand for the same thing. The vectors are
GloVe's, of 50 dimensions (J. Pennington, R. Socher, C. Manning, "GloVe: Global Vectors for Word
Representation", EMNLP 2014; in the public domain); ``benchmarks/vectors.py`` made the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from model.tokens import Tokens, in_batches, tokenise, unpack_words

Singles = NDArray[np.float32]

DIMENSIONS = 50
_BATCH = 4096
_COMMON = 30_000


class Meanings:
    """Turn narratives into vectors of what they are about.

    The vector of a narrative is the sum of its words' vectors, each weighted as in TF-IDF, so
    that words that stand everywhere say little; what all narratives share is taken away, and
    the rest is brought to length 1.

    Examples
    --------
    >>> made = Meanings(["a lorry", "a truck", "a dog", "a cat"])
    >>> lorry, truck, dog = made.of(["lorry", "truck", "dog"])
    >>> bool(lorry @ truck > lorry @ dog)
    True
    """

    def __init__(self, texts: Sequence[str]) -> None:
        batches = [tokenise(batch) for batch in in_batches(texts, _BATCH)]
        self._texts = len(texts)
        self._df: dict[str, int] = {}
        for tokens in batches:
            found = np.bincount(tokens.counts().indices, minlength=len(tokens.words))
            for word, count in zip(tokens.words, found.tolist(), strict=True):
                self._df[word] = self._df.get(word, 0) + count
        sums = [self._sums(tokens) for tokens in batches]
        self._middle = np.concatenate([*sums, _nothing()]).mean(axis=0) if sums else 0
        self.made = _even(np.concatenate([*sums, _nothing()]) - self._middle)

    def of(self, texts: Sequence[str]) -> Singles:
        """Return the vectors of narratives, a row each."""
        sums = [self._sums(tokenise(batch)) for batch in in_batches(texts, _BATCH)]
        return _even(np.concatenate([*sums, _nothing()]) - self._middle)

    def _sums(self, tokens: Tokens) -> Singles:
        df = np.array([self._df.get(word, 0) for word in tokens.words])
        rarity = np.log((1 + self._texts) / (1 + df))
        counts = tokens.counts()
        counts.data = 1 + np.log(counts.data)
        return _even(np.asarray(counts @ (_vectors(tokens.words) * rarity[:, None]), np.float32))


def is_common(word: str) -> bool:
    """Return whether a word, in small letters, is among the commonest of published text."""
    return _published()[0].get(word, _COMMON) < _COMMON


def _vectors(words: Sequence[str]) -> Singles:
    """Return the vector of each word, a row each; a word without one gets zeros."""
    places, steps, step = _published()
    rows = np.array([places.get(word, -1) for word in words], np.int64)
    return np.where(rows[:, None] < 0, np.float32(0), steps[rows] * step[rows, None])


@cache
def _published() -> tuple[dict[str, int], NDArray[np.int8], Singles]:
    arrays = safetensors.numpy.load(files("model").joinpath("vectors.safetensors").read_bytes())
    places = {word: row for row, word in enumerate(unpack_words(arrays))}
    return places, arrays["steps"], arrays["step"]


def _even(vectors: Singles) -> Singles:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 1e-6, lengths, 1), np.float32)


def _nothing() -> Singles:
    return np.empty((0, DIMENSIONS), np.float32)
