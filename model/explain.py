"""Which words moved a score: contributions that add up to the raw score exactly.

A score is a sum over features of weight times coefficient, plus the intercept. A word's or a
pair's part is one term of that sum. A character n-gram's term is shared among the words it
stands in, by how often it stands in each; what a word receives from its n-grams is added to
the word's own part. Nothing is dropped, so the parts and the intercept give back the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.features import Features, NgramVectoriser
from model.fields import FieldEncoder

Floats = NDArray[np.float32]
Ints = NDArray[np.integer[Any]]

_TEXTS = 32


@dataclass(frozen=True, slots=True)
class Direction:
    """The score that is explained, text by text.

    Parameters
    ----------
    towards
        For each text, the column of the weights whose score is explained.
    against
        For each text, a column that is subtracted, or -1 for none.
    """

    towards: Ints
    against: Ints

    def weights(self, coef: Floats, rows: Ints, features: Ints) -> Floats:
        """Return the coefficient of each feature for the text in whose row it stands."""
        chosen = coef[features, self.towards[rows]]
        against = self.against[rows]
        if (against < 0).all():
            return chosen
        return chosen - np.where(against < 0, 0, coef[features, against])


@dataclass(frozen=True, slots=True)
class Parts:
    """Contributions of a batch: one entry for each text and phrase.

    Parameters
    ----------
    rows
        The text of each entry.
    phrases
        The phrase of each entry: a feature's number, or past the features a distinct word of
        the batch (one that the vocabulary does not hold).
    values
        What it adds to the score.
    """

    rows: Ints
    phrases: Ints
    values: Floats

    def top(self, texts: int, most: int) -> list[list[int]]:
        """Return for each text the positions of its ``most`` largest positive entries.

        Entries as large as each other keep their order.
        """
        positive = np.flatnonzero(self.values > 0)
        values = self.values[positive].view(np.uint32).astype(np.int64)
        # One whole number for text and value, since the bits of positive floats sort as they do.
        keys = (self.rows[positive].astype(np.int64) << 32) - values
        order = np.argsort(keys, kind="stable")
        lengths = np.bincount(self.rows[positive], minlength=texts)
        starts = _starts(lengths)
        first = np.arange(len(order)) - np.repeat(starts, lengths) < most
        chosen = positive[order[first]].tolist()
        ends = np.cumsum(np.minimum(lengths, most)).tolist()
        return [chosen[start:end] for start, end in pairwise([0, *ends])]


def contributions(
    features: Features, answers: sparse.csr_array, coef: Floats, direction: Direction
) -> Parts:
    """Return every contribution to the chosen score of each text.

    Parameters
    ----------
    features, answers
        What the texts and the structured answers look like to the model.
    coef
        Coefficients: those of the words and pairs, the n-grams, the answers, in this order.
    direction
        Whose score is explained.
    """
    words, grams = features.words.weights, features.grams.weights
    first_answer = words.shape[1] + grams.shape[1]
    rows, phrases, values = _terms(words, coef, direction, 0)
    owners, numbers, shares = _word_parts(features, coef, direction)
    known = numbers >= 0
    values[_single_words(words, np.bincount(owners[known], minlength=words.shape[0]))] += shares[
        known
    ]
    unknown = first_answer + answers.shape[1] + features.word_counts.indices[~known]
    parts = [
        (rows, phrases, values),
        _terms(answers, coef, direction, first_answer),
        (owners[~known], unknown, shares[~known]),
    ]
    return Parts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _terms(
    table: sparse.csr_array, coef: Floats, direction: Direction, offset: int
) -> tuple[Ints, Ints, Floats]:
    rows = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    features = table.indices + offset
    return rows, features, table.data * direction.weights(coef, rows, features)


def _single_words(words: sparse.csr_array, lengths: Ints) -> Ints:
    """Return where single words stand among words and pairs: first in each text."""
    starts = np.repeat(words.indptr[:-1], lengths)
    return np.asarray(starts + np.arange(len(starts)) - np.repeat(_starts(lengths), lengths))


def _starts(lengths: Ints) -> Ints:
    return np.asarray(np.cumsum(lengths) - lengths)


def _word_parts(
    features: Features, coef: Floats, direction: Direction
) -> tuple[Ints, Ints, Floats]:
    """Share each n-gram's term among the words it stands in.

    Returns for each word of each text the text, the word's number and its share.
    """
    counts, grams = features.word_counts, features.grams.weights
    offset = features.words.weights.shape[1]
    rows, columns, terms = _terms(grams, coef, direction, offset)
    each = terms / features.grams.counts
    values = np.zeros(counts.nnz, dtype=np.float32)
    scratch = np.zeros((min(_TEXTS, counts.shape[0]), grams.shape[1]), dtype=np.float32)
    for start in range(0, counts.shape[0], _TEXTS):
        end = min(start + _TEXTS, counts.shape[0])
        inside = slice(grams.indptr[start], grams.indptr[end])
        scratch[rows[inside] - start, columns[inside] - offset] = each[inside]
        here = slice(counts.indptr[start], counts.indptr[end])
        owners = np.repeat(np.arange(end - start), np.diff(counts.indptr[start : end + 1]))
        values[here] = _gather(scratch, owners, features.spelling, counts.indices[here])
        scratch[rows[inside] - start, columns[inside] - offset] = 0
    owners = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    return owners, features.known[counts.indices], values * counts.data


def _gather(scratch: Floats, owners: Ints, spelling: sparse.csr_array, words: Ints) -> Floats:
    """Return, for each word of each text, the sum of its n-grams' entries in ``scratch``."""
    starts, lengths = spelling.indptr[words], np.diff(spelling.indptr)[words]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    places = np.arange(total) - np.repeat(ends - lengths - starts, lengths)
    found = scratch[np.repeat(owners, lengths), spelling.indices[places]] * spelling.data[places]
    sums = np.concatenate([[0.0], np.cumsum(found, dtype=np.float64)])
    return np.asarray(sums[ends] - sums[ends - lengths], dtype=np.float32)


def phrase(
    vectoriser: NgramVectoriser, fields: FieldEncoder, words: list[str], number: int
) -> str:
    """Return the text of one phrase of ``Parts``."""
    features = len(vectoriser.idf_)
    if number < features:
        return vectoriser.name(number)
    number -= features
    if number < len(fields.names):
        return fields.names[number]
    return words[number - len(fields.names)]
