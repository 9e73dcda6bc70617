"""Linear scores with calibrated probabilities: the estimator under values and categories."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

Floats = NDArray[np.float64]


class CalibratedLinear(ClassifierMixin, BaseEstimator):
    """Classify with linear scores whose softmax is a calibrated probability.

    A multinomial logistic regression is fitted in folds; a second, small one maps its
    held-out scores to probabilities (vector scaling with a full matrix; Guo et al., "On
    Calibration of Modern Neural Networks", ICML 2017). Both are linear, so they are multiplied
    out: what remains is one weight for each feature and class, and each feature's part in a
    score is exact.

    Parameters
    ----------
    C
        Inverse strength of regularisation.
    folds
        Number of folds for the held-out scores.
    seed
        Seed of the folds.
    n_jobs
        Folds fitted at once.

    Attributes
    ----------
    classes_ : array
        The classes, sorted.
    coef_ : array of shape (n_features, n_classes)
        Weights.
    intercept_ : array of shape (n_classes,)
        What each score starts from.
    oof_proba_ : array of shape (n_samples, n_classes)
        Calibrated probabilities of the training records, each from a model that had not
        seen it.
    """

    def __init__(
        self, *, C: float = 5.0, folds: int = 5, seed: int = 0, n_jobs: int | None = None
    ) -> None:
        self.C = C
        self.folds = folds
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Fit the weights; ``y`` holds one class per row."""
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=[np.float32, np.float64])
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("The classifier needs two classes; the data holds one class.")
        splits = held_out_splits(codes, self.folds, self.seed)
        jobs = [train for train, _ in splits] + [np.arange(len(codes))]
        fits = Parallel(n_jobs=self.n_jobs)(
            delayed(_linear)(X[rows], codes[rows], len(self.classes_), self.C) for rows in jobs
        )
        held_out = np.zeros((len(codes), len(self.classes_)))
        for (_, test), (weights, start) in zip(splits, fits, strict=False):
            held_out[test] = X[test] @ weights + start
        scale, shift = _calibration(held_out, codes)
        weights, start = fits[-1]
        self.coef_ = (weights @ scale).astype(np.float32)
        self.intercept_ = start @ scale + shift
        self.oof_proba_ = softmax(held_out @ scale + shift, axis=1)
        return self

    def decision_function(self, X: ArrayLike) -> Floats:
        """Return the scores: log-probabilities up to a constant of each row."""
        check_is_fitted(self)
        X = validate_data(
            self, X, accept_sparse="csr", dtype=[np.float32, np.float64], reset=False
        )
        scores = X @ self.coef_ + self.intercept_
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Return the calibrated probability of each class."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            scores = np.column_stack([np.zeros(len(scores)), scores])
        return np.asarray(softmax(scores, axis=1))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each row."""
        chosen = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return np.asarray(chosen)


def held_out_splits(codes: NDArray[Any], folds: int, seed: int) -> list[Any]:
    """Return stratified folds, plain ones where a class is too small for stratifying."""
    fewest = int(np.bincount(codes).min())
    folds = min(folds, len(codes))
    kind = StratifiedKFold if fewest >= folds else KFold
    return list(kind(folds, shuffle=True, random_state=seed).split(codes, codes))


def _linear(X: Any, codes: NDArray[Any], classes: int, C: float) -> tuple[Floats, Floats]:  # noqa: ANN401
    present = np.unique(codes)
    weights, start = np.zeros((X.shape[1], classes)), np.full(classes, -10.0)
    if len(present) == 1:
        start[present] = 0
        return weights, start
    model = LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(X, codes)
    if len(present) == 2:
        weights[:, present[1]], start[present] = model.coef_[0], [0, model.intercept_[0]]
    else:
        weights[:, present], start[present] = model.coef_.T, model.intercept_
    return weights, start


def _calibration(scores: Floats, codes: NDArray[Any]) -> tuple[Floats, Floats]:
    classes = scores.shape[1]
    centring = np.eye(classes) - 1 / classes
    model = LogisticRegression(C=1.0, max_iter=1000).fit(scores @ centring, codes)
    if classes == 2:
        zero = np.zeros_like(model.coef_[0])
        scale, shift = np.column_stack([zero, model.coef_[0]]), np.array([0, model.intercept_[0]])
    else:
        scale, shift = model.coef_.T, model.intercept_
    return centring @ scale, shift
