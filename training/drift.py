"""Whether what comes in lately is still what the earlier records were.

Three questions, each answered with an interval, because some difference there always is. *Can it
be told apart?* A classifier is asked, out of fold, which narratives are the later ones; an area
under its curve of one half means that it cannot (D. Lopez-Paz, M. Oquab, "Revisiting classifier
two-sample tests", ICLR 2017). *Are values and channels mixed otherwise?* Shares are compared.
*Does yesterday's model do worse today?* A model that learned from the earlier records answers for
the later ones, beside its cross-validated answers for the earlier ones. Only the last is a reason
to retrain; the others say where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from data.errors import BadRecords
from data.reading import AllegationTable
from model.text import mask_many
from training.config import Settings
from training.evaluate import OURS, folds_of, held_out
from training.fairness import LEAST, Gap, difference
from training.figures import Bools, Floats, Ints, macro_f1
from training.fit import Ours, recipe_of
from training.labels import Labels, labels_of
from training.learner import Answers

RESAMPLES = 500
NEWEST = 0.2
FEWEST_TEXTS, MOST_WORDS = 5, 12
Figure = Callable[[Ints], float]
Cells = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Change:
    """A figure on the earlier and the later records, and the 95% interval of the difference."""

    earlier: float
    later: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Drift:
    """How the later records differ from the earlier ones.

    Parameters
    ----------
    since
        When the later ones begin.
    earlier, later
        How many there are.
    told_apart, low, high
        Area under the curve of a classifier that tells later narratives from earlier ones, and
        its 95% interval.
    words
        Words, of masked narratives, that tell the later ones most.
    shares
        By field and entry: the share among the later records beside that among the earlier.
    figures
        By name: what yesterday's model reaches on its own time, out of fold, and on the later.
        Empty where the records carry no values.
    """

    since: pd.Timestamp
    earlier: int
    later: int
    told_apart: float
    low: float
    high: float
    words: tuple[str, ...]
    shares: Mapping[str, Mapping[str, Gap]]
    figures: Mapping[str, Change]

    def as_dict(self) -> dict[str, Any]:
        """Plain view for the figures file."""
        return asdict(self) | {"since": self.since.isoformat()}


def drift_of(table: AllegationTable, since: pd.Timestamp | None, settings: Settings) -> Drift:
    """Compare the later records of a table with the earlier ones.

    Parameters
    ----------
    table
        Records with a date; with values, where the model is to be asked.
    since
        When the later ones begin; where ``None``, with the newest fifth.
    settings
        Seed, folds and processes.

    Raises
    ------
    BadRecords
        Where records have no date, or fewer than ``LEAST`` are earlier or later.
    """
    moments = table.frame["received_at"]
    if moments.isna().any():
        undated = int(moments.isna().sum())
        raise BadRecords(f"{table.source}: {undated:,} records have no date (received_at).")
    since = _start_of_newest(moments) if since is None else since
    later = (moments >= since).to_numpy(bool)
    if min(later.sum(), (~later).sum()) < LEAST:
        told = f"{int((~later).sum()):,} records are earlier than {since:%Y-%m-%d}"
        raise BadRecords(f"{told}, {int(later.sum()):,} later; {LEAST} of each are needed.")
    said, words = _told_apart(table, later, settings)
    rng = np.random.default_rng(settings.seed)
    low, high = _interval(_spread_over(partial(_auc, later, said), len(later), rng))
    return Drift(
        since, int((~later).sum()), int(later.sum()), _auc(later, said, np.arange(len(later))),
        low, high, words, _shares(table, later), _figures(table, later, settings, rng),
    )  # fmt: skip


def _start_of_newest(moments: pd.Series[pd.Timestamp]) -> pd.Timestamp:
    return moments.sort_values().iloc[int((1 - NEWEST) * len(moments))]


def _told_apart(
    table: AllegationTable, later: Bools, settings: Settings
) -> tuple[Floats, tuple[str, ...]]:
    texts = mask_many(table.narratives)
    words = TfidfVectorizer(min_df=FEWEST_TEXTS, sublinear_tf=True)
    machine = make_pipeline(words, LogisticRegression(class_weight="balanced", max_iter=1000))
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=settings.seed)
    said = cross_val_predict(machine, texts, later, cv=folds, method="decision_function")
    machine.fit(texts, later)
    weights = machine[-1].coef_[0]
    most = np.argsort(-weights, kind="stable")[:MOST_WORDS]
    return said, tuple(str(word) for word in words.get_feature_names_out()[most])


def _auc(truth: Bools, said: Floats, rows: Ints) -> float:
    told = truth[rows]
    return float(roc_auc_score(told, said[rows])) if told.any() and not told.all() else 0.5


def _spread_over(figure: Figure, records: int, rng: np.random.Generator) -> Floats:
    """Return a figure in each bootstrap resample (Efron and Tibshirani 1993)."""
    return np.array([figure(rng.integers(0, records, records)) for _ in range(RESAMPLES)])


def _interval(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _shares(table: AllegationTable, later: Bools) -> dict[str, dict[str, Gap]]:
    found: dict[str, dict[str, Gap]] = {}
    for field in ("value", "channel"):
        column = table.frame[field]
        here = column.notna().to_numpy(bool)
        cells = column.fillna("").to_numpy(dtype=object)
        now, before = cells[here & later], cells[here & ~later]
        if len(now) and len(before):
            entries = table.value_order if field == "value" else sorted(set(cells[here]))
            found[field] = {str(one): _share(one, now, before) for one in entries}
    return found


def _share(one: object, now: Cells, before: Cells) -> Gap:
    return difference(int((now == one).sum()), len(now), int((before == one).sum()), len(before))


def _figures(
    table: AllegationTable, later: Bools, settings: Settings, rng: np.random.Generator
) -> dict[str, Change]:
    valued = (table.frame["value"].notna() | table.frame["reviewed_value"].notna()).to_numpy(bool)
    if min((valued & later).sum(), (valued & ~later).sum()) < LEAST:
        return {}
    rows = np.flatnonzero(valued)
    table, later = table.select(rows), later[rows]
    labels = labels_of(table, settings)
    given = _answers(table, labels, later, settings)
    return {
        name: _change(figure, np.flatnonzero(~later), np.flatnonzero(later), rng)
        for name, figure in _of_value(given, labels.value).items()
    }


def _answers(table: AllegationTable, labels: Labels, later: Bools, settings: Settings) -> Answers:
    """Answer for the earlier records out of fold, and for the later ones from all earlier."""
    before, now = np.flatnonzero(~later), np.flatnonzero(later)
    folds = folds_of(table.select(before), labels.select(before), settings)
    asked = [(before[train], before[test]) for train, test in folds] + [(before, now)]
    recipes = {OURS: partial(Ours, recipe_of(settings, table))}
    return held_out(recipes, table.allegations(), labels, asked, settings.jobs)[OURS]


def _of_value(given: Answers, truth: Ints) -> dict[str, Figure]:
    worth, said = truth > 0, 1 - given.value[:, 0]
    return {
        "macro_f1": lambda rows: macro_f1(given.level[rows], truth[rows]),
        "no_value_auc": lambda rows: _auc(worth, said, rows),
    }


def _change(figure: Figure, before: Ints, now: Ints, rng: np.random.Generator) -> Change:
    earlier = _spread_over(lambda rows: figure(before[rows]), len(before), rng)
    later = _spread_over(lambda rows: figure(now[rows]), len(now), rng)
    return Change(figure(before), figure(now), *_interval(later - earlier))
