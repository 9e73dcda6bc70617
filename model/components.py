"""The linear models that are blended: each scores every label against the rest.

Because every one of them is linear in the same features, so is any blend of their scores: it is
multiplied out into one weight for each feature and label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

Floats = NDArray[np.float64]
Weights = tuple[NDArray[np.float32], Floats]

VIEW_C = 0.2
RATIO_C = 0.1
RATIO_SMOOTHING = 0.5
BAYES_SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Fitted:
    """Components fitted on all records, and their scores of each record held out.

    Parameters
    ----------
    held_out
        Scores of shape (records, components, labels), each from models that had not seen the
        record.
    coef
        Weights of shape (features, labels), one array for each component.
    intercept
        Of shape (components, labels).
    """

    held_out: Floats
    coef: Sequence[NDArray[np.float32]]
    intercept: Floats


def fit_components(
    X: Any,  # noqa: ANN401 - dense or sparse
    labels: NDArray[np.bool_],
    splits: Sequence[tuple[Any, Any]],
    *,
    split: int | None,
    n_jobs: int | None,
) -> Fitted:
    """Fit every component on everything, and once for each fold.

    Parameters
    ----------
    X
        Features.
    labels
        Whether each label (column) applies to each record (row).
    splits
        Folds to hold out.
    split
        Features before it and from it on are also learnt from apart; ``None`` for no such
        border.
    n_jobs
        Processes to use.
    """
    jobs = [delayed(_all)(X, labels, split)] + [
        delayed(_scored)(X[train], labels[train], X[test], split) for train, test in splits
    ]
    whole, *scores = Parallel(n_jobs=n_jobs)(jobs)
    held_out = np.zeros((labels.shape[0], len(whole), labels.shape[1]))
    for (_, test), found in zip(splits, scores, strict=True):
        held_out[test] = found
    return Fitted(held_out, [coef for coef, _ in whole], np.stack([start for _, start in whole]))


def _all(X: Any, labels: NDArray[np.bool_], split: int | None) -> list[Weights]:  # noqa: ANN401
    if split is None:
        views = [_margins(X, labels, VIEW_C)]
    else:
        rest = X.shape[1] - split
        words, letters = (
            _margins(X[:, :split], labels, VIEW_C),
            _margins(X[:, split:], labels, VIEW_C),
        )
        views = [
            (np.pad(words[0], ((0, rest), (0, 0))), words[1]),
            (np.pad(letters[0], ((split, 0), (0, 0))), letters[1]),
        ]
    return [*views, _ratio_margins(X, labels), _bayes(X, labels)]


def _scored(X: Any, labels: NDArray[np.bool_], unseen: Any, split: int | None) -> Floats:  # noqa: ANN401
    fits = _all(X, labels, split)
    return np.stack([unseen @ coef + start for coef, start in fits], axis=1)


def _margins(X: Any, labels: NDArray[np.bool_], strength: float) -> Weights:  # noqa: ANN401
    """Linear support vector machines, each class weighted by the inverse of its size."""
    fits = [_margin(X, applies, strength) for applies in labels.T]
    coef = np.stack([coef for coef, _ in fits], axis=1).astype(np.float32)
    return coef, np.array([start for _, start in fits])


def _margin(X: Any, applies: NDArray[np.bool_], strength: float) -> tuple[Floats, float]:  # noqa: ANN401
    if applies.all() or not applies.any() or not X.shape[1]:
        return np.zeros(X.shape[1]), 1.0 if applies.all() else -1.0
    machine = LinearSVC(
        C=strength, class_weight="balanced", tol=1e-3, random_state=0, max_iter=2000
    )
    machine.fit(X, applies)
    return machine.coef_[0], float(machine.intercept_[0])


def _ratio_margins(X: Any, labels: NDArray[np.bool_]) -> Weights:  # noqa: ANN401
    """Support vector machines on features scaled by their log-count ratio.

    Wang and Manning, "Baselines and Bigrams", ACL 2012.
    """
    coefs, starts = [], []
    size = np.abs(X)
    total = _sums(size)
    for applies in labels.T:
        yes = _sums(size[applies]) + RATIO_SMOOTHING
        no = total + 2 * RATIO_SMOOTHING - yes
        ratio = np.log((yes / yes.sum()) / (no / no.sum())).astype(np.float32)
        scaled = _scaled(X, ratio)
        coef, start = _margin(scaled, applies, RATIO_C)
        coefs.append(coef * ratio)
        starts.append(start)
    return np.stack(coefs, axis=1).astype(np.float32), np.array(starts)


def _bayes(X: Any, labels: NDArray[np.bool_]) -> Weights:  # noqa: ANN401
    """Multinomial naive Bayes on the weights."""
    size = np.abs(X)
    counts = np.stack([_sums(size[applies]) for applies in labels.T], axis=1) + BAYES_SMOOTHING
    coef = np.log(counts / counts.sum(axis=0)).astype(np.float32)
    return coef, np.zeros(labels.shape[1])


def _sums(X: Any) -> Floats:  # noqa: ANN401
    return np.asarray(X.sum(axis=0), dtype=np.float64).ravel()


def _scaled(X: Any, ratio: NDArray[np.float32]) -> Any:  # noqa: ANN401
    return X.multiply(ratio).tocsr() if hasattr(X, "tocsr") else X * ratio
