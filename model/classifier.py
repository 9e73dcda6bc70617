"""The triage model: calibrated values and categories from narratives and structured answers."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics import f1_score
from sklearn.utils.validation import check_is_fitted

from data.errors import BadRecords
from data.schema import Allegation
from model.components import Fitted, fit_components
from model.doubt import DoubtCurve, doubt_of, surest_share
from model.features import Features, NgramVectoriser
from model.fields import Answers, FieldEncoder
from model.held_out import HeldOut
from model.linear import blend_classes, blend_labels, held_out_splits
from model.text import mask_many, normalise

Floats = NDArray[np.float64]
Inputs = Sequence[str] | Sequence[Allegation] | pd.DataFrame

NEVER_SEEN = -50.0
"""The raw score of a value that no training record has."""


class TriageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Suggest a value and categories for allegations.

    Parameters
    ----------
    value_order
        Values, lowest first. Without it, the values found, sorted.
    fields
        Structured answers to use as features, such as ``channel``. Nothing else is looked at.
    mask
        Whether protected terms are masked before any feature is made.
    min_df, char_min_df, max_features
        As in ``NgramVectoriser``.
    C
        Inverse strength of regularisation of the blend.
    folds
        Folds for the held-out scores that calibration and thresholds come from.
    accuracy
        Share of the suggestions not called unsure that should be right.
    seed
        Seed of the folds.
    n_jobs
        Processes to use in training.

    Attributes
    ----------
    value_codes_ : tuple of str
        The values, lowest first: the columns of ``predict_proba``.
    category_codes_ : tuple of str
        The categories learnt, sorted.
    skipped_categories_ : tuple of str
        Categories with a single example, left out.
    unsure_threshold_ : float
        Confidence below which a suggestion is unsure.
    doubt_curve_ : DoubtCurve
        Held-out doubts of the training records.
    held_out_ : HeldOut
        Held-out probabilities found again by narrative, for honest doubts.
    oof_proba_ : array
        Held-out probabilities of the values of the training records. Not kept in an artefact.
    """

    def __init__(
        self,
        *,
        value_order: Sequence[str] | None = None,
        fields: Sequence[str] = (),
        mask: bool = True,
        min_df: int = 1,
        char_min_df: int = 2,
        max_features: int | None = 200_000,
        C: float = 1.0,
        folds: int = 3,
        accuracy: float = 0.8,
        seed: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.value_order = value_order
        self.fields = fields
        self.mask = mask
        self.min_df = min_df
        self.char_min_df = char_min_df
        self.max_features = max_features
        self.C = C
        self.folds = folds
        self.accuracy = accuracy
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(
        self, X: Inputs, y: Sequence[str], categories: Sequence[Sequence[str]] | None = None
    ) -> Self:
        """Learn values, and categories where they are given (several per record may apply).

        Raises
        ------
        BadRecords
            When ``y`` holds fewer than two values.
        """
        labels = np.asarray(list(y), dtype=object)
        self._choose_values(labels)
        texts, rows = self._inputs(X)
        self.vectoriser_ = NgramVectoriser(
            min_df=self.min_df, char_min_df=self.char_min_df, max_features=self.max_features
        )
        weights = self.vectoriser_.fit_transform(texts)
        self.field_encoder_ = FieldEncoder.of(rows, self.fields)
        table = sparse.csr_array(
            sparse.hstack([weights, self.field_encoder_.encode(rows)]).tocsr()
        )
        self._learn(table, labels, categories or [])
        self.held_out_ = HeldOut.of(read_inputs(X, ())[0], self.oof_proba_)
        self._coef = np.concatenate([self.value_coef_, self.category_coef_], axis=1)
        return self

    def raw_scores(self, X: Inputs) -> Floats:
        """Return the raw score of each value: log-probabilities up to a constant of the row."""
        return self.score(*self.describe(X))[0]

    def predict_proba(self, X: Inputs) -> Floats:
        """Return the calibrated probability of each value, lowest value first."""
        return np.asarray(softmax(self.raw_scores(X), axis=1))

    def predict_category_proba(self, X: Inputs) -> Floats:
        """Return the calibrated probability that each category applies."""
        return np.asarray(expit(self.score(*self.describe(X))[1]))

    def predict(self, X: Inputs) -> NDArray[Any]:
        """Return the suggested value of each record."""
        chosen = self.choose(self.predict_proba(X))
        return np.asarray(self.classes_[chosen])

    def choose(self, probabilities: Floats) -> NDArray[np.int64]:
        """Return the position of the suggested value in each row of probabilities."""
        known = self.value_priors_ > 0
        return np.asarray(
            np.where(known, tempered(probabilities, self.value_priors_), -1).argmax(1)
        )

    def predict_category(self, X: Inputs) -> NDArray[Any]:
        """Return the one category that suits each record best."""
        odds = np.exp(self.score(*self.describe(X))[1])
        best = tempered(odds, self.category_priors_, self.category_power_).argmax(axis=1)
        return np.asarray(np.array(self.category_codes_, dtype=object)[best])

    def describe(self, X: Inputs) -> tuple[Features, sparse.csr_array]:
        """Return the features of the narratives and of the structured answers."""
        check_is_fitted(self, "value_coef_")
        texts, rows = self._inputs(X)
        return self.vectoriser_.describe(texts), self.field_encoder_.encode(rows)

    def score(self, features: Features, answers: sparse.csr_array) -> tuple[Floats, Floats]:
        """Return the raw scores of the values and of the categories."""
        split = len(self.vectoriser_.idf_)
        scores = features.scores(self._coef[:split]) + answers @ self._coef[split:]
        values = len(self.value_codes_)
        return (
            scores[:, :values] + self.value_intercept_,
            scores[:, values:] + self.category_intercept_,
        )

    def _choose_values(self, labels: NDArray[Any]) -> None:
        found = sorted(set(labels))
        order = tuple(self.value_order or found)
        if strange := [label for label in found if label not in order]:
            raise BadRecords(
                f"Values that the order does not name: {', '.join(map(str, strange))}"
            )
        if len(found) < 2:
            raise BadRecords("Training needs at least two values; these records hold one only.")
        self.value_codes_ = order
        self.classes_ = np.array(order, dtype=object)

    def _inputs(self, X: Inputs) -> tuple[list[str], list[Answers]]:
        texts, rows = read_inputs(X, self.fields)
        return (mask_many(map(normalise, texts)) if self.mask else texts), rows

    def _learn(
        self,
        table: sparse.csr_array,
        labels: NDArray[Any],
        categories: Sequence[Sequence[str]],
    ) -> None:
        """Fit values and categories together: they share folds and passes over the features."""
        place = {code: number for number, code in enumerate(self.value_codes_)}
        values, codes = np.unique([place[label] for label in labels], return_inverse=True)
        self.category_codes_, self.skipped_categories_ = _usable_categories(categories)
        applies = np.zeros((len(codes), len(self.category_codes_)), dtype=bool)
        for row, found in enumerate(categories):
            applies[row] = [code in found for code in self.category_codes_]
        fitted = fit_components(
            table,
            np.concatenate([codes[:, None] == np.arange(len(values)), applies], axis=1),
            held_out_splits(codes, self.folds, self.seed),
            split=self._split(),
            n_jobs=self.n_jobs,
        )
        self._keep_values(fitted.part(slice(len(values))), values, codes)
        self._keep_categories(fitted.part(slice(len(values), None)), applies)

    def _keep_values(
        self, fitted: Fitted, values: NDArray[np.int64], codes: NDArray[np.int64]
    ) -> None:
        found = blend_classes(fitted, codes, self.C)
        width, codes = len(self.value_codes_), values[codes]
        self.value_coef_ = np.zeros((len(found.coef), width), dtype=np.float32)
        self.value_coef_[:, values] = found.coef
        self.value_intercept_ = np.full(width, NEVER_SEEN)
        self.value_intercept_[values] = found.intercept
        self.oof_proba_ = np.zeros((len(codes), width))
        self.oof_proba_[:, values] = found.oof_proba
        self.value_priors_ = np.bincount(codes, minlength=width) / len(codes)
        chosen = self.choose(self.oof_proba_)
        confidence = self.oof_proba_[np.arange(len(codes)), chosen]
        self.unsure_threshold_ = surest_share(confidence, chosen == codes, self.accuracy)
        self.doubt_curve_ = DoubtCurve(np.sort(doubt_of(self.oof_proba_, codes))[::-1].copy())

    def _keep_categories(self, fitted: Fitted, applies: NDArray[np.bool_]) -> None:
        found = blend_labels(fitted, applies)
        self.category_coef_, self.category_intercept_ = found.coef, found.intercept
        self.category_priors_ = applies.mean(axis=0)
        self.oof_category_proba_ = found.oof_proba
        odds = found.oof_proba / np.maximum(1 - found.oof_proba, 1e-12)
        self.category_power_ = best_power(odds, applies)

    def _split(self) -> int | None:
        words = len(self.vectoriser_.words_) + len(self.vectoriser_.pairs_)
        return words if 0 < words < len(self.vectoriser_.idf_) else None

    def get_state(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Return the fitted model as arrays and as JSON-able settings."""
        check_is_fitted(self, "value_coef_")
        arrays = {
            **{f"text.{name}": array for name, array in self.vectoriser_.get_state().items()},
            **{f"fields.{name}": array for name, array in self.field_encoder_.get_state().items()},
            "value.coef": self.value_coef_,
            "value.intercept": self.value_intercept_,
            "category.coef": self.category_coef_,
            "category.intercept": self.category_intercept_,
            "value.priors": self.value_priors_,
            "category.priors": self.category_priors_,
            "doubt": self.doubt_curve_.doubts,
            **{f"held_out.{name}": array for name, array in self.held_out_.get_state().items()},
        }
        meta = {
            "parameters": {
                **self.get_params(),
                "fields": list(self.fields),
                "value_order": list(self.value_order) if self.value_order else None,
            },
            "vectoriser": self.vectoriser_.get_params(),
            "value_codes": list(self.value_codes_),
            "category_codes": list(self.category_codes_),
            "skipped_categories": list(self.skipped_categories_),
            "category_power": self.category_power_,
            "unsure_threshold": self.unsure_threshold_,
        }
        return arrays, meta

    @classmethod
    def from_state(cls, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Self:
        """Rebuild a fitted model from ``get_state()``."""
        self = cls(**meta["parameters"])
        self.vectoriser_ = NgramVectoriser.from_state(
            _under("text.", arrays), **meta["vectoriser"]
        )
        self.field_encoder_ = FieldEncoder.from_state(_under("fields.", arrays))
        self.value_coef_, self.value_intercept_ = arrays["value.coef"], arrays["value.intercept"]
        self.category_coef_ = arrays["category.coef"]
        self.category_intercept_ = arrays["category.intercept"]
        self._coef = np.concatenate([self.value_coef_, self.category_coef_], axis=1)
        self.value_priors_ = arrays["value.priors"]
        self.category_priors_ = arrays["category.priors"]
        self.doubt_curve_ = DoubtCurve(arrays["doubt"])
        self.held_out_ = HeldOut.from_state(_under("held_out.", arrays))
        self.value_codes_ = tuple(meta["value_codes"])
        self.classes_ = np.array(self.value_codes_, dtype=object)
        self.category_codes_ = tuple(meta["category_codes"])
        self.skipped_categories_ = tuple(meta["skipped_categories"])
        self.category_power_ = meta["category_power"]
        self.unsure_threshold_ = meta["unsure_threshold"]
        return self


def tempered(scores: Floats, shares: Floats, power: float = 0.5) -> Floats:
    """Return probabilities (or odds) divided by a power of each label's share in training.

    The largest probability favours common labels, and the largest ratio to the share favours
    rare ones; in between is what macro-averaged F1 rewards. The probabilities themselves stay
    calibrated: only the choice among them changes.
    """
    return scores / np.maximum(shares, 1e-12) ** power


def best_power(odds: Floats, labels: NDArray[np.bool_]) -> float:
    """Return the power with which held-out choices have the best macro-averaged F1.

    Only records with one label count; without any, a half.
    """
    single = labels.sum(axis=1) == 1
    if not single.any():
        return 0.5
    truth, shares = labels[single].argmax(axis=1), labels.mean(axis=0)
    powers = (0.5, 0.25, 0.75, 0.0, 1.0)
    found = [
        f1_score(truth, tempered(odds[single], shares, power).argmax(axis=1), average="macro")
        for power in powers
    ]
    return powers[int(np.argmax(found))]


def read_inputs(X: Inputs, fields: Sequence[str]) -> tuple[list[str], list[Answers]]:
    """Return narratives and structured answers of texts, allegations or a table.

    A table holds its narratives in the column ``narrative`` and an answer to each of
    ``fields`` in the column of that name.
    """
    if isinstance(X, pd.DataFrame):
        columns = [field for field in fields if field in X.columns]
        found = X[columns].astype(object).where(X[columns].notna(), "").to_dict("records")
        return X["narrative"].tolist(), [
            {str(key): str(answer) for key, answer in row.items()} for row in found
        ] or [{}] * len(X)
    pairs = [(x, {}) if isinstance(x, str) else (x.narrative, _answers(x)) for x in X]
    return [text for text, _ in pairs], [answers for _, answers in pairs]


def _answers(allegation: Allegation) -> dict[str, str]:
    channel = {"channel": allegation.channel} if allegation.channel else {}
    return {**allegation.fields, **channel}


def _usable_categories(
    categories: Sequence[Sequence[str]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    codes, counts = np.unique(
        np.array([code for found in categories for code in set(found)], dtype=object),
        return_counts=True,
    )
    single = tuple(codes[counts < 2])
    if single:
        warnings.warn(
            f"Left out, with a single example: {', '.join(single)}", UserWarning, stacklevel=4
        )
    usable = (counts >= 2) & (counts < len(categories))
    return tuple(codes[usable]), single


def _under(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def out_of_fold_doubt(
    model: TriageClassifier,
    X: Sequence[Allegation],
    y: Sequence[str],
    folds: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> Floats:
    """Return the doubt of each record's own value, from models that had not seen the record.

    Parameters
    ----------
    model
        Settings to fit with; not changed.
    X, y
        Allegations and the values recorded for them.
    folds
        Training and held-out positions; those that are never held out get a doubt of 0.
    """
    doubts = np.zeros(len(y))
    for train, test in folds:
        fitted = clone(model).fit([X[k] for k in train], [y[k] for k in train])
        place = {code: number for number, code in enumerate(fitted.value_codes_)}
        probabilities = fitted.predict_proba([X[k] for k in test])
        # A value that the training folds never held cannot be vouched for.
        padded = np.column_stack([probabilities, np.zeros(len(test))])
        recorded = np.array([place.get(y[k], -1) for k in test])
        doubts[test] = doubt_of(padded, recorded)
    return doubts
