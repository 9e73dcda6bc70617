"""What the random audit draws of a second look say about the wrong dismissals still there.

An audit draw is uniform over the records that nobody has looked at again at that moment. So,
given everything that happened before, it is a wrong dismissal with probability exactly
``(remaining + found from then on) / pool size``, whatever the ranker did in between. The product
over the audit draws is a likelihood for the number remaining that assumes nothing about the
ranker [1]_. Ranked picks enter only through what they found and took out of the pool.

References
----------
.. [1] D. R. Cox, "Partial likelihood", Biometrika 62 (1975); the same conditional argument as in
   I. Waudby-Smith, A. Ramdas, "Confidence sequences for sampling without replacement",
   NeurIPS 2020.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = 128
ENTRIES = 256
LEANING = 0.65
NEGLIGIBLE = 1e-4
FRACTIONS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The audit draws in order.

    Parameters
    ----------
    missed
        Whether each draw was a wrong dismissal.
    pool
        How many records were unreviewed when it was drawn, itself included.
    found_from
        Wrong dismissals found from that draw on, itself included, by any kind of pick.
    draws
        How many draws each entry stands for: neighbours are merged once there are very many.
    backlog
        Records unreviewed now.
    """

    missed: NDArray[np.bool_]
    pool: NDArray[np.float64]
    found_from: NDArray[np.float64]
    draws: NDArray[np.float64]
    backlog: int

    @classmethod
    def of(cls, missed: NDArray[np.bool_], audit: NDArray[np.bool_], backlog: int) -> AuditTrail:
        """Take the audit draws out of all decisions, which come in the order of review."""
        count = len(missed)
        pool = backlog + count - np.arange(count, dtype=np.float64)
        found_from = np.cumsum(missed[::-1], dtype=np.float64)[::-1]
        at = np.flatnonzero(audit)
        hits = _merged(at[missed[at]], pool, found_from)
        others = _merged(at[~missed[at]], pool, found_from)
        pool, found_from, draws = (np.r_[a, b] for a, b in zip(hits, others, strict=True))
        first = np.arange(len(pool)) < len(hits[0])
        return cls(first, pool, found_from, draws, backlog)

    def log_likelihood(self, remaining: NDArray[np.float64]) -> NDArray[np.float64]:
        """Log-likelihood of each number of wrong dismissals remaining now."""
        share = ((remaining[:, None] + self.found_from) / self.pool).clip(0, 1)
        hit = self.missed
        with np.errstate(divide="ignore"):
            hits = np.log(share[:, hit]) @ self.draws[hit]
            return np.asarray(hits + np.log1p(-share[:, ~hit]) @ self.draws[~hit])

    def information(self, remaining: NDArray[np.float64]) -> NDArray[np.float64]:
        """Fisher information of the draws about the number remaining."""
        found = self.found_from - self.missed
        with_one = np.maximum(remaining, 0.5)[:, None] + found
        without = np.maximum(self.pool - remaining[:, None] - found, 0.5)
        return np.asarray((1 / (with_one * without)) @ self.draws)


def _merged(
    at: NDArray[np.int64], *columns: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Means of each column over at most ``ENTRIES`` runs of draws, and the length of each run."""
    starts = np.arange(0, len(at), max(1, -(-len(at) // ENTRIES)))
    if not len(at):
        return tuple(np.empty(0) for _ in range(len(columns) + 1))
    length = np.diff(np.r_[starts, len(at)]).astype(np.float64)
    return *(np.add.reduceat(column[at], starts) / length for column in columns), length


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

    def median(self) -> float:
        """Middle of the distribution."""
        at = int(np.searchsorted(self.middle, 0.5))
        return float(self.values[min(at, len(self.values) - 1)])


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


def recall_is_certain(trail: AuditTrail, found: int, target: float, confidence: float) -> bool:
    """Whether recall has reached ``target``, at a confidence that survives looking often.

    A bound that is checked after every decision and acted on once it looks good is wrong more
    often than it says. So each total that would mean too low a recall must be refuted by an
    e-process: the likelihood ratio of a mixture of smaller totals against it, which exceeds
    ``1 / (1 - confidence)`` at *any* time with probability at most ``1 - confidence`` [1]_ [2]_.

    References
    ----------
    .. [1] J. Ville, "Étude critique de la notion de collectif", 1939.
    .. [2] I. Waudby-Smith, P. Stark, A. Ramdas, "RiLACS: Risk-limiting audits via confidence
       sequences", E-Vote-ID 2021; for technology-assisted review see D. Lewis, E. Yang,
       O. Frieder, "Certifying one-phase technology-assisted reviews", CIKM 2021.
    """
    fewest = int(np.floor(found / target + 1e-9)) + 1 - found
    if fewest > trail.backlog:
        return True
    needed = -np.log(1 - confidence)
    if _log_evidence(trail, np.array([float(fewest)]), found)[0] < needed:
        return False
    every = _grid(fewest, trail.backlog)
    return bool((_log_evidence(trail, every, found) >= needed).all())


def _log_evidence(
    trail: AuditTrail, remaining: NDArray[np.float64], found: int
) -> NDArray[np.float64]:
    """Log e-value against each number remaining, in favour of a smaller total.

    A total below what was found foretells no further find, which is a legitimate bet too.
    """
    smaller = np.array(
        [trail.log_likelihood(remaining - part * (remaining + found)) for part in FRACTIONS]
    )
    mixture = np.logaddexp.reduce(smaller, axis=0) - np.log(len(FRACTIONS))
    return np.asarray(mixture - trail.log_likelihood(remaining))
