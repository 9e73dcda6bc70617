"""Features of the teaching records and their inner products, as the records come in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Singles = NDArray[np.float32]

RECENT = 64


class TeachingRows:
    """Rows of features in the order in which they came, with all their inner products.

    New rows are kept apart until there are enough of them, because copying all rows for each
    new one would cost more than learning from it.
    """

    def __init__(self, rows: sparse.csr_array) -> None:
        self._blocks = [rows]
        self._gram = np.asarray((rows @ rows.T).toarray(), np.float32)
        self._count = rows.shape[0]

    def __len__(self) -> int:
        return self._count

    @property
    def gram(self) -> Singles:
        """Inner products of all rows."""
        return self._gram[: self._count, : self._count]

    def append(self, row: sparse.csr_array) -> None:
        """Take in one more row."""
        self._blocks.append(row)
        if len(self._blocks) > RECENT:
            self._blocks = [_stacked(self._blocks)]
        dense = np.zeros(row.shape[1], np.float32)
        dense[row.indices] = row.data
        self._extend(np.concatenate([block @ dense for block in self._blocks]))

    def combine(self, weights: NDArray[np.float32]) -> Singles:
        """Return the sums of the rows, each times its weight; one column of weights each."""
        total = np.zeros((self._blocks[0].shape[1], weights.shape[1]), np.float32)
        first = 0
        for block in (self._blocks[0], _stacked(self._blocks[1:])):
            if block is not None:
                last = first + block.shape[0]
                total += block.T @ weights[first:last]
                first = last
        return total

    def _extend(self, products: Singles) -> None:
        if self._count == len(self._gram):
            room = np.zeros((self._count * 3 // 2 + RECENT,) * 2, np.float32)
            room[: self._count, : self._count] = self._gram
            self._gram = room
        self._gram[self._count, : self._count + 1] = products
        self._gram[: self._count + 1, self._count] = products
        self._count += 1


def _stacked(blocks: list[Any]) -> Any:  # noqa: ANN401
    return sparse.csr_array(sparse.vstack(blocks, format="csr")) if blocks else None
