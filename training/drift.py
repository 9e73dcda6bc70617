"""Whether what comes in lately is still what the earlier records were.

Three questions, each answered with an interval, because some difference there always is. *Can it
be told apart?* A classifier learns from half of the different narratives which are the later ones
and is asked about the other half; an area under its curve of one half means that it cannot tell
(D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017). *Are values and
channels mixed otherwise?* Shares are compared. *Does yesterday's model do worse today?* A model
that learned from earlier records answers for the later ones, beside cross-validated answers for
the earlier ones, learnt from as many. Only the last is a reason to retrain; the others say where
to look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from data.errors import BadRecords
from data.near_duplicates import near_duplicate_groups
from data.reading import AllegationTable
from model.meaning import is_common
from model.text import mask_many
from training.config import Settings
from training.evaluate import OURS, folds_of, held_out
from training.fairness import Gap, difference
from training.figures import Bools, Floats, Ints, macro_f1
from training.fit import Ours, recipe_of
from training.groups import LEAST
from training.labels import Labels, labels_of
from training.learner import Answers

RESAMPLES = 500
NEWEST = 0.2
FEWEST_TEXTS, MOST_WORDS = 5, 12
CHANCE = 0.5
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
class ToldApart:
    """How well later narratives can be told from earlier ones.

    Parameters
    ----------
    auc, low, high
        Area under the curve of a classifier, asked about narratives that it had not learnt from,
        and its 95% interval; one half is chance. Near-duplicates count once among the earlier
        records and once among the later.
    words
        Common words, of masked narratives, that tell the later ones most; none where chance
        alone would explain the difference.
    """

    auc: float
    low: float
    high: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """How the later records differ from the earlier ones.

    Parameters
    ----------
    since
        When the later ones begin.
    earlier, later
        How many there are.
    told_apart
        Whether narratives give them away; ``None`` where too few of them are different texts.
    shares
        By field and entry: the share among the later records beside that among the earlier.
    figures
        By name: what yesterday's model reaches on its own time, out of fold, and on the later.
        Earlier records that have a near-duplicate among the later are left out. Empty where
        there are too few first values, or too few that differ.
    """

    since: pd.Timestamp
    earlier: int
    later: int
    told_apart: ToldApart | None
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
    rng = np.random.default_rng(settings.seed)
    same = near_duplicate_groups(table.narratives)
    return Drift(
        since,
        int((~later).sum()),
        int(later.sum()),
        _told_apart(table, later, same, rng),
        _shares(table, later),
        _figures(table, later, same, settings, rng),
    )


def _start_of_newest(moments: pd.Series[pd.Timestamp]) -> pd.Timestamp:
    return moments.sort_values().iloc[int((1 - NEWEST) * len(moments))]


def _told_apart(
    table: AllegationTable, later: Bools, same: Ints, rng: np.random.Generator
) -> ToldApart | None:
    """Learn on one half of the different texts and ask about the other."""
    rows = np.unique(2 * same + later, return_index=True)[1]
    half, later = (rng.random(int(same.max()) + 1) < 0.5)[same[rows]], later[rows]
    if any(min(later[part].sum(), (~later[part]).sum()) < LEAST / 2 for part in (half, ~half)):
        return None
    narratives = table.narratives
    texts = np.array(mask_many(narratives[row] for row in rows), dtype=object)
    words = TfidfVectorizer(min_df=FEWEST_TEXTS, sublinear_tf=True)
    try:
        known = words.fit_transform(texts[half])
    except ValueError:  # no word stands in enough of the texts
        return None
    machine = LogisticRegression(class_weight="balanced", max_iter=1000).fit(known, later[half])
    said, truth = machine.decision_function(words.transform(texts[~half])), later[~half]
    figure = partial(_auc, truth, said)
    low, high = _interval(_spread_over(figure, len(truth), rng))
    telling = _common(words.get_feature_names_out(), machine.coef_[0]) if low > CHANCE else ()
    return ToldApart(figure(np.arange(len(truth))), low, high, telling)


def _common(words: Sequence[str], weights: Floats) -> tuple[str, ...]:
    """Return the words that tell the later texts most, of those that stand in any vocabulary.

    A name or a number that masking does not know would say of whom the narratives tell.
    """
    most = [
        str(words[place]) for place in np.argsort(-weights, kind="stable") if weights[place] > 0
    ]
    return tuple(word for word in most if is_common(word))[:MOST_WORDS]


def _auc(truth: Bools, said: Floats, rows: Ints) -> float:
    told = truth[rows]
    return float(roc_auc_score(told, said[rows])) if told.any() and not told.all() else CHANCE


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
    table: AllegationTable,
    later: Bools,
    same: Ints,
    settings: Settings,
    rng: np.random.Generator,
) -> dict[str, Change]:
    """Judge by first values on both sides: of later records fewer have been looked at again.

    What is told again later teaches nothing, as near-duplicates teach nothing within the folds.
    """
    valued = table.frame["value"].notna().to_numpy(bool)
    again = ~later & np.isin(same, same[later & valued])
    rows = np.flatnonzero(valued & ~again)
    table, later = table.select(rows), later[rows]
    if min(later.sum(), (~later).sum()) < LEAST:
        return {}
    table = replace(table, frame=table.frame.assign(reviewed_value=table.frame["value"]))
    before, now = np.flatnonzero(~later), np.flatnonzero(later)
    try:
        labels = labels_of(table, settings)
        given = _answers(table, labels, before, now, settings)
    except BadRecords:  # too few values that differ among the earlier
        return {}
    return {
        name: _change(figure, before, now, rng)
        for name, figure in _of_value(given, labels.value, later).items()
    }


def _answers(
    table: AllegationTable, labels: Labels, before: Ints, now: Ints, settings: Settings
) -> Answers:
    """Answer for the earlier records out of fold, and for the later ones from as many earlier."""
    folds = folds_of(table.select(before), labels.select(before), settings)
    asked = [(before[train], before[test]) for train, test in folds]
    asked.append((asked[0][0], now))
    recipes = {OURS: partial(Ours, recipe_of(settings, table))}
    return held_out(recipes, table.allegations(), labels, asked, settings.jobs)[OURS]


def _of_value(given: Answers, truth: Ints, later: Bools) -> dict[str, Figure]:
    worth, said = truth > 0, 1 - given.value[:, 0]
    found: dict[str, Figure] = {}
    if all(worth[part].any() and not worth[part].all() for part in (later, ~later)):
        found["no_value_auc"] = lambda rows: _auc(worth, said, rows)
    return found | {"macro_f1": lambda rows: macro_f1(given.level[rows], truth[rows])}


def _change(figure: Figure, before: Ints, now: Ints, rng: np.random.Generator) -> Change:
    earlier = _spread_over(lambda rows: figure(before[rows]), len(before), rng)
    later = _spread_over(lambda rows: figure(now[rows]), len(now), rng)
    return Change(figure(before), figure(now), *_interval(later - earlier))
