"""The models that ours must be better than: the majority class, and plain TF-IDF.

Both fit and predict like ours, on the same folds, so that every figure stands beside theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from training.figures import Bools, Floats, Ints


class Model(Protocol):
    """What a baseline answers: probabilities of every level and of every category."""

    def fit(self, texts: Sequence[str], value: Ints, categories: Bools) -> Self:
        """Learn from narratives, the level of each and its categories."""

    def value(self, texts: Sequence[str], levels: int) -> Floats:
        """Give the probability of each of ``levels`` levels, a row per narrative."""

    def categories(self, texts: Sequence[str]) -> Floats:
        """Give the probability of each category, a row per narrative."""


class Majority:
    """Answers the training shares, whatever the narrative says."""

    def fit(self, texts: Sequence[str], value: Ints, categories: Bools) -> Self:
        """Count the levels and the categories."""
        self._value = DummyClassifier(strategy="prior").fit(np.zeros((len(texts), 1)), value)
        self._shares = categories.mean(axis=0)
        return self

    def value(self, texts: Sequence[str], levels: int) -> Floats:
        """Give the training share of each level."""
        found = self._value.predict_proba(np.zeros((len(texts), 1)))
        return spread(found, self._value.classes_, levels)

    def categories(self, texts: Sequence[str]) -> Floats:
        """Give the training share of each category."""
        return np.tile(self._shares, (len(texts), 1))


class PlainText:
    """TF-IDF of words and word pairs with logistic regression, C = 5, untuned."""

    def fit(self, texts: Sequence[str], value: Ints, categories: Bools) -> Self:
        """Fit one regression for the value, and one or several for the categories."""
        self._words = TfidfVectorizer(ngram_range=(1, 2))
        X = self._words.fit_transform(list(texts))
        self._value = LogisticRegression(C=5, max_iter=1000).fit(X, value)
        self._single = bool((categories.sum(axis=1) <= 1).all())
        self._count = categories.shape[1]
        has = categories.any(axis=1)
        self._categories: list[LogisticRegression | float] = []
        if self._single and has.any():
            names = categories[has].argmax(axis=1)
            self._categories = [_regression(X[has], names)]
        else:
            self._categories = [_regression(X, column) for column in categories.T]
        return self

    def value(self, texts: Sequence[str], levels: int) -> Floats:
        """Give the probability of each level."""
        found = self._value.predict_proba(self._words.transform(list(texts)))
        return spread(found, self._value.classes_, levels)

    def categories(self, texts: Sequence[str]) -> Floats:
        """Give the probability of each category; they sum to 1 where records have one each."""
        X = self._words.transform(list(texts))
        if self._single and self._categories:
            return _answer(self._categories[0], X, self._count)
        columns = [_answer(one, X, 2)[:, 1] for one in self._categories]
        return np.column_stack(columns) if columns else np.zeros((len(texts), 0))


def _regression(X: object, y: Ints | Bools) -> LogisticRegression | float:
    if len(np.unique(y)) < 2:
        return float(y[0])
    return LogisticRegression(C=5, max_iter=1000).fit(X, y.astype(int))


def _answer(fitted: LogisticRegression | float, X: object, columns: int) -> Floats:
    if isinstance(fitted, float):
        certain = np.zeros((X.shape[0], columns))  # type: ignore[attr-defined]
        certain[:, int(fitted)] = 1.0
        return certain
    return spread(fitted.predict_proba(X), fitted.classes_, columns)


def spread(found: Floats, classes: Ints, columns: int) -> Floats:
    """Put the columns of the classes that were seen into their place among all of them."""
    placed = np.zeros((len(found), columns))
    placed[:, classes.astype(int)] = found
    return placed
