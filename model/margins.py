"""Support vector machines for many labels at once, by Newton's method.

The same machines as ``sklearn.svm.LinearSVC(loss="squared_hinge", class_weight="balanced")``
finds one label after another: Keerthi and DeCoste, "A Modified Finite Newton Method for Fast
Solution of Large Scale Linear SVMs", JMLR 2005. All labels go through the features in one sparse
product, so that many labels cost little more than one, and features can be scaled for each
label without a scaled copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Weights = tuple[Singles, Floats]

TOGETHER = 24
"""Labels in one product, at most: it bounds the memory, and more hardly save anything."""
FEW = 5
"""Up to so many labels, products with the turned features are no faster for a sorted copy."""
PRECISION = 0.02
NEWTON_STEPS = 8
GRADIENT_STEPS = 8
FORCING = 0.3
HALVINGS = 6


def margins(
    X: Any,  # noqa: ANN401 - dense or sparse
    labels: NDArray[np.bool_],
    strength: float,
    ratios: Singles | None = None,
) -> Weights:
    """Return weights of shape (features, labels) and intercepts, for each label against the rest.

    Parameters
    ----------
    X
        Features as float32.
    labels
        Whether each label (column) applies to each record (row).
    strength
        Cost of an error; errors on a label's few records weigh as much as those on the others.
    ratios
        What to scale each feature (row) by for each label (column); the weights returned are
        those of the unscaled features.
    """
    turned = X.T.tocsr() if hasattr(X, "tocsr") and labels.shape[1] > FEW else X.T
    found = []
    blocks = -(-labels.shape[1] // TOGETHER)
    for part in np.array_split(np.arange(labels.shape[1]), blocks):
        scale = None if ratios is None else ratios[:, part]
        found.append(_Machines.of(X, turned, labels[:, part], strength, scale).solve())
    return np.concatenate([w for w, _ in found], axis=1), np.concatenate([b for _, b in found])


@dataclass(frozen=True, slots=True)
class _Machines:
    """A few labels' machines; the last row of their weights holds the intercepts."""

    X: Any
    turned: Any
    signs: Singles
    costs: Singles
    ratios: Singles | None

    @classmethod
    def of(
        cls,
        X: Any,  # noqa: ANN401 - dense or sparse
        turned: Any,  # noqa: ANN401 - dense or sparse
        labels: NDArray[np.bool_],
        strength: float,
        ratios: Singles | None,
    ) -> _Machines:
        size = np.where(labels, labels.sum(axis=0), (~labels).sum(axis=0))
        costs = (strength * len(labels) / size).astype(np.float32)
        return cls(X, turned, np.where(labels, 1, -1).astype(np.float32), costs, ratios)

    def solve(self) -> Weights:
        """Take Newton's steps; a label whose gradient has become small takes no more."""
        weights = np.zeros((self.X.shape[1] + 1, self.signs.shape[1]), dtype=np.float32)
        scores = np.zeros_like(self.signs)
        live, goal = np.arange(self.signs.shape[1]), np.zeros(0)
        for _ in range(NEWTON_STEPS):
            gradient = self._some(live).gradient(weights[:, live], scores[:, live])
            size = np.sqrt(_dot(gradient, gradient))
            goal = goal if len(goal) else PRECISION * size
            on = size > goal[live]
            if not on.any():
                break
            live, machines = live[on], self._some(live[on])
            step, moved = machines.newton_step(gradient[:, on], scores[:, live])
            share = machines.share(weights[:, live], scores[:, live], step, moved)
            weights[:, live] += share * step
            scores[:, live] += share * moved
        return self._scaled(weights[:-1]), weights[-1].astype(np.float64)

    def _some(self, labels: NDArray[np.int64]) -> _Machines:
        ratios = None if self.ratios is None else self.ratios[:, labels]
        return _Machines(self.X, self.turned, self.signs[:, labels], self.costs[:, labels], ratios)

    def _slack(self, scores: Singles) -> Singles:
        return np.asarray(np.maximum(0, 1 - self.signs * scores))

    def _scaled(self, values: Singles) -> Singles:
        return values if self.ratios is None else values * self.ratios

    def _forward(self, weights: Singles) -> Singles:
        return np.asarray(self.X @ self._scaled(weights[:-1]) + weights[-1])

    def _backward(self, scores: Singles) -> Singles:
        down = self._scaled(np.asarray(self.turned @ scores))
        return np.concatenate([down, scores.sum(axis=0, keepdims=True)])

    def gradient(self, weights: Singles, scores: Singles) -> Singles:
        return weights - self._backward(self.costs * self.signs * self._slack(scores))

    def newton_step(self, gradient: Singles, scores: Singles) -> tuple[Singles, Singles]:
        """Solve for the step by conjugate gradients; return also how far it moves the scores."""
        active = self.costs * (self._slack(scores) > 0)
        step, moved = np.zeros_like(gradient), np.zeros_like(scores)
        rest, towards = -gradient, -gradient
        size = _dot(rest, rest)
        goal = FORCING**2 * size
        for _ in range(GRADIENT_STEPS):
            ahead = self._forward(towards)
            bent = towards + self._backward(active * ahead)
            far = _quotient((size > goal) * size, _dot(towards, bent))
            step, moved, rest = step + far * towards, moved + far * ahead, rest - far * bent
            last, size = size, _dot(rest, rest)
            if (size <= goal).all():
                break
            towards = rest + _quotient(size, last) * towards
        return step, moved

    def share(self, weights: Singles, scores: Singles, step: Singles, moved: Singles) -> Singles:
        """Halve the step of each label until it no longer makes the label's loss larger."""
        sizes = _dot(weights, weights), _dot(weights, step), _dot(step, step)

        def loss(share: Singles) -> Singles:
            slack = self._slack(scores + share * moved)
            length = sizes[0] + 2 * share * sizes[1] + share**2 * sizes[2]
            return np.asarray(length + _dot(self.costs * slack, slack))

        share: Singles = np.ones(self.signs.shape[1], dtype=np.float32)
        start = loss(0 * share)
        for _ in range(HALVINGS):
            share[loss(share) > start] /= 2
        return share


def _dot(left: Singles, right: Singles) -> Singles:
    return np.asarray(np.einsum("ij,ij->j", left, right))


def _quotient(over: Singles, under: Singles) -> Singles:
    return np.asarray(over / np.maximum(under, np.float32(1e-30)), dtype=np.float32)
