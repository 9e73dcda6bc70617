"""Features of the teaching records and their inner products, as the records come in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.gram import Gram
from model.second_look.pairs import inner_products

Singles = NDArray[np.float32]

RECENT = 32


class TeachingRows:
    """Rows of features in the order in which they came, with all their inner products.

    New rows are kept apart, as bare arrays, until there are enough of them: copying all rows for
    each new one would cost more than learning from it, and so would a sparse product for each.
    """

    def __init__(self, rows: sparse.csr_array) -> None:
        self._settled = rows
        self._recent: list[tuple[NDArray[Any], Singles]] = []
        self._gram = Gram(np.asarray((rows @ rows.T).toarray(), np.float32))

    def __len__(self) -> int:
        return len(self._gram)

    @property
    def gram(self) -> Singles:
        """Inner products of all rows."""
        return self._gram.table

    def append(self, places: NDArray[Any], values: Singles) -> None:
        """Take in one more row: where it holds something, and how much."""
        self._recent.append((places, values))
        dense = np.zeros(self._settled.shape[1], np.float32)
        dense[places] = values
        recent = [dense[places] @ data for places, data in self._recent]
        self.append_products(np.append(self._settled @ dense, np.array(recent, np.float32)))
        if len(self._recent) == RECENT:
            self._settle()

    def append_products(self, products: Singles) -> None:
        """Take in one more row by its inner products with all rows, its own last."""
        self._gram.extend(products[None])

    def extend(self, rows: sparse.csr_array) -> None:
        """Take in many rows at once, which takes far less than one after the other."""
        self._settle()
        earlier = self._settled
        self._settled = sparse.csr_array(sparse.vstack([earlier, rows], format="csr"))
        self._gram.extend(inner_products(rows, self._settled))

    def combine(self, weights: Singles) -> Singles:
        """Return the sum of the rows, each times its weight."""
        settled = self._settled.shape[0]
        total = np.asarray(self._settled.T @ weights[:settled])
        for (places, data), weight in zip(self._recent, weights[settled:], strict=True):
            total[places] += weight * data
        return total

    def _settle(self) -> None:
        if not self._recent:
            return
        lengths = [len(places) for places, _ in self._recent]
        parts = (
            np.concatenate([data for _, data in self._recent]),
            np.concatenate([places for places, _ in self._recent]),
            np.cumsum([0, *lengths], dtype=np.int32),
        )
        rows = sparse.csr_array(parts, shape=(len(lengths), self._settled.shape[1]))
        self._settled = sparse.csr_array(sparse.vstack([self._settled, rows], format="csr"))
        self._recent = []
