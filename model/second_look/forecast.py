"""What the next reviews will find, from what the latest ones found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

RECENT_RANKED = 400
RECENT_AUDITS = 200
DECLINES = np.array([0.0, 1, 2, 4, 8, 16, 32, 64])


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
    of decline, from none to ``exp(-64)`` over the whole backlog, is weighted by how well it
    explains the latest ranked picks (Poisson counts, Jeffreys' gamma prior on the level, which
    integrates out); the forecast is the mixture of their negative binomial predictions [1]_.

    Parameters
    ----------
    weights
        Weight of each rate of decline.
    decline
        The rates, per pick.
    exposure
        Latest ranked picks, counted as picks at today's rate.
    ranked_found
        Wrong dismissals among those.
    audit_rate
        Wrong dismissals per audit draw lately.
    audit_share
        Share of the reviews that were audit draws.
    backlog
        Records unreviewed.

    References
    ----------
    .. [1] A. Gelman et al., "Bayesian Data Analysis", 3rd edition, 2013, section 2.6.
    """

    weights: NDArray[np.float64]
    decline: NDArray[np.float64]
    exposure: NDArray[np.float64]
    ranked_found: int
    audit_rate: float
    audit_share: float
    backlog: int

    @classmethod
    def of(cls, missed: NDArray[np.bool_], audit: NDArray[np.bool_], backlog: int) -> Outlook:
        """Take it from all decisions, which come in the order of review."""
        ranked = missed[~audit][-RECENT_RANKED:]
        decline = DECLINES / max(len(missed) + backlog, 1)
        age = np.arange(len(ranked), dtype=np.float64)[::-1] + 0.5
        exposure = np.exp(decline[:, None] * age).sum(axis=1) + 1e-9
        found = int(ranked.sum())
        fit = decline * age[ranked].sum() - (found + 0.5) * np.log(exposure)
        weights = np.exp(fit - fit.max())
        audited = missed[audit][-RECENT_AUDITS:]
        audit_rate = float(audited.sum() + 0.5) / (len(audited) + 1)
        share = float(audit.mean()) if len(audit) else 0.0
        return cls(weights / weights.sum(), decline, exposure, found, audit_rate, share, backlog)

    def finds(self, reviews: int, confidence: float = 0.8) -> Forecast:
        """Forecast the next ``reviews``, ranked and audit picks mixed as they were so far."""
        return self._finds(reviews, self.audit_share, confidence)

    def precision(self, picks: int, confidence: float) -> Forecast:
        """Forecast the next ranked ``picks`` alone."""
        return self._finds(picks, 0.0, confidence)

    def _finds(self, reviews: int, audit_share: float, confidence: float) -> Forecast:
        reviews = max(0, min(reviews, self.backlog))
        ranked = reviews * (1 - audit_share)
        slope = np.where(self.decline > 0, self.decline, 1.0)
        ahead = np.where(self.decline > 0, -np.expm1(-slope * ranked) / slope, ranked)
        level = (self.ranked_found + 0.5) / self.exposure
        mean = level * ahead + reviews * audit_share * self.audit_rate + 1e-12
        shape = self.ranked_found + 0.5
        counts = np.arange(reviews + 1)
        parts = stats.nbinom.cdf(counts, shape, (shape / (shape + mean))[:, None])
        total = self.weights @ parts
        tail = (1 - confidence) / 2
        low = int(np.searchsorted(total, tail, side="right"))
        high = int(np.searchsorted(total, 1 - tail))
        finds = min(float(self.weights @ mean), float(reviews))
        return Forecast(reviews, finds, min(low, reviews), min(high, reviews), confidence)
