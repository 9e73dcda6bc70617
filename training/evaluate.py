"""Cross-validation: our model and the baselines answer for records they have not learnt from."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from data.reading import AllegationTable
from data.schema import Allegation
from data.splits import folds_for
from training.baselines import Majority, PlainText
from training.config import Settings
from training.fairness import GroupFigures, group_figures
from training.figures import Ints, category_figures, macro_f1, value_by_channel, value_figures
from training.fit import Ours, recipe_of
from training.groups import Groups, within
from training.labels import Labels
from training.learner import Answers, Recipe

OURS, MAJORITY, PLAIN = "ours", "majority", "plain_tfidf"
Folds = Sequence[tuple[Ints, Ints]]
Done = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Held-out answers of every model that was measured, and the figures that follow.

    Parameters
    ----------
    labels
        Labels of the records.
    answers
        Held-out answers by model, ``ours`` first, in the order of the records.
    folds
        Rows to learn from and rows to answer for, the same for every model.
    channels
        Channel of each record, or ``None``.
    seconds
        How long it took.
    groups
        Which records tell of whom, for the fairness figures.
    """

    labels: Labels
    answers: Mapping[str, Answers]
    folds: Folds
    channels: Sequence[str | None] = field(default=())
    seconds: float = 0.0
    groups: Groups = field(default_factory=dict)

    @property
    def ours(self) -> Answers:
        """Held-out answers of our model."""
        return self.answers[OURS]

    @property
    def rows(self) -> Ints:
        """Records that were held out in some fold, in their order."""
        return np.sort(np.concatenate([test for _, test in self.folds])).astype(np.int64)

    @property
    def fairness(self) -> tuple[GroupFigures, ...]:
        """How our model does on each group beside the others."""
        rows = self.rows
        groups = within(self.groups, rows)
        return group_figures(groups, self.ours.level[rows], self.labels.value[rows])

    def _by_channel(self) -> dict[str, dict[str, float]]:
        rows = self.rows
        channels = [self.channels[row] for row in rows] if self.channels else []
        given, truth = self.ours.select(rows), self.labels.value[rows]
        return value_by_channel(given.value, truth, given.level, channels)

    def figures_of(self, name: str) -> dict[str, dict[str, Any]]:
        """Figures of one model: value, and category where there are any.

        Only records that were held out count: the earliest ones never are in time-ordered folds.
        """
        rows = self.rows
        labels, given = self.labels.select(rows), self.answers[name].select(rows)
        value: dict[str, Any] = dict(value_figures(given.value, labels.value, given.level))
        value["macro_f1_by_fold"] = [
            macro_f1(self.answers[name].level[test], self.labels.value[test])
            for _, test in self.folds
        ]
        category: dict[str, Any] = {"macro_f1": None, "top3": None}
        if labels.category_labels:
            category |= category_figures(given.categories, labels.categories, given.category)
        return {"value": value, "category": category}

    def figures(self) -> dict[str, Any]:
        """Everything that ``evaluate --json`` holds."""
        others = [name for name in self.answers if name != OURS]
        return {
            **self.figures_of(OURS),
            "baselines": {name: self.figures_of(name) for name in others},
            "by_channel": self._by_channel(),
            "fairness": [one.as_dict() for one in self.fairness],
            "records": len(self.rows),
            "folds": len(self.folds),
            "seconds": round(self.seconds, 3),
            "left_out": dict(self.labels.left_out),
        }


def evaluate(
    table: AllegationTable,
    labels: Labels,
    settings: Settings,
    *,
    baselines: bool = True,
    done: Done | None = None,
    groups: Groups | None = None,
) -> Evaluation:
    """Cross-validate our model, and the baselines on the same folds.

    Parameters
    ----------
    table, labels
        Records and what is known of them.
    settings
        Folds, seed, groups and processes.
    baselines
        Whether to measure them too.
    done
        Called with the name of a model after each of its folds.
    groups
        Which records tell of whom, where that is to be compared.
    """
    began = time.perf_counter()
    folds = folds_of(table, labels, settings)
    recipes: dict[str, Recipe] = {OURS: partial(Ours, recipe_of(settings, table))}
    if baselines:
        recipes |= {MAJORITY: Majority, PLAIN: PlainText}
    answers = held_out(recipes, table.allegations(), labels, folds, settings.jobs, done)
    seconds = time.perf_counter() - began
    return Evaluation(labels, answers, folds, _channels(table), seconds, groups or {})


def folds_of(table: AllegationTable, labels: Labels, settings: Settings) -> Folds:
    """Folds as the settings want them."""
    return folds_for(
        table,
        settings.folds,
        settings.seed,
        group_column=settings.group_column,
        time_ordered=settings.time_ordered,
        keep_near_duplicates_together=not settings.plain_folds,
        labels=_strata(labels, settings),
    )


def _strata(labels: Labels, settings: Settings) -> list[str]:
    if not settings.by_category:
        return labels.values
    return ["|".join(found) for found in labels.category_tuples()]


def held_out(
    recipes: Mapping[str, Recipe],
    records: Sequence[Allegation],
    labels: Labels,
    folds: Folds,
    jobs: int,
    done: Done | None = None,
) -> dict[str, Answers]:
    """Answers of each recipe for every record, from the fold in which it was held out."""
    work = [(name, train, test) for name in recipes for train, test in folds]
    given = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(_answer)(
            recipes[name], _pick(records, train), labels.select(train), _pick(records, test)
        )
        for name, train, test in work
    )
    levels = (len(records), len(labels.value_order))
    answers = {
        name: Answers.most_probable(np.zeros(levels), np.zeros(labels.categories.shape))
        for name in recipes
    }
    for (name, _, test), of_fold in zip(work, given, strict=True):
        for part in ("value", "categories", "level", "category"):
            getattr(answers[name], part)[test] = getattr(of_fold, part)
        if done is not None:
            done(name)
    return answers


def _answer(
    recipe: Recipe, learn: list[Allegation], labels: Labels, asked: list[Allegation]
) -> Answers:
    return recipe().fit(learn, labels).answer(asked)


def _pick(records: Sequence[Allegation], rows: Ints) -> list[Allegation]:
    return [records[row] for row in rows]


def _channels(table: AllegationTable) -> list[str | None]:
    column = table.frame["channel"]
    known = column.notna().tolist()
    return [str(name) if here else None for name, here in zip(column, known, strict=True)]
