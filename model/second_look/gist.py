"""A learner beside the lessons: what the records are about, in a few numbers each."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.second_look.blending import middle_and_spread
from model.second_look.lessons import UNREVIEWED, Taught

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

STEPS = 10
DIGITS = 5


class Gist:
    """A weighted linear support vector machine on few features, that starts from its last answer.

    With so few features Newton's steps are taken in the weights themselves, and learning and
    scoring cost a fraction of what the words cost.

    Parameters
    ----------
    vectors
        What each record is about.
    evidence
        Other evidence about each record.
    given
        Part of each score that is given and not learned.
    """

    def __init__(self, vectors: Singles, evidence: Singles, given: Singles) -> None:
        ones = np.ones((len(vectors), 1), np.float32)
        self._rows = np.concatenate([vectors, evidence, ones], axis=1)
        self._squares = np.einsum("ij,ij->i", self._rows, self._rows)
        self._given = given
        self._weights = np.zeros(self._rows.shape[1], np.float32)
        self._spread = 1.0

    def learn(self, taught: Taught, costs: Singles) -> Floats:
        """Learn from some records; return the score of all, of spread 1 over the gauge.

        Parameters
        ----------
        taught
            The records and their answers.
        costs
            What an error on each costs.
        """
        rows, given, labels = self._rows[taught.rows], self._given[taught.rows], taught.labels
        self._weights = solve_few(rows, labels, costs, given, self._weights)
        scores = rows @ self._weights + given
        # Without its own say, as in the lessons.
        push = 2 * costs * labels * np.maximum(1 - labels * scores, 0)
        itself = np.where(taught.kinds == UNREVIEWED, push * self._squares[taught.rows], 0)
        back = (scores - itself)[taught.gauge].astype(np.float64)
        middle, self._spread = middle_and_spread(back)
        every = (self._rows @ self._weights + self._given).astype(np.float64)
        every[taught.rows] -= itself
        # The last digits depend on the order of sums; equal narratives must score alike.
        return np.asarray(((every - middle) / self._spread).round(DIGITS))

    def score_of(self, vectors: Singles) -> Floats:
        """Return what the vectors of other texts would add to the score."""
        return np.asarray(vectors @ self._weights[: vectors.shape[1]] / self._spread, np.float64)


def solve_few(
    rows: Singles, labels: Singles, costs: Singles, offset: Singles, start: Singles
) -> Singles:
    """Minimise what ``solve_margin`` minimises, in the weights of few features."""
    weights, active = start, np.zeros(len(labels), np.bool_)
    for _ in range(STEPS):
        erring = (costs > 0) & (labels * (rows @ weights + offset) < 1)
        if np.array_equal(erring, active):
            break
        active = erring
        some, price = rows[active], 2 * costs[active]
        bend = (some * price[:, None]).T @ some + np.eye(rows.shape[1], dtype=np.float32)
        pull = (price * (labels[active] - offset[active])) @ some
        weights = np.linalg.solve(bend, pull)
    return weights
