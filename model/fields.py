"""Structured answers as features, one for each answer that is common enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.tokens import pack_words, unpack_words

Answers = Mapping[str, str]

RARE = 5


class FieldEncoder:
    """One feature for each field and answer that at least five training records hold."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = list(names)
        self._place = {name: number for number, name in enumerate(self.names)}

    @classmethod
    def of(cls, rows: Sequence[Answers], fields: Sequence[str]) -> FieldEncoder:
        """Choose the features from training rows; only ``fields`` are looked at."""
        allowed = set(fields)
        seen = Counter(
            _name(field, answer)
            for row in rows
            for field, answer in row.items()
            if field in allowed and answer
        )
        return cls(sorted(name for name, count in seen.items() if count >= RARE))

    def encode(self, rows: Sequence[Answers]) -> sparse.csr_array:
        """Return one row of zeros and ones for each record."""
        found = [
            (number, self._place[name])
            for number, row in enumerate(rows)
            for field, answer in row.items()
            if (name := _name(field, answer)) in self._place
        ]
        where = np.array(found, dtype=np.int32).reshape(-1, 2)  # scikit-learn wants 32 bits
        ones = np.ones(len(where), dtype=np.float32)
        shape = (len(rows), len(self.names))
        return sparse.csr_array(sparse.coo_array((ones, (where[:, 0], where[:, 1])), shape=shape))

    def get_state(self) -> dict[str, NDArray[np.uint8]]:
        """Return the names as bytes."""
        return pack_words(self.names)

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> FieldEncoder:
        """Rebuild the encoder from ``get_state()``."""
        return cls(unpack_words(state))


def _name(field: str, answer: str) -> str:
    return f"{field}: {' '.join(answer.split())}"
