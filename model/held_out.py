"""What a model thought of its own training records before it had seen them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Out-of-fold probabilities of training records, found again by a digest of the narrative.

    A model is sure of the labels that it learnt, the wrong ones too: its own probabilities say
    nothing about them. Those it gave while the record was held out do (Northcutt, Jiang and
    Chuang, *Confident Learning*, JAIR 2021, section 3). No text is kept. Where one narrative
    stands in several records, the mean of theirs is kept.

    Parameters
    ----------
    keys
        The first 8 bytes of each narrative's SHA-256, sorted, each once.
    probabilities
        Shape (records, values).
    """

    keys: NDArray[np.uint64]
    probabilities: NDArray[np.float32]

    @classmethod
    def of(cls, narratives: Sequence[str], probabilities: Floats) -> Self:
        """Keep the held-out probabilities of these narratives."""
        keys, row = np.unique(_keys(narratives), return_inverse=True)
        total = np.zeros((len(keys), probabilities.shape[1]))
        np.add.at(total, row, probabilities)
        count = np.bincount(row, minlength=len(keys))[:, None]
        return cls(keys, (total / np.maximum(count, 1)).astype(np.float32))

    def instead_of(self, narratives: Sequence[str], probabilities: Floats) -> Floats:
        """Put the held-out probabilities in the place of those of records trained on."""
        if not len(self.keys) or not len(narratives):
            return probabilities
        keys = _keys(narratives)
        place = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[place] == keys
        honest = probabilities.copy()
        honest[known] = self.probabilities[place[known]]
        return honest

    def knows(self, narratives: Sequence[str]) -> NDArray[np.bool_]:
        """Tell which of these narratives were trained on."""
        return np.isin(_keys(narratives), self.keys)

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return the arrays to keep."""
        return {"keys": self.keys, "probabilities": self.probabilities}

    @classmethod
    def from_state(cls, state: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild from ``get_state()``."""
        return cls(state["keys"], state["probabilities"])


def _keys(narratives: Sequence[str]) -> NDArray[np.uint64]:
    heads = b"".join(sha256(text.encode()).digest()[:8] for text in narratives)
    return np.frombuffer(heads, dtype=">u8").astype(np.uint64)
