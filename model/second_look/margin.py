"""A weighted linear support vector machine that starts from its last answer.

The L2-loss machine is solved by Newton steps on its support vectors, in terms of the training
records' inner products (O. Chapelle, "Training a support vector machine in the primal", Neural
Computation 19, 2007): each step is one symmetric system, solved by conjugate gradients. One more
decision moves few of the support vectors, so the last answer is nearly right and a re-fit takes
a few milliseconds, whatever the number of features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

STEPS = 25
CG_STEPS = 200


def solve_margin(
    gram: Floats,
    labels: Floats,
    costs: Floats,
    offset: Floats,
    start: Floats | None = None,
    tolerance: float = 1e-3,
) -> Floats:
    """Return the weight of each training record in the separating direction.

    Minimises ``||w||^2 / 2 + sum(costs * max(0, 1 - labels * (x @ w + offset))^2)`` where
    ``w = X.T @ weights``.

    Parameters
    ----------
    gram
        Inner products of the training records.
    labels
        1 or -1 for each.
    costs
        What each error costs.
    offset
        Part of each score that is given and not learned.
    start
        An earlier answer to start from.
    tolerance
        Relative accuracy of the solution of each system.
    """
    weights = np.zeros_like(offset) if start is None else start.copy()
    ridge = (1.0 / (2.0 * costs)).astype(gram.dtype)
    target = labels - offset
    active = _erring(gram, labels, weights, offset) | (weights != 0)
    for _ in range(STEPS):
        rows = np.flatnonzero(active)
        fresh = np.zeros_like(weights)
        fresh[rows] = _conjugate_gradients(
            gram[np.ix_(rows, rows)], ridge[rows], target[rows], weights[rows], tolerance
        )
        weights = fresh
        erring = _erring(gram, labels, weights, offset)
        if np.array_equal(erring, active):
            break
        active = erring
    return weights


def _erring(gram: Floats, labels: Floats, weights: Floats, offset: Floats) -> NDArray[np.bool_]:
    return np.asarray(labels * (gram @ weights + offset) < 1.0)


def _conjugate_gradients(
    gram: Floats, ridge: Floats, target: Floats, start: Floats, tolerance: float
) -> Floats:
    """Solve ``(gram + diag(ridge)) x = target``, preconditioned by the diagonal."""
    scale = 1.0 / (np.diagonal(gram) + ridge)
    x = start.copy()
    residual = target - gram @ x - ridge * x
    enough = tolerance * float(np.sqrt((target * scale) @ target)) if len(target) else 0.0
    shifted = scale * residual
    direction, size = shifted, float(residual @ shifted)
    for _ in range(CG_STEPS):
        if size**0.5 <= enough:
            break
        product = gram @ direction + ridge * direction
        step = size / float(direction @ product)
        x = x + step * direction
        residual = residual - step * product
        shifted = scale * residual
        size, before = float(residual @ shifted), size
        direction = shifted + (size / before) * direction
    return x
