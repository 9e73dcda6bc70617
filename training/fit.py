"""Fitting our own model, the same way in every fold and in the end on everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from data.reading import AllegationTable
from data.schema import Allegation
from model.classifier import TriageClassifier
from training.config import Settings
from training.labels import Labels
from training.learner import Answers, spread


class Ours:
    """The triage classifier as a learner.

    Parameters
    ----------
    parameters
        Parameters of ``TriageClassifier``; ``value_order`` comes from the labels.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self._parameters = dict(parameters)

    def fit(self, records: Sequence[Allegation], labels: Labels) -> Self:
        """Fit the classifier."""
        self.model = TriageClassifier(**self._parameters | {"value_order": labels.value_order})
        self.model.fit(records, labels.values, labels.category_tuples())
        self._labels = labels.category_labels
        return self

    def answer(self, records: Sequence[Allegation]) -> Answers:
        """Give calibrated probabilities; a category this fold never saw gets 0."""
        place = {code: number for number, code in enumerate(self._labels)}
        columns = np.array([place[code] for code in self.model.category_codes_], dtype=np.int64)
        value = self.model.predict_proba(records)
        categories = self.model.predict_category_proba(records)
        best = np.zeros(len(records), dtype=np.int64)
        if len(columns):
            best = np.array([place[code] for code in self.model.predict_category(records)])
        level = self.model.choose(value)
        return Answers(value, spread(categories, columns, len(self._labels)), level, best)


def recipe_of(settings: Settings, table: AllegationTable) -> dict[str, Any]:
    """Parameters of the classifier for this table: the structured answers it really has."""
    here = {"channel", *table.extra_columns}
    return {
        "seed": settings.seed,
        "fields": tuple(name for name in settings.fields if name in here),
    }


def fit_all(table: AllegationTable, labels: Labels, settings: Settings) -> TriageClassifier:
    """Fit on every record, with as many processes as the settings allow."""
    learner = Ours(recipe_of(settings, table) | {"n_jobs": settings.jobs})
    model = learner.fit(table.allegations(), labels).model
    # How many processes fitted it is no part of the model, and must not change its bytes.
    model.set_params(n_jobs=None)
    return model
