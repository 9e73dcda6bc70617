"""A table of inner products that grows as records come in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]

ROOM = 32


class Gram:
    """Inner products of every two records, in the order in which they came.

    Parameters
    ----------
    products
        Those of the first records, shape (records, records).
    """

    def __init__(self, products: Singles) -> None:
        self._room, self._count = products, len(products)

    def __len__(self) -> int:
        return self._count

    @property
    def table(self) -> Singles:
        """The products of all records with each other."""
        return self._room[: self._count, : self._count]

    def extend(self, products: Singles) -> None:
        """Take in more records.

        Parameters
        ----------
        products
            Inner products of each with the earlier ones and the new ones, shape
            (new, earlier + new).
        """
        first, self._count = self._count, self._count + len(products)
        if self._count > len(self._room):
            room = np.zeros((self._count * 3 // 2 + ROOM,) * 2, np.float32)
            room[:first, :first] = self._room[:first, :first]
            self._room = room
        self.table[first:] = products
        self.table[:first, first:] = products[:, :first].T
