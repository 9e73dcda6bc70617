"""The models that ours must be better than: the majority class, and plain TF-IDF.

Both learn and answer like ours, on the same folds, so that every figure stands beside theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from data.schema import Allegation
from training.figures import Bools, Floats, Ints
from training.labels import Labels
from training.learner import Answers, spread


class Majority:
    """Answers the shares of the training records, whatever the narrative says."""

    def fit(self, records: Sequence[Allegation], labels: Labels) -> Self:  # noqa: ARG002
        """Count the values and the categories."""
        counts = np.bincount(labels.value, minlength=len(labels.value_order))
        self._value = counts / counts.sum()
        self._categories = labels.categories.mean(axis=0)
        return self

    def answer(self, records: Sequence[Allegation]) -> Answers:
        """Give the same shares for each record."""
        rows = (len(records), 1)
        return Answers.most_probable(np.tile(self._value, rows), np.tile(self._categories, rows))


class PlainText:
    """TF-IDF of words and word pairs with logistic regression, C = 5, untuned."""

    def fit(self, records: Sequence[Allegation], labels: Labels) -> Self:
        """Fit one regression for the value, and one or several for the categories."""
        self._words = TfidfVectorizer(ngram_range=(1, 2))
        X = self._words.fit_transform([record.narrative for record in records])
        self._levels = len(labels.value_order)
        self._value = _Regression(X, labels.value)
        self._width = len(labels.category_labels)
        self._categories = _category_regressions(X, labels.categories)
        return self

    def answer(self, records: Sequence[Allegation]) -> Answers:
        """Give probabilities; those of categories sum to 1 where records have one each."""
        X = self._words.transform([record.narrative for record in records])
        value = self._value.probabilities(X, self._levels)
        if isinstance(self._categories, _Regression):
            return Answers.most_probable(value, self._categories.probabilities(X, self._width))
        columns = [one.probabilities(X, 2)[:, 1] for one in self._categories]
        return Answers.most_probable(
            value, np.column_stack([np.zeros((len(records), 0)), *columns])
        )


class _Regression:
    """A logistic regression that also stands for a single class."""

    def __init__(self, X: Any, y: Ints | Bools) -> None:  # noqa: ANN401  (a sparse matrix)
        self._classes = np.unique(y).astype(np.int64)
        if len(self._classes) > 1:
            self._fitted = LogisticRegression(C=5, max_iter=1000).fit(X, y)

    def probabilities(self, X: Any, columns: int) -> Floats:  # noqa: ANN401  (a sparse matrix)
        if len(self._classes) == 1:
            return spread(np.ones((X.shape[0], 1)), self._classes, columns)
        return spread(self._fitted.predict_proba(X), self._classes, columns)


def _category_regressions(X: Any, applies: Bools) -> _Regression | list[_Regression]:  # noqa: ANN401
    """One regression over all categories where records have one each, else one for each."""
    has = applies.any(axis=1)
    if has.any() and (applies.sum(axis=1) <= 1).all():
        return _Regression(X[has], applies[has].argmax(axis=1))
    return [_Regression(X, column) for column in applies.T]
