"""Whether a second look has found what it was to find, and what it would take to know."""

from __future__ import annotations

from bisect import bisect_left
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy import special

from model.second_look.audit import AuditTrail

FRACTIONS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


def recall_is_certain(trail: AuditTrail, found: int, target: float, confidence: float) -> bool:
    """Whether recall has reached ``target``, at a confidence that survives looking often.

    A bound that is checked after every decision and acted on once it looks good is wrong more
    often than it says. So each total that would mean too low a recall must be refuted by an
    e-process: the likelihood ratio of a mixture of smaller totals against it, which exceeds
    ``1 / (1 - confidence)`` at *any* time with probability at most ``1 - confidence`` [1]_ [2]_.
    The smallest such total stands for all: the log-likelihood is concave, so where smaller
    totals explain the draws better than it, they do so even more against any larger one.

    References
    ----------
    .. [1] J. Ville, "Étude critique de la notion de collectif", 1939.
    .. [2] I. Waudby-Smith, P. Stark, A. Ramdas, "RiLACS: Risk-limiting audits via confidence
       sequences", E-Vote-ID 2021; for technology-assisted review see D. Lewis, E. Yang,
       O. Frieder, "Certifying one-phase technology-assisted reviews", CIKM 2021.
    """
    fewest = _too_many(found, target)
    if fewest > trail.backlog:
        return True
    evidence = _log_evidence(trail.log_likelihood(_rivals(fewest, found)))
    return evidence >= _needed(confidence)


def draws_until_certain(
    trail: AuditTrail, found: int, target: float, confidence: float, *, leaving: float = 1.0
) -> int | None:
    """How many further audit draws in a row, none of them a find, would make recall certain.

    Parameters
    ----------
    trail, found, target, confidence
        As for `recall_is_certain`.
    leaving
        How many records leave the backlog for each draw: 1 where all that is reviewed is drawn
        at random, 10 where a tenth is. What leaves it beside the draws finds nothing either.

    Returns
    -------
    int or None
        The number, which is that of everything left but a few where nothing less will do;
        ``None`` where recall is certain already.
    """
    if recall_is_certain(trail, found, target, confidence):
        return None
    fewest = _too_many(found, target)
    rivals = _rivals(fewest, found)
    so_far = trail.log_likelihood(rivals)
    share, records = rivals.clip(0) / leaving, trail.backlog / leaving

    def evidence(draws: int) -> float:
        # the draws' factors, 1 - remaining / pool, multiply to a ratio of gamma functions
        whole = special.gammaln(records - draws + 1) - special.gammaln(records + 1)
        part = special.gammaln(records - share + 1) - special.gammaln(records - share - draws + 1)
        return _log_evidence(so_far + part + whole)

    enough = int((trail.backlog - fewest) / leaving) + 1
    return 1 + bisect_left(range(1, enough), _needed(confidence), key=evidence)


def _needed(confidence: float) -> float:
    return -log(1 - confidence)


def _too_many(found: int, target: float) -> int:
    """Fewest wrong dismissals remaining with which recall is below the target."""
    return int(np.floor(found / target + 1e-9)) + 1 - found


def _rivals(remaining: int, found: int) -> NDArray[np.float64]:
    """Give a number remaining, then the smaller ones that are to explain the draws better.

    A total below what was found foretells no further find, which is a legitimate bet too.
    """
    return remaining - np.array([0.0, *FRACTIONS]) * (remaining + found)


def _log_evidence(log_likelihood: NDArray[np.float64]) -> float:
    """Log e-value against the first number, in favour of the others."""
    mixture = np.logaddexp.reduce(log_likelihood[1:]) - np.log(len(FRACTIONS))
    return float(mixture - log_likelihood[0])
