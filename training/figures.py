"""What the figures mean: pure functions from probabilities and truth to numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score, roc_auc_score

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

BINS = 15
SMALLEST = 1e-15


@dataclass(frozen=True, slots=True)
class Reliability:
    """Confidence against what came true, per bin: the data of a reliability curve."""

    confidence: tuple[float, ...]
    correct: tuple[float, ...]
    records: tuple[int, ...]

    @property
    def ece(self) -> float:
        """Expected calibration error: mean gap, weighted by the records of each bin."""
        gaps = np.abs(np.array(self.confidence) - np.array(self.correct))
        return float(np.average(gaps, weights=self.records)) if self.records else 0.0


def reliability(probabilities: Floats, truth: Ints, suggested: Ints) -> Reliability:
    """Bin the probability of the suggested value into 15 bins of equal width.

    Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning".
    """
    confidence = probabilities[np.arange(len(truth)), suggested]
    correct = suggested == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    used = np.unique(bins)
    return Reliability(
        tuple(float(confidence[bins == b].mean()) for b in used),
        tuple(float(correct[bins == b].mean()) for b in used),
        tuple(int((bins == b).sum()) for b in used),
    )


def log_loss(probabilities: Floats, truth: Ints) -> float:
    """Mean negative log of the probability given to what was true."""
    given = np.clip(probabilities[np.arange(len(truth)), truth], SMALLEST, 1.0)
    return float(-np.log(given).mean())


def macro_f1(predicted: Ints, truth: Ints) -> float:
    """Unweighted mean of the F1 of each class that occurs in ``truth`` or is predicted."""
    return float(f1_score(truth, predicted, average="macro", zero_division=0.0))


def value_figures(probabilities: Floats, truth: Ints, suggested: Ints) -> dict[str, float]:
    """Figures of the value, lowest level first; level 0 is "no value"."""
    worth = truth > 0
    auc = roc_auc_score(worth, 1 - probabilities[:, 0]) if 0 < worth.sum() < len(worth) else 0.5
    return {
        "macro_f1": macro_f1(suggested, truth),
        "no_value_auc": float(auc),
        "log_loss": log_loss(probabilities, truth),
        "ece": reliability(probabilities, truth, suggested).ece,
    }


def category_figures(probabilities: Floats, truth: Bools, best: Ints) -> dict[str, float]:
    """Figures of the categories, measured on records that have at least one.

    Where no record has more than one category ``best``, the column that suits each record best,
    is the prediction; otherwise every category with a probability of one half or more is.
    ``top3`` is the mean share of a record's categories (three at most) found among its three
    most probable.
    """
    has = truth.any(axis=1)
    probabilities, truth, best = probabilities[has], truth[has], best[has]
    ranks = np.argsort(-probabilities, axis=1, kind="stable")
    if (truth.sum(axis=1) == 1).all():
        score = macro_f1(best, truth.argmax(axis=1))
    else:
        score = f1_score(truth, probabilities >= 0.5, average="macro", zero_division=0.0)
    hits = np.take_along_axis(truth, ranks[:, :3], axis=1).sum(axis=1)
    top3 = (hits / np.minimum(truth.sum(axis=1), 3)).mean()
    return {"macro_f1": float(score), "top3": float(top3)}


def value_by_channel(
    probabilities: Floats,
    truth: Ints,
    suggested: Ints,
    channels: Sequence[str | None],
    least: int = 30,
) -> dict[str, dict[str, float]]:
    """Value figures per channel that has at least ``least`` records; fewer say nothing."""
    names = np.array([channel or "" for channel in channels], dtype=object)
    if not len(names):
        return {}
    figures = {}
    for name in sorted(set(names) - {""}):
        here = names == name
        if here.sum() >= least:
            of_channel = value_figures(probabilities[here], truth[here], suggested[here])
            figures[str(name)] = {"records": float(here.sum())} | of_channel
    return figures


def precision_curve(doubt: Floats, wrong: Bools) -> tuple[Ints, Floats]:
    """Share of truly wrong records among the ``k`` most doubted, for every ``k``."""
    order = np.argsort(-doubt, kind="stable")
    looked_at = np.arange(1, len(doubt) + 1)
    return looked_at, np.cumsum(wrong[order]) / looked_at
