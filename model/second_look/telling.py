"""A learner beside the lessons: a few words whose mere presence tells misses.

The lessons weigh all words of a narrative a little, and a long one dilutes the word that matters.
Where misses of a kind share a few words, a sparse model finds them: logistic regression with an
absolute penalty (R. Tibshirani, "Regression shrinkage and selection via the lasso", J. R. Stat.
Soc. B 58, 1996) on which words stand in a narrative, however often and in whatever company.
"""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from model.second_look.blending import middle_and_spread
from model.second_look.lessons import Taught

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Singles = NDArray[np.float32]

FEWEST_TEXTS = 3
GROWTH = 1.05
TOLERANCE = 1e-3
STEPS = 1000
DIGITS = 5


class TellingWords:
    """Learns from the decisions which words tell misses, and says it of every record.

    It learns anew when the decisions have grown by a twentieth: up to twenty that is each time.

    Parameters
    ----------
    words
        Weights of the words in each record; only where they are is looked at.
    """

    def __init__(self, words: sparse.csr_array) -> None:
        texts = np.bincount(words.indices, minlength=words.shape[1])
        self._kept = np.flatnonzero(texts >= FEWEST_TEXTS)
        self._present = _presence(words, self._kept)
        self.forget()

    def forget(self) -> None:
        """Forget what was learned."""
        self._weights = np.zeros(len(self._kept))
        self._spread = 1.0
        self._heard = -1
        self.scores = np.zeros(self._present.shape[0])

    def another(self) -> TellingWords:
        """Return one that has learned nothing yet, of the same words."""
        other = copy(self)
        other.forget()
        return other

    def learn(self, taught: Taught, costs: Singles) -> Floats:
        """Learn from some records; return the score of all, of spread 1 over the gauge.

        Parameters
        ----------
        taught
            The records and their answers.
        costs
            What an error on each costs.
        """
        teaches, labels, decided = costs > 0, taught.labels, taught.decided
        if not len(self._kept) or 0 <= self._heard <= decided < self._heard * GROWTH:
            return self.scores
        if len(np.unique(labels[teaches])) < 2:
            return self.scores
        self._heard = decided
        learner = LogisticRegression(
            l1_ratio=1.0, solver="liblinear", tol=TOLERANCE, max_iter=STEPS, random_state=0
        )
        rows = self._present[taught.rows[teaches]]
        learner.fit(rows, labels[teaches] > 0, sample_weight=costs[teaches])
        self._weights = learner.coef_.ravel()
        said = self._present @ self._weights
        middle, self._spread = middle_and_spread(said[taught.rows[taught.gauge]])
        self.scores = ((said - middle) / self._spread).round(DIGITS)
        return self.scores

    def score_of(self, words: sparse.csr_array) -> Floats:
        """Return what the words of other texts would add to the score."""
        return np.asarray(_presence(words, self._kept) @ self._weights / self._spread)


def _presence(words: sparse.csr_array, kept: Ints) -> sparse.csr_array:
    """Return 1 where a text holds a word that is kept, one column for each of them."""
    present: sparse.csr_array = sparse.csr_array(words[:, kept]).astype(np.float64)
    present.data[:] = 1
    return present
