"""Counts foretold by a mixture of rates, and the interval that holds the likeliest of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

RATES = 64


def fewer_rates(rate: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Merge neighbouring rates, so that a long forecast stays quick."""
    order = np.argsort(rate)
    starts = np.arange(0, len(rate), len(rate) // RATES)
    total = np.add.reduceat(weight[order], starts)
    kept = total > 0
    merged = np.add.reduceat((rate * weight)[order], starts)
    return merged[kept] / total[kept], total[kept]


def mixture(counts: Floats, trials: int, rate: Floats, weight: Floats) -> Floats:
    """Chance of each count in so many trials, over rates of such weights."""
    ways = special.gammaln([trials + 1.0]) - special.gammaln(counts + 1.0)
    ways = ways - special.gammaln(trials - counts + 1.0)
    at = rate[:, None].clip(0, 1)
    log = special.xlogy(counts, at) + special.xlog1py(trials - counts, -at)
    return np.asarray(weight @ np.exp(ways + log))


def highest_density(chances: Floats, confidence: float) -> tuple[int, int]:
    """First and last of the likeliest counts that together hold the confidence.

    Where there are two peaks, what lies between them belongs to it too, so a lower confidence
    always gives an interval inside that of a higher one.
    """
    order = np.argsort(-chances, kind="stable")
    held = int(np.searchsorted(np.cumsum(chances[order]), confidence)) + 1
    likeliest = order[:held]
    return int(likeliest.min()), int(likeliest.max())
