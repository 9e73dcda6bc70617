"""Peers run for real on the same records; needs the ``bench`` extra."""

from __future__ import annotations

import importlib.util
import time
import warnings
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from training.backlog import Backlog, Ints, enough
from training.policies import Policy, Reviewed


def installed_peers() -> dict[str, Policy]:
    """Return the peers that are installed, by name."""
    found: dict[str, Policy] = {}
    if importlib.util.find_spec("cleanlab"):
        found["cleanlab"] = cleanlab_static
    if importlib.util.find_spec("asreview"):
        found["asreview_elas_u4"] = asreview_elas_u4
    return found


def cleanlab_static(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    """Review by cleanlab's self-confidence on out-of-fold logistic regression; never learn."""
    from cleanlab.rank import get_label_quality_scores

    del reviews
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(backlog.texts)
    labels = backlog.known.astype(np.int64)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = LogisticRegression(C=5.0, max_iter=1000)
    held_out = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")
    quality = get_label_quality_scores(labels, held_out, method="self_confidence")
    dismissed = backlog.dismissed
    return Reviewed(dismissed[np.argsort(quality[dismissed], kind="stable")])


def asreview_elas_u4(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    """Review by ASReview's default model, the records valued at first as prior knowledge.

    Its classifier needs both classes, so review starts at random until one dismissal is upheld.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _elas(backlog, reviews, seed)


def _elas(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    import pandas as pd
    from asreview.learner import ActiveLearningCycle
    from asreview.models.models import get_ai_config
    from asreview.simulation.simulate import Simulate

    known = np.flatnonzero(backlog.known)
    opening = _until_upheld(backlog, seed)
    table = pd.DataFrame({"title": "", "abstract": backlog.texts})
    cycle: Any = ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])
    run: Any = Simulate(
        table,
        pd.Series((backlog.known | backlog.missed).astype(int)),
        [cycle],
        stopper=_Stopper(backlog, reviews),
        print_progress=False,
    )
    started = time.perf_counter()
    if len(known):
        run.label(known)
    run.label(opening)
    run.review()
    spent = time.perf_counter() - started
    order = run._results["record_id"].to_numpy()[len(known) :]  # noqa: SLF001 - no public way
    return Reviewed(_completed(order.astype(np.int64), backlog), spent / len(order))


class _Stopper:
    """Ends ASReview's simulation where our own replay would end."""

    def __init__(self, backlog: Backlog, budget: int) -> None:
        self.backlog, self.budget = backlog, budget
        self.known = int(backlog.known.sum())

    def stop(self, results: Any, data: Any) -> bool:  # noqa: ANN401
        """Return whether the budget is spent and 95% of the missed are found."""
        del data
        found = int(results["label"].sum()) - self.known
        return enough(found, len(results) - self.known, self.budget, self.backlog)


def _until_upheld(backlog: Backlog, seed: int) -> Ints:
    order = np.random.default_rng(seed).permutation(backlog.dismissed)
    upheld = np.flatnonzero(~backlog.missed[order])
    return order[: upheld[0] + 1] if len(upheld) else order[:1]


def _completed(order: Ints, backlog: Backlog) -> Ints:
    return np.concatenate([order, np.setdiff1d(backlog.dismissed, order)])
