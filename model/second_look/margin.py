"""A weighted linear support vector machine that starts from its last answer.

The L2-loss machine is solved by Newton steps on its support vectors, in terms of the training
records' inner products (O. Chapelle, "Training a support vector machine in the primal", Neural
Computation 19, 2007): each step is one symmetric system, solved by conjugate gradients. One more
decision moves few of the support vectors, so the last answer is nearly right and a re-fit takes
a few milliseconds, whatever the number of features. What the few steps leave undone, the next
re-fit goes on with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]

STEPS = 10
CG_STEPS = 60
TOLERANCE = 4e-3


@dataclass(frozen=True, slots=True)
class Margin:
    """What one machine learned.

    Parameters
    ----------
    weights
        Weight of each training record in the separating direction.
    scores
        Score of each training record, without the part that was given.
    """

    weights: Singles
    scores: Singles

    def extended(self, products: Singles) -> Margin:
        """Return it with more records, of which it says what their inner products say.

        Parameters
        ----------
        products
            Inner products of each new record with the earlier ones and the new ones, shape
            (new, earlier + new).
        """
        scores = products[:, : len(self.weights)] @ self.weights
        nothing = np.zeros(len(products), np.float32)
        return Margin(np.append(self.weights, nothing), np.append(self.scores, scores))


def solve_margin(
    gram: Singles, labels: Singles, costs: Singles, offset: Singles, start: Margin
) -> Margin:
    """Minimise ``||w||^2 / 2 + sum(costs * max(0, 1 - labels * (x @ w + offset))^2)``.

    Parameters
    ----------
    gram
        Inner products of the training records.
    labels
        1 or -1 for each.
    costs
        What each error costs; a record whose errors cost nothing teaches nothing.
    offset
        Part of each score that is given and not learned.
    start
        An earlier answer.
    """
    teaches = costs > 0
    ridge = (0.5 / np.where(teaches, costs, 1.0)).astype(np.float32)
    target = labels - offset
    weights, scores = start.weights, start.scores
    active = teaches & ((weights != 0) | (labels * (scores + offset) < 1))
    for _ in range(STEPS):
        if weights[~active].any():
            weights = weights * active
            scores = weights @ gram
        weights, scores = _conjugate_gradients(gram, active, ridge, target, weights, scores)
        erring = teaches & (labels * (scores + offset) < 1)
        if np.array_equal(erring, active):
            break
        active = erring
    return Margin(weights, scores)


def _conjugate_gradients(
    gram: Singles,
    active: NDArray[np.bool_],
    ridge: Singles,
    target: Singles,
    start: Singles,
    scores: Singles,
) -> tuple[Singles, Singles]:
    """Solve ``(gram + diag(ridge)) x = target`` on the active records; the others get 0.

    Returns ``x`` and ``x @ gram``; ``scores`` is ``start @ gram``. Preconditioned by the
    diagonal. Multiplying all of ``gram`` costs less than copying the active part of it, since a
    few products are enough; a vector times its rows is a little quicker than its rows times it.
    """
    heard = active.astype(np.float32)
    scale = heard / (np.diagonal(gram) + ridge)
    x, reached = start.copy(), scores.copy()
    residual = heard * (target - reached - ridge * x)
    shifted = scale * residual
    direction, size = shifted, float(residual @ shifted)
    enough = TOLERANCE**2 * float((target * scale) @ target)
    for _ in range(CG_STEPS):
        if size <= enough:
            break
        moved = direction @ gram
        product = heard * (moved + ridge * direction)
        step = np.float32(size / float(direction @ product))
        x += step * direction
        reached += step * moved
        residual -= step * product
        shifted = scale * residual
        size, before = float(residual @ shifted), size
        direction = shifted + np.float32(size / before) * direction
    return x, reached
