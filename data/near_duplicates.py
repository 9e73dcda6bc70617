"""Texts that say nearly the same: found by MinHash, verified exactly, grouped.

A repeat report is often the earlier one with a new opening, a sentence more or less, and other
typing mistakes. Splits must keep such copies together, and the second look compares how they
were decided. See ``docs/decisions/0005-near-duplicates.md`` for the libraries considered.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

BANDS = 30
ROWS = 3
NEIGHBOURS = 8
CROWD = 50
COMMON_IN = 20
FEWEST = 8
CONTAINED_FROM = 16
PAIRS_AT_ONCE = 100_000
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class NearDuplicatePairs:
    """Pairs of nearly equal texts, by position, ``left < right``, in order.

    Parameters
    ----------
    left, right
        Positions in the sequence that was searched.
    similarity
        Weighted share of words and word pairs in common, above 0 up to 1; 1 for equal texts.
        Of texts that are equal word for word only neighbours are paired, so that thousands of
        copies of one text give thousands of pairs and not millions.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.left)


def near_duplicate_groups(texts: Sequence[str], threshold: float = 0.6) -> NDArray[np.int64]:
    """Group number of each text: texts joined by a chain of near-duplicates share one.

    Parameters
    ----------
    texts
        The texts; case, punctuation and spacing are ignored. A text without any word is alone.
    threshold
        Similarity from which two texts count as near-duplicates, see `near_duplicate_pairs`.

    Returns
    -------
    numpy.ndarray
        Group numbers from 0 in order of first appearance.

    Raises
    ------
    ValueError
        If ``threshold`` is not above 0 and at most 1.

    Examples
    --------
    >>> near_duplicate_groups(["He sells fake visas.", "A van at night", "he sells fake visas"])
    array([0, 1, 0])
    """
    pairs = near_duplicate_pairs(texts, threshold)
    edges = sparse.coo_array(
        (np.ones(len(pairs), dtype=np.int8), (pairs.left, pairs.right)),
        shape=(len(texts), len(texts)),
    )
    _, component = connected_components(edges, directed=False)
    return pd.factorize(component)[0].astype(np.int64)


