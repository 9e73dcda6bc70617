"""What the next reviews will find, from what the latest ones found and what the audit left."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from model.second_look.counts import fewer_rates, highest_density, mixture
from model.second_look.remaining import RemainingDistribution

Floats = NDArray[np.float64]

RECENT_RANKED = 200
DECLINES = np.array([0.0, 1.5, 3, 6, 12, 24, 48, 96])
LEVELS = 32
STRIDE = 19
NEUTRAL = 1 / 3
NEGLIGIBLE = 1e-9
QUANTILES = (np.arange(LEVELS) + 0.5) / LEVELS


@dataclass(frozen=True, slots=True)
class Forecast:
    """Finds expected in the next ``reviews``; they lie in ``low`` to ``high``."""

    reviews: int
    finds: float
    low: int
    high: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """How often ranked and audit picks have found something lately, and how fast that falls.

    The rate of ranked picks falls exponentially as the queue is worked off. Each of a few rates
    of decline, from none to ``exp(-96)`` over the whole backlog, is weighted by how well it
    explains *where* among the latest ranked picks the finds lie, given how many there are [1]_;
    today's level then has a gamma posterior under the neutral prior [2]_. What the audit says
    remains bounds both: a queue is not taken to do worse than chance would, and no more is
    found than remains. The interval is the highest-density region of the counts foretold [3]_,
    which for a single peak is the shortest that holds the confidence; equal tails, each held to
    half the doubt, hold far too much where a find is rare. Measured by
    ``benchmarks/coverage.py``.

    Parameters
    ----------
    decline
        Rates of decline, per pick.
    level
        Finds per ranked pick today: for each decline (row), levels of equal weight before the
        audit is heard.
    weights
        Weight of each decline and level.
    ranked
        How many of the latest ranked picks this rests on.
    audit_rate
        Wrong dismissals per audit draw, as many values as levels: each level meets one of them,
        so paired that neither tells the other.
    audit_share
        Share of the reviews that were audit draws.
    backlog
        Records unreviewed.
    plausible
        How many of them are wrong, by the audit draws; ``None`` while there are none.

    References
    ----------
    .. [1] The conditional likelihood of Poisson counts given their sum: E. B. Andersen,
       "Asymptotic properties of conditional maximum-likelihood estimators", JRSS B 32 (1970).
    .. [2] J. Kerman, "Neutral noninformative and informative conjugate beta and gamma prior
       distributions", Electronic Journal of Statistics 5 (2011).
    .. [3] R. J. Hyndman, "Computing and graphing highest density regions", The American
       Statistician 50 (1996).
    """

    decline: Floats
    level: Floats
    weights: Floats
    ranked: int
    audit_rate: Floats
    audit_share: float
    backlog: int
    plausible: RemainingDistribution | None

    @classmethod
    def of(
        cls,
        missed: NDArray[np.bool_],
        audit: NDArray[np.bool_],
        backlog: int,
        plausible: RemainingDistribution | None = None,
    ) -> Outlook:
        """Take it from all decisions, which come in the order of review."""
        ranked = missed[~audit][-RECENT_RANKED:]
        decline = DECLINES / max(len(missed) + backlog, 1)
        level, weights = _levels(ranked, decline)
        share = float(audit.mean()) if len(audit) else 0.0
        audit_rate = np.zeros(LEVELS)
        if plausible is not None:
            weights = weights * (plausible.at_most(level * backlog) + NEGLIGIBLE)
            audit_rate = _audit_rate(plausible, share) / backlog
        return cls(
            decline,
            level,
            weights / weights.sum(),
            len(ranked),
            audit_rate,
            share,
            backlog,
            plausible,
        )

    def finds(self, reviews: int, confidence: float = 0.8) -> Forecast:
        """Forecast the next ``reviews``, ranked and audit picks mixed as they were so far."""
        return self._finds(reviews, self.audit_share, confidence)

    def precision(self, picks: int, confidence: float) -> Forecast:
        """Forecast the next ranked ``picks`` alone."""
        return self._finds(picks, 0.0, confidence)

    def _finds(self, reviews: int, audit_share: float, confidence: float) -> Forecast:
        reviews = max(0, min(reviews, self.backlog))
        chances = self._chances(reviews, audit_share)
        low, high = highest_density(chances, confidence)
        median = int(np.searchsorted(np.cumsum(chances), 0.5))
        return Forecast(reviews, float(min(max(median, low), high)), low, high, confidence)

    def _chances(self, reviews: int, audit_share: float) -> Floats:
        """Chance of each number of finds, from none to as many as there can be."""
        ranked = reviews * (1 - audit_share)
        slope = np.where(self.decline > 0, self.decline, 1.0)
        ahead = np.where(self.decline > 0, -np.expm1(-slope * ranked) / slope, ranked)
        mean = self.level * ahead[:, None] + reviews * audit_share * self.audit_rate
        rate, weight = fewer_rates(mean.ravel() / max(reviews, 1), self.weights.ravel())
        # what lies ten standard deviations above the highest mean is as good as impossible
        top = float(mean.max())
        counts = np.arange(min(reviews, int(top + 10 * np.sqrt(top) + 20)) + 1, dtype=np.float64)
        # the smallest number keeps a chance where the queue foretells more than can remain
        chances = mixture(counts, reviews, rate, weight) + np.finfo(np.float64).tiny
        if self.plausible is not None:
            chances = chances * (1 - self.plausible.at_most(counts - 1))
        return np.asarray(chances / chances.sum())


def _levels(ranked: NDArray[np.bool_], decline: Floats) -> tuple[Floats, Floats]:
    """Levels that the latest ranked picks speak for under each decline, and their weights."""
    age = np.arange(len(ranked), dtype=np.float64)[::-1] + 0.5
    exposure = np.exp(decline[:, None] * age).sum(axis=1) + NEGLIGIBLE
    found = int(ranked.sum())
    fit = decline * age[ranked].sum() - found * np.log(exposure)
    level = np.asarray(stats.gamma.ppf(QUANTILES, found + NEUTRAL), dtype=np.float64)
    weights = np.exp(fit - fit.max())
    return (
        np.minimum(level / exposure[:, None], 1.0),
        np.repeat(weights[:, None], LEVELS, axis=1),
    )


def _audit_rate(plausible: RemainingDistribution, share: float) -> Floats:
    """How many may remain, for each level of the ranked picks.

    Where little is drawn at random, as a rule, that is their median: doubt about a tenth of the
    picks hardly counts, and what it does is in the bound on all finds. Where all is, it is the
    whole distribution, paired with the levels by a rank-1 lattice.
    """
    lattice = QUANTILES[np.arange(LEVELS) * STRIDE % LEVELS]
    median = plausible.median()
    return median + share * (plausible.quantiles(lattice) - median)
