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

ENTRIES = 256


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
