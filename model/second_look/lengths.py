"""How long rows of features are, and how near two of them lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.product import times_vector

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

AT_ONCE = 50_000
PIVOT = 0.25
STRETCH = (0.5, 2.0)
FEW = 0.25


def typical_size(X: sparse.csr_array) -> tuple[float, float]:
    """Return the usual number of features of a record and the usual length of its row."""
    counts = np.diff(X.indptr)
    used = np.flatnonzero(counts)
    if not len(used):
        return 1.0, 1.0
    some = X[used[:: max(1, len(used) // 2000)]]
    return float(np.median(counts[used])), float(np.median(row_lengths(some))) or 1.0


def pivoted(X: sparse.csr_array, typical: tuple[float, float]) -> Singles:
    """Return what each row is multiplied by; the square root of a count stands for its length."""
    count, size = typical
    ratio = (np.diff(X.indptr) / count) ** (PIVOT / 2)
    return np.asarray(np.clip(ratio, *STRETCH) / size, np.float32)


def row_lengths(X: sparse.csr_array) -> Floats:
    """Return how long each row is, without a copy of what all hold."""
    parts = [_lengths(X, k, k + AT_ONCE) for k in range(0, X.shape[0], AT_ONCE)]
    return np.concatenate([*parts, np.empty(0)])


def cosines(X: sparse.csr_array, lengths: Floats, indices: Ints, rows: Ints) -> Floats:
    """Return the cosines of some rows with others, shape (indices, rows)."""
    some = np.zeros((X.shape[1], len(indices)), np.float32)
    for column, index in enumerate(indices.tolist()):
        span = slice(X.indptr[index], X.indptr[index + 1])
        some[X.indices[span], column] = X.data[span]
    # picking rows out copies them, which takes longer than multiplying the others too
    few = len(rows) < FEW * X.shape[0]
    products = np.asarray(X[rows] @ some) if few else times_vector(X, some)[rows]
    size = np.outer(lengths[indices], lengths[rows])
    return np.asarray(np.divide(products.T, size, out=np.zeros(size.shape), where=size > 0))


def _lengths(X: sparse.csr_array, first: int, last: int) -> Floats:
    ends = X.indptr[first : last + 1]
    held = X.data[ends[0] : ends[-1]].astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(held * held)])
    return np.asarray(np.sqrt(np.diff(sums[ends - ends[0]])))
