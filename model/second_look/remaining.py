"""How plausible each number of wrong dismissals still there is, by the audit draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.second_look.audit import AuditTrail

GRID = 128
LEANING = 0.65
NEGLIGIBLE = 1e-4


@dataclass(frozen=True, slots=True)
class RemainingDistribution:
    """How plausible each number of remaining wrong dismissals is.

    Each field is a distribution function over ``values``. The limits of a plain random sample
    by Clopper and Pearson are quantiles of two posteriors, one flat and one weighted by the
    Fisher information; averaging the two tails gives the mid-P limits [1]_, and that is
    ``upper``. ``lower`` leans to the flat one, because the number cannot be below nothing and
    so the other limit seldom fails: with the even mix the 80% interval held the truth in over
    90% of simulated looks (``benchmarks/coverage.py``). ``middle`` is under Jeffreys' prior.

    References
    ----------
    .. [1] H. O. Lancaster, "Significance tests in discrete distributions", JASA 56 (1961);
       A. Agresti, A. Gottard, "Nonconservative exact small-sample inference for discrete
       data", CSDA 51 (2007).
    """

    values: NDArray[np.float64]
    lower: NDArray[np.float64]
    middle: NDArray[np.float64]
    upper: NDArray[np.float64]

    @classmethod
    def given(cls, trail: AuditTrail) -> RemainingDistribution:
        """Work it out on a grid that is refined to where the plausible numbers are."""
        values = _grid(0, trail.backlog)
        coarse = cls._on(trail, values)
        inside = (coarse.lower > NEGLIGIBLE) & (coarse.upper < 1 - NEGLIGIBLE)
        if len(values) == trail.backlog + 1 or not inside.any():
            return coarse
        first, last = np.flatnonzero(inside)[[0, -1]]
        low, high = values[max(first - 1, 0)], values[min(last + 1, len(values) - 1)]
        return cls._on(trail, _grid(int(low), int(high)))

    @classmethod
    def _on(cls, trail: AuditTrail, values: NDArray[np.float64]) -> RemainingDistribution:
        log_likelihood = trail.log_likelihood(values)
        likelihood = np.exp(log_likelihood - log_likelihood.max()) * _widths(values)
        information = trail.information(values)
        flat = _cumulative(likelihood)
        informed = _cumulative(likelihood * information)
        lower = LEANING * flat + (1 - LEANING) * informed
        middle = _cumulative(likelihood * np.sqrt(information))
        return cls(values, lower, middle, (flat + informed) / 2)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Limits between which the number remaining lies with this confidence."""
        tail = (1 - confidence) / 2
        last = len(self.values) - 1
        low = min(int(np.searchsorted(self.lower, tail, side="right")), last)
        high = min(int(np.searchsorted(self.upper, 1 - tail)), last)
        return float(self.values[low]), float(self.values[max(low, high)])

    def at_most(self, number: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chance that no more than each number remain."""
        return np.asarray(np.interp(number, self.values, self.upper, left=0.0, right=1.0))

    def median(self) -> float:
        """Middle of the distribution."""
        return float(self.quantiles(np.array([0.5]))[0])

    def quantiles(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers that cut off each share of the distribution."""
        at = np.searchsorted(self.middle, shares)
        return np.asarray(self.values[np.minimum(at, len(self.values) - 1)])


def _cumulative(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.cumsum(weights) / weights.sum())


def _grid(low: int, high: int) -> NDArray[np.float64]:
    """Whole numbers from ``low`` to ``high``, all of them or spread ever wider."""
    if high - low < 2 * GRID:
        return np.arange(low, high + 1, dtype=np.float64)
    spread = np.geomspace(1, high - low + 1, GRID) - 1
    return np.unique(np.r_[np.round(spread), np.round(np.linspace(0, high - low, GRID))]) + low


def _widths(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How many whole numbers each grid point stands for."""
    return np.asarray(np.diff(values, prepend=values[0] - 1))
