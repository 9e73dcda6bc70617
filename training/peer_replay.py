"""Replays one peer, in the peers' own environment: ``python -I peer_replay.py FOLDER``.

Reads ``FOLDER/backlog.json`` and writes ``FOLDER/reviewed.json``; without a folder prints which
peers can be run. Imports nothing of Second Look: its libraries and the peers' do not go together
(docs/decisions/0006-peers-in-their-own-environment.md).
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

PACKAGES = {"cleanlab": "cleanlab", "asreview_elas_u4": "asreview"}


def cleanlab(backlog: dict[str, Any]) -> dict[str, Any]:
    """Order by cleanlab's self-confidence on out-of-fold logistic regression; never learn."""
    import numpy as np
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    spent = time.process_time()
    labels = np.array(backlog["known"], dtype=np.int64)
    features = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(
        backlog["texts"]
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=backlog["seed"])
    model = LogisticRegression(C=5.0, max_iter=1000)
    held_out = cross_val_predict(model, features, labels, cv=folds, method="predict_proba")
    quality = get_label_quality_scores(labels, held_out, method="self_confidence")
    dismissed = np.flatnonzero(labels == 0)
    order = dismissed[np.argsort(quality[dismissed], kind="stable")]
    return {
        "order": order.tolist(),
        "per_ranking": 0.0,
        "cpu_seconds": time.process_time() - spent,
    }


class Stopper:
    """Ends ASReview's simulation where our own replay would end."""

    def __init__(self, backlog: dict[str, Any]) -> None:
        self.known = sum(backlog["known"])
        self.reviews, self.found = backlog["least_reviews"], backlog["least_found"]

    def stop(self, results: Any, data: Any) -> bool:  # noqa: ANN401
        """Return whether the budget is spent and enough of the missed are found."""
        del data
        reviewed = len(results) - self.known
        return bool(
            reviewed >= self.reviews and int(results["label"].sum()) - self.known >= self.found
        )


def asreview_elas_u4(backlog: dict[str, Any]) -> dict[str, Any]:
    """Order by ASReview's default model, the records valued at first as prior knowledge.

    Review begins with the ``opening``, for the classifier needs both classes.
    """
    import pandas as pd
    from asreview.learner import ActiveLearningCycle
    from asreview.models.models import get_ai_config
    from asreview.simulation.simulate import Simulate

    known = [row for row, valued in enumerate(backlog["known"]) if valued]
    truth = [int(a or b) for a, b in zip(backlog["known"], backlog["missed"], strict=True)]
    table = pd.DataFrame({"title": "", "abstract": backlog["texts"]})
    cycle: Any = ActiveLearningCycle.from_meta(get_ai_config("elas_u4")["value"])
    run: Any = Simulate(
        table, pd.Series(truth), [cycle], stopper=Stopper(backlog), print_progress=False
    )
    spent, started = time.process_time(), time.perf_counter()
    if known:
        run.label(known)
    run.label(backlog["opening"])
    run.review()
    spent, started = time.process_time() - spent, time.perf_counter() - started
    order = run._results["record_id"].tolist()[len(known) :]  # noqa: SLF001 - no public way
    return {"order": order, "per_ranking": started / len(order), "cpu_seconds": spent}


def main() -> None:
    """Tell which peers are here, or replay the one that is asked for."""
    if len(sys.argv) == 1:
        here = [peer for peer, package in PACKAGES.items() if importlib.util.find_spec(package)]
        sys.stdout.write(json.dumps(here))
        return
    folder = Path(sys.argv[1])
    backlog = json.loads((folder / "backlog.json").read_text(encoding="utf-8"))
    replay = {"cleanlab": cleanlab, "asreview_elas_u4": asreview_elas_u4}[backlog["peer"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = replay(backlog)
    (folder / "reviewed.json").write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main()
