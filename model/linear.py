"""Linear scores with calibrated probabilities: the estimators under values and categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from model.components import Fitted, fit_components, held_out_scores
from model.threads import one_thread

Floats = NDArray[np.float64]
_NUMBERS = [np.float32, np.float64]

RIDGE = 0.1
"""Regularisation of the blend of labels of which several may apply."""


class CalibratedLinear(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify with linear scores whose softmax is a calibrated probability.

    Several linear models (``model.components``) are fitted in folds; a small multinomial
    logistic regression maps all their held-out scores to probabilities: stacked generalisation
    (Wolpert, 1992), which calibrates as it blends. Everything is linear, so it is multiplied
    out: what remains is one weight for each feature and class, and each feature's part in a
    score is exact.

    Parameters
    ----------
    C
        Inverse strength of regularisation of the blend.
    split
        Features before it are also learnt from alone.
    folds
        Number of folds for the held-out scores.
    seed
        Seed of the folds.
    n_jobs
        Processes to use.

    Attributes
    ----------
    classes_ : array
        The classes, sorted.
    coef_ : array of shape (n_features, n_classes)
        Weights; those of a feature sum to 0 over the classes.
    intercept_ : array of shape (n_classes,)
        What each score starts from.
    oof_proba_ : array of shape (n_samples, n_classes)
        Calibrated probabilities of the training records, each from models that had not seen
        it.
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        split: int | None = None,
        folds: int = 5,
        seed: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.C = C
        self.split = split
        self.folds = folds
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: ArrayLike) -> Self:  # noqa: ANN401 - dense or sparse
        """Fit the weights; ``y`` holds one class per row."""
        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=_NUMBERS)
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("The classifier needs two classes; the data holds one class.")
        labels = codes[:, None] == np.arange(len(self.classes_))
        splits = held_out_splits(codes, self.folds, self.seed)
        fitted = fit_components(X, labels, splits, split=self.split, n_jobs=self.n_jobs)
        found = blend_classes(fitted, codes, self.C)
        self.coef_, self.intercept_ = found.coef, found.intercept
        self.oof_proba_ = found.oof_proba
        return self

    def decision_function(self, X: Any) -> Floats:  # noqa: ANN401 - dense or sparse
        """Return the scores: log-probabilities up to a constant of each row."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> Floats:  # noqa: ANN401 - dense or sparse
        """Return the calibrated probability of each class."""
        return np.asarray(softmax(self._scores(X), axis=1))

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: ANN401 - dense or sparse
        """Return the most probable class of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self._scores(X).argmax(axis=1)])

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _scores(self, X: Any) -> Floats:  # noqa: ANN401 - dense or sparse
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse="csr", dtype=_NUMBERS, reset=False)
        return np.asarray(X @ self.coef_ + self.intercept_)


@dataclass(frozen=True, slots=True)
class Blend:
    """Weights and intercepts of blended scores, and held-out probabilities.

    Parameters
    ----------
    coef
        Weights of shape (features, labels).
    intercept
        What each score starts from.
    oof_proba
        Calibrated probabilities of the training records, each from models that had not seen
        it.
    """

    coef: NDArray[np.float32]
    intercept: Floats
    oof_proba: Floats


def blend_classes(fitted: Fitted, codes: NDArray[np.int64], strength: float) -> Blend:
    """Blend scores of labels of which one applies: their softmax is a calibrated probability.

    A class's score depends on every component's score of every class. The weights of a feature
    sum to 0 over the classes.
    """
    _, components, classes = fitted.held_out.shape
    weights, start, proba = _mixed(fitted.held_out, codes, strength)
    parts = weights.reshape(components, classes, classes)
    summed = sum(part @ mix for part, mix in zip(fitted.coef, parts, strict=True))
    coef = np.asarray(summed - np.mean(summed, axis=1, keepdims=True), dtype=np.float32)
    start = start + np.einsum("mk,mkc->c", fitted.intercept, parts)
    return Blend(coef, start - start.mean(), proba)


def held_out_proba(X: Any, y: ArrayLike, *, folds: int = 5, seed: int = 0) -> Floats:  # noqa: ANN401
    """Return what ``CalibratedLinear`` keeps as ``oof_proba_``, without fitting on everything.

    Parameters
    ----------
    X
        Features.
    y
        One of at least two classes for each record.
    folds, seed
        As for ``CalibratedLinear``.
    """
    classes, codes = np.unique(y, return_inverse=True)
    labels = codes[:, None] == np.arange(len(classes))
    scores = held_out_scores(X, labels, held_out_splits(codes, folds, seed))
    return _mixed(scores, codes, 1.0)[2]


def _mixed(
    held_out: Floats, codes: NDArray[np.int64], strength: float
) -> tuple[Floats, Floats, Floats]:
    """Fit the blend; return the weight of each score, the intercepts and the probabilities."""
    flat = held_out.reshape(len(held_out), -1)
    middle, spread = flat.mean(axis=0), np.maximum(flat.std(axis=0), 1e-9)
    model = LogisticRegression(C=strength, max_iter=1000)
    with one_thread():
        model.fit((flat - middle) / spread, codes)
    weights, start = _for_every_class(model)
    weights = weights / spread[:, None]
    start = start - middle @ weights
    return weights, start, np.asarray(softmax(flat @ weights + start, axis=1))


def blend_labels(fitted: Fitted, labels: NDArray[np.bool_]) -> Blend:
    """Blend scores of labels of which several may apply: the logistic function calibrates them.

    The components have one weight each, shared by all labels, and each label has an intercept:
    a label with forty examples cannot support weights of its own.
    """
    if not labels.shape[1]:
        return Blend(fitted.coef[0], np.zeros(0), np.zeros(labels.shape))
    middle = fitted.held_out.mean(axis=0)
    spread = np.maximum(fitted.held_out.std(axis=(0, 2)), 1e-9)
    scores = (fitted.held_out - middle) / spread[:, None]
    shares, start = _shared_weights(scores, labels)
    shares = shares / spread
    start = start - shares @ middle
    coef = sum(part * share for part, share in zip(fitted.coef, shares, strict=True))
    held_out = np.einsum("nmk,m->nk", fitted.held_out, shares) + start
    start = start + shares @ fitted.intercept
    return Blend(np.asarray(coef, dtype=np.float32), start, expit(held_out))


def _shared_weights(scores: Floats, labels: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Fit a weight for each component and an intercept for each label by logistic regression."""
    components = scores.shape[1]

    def loss(point: Floats) -> tuple[float, Floats]:
        margin = np.einsum("nmk,m->nk", scores, point[:components]) + point[components:]
        error = expit(margin) - labels
        slope = np.concatenate([np.einsum("nmk,nk->m", scores, error), error.sum(axis=0)])
        total = np.sum(np.logaddexp(0, margin) - labels * margin)
        return float(total + RIDGE / 2 * point @ point), slope + RIDGE * point

    start = np.zeros(components + labels.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000})
    return found.x[:components], found.x[components:]


def held_out_splits(codes: NDArray[Any], folds: int, seed: int) -> list[Any]:
    """Return stratified folds, plain ones where a class is too small for stratifying."""
    folds = min(folds, len(codes))
    kind = StratifiedKFold if int(np.bincount(codes).min()) >= folds else KFold
    return list(kind(folds, shuffle=True, random_state=seed).split(codes, codes))


def _for_every_class(model: LogisticRegression) -> tuple[Floats, Floats]:
    if len(model.classes_) > 2:
        return model.coef_.T, model.intercept_
    weights = np.column_stack([np.zeros_like(model.coef_[0]), model.coef_[0]])
    return weights, np.array([0.0, model.intercept_[0]])