def near_duplicate_pairs(texts: Sequence[str], threshold: float = 0.6) -> NearDuplicatePairs:
    """Pairs of texts whose words and word pairs overlap by at least ``threshold``.

    Each text is the set of its words and neighbouring word pairs. Candidates come from banded
    MinHash [1]_ [2]_ over the set's rarer members, and each is then verified exactly: a pair
    counts when its Jaccard similarity reaches ``threshold``, or when one text holds nearly all
    of another that is at least half as long (containment of ``(1 + threshold) / 2``, [1]_,
    of texts of some eight words or more).
    Both are weighted, rarer words more, so that a form letter's stock phrases do not make two
    reports about different people look alike.

    Parameters
    ----------
    texts
        The texts; case, punctuation and spacing are ignored.
    threshold
        Least similarity, above 0 and at most 1. Recall is high from about .5 upwards; below
        that more and more pairs are missed.

    Raises
    ------
    ValueError
        If ``threshold`` is not above 0 and at most 1.

    References
    ----------
    .. [1] A. Broder, "On the resemblance and containment of documents", SEQUENCES 1997.
    .. [2] J. Leskovec, A. Rajaraman, J. Ullman, "Mining of Massive Datasets", 3rd edition,
       2020, section 3.4 (banding).
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"threshold must be above 0 and at most 1, not {threshold}")
    words = [words_of(text) for text in texts]
    same_left, same_right, distinct = _equal_texts(words)
    near = _verified(_shingle_matrix([words[i] for i in distinct]), threshold)
    left, right = np.r_[same_left, distinct[near.left]], np.r_[same_right, distinct[near.right]]
    similarity = np.r_[np.ones(len(same_left)), near.similarity]
    left, right = np.minimum(left, right), np.maximum(left, right)
    order = np.lexsort((right, left))
    return NearDuplicatePairs(left[order], right[order], similarity[order])


def words_of(text: str) -> list[str]:
    """Return the words that texts are compared by: without case, punctuation and spacing."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _equal_texts(
    words: list[list[str]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Neighbouring equal texts, and the first position of each distinct one that has words."""
    keys = np.array([" ".join(text) for text in words], dtype=object)
    if not len(keys):
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    code, names = pd.factorize(keys)
    worded = np.flatnonzero(np.array([bool(name) for name in names])[code])
    order = worded[np.argsort(code[worded], kind="stable")]
    equal = code[order[1:]] == code[order[:-1]]
    firsts = np.sort(order[np.r_[True, ~equal]]) if len(order) else order
    return order[:-1][equal], order[1:][equal], firsts


def _shingle_matrix(words: list[list[str]]) -> sparse.csr_array:
    """One row a text, one column a word or word pair; every stored entry is 1."""
    row = np.repeat(np.arange(len(words)), [len(text) for text in words])
    code, vocabulary = pd.factorize(np.array(list(chain.from_iterable(words)), dtype=object))
    inside = row[1:] == row[:-1]
    pair_code, pairs = pd.factorize((code[:-1] * len(vocabulary) + code[1:])[inside])
    columns = np.r_[code, pair_code + len(vocabulary)]
    rows = np.r_[row, row[:-1][inside]]
    shape = (len(words), len(vocabulary) + len(pairs))
    matrix = sparse.coo_array((np.ones(len(rows), np.float32), (rows, columns)), shape).tocsr()
    matrix.data[:] = 1.0
    return matrix


def _verified(shingles: sparse.csr_array, threshold: float) -> NearDuplicatePairs:
    """Keep the candidate pairs that hold when their overlap is counted exactly.

    Candidates are sought twice: by the shingles that not too many texts share, since stock
    phrases make unlike texts collide, and by all of them, since the copies of one letter sent in
    by very many people share hardly anything else.
    """
    count = shingles.shape[0]
    telling = _shared_by(shingles, max(COMMON_IN, count // 100))
    found = [_candidates(telling, threshold), _candidates(_shared_by(shingles, count), threshold)]
    pairs = np.unique(np.concatenate(found))
    left, right = pairs // max(count, 1), pairs % max(count, 1)
    similarity = _similarity(_weighed(shingles), left, right, threshold)
    holds = similarity > 0
    return NearDuplicatePairs(left[holds], right[holds], similarity[holds])


def _shared_by(shingles: sparse.csr_array, most: int) -> sparse.csr_array:
    """Keep the shingles of at least two texts and at most ``most``; all where few are left.

    What only one text says can match nothing.
    """
    count, width = shingles.shape
    if not count:
        return shingles
    spread = np.bincount(shingles.indices, minlength=width)
    shared = ((spread > 1) & (spread <= most))[shingles.indices]
    starts = shingles.indptr[:-1]
    enough = np.add.reduceat(shared, starts) >= FEWEST
    keep = shared | ~np.repeat(enough, np.diff(shingles.indptr))
    indptr = np.r_[0, np.cumsum(np.add.reduceat(keep, starts))]
    return sparse.csr_array(
        (shingles.data[keep], shingles.indices[keep], indptr), shape=shingles.shape
    )


def _signatures(shingles: sparse.csr_array) -> NDArray[np.uint32]:
    """MinHash signature of each row, one line per hash function, by multiply-add hashing."""
    rng = np.random.default_rng(0)
    names = rng.permutation(shingles.shape[1]).astype(np.uint32)[shingles.indices]
    names *= np.uint32(2654435761)
    out = np.empty((BANDS * ROWS, shingles.shape[0]), dtype=np.uint32)
    for line in out:
        multiplier, shift = rng.integers(0, 2**32, 2, dtype=np.uint32)
        hashed = names * (multiplier | np.uint32(1)) + shift
        hashed ^= hashed >> np.uint32(15)
        line[:] = np.minimum.reduceat(hashed, shingles.indptr[:-1]) if len(hashed) else 0
    return out


def _candidates(shingles: sparse.csr_array, threshold: float) -> NDArray[np.int64]:
    """Pairs, ``left * count + right``, that agree on a band and by their signatures are near.

    In a crowded bucket only nearest neighbours are paired, and the bucket is ordered by the next
    band before. That keeps the number of candidates linear in the number of texts, however many
    of them share a phrase.
    """
    signatures = _signatures(shingles)
    count = signatures.shape[1]
    mixed = [_mixed(signatures[b * ROWS : (b + 1) * ROWS]) for b in range(BANDS)]
    found = [np.empty(0, dtype=np.int64)]
    for band, key in enumerate(mixed):
        order = np.lexsort((mixed[(band + 1) % BANDS], key))
        crowded = _crowded(key[order])
        for step in range(1, NEIGHBOURS + 1):
            same = key[order[step:]] == key[order[:-step]]
            if step > 1:
                same &= ~crowded[step:]
            one, other = order[:-step][same], order[step:][same]
            found.append(np.minimum(one, other) * count + np.maximum(one, other))
    pairs = np.unique(np.concatenate(found))
    near = _agreement(signatures, pairs // max(count, 1), pairs % max(count, 1)) >= threshold / 3
    return np.asarray(pairs[near])


def _crowded(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each key, of keys in order, is shared by more than ``CROWD`` texts."""
    _, size = np.unique(ordered, return_counts=True)
    return np.repeat(size > CROWD, size)


def _mixed(lines: NDArray[np.uint32]) -> NDArray[np.uint64]:
    key = np.zeros(lines.shape[1], dtype=np.uint64)
    for line in lines:
        key = (key ^ line) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key


def _agreement(
    signatures: NDArray[np.uint32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Share of hash functions on which the two signatures of each pair agree."""
    agree = np.zeros(len(left), dtype=np.int16)
    for line in signatures:
        agree += line[left] == line[right]
    return agree / len(signatures)


def _weighed(shingles: sparse.csr_array) -> sparse.csr_array:
    """Square roots of the weights: 1, and more the fewer other texts share the shingle.

    A shingle of one text alone is a typing mistake as often as a telling fact, so it counts 1.
    """
    count, width = shingles.shape
    spread = np.bincount(shingles.indices, minlength=width)
    weight = np.where(spread > 1, 1 + np.log(max(count, 1) / np.maximum(spread, 1)), 1.0)
    root = np.sqrt(weight).astype(np.float32)[shingles.indices]
    return sparse.csr_array((root, shingles.indices, shingles.indptr), shape=shingles.shape)


def _similarity(
    weighed: sparse.csr_array,
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.float64]:
    """Jaccard similarity, or containment where that is what counts; 0 where neither does."""
    size = np.asarray(weighed.multiply(weighed).sum(axis=1), dtype=np.float64)
    shared = np.empty(len(left))
    for start in range(0, len(left), PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        shared[part] = weighed[left[part]].multiply(weighed[right[part]]).sum(axis=1)
    small, large = np.minimum(size[left], size[right]), np.maximum(size[left], size[right])
    jaccard = shared / (small + large - shared)
    contained = shared / small
    long = np.diff(weighed.indptr) >= CONTAINED_FROM
    counts = (contained >= (1 + threshold) / 2) & long[left] & long[right] & (2 * small >= large)
    return np.where(jaccard >= threshold, jaccard, np.where(counts, contained, 0.0)).clip(0, 1)
