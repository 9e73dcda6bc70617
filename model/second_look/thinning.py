"""Which decisions teach where there are very many: the inner products of all would not fit.

Up to ``MOST`` of either answer, all do. Beyond that, of every two, four, eight one does, chosen by
its row's number alone, so that the same decisions choose the same. Both answers weigh the same in
sum whatever their numbers, so what is left out takes little from what is learned.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.second_look.ledger import Ints, Ledger

MOST = 4000
SPREAD = 2_654_435_761
"""Knuth's multiplier (The Art of Computer Programming 3, section 6.4): spreads rows evenly."""

Halvings = tuple[int, int]


def thinned(ledger: Ledger) -> Halvings:
    """Return how often those upheld, and those missed, are halved until few enough teach."""
    missed = int(ledger.missed.sum())
    return _halvings(len(ledger.decided) - missed), _halvings(missed)


def teaching(ledger: Ledger, halvings: Halvings) -> NDArray[np.bool_]:
    """Return which decisions teach, in the order of ``ledger.decided``."""
    often = np.where(ledger.missed, halvings[1], halvings[0])
    return np.asarray(_lots(ledger.decided) >> (32 - often) == 0)


def _lots(rows: Ints) -> Ints:
    return rows * SPREAD % 2**32


def _halvings(count: int) -> int:
    return max(0, int(np.ceil(np.log2(max(count, 1) / MOST))))
