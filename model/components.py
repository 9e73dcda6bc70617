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

from model.margins import Weights, margins

Floats = NDArray[np.float64]

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

    def part(self, labels: slice) -> Fitted:
        """Return the same components for some of the labels."""
        coef = [each[:, labels] for each in self.coef]
        return Fitted(self.held_out[:, :, labels], coef, self.intercept[:, labels])


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
        Features before it are also learnt from alone; ``None`` where there are no such.
    n_jobs
        Processes to use.
    """
    jobs = [delayed(_all)(X, labels, split), *_held_out_jobs(X, labels, splits, split)]
    whole, *scores = Parallel(n_jobs=n_jobs)(jobs)
    held_out = _gathered(scores, labels, splits)
    return Fitted(held_out, [coef for coef, _ in whole], np.stack([start for _, start in whole]))


def held_out_scores(
    X: Any,  # noqa: ANN401 - dense or sparse
    labels: NDArray[np.bool_],
    splits: Sequence[tuple[Any, Any]],
    *,
    split: int | None = None,
    n_jobs: int | None = None,
) -> Floats:
    """Return the held-out scores of ``fit_components`` where nothing else is wanted."""
    scores = Parallel(n_jobs=n_jobs)(_held_out_jobs(X, labels, splits, split))
    return _gathered(scores, labels, splits)


def _held_out_jobs(
    X: Any,  # noqa: ANN401
    labels: NDArray[np.bool_],
    splits: Sequence[tuple[Any, Any]],
    split: int | None,
) -> list[Any]:
    scored = delayed(_scored)
    return [scored(X[train], labels[train], X[test], split) for train, test in splits]


def _gathered(
    scores: Sequence[Floats], labels: NDArray[np.bool_], splits: Sequence[tuple[Any, Any]]
) -> Floats:
    held_out = np.zeros((len(labels), *scores[0].shape[1:]))
    for (_, test), found in zip(splits, scores, strict=True):
        held_out[test] = found
    return held_out


def _all(X: Any, labels: NDArray[np.bool_], split: int | None) -> list[Weights]:  # noqa: ANN401
    words, sums = X if split is None else X[:, :split], _sums(X, labels)
    parts = [_margins(words, labels, VIEW_C)]
    if split is not None:
        parts.append(_ratio_margins(words, labels, (sums[0][:split], sums[1][:split])))
    parts = [(_padded(coef, X.shape[1]), start) for coef, start in parts]
    return [*parts, _ratio_margins(X, labels, sums), _bayes(sums)]


def _padded(coef: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    return np.pad(coef, ((0, width - len(coef)), (0, 0)))


def _scored(X: Any, labels: NDArray[np.bool_], unseen: Any, split: int | None) -> Floats:  # noqa: ANN401
    fits = _all(X, labels, split)
    return np.stack([unseen @ coef + start for coef, start in fits], axis=1)


def _ratio_margins(X: Any, labels: NDArray[np.bool_], sums: tuple[Floats, Floats]) -> Weights:  # noqa: ANN401
    """Support vector machines on features scaled by their log-count ratio.

    Wang and Manning, "Baselines and Bigrams", ACL 2012.
    """
    with_label, total = sums
    yes = with_label + RATIO_SMOOTHING
    no = total[:, None] - with_label + RATIO_SMOOTHING
    ratios = np.log((yes / yes.sum(axis=0)) / (no / no.sum(axis=0))).astype(np.float32)
    return _margins(X, labels, RATIO_C, ratios)


def _margins(
    X: Any,  # noqa: ANN401
    labels: NDArray[np.bool_],
    strength: float,
    ratios: NDArray[np.float32] | None = None,
) -> Weights:
    """Return machines; of two opposite labels the one's machine is the other's, turned round."""
    if labels.shape[1] != 2 or (labels[:, 0] == labels[:, 1]).any():
        return margins(X, labels, strength, ratios)
    coef, start = margins(X, labels[:, 1:], strength, None if ratios is None else ratios[:, 1:])
    return np.concatenate([-coef, coef], axis=1), np.concatenate([-start, start])


def _bayes(sums: tuple[Floats, Floats]) -> Weights:
    """Multinomial naive Bayes on the weights."""
    counts = sums[0] + BAYES_SMOOTHING
    coef = np.log(counts / counts.sum(axis=0)).astype(np.float32)
    return coef, np.zeros(counts.shape[1])


def _sums(X: Any, labels: NDArray[np.bool_]) -> tuple[Floats, Floats]:  # noqa: ANN401
    """Return the sum of each feature over the records of each label, and over all."""
    size = abs(X).T.astype(np.float64)
    return size @ labels.astype(np.float64), np.asarray(size.sum(axis=1)).ravel()
