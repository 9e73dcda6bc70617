"""Inner products of every two records: what makes re-ranking a small backlog quick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

COMMON = 0.025


class Pairs:
    """Inner products of all records with each other; those of the teaching records stand first.

    Parameters
    ----------
    rows
        Features of all records.
    teaching
        Numbers of the records that teach, in the order in which they came.
    """

    def __init__(self, rows: sparse.csr_array, teaching: Ints) -> None:
        others = np.setdiff1d(np.arange(rows.shape[0]), teaching)
        self._records = np.concatenate([teaching, others])
        self._place = np.argsort(self._records)
        self._teaching = len(teaching)
        self._table = inner_products(rows, rows)[self._records]

    def teach(self, record: int) -> Singles:
        """Let one more record teach; return its products with those that teach, its own last."""
        place, last = int(self._place[record]), self._teaching
        both, swapped = [place, last], [last, place]
        self._table[both] = self._table[swapped]
        self._records[both] = self._records[swapped]
        self._place[self._records[both]] = both
        self._teaching += 1
        return np.asarray(self._table[last, self._records[: self._teaching]])

    def between(self, records: Ints, others: Ints) -> Singles:
        """Return the products of some records with others, shape (records, others)."""
        return np.asarray(self._table[np.ix_(self._place[records], others)])

    def scores(self, weights: Singles) -> Singles:
        """Return what the weighted sum of the teaching records says of every record."""
        return np.asarray(weights @ self._table[: self._teaching])


def inner_products(rows: sparse.csr_array, others: sparse.csr_array) -> Singles:
    """Return the inner products of some rows with others, among which they may be.

    The few features that many rows share take most of the work: those are multiplied as a dense
    table, which is several times as quick as sparse, and the many rare ones as a sparse one.
    """
    counts = np.bincount(others.indices, minlength=others.shape[1])
    often = counts >= max(COMMON * others.shape[0], 2)
    common, rare = np.flatnonzero(often), np.flatnonzero(~often)
    here, few = rows[:, common].toarray(), sparse.csr_array(rows[:, rare])
    # The very same table on both sides: half of a symmetric product is enough.
    themselves = rows is others
    there = here if themselves else others[:, common].toarray()
    table = np.asarray(here @ there.T, np.float32)
    table += (few @ (few if themselves else sparse.csr_array(others[:, rare])).T).toarray()
    return table
