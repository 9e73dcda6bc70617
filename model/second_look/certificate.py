"""Whether a second look has found what it was to find."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

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
