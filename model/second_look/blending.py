"""How much each expert counts: what words and meanings teach, and the model's doubt.

Four experts score each record: the lessons learned from decisions on words, a learner on what
the records are about, one on a few telling words, and the value model's doubt. Which one can be
trusted differs from backlog to backlog, so their weights follow from how well each had ranked the
records before they were decided ("prequential": A. P. Dawid, "Statistical
theory: the prequential approach", J. R. Stat. Soc. A 147, 1984): a logistic regression of the
answers on the earlier scores (stacking: D. H. Wolpert, "Stacked generalization", Neural
Networks 5, 1992), drawn towards fixed weights while there are few answers. Until ten misses are
confirmed the fixed weights stand: a logistic regression wants some ten events for each weight
(P. Peduzzi et al., "A simulation study of the number of events per variable in logistic
regression analysis", J. Clin. Epidemiol. 49, 1996).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Weights = tuple[float, float, float, float]
Foreseen = tuple[float, float, float]
"""What the lessons, the gist and the telling words said of a record."""

PRIOR = (1.0, 0.0, 0.0, 0.1)
ALONE = (1.0, 0.0, 0.0, 0.0)
PRECISION = 5.0
LEAST = (0.1, 0.0, 0.0, 0.0)
MISSES = 10
STEPS = 20
LONGEST_STEP = 2.0
SURE = 1e-3
SETTLED = 0.03
FLAT = 1e-5


def middle_and_spread(scores: Floats) -> tuple[float, float]:
    """Return the mean and the spread of an expert's scores; where all are equal it counts as 1.

    Parameters
    ----------
    scores
        What the expert says of the backlog; there may be none.
    """
    if not len(scores):
        return 0.0, 1.0
    spread = float(scores.std())
    return float(scores.mean()), spread if spread > FLAT else 1.0


def evened(doubt: Floats, gauge: NDArray[np.int64]) -> Floats:
    """Return the log odds of the doubts, with mean 0 and spread 1 over the ``gauge`` rows."""
    odds = logit(np.clip(doubt, SURE, 1 - SURE))
    some = odds[gauge] if len(gauge) else odds
    spread = float(some.std())
    return np.asarray((odds - some.mean()) / spread if spread > SURE else np.zeros_like(odds))


def stacked_weights(earlier: Floats, missed: Bools, start: Weights = PRIOR) -> Weights:
    """Return the weights of the lessons, of the gist, of the telling words and of the doubt.

    Parameters
    ----------
    earlier
        Scores of the four experts for each decided record, from before its decision; an expert
        that is missing said nothing but 0.
    missed
        The decisions.
    start
        Weights of an earlier answer, from which this one is sooner found.
    """
    if missed.sum() < MISSES:
        return PRIOR
    prior, width = np.array(PRIOR), len(PRIOR)
    table = np.column_stack([earlier - earlier.mean(axis=0), np.ones(len(missed))])
    pull = np.array([PRECISION] * width + [SURE])
    centre = np.append(prior, 0.0)
    weights = np.array([*start, np.log(missed.mean() / (1 - missed.mean() + SURE))])
    for _ in range(STEPS):
        chance = expit(table @ weights)
        slope = table.T @ (missed - chance) - pull * (weights - centre)
        bend = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(pull)
        step = np.linalg.solve(bend, slope)
        longest = float(np.abs(step).max())
        weights += step * min(1.0, LONGEST_STEP / max(longest, SURE))
        # Newton's error after a step is about the square of the step.
        if longest < SETTLED:
            break
    learned, gist, told, doubt = np.maximum(weights[:width], LEAST)
    return float(learned), float(gist), float(told), float(doubt)
