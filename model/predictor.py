"""Allegations in, suggestions and doubts out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, softmax

from data.errors import BadInput, Problem
from data.schema import Allegation
from data.taxonomy import Taxonomy
from model import artifact
from model.artifact import Manifest
from model.classifier import TriageClassifier
from model.doubt import doubt_of
from model.explain import Direction, contributions
from model.features import Features
from model.reasons import Phrasebook, reasons_of
from model.text import read_once
from model.types import CategorySuggestion, Detail, Flagged, Reason, RuleFlag, Suggestion

CAPACITY = 0.1
CATEGORIES = 5
"""The most categories named for one allegation."""
UNLIKELY = 0.05
"""Categories less probable than this are not named, but for the most probable one."""
_BATCH = 1000

T = TypeVar("T")


class Predictor:
    """Answers for allegations with one trained model.

    Parameters
    ----------
    model
        A fitted model.
    manifest
        Of the artefact the model came from; without it the version is empty.
    """

    def __init__(self, model: TriageClassifier, manifest: Manifest | None = None) -> None:
        self.model = model
        self.manifest = manifest
        self.version = manifest.version if manifest else ""
        self.value_codes: tuple[str, ...] = model.value_codes_
        self.category_codes: tuple[str, ...] = model.category_codes_
        self._phrases: dict[int, str] = {}

    @classmethod
    def load(cls, directory: Path, *, taxonomy: Taxonomy | None = None) -> Self:
        """Read a model from its folder; raises ``BadArtifact`` as ``artifact.load`` does."""
        loaded = artifact.load(directory, taxonomy=taxonomy)
        return cls(loaded.model, loaded.manifest)

    def suggest(
        self,
        allegations: Sequence[Allegation],
        *,
        explain: bool = True,
        details: bool = True,
        rules: bool = True,
    ) -> list[Suggestion]:
        """Return one suggestion for each allegation, in order.

        Parameters
        ----------
        allegations
            What to assess; assessed in batches, so that memory stays bounded.
        explain
            Whether to say which words moved the score of the suggested value.
        details
            Whether to look for investigable facts.
        rules
            Whether to apply the urgency and safeguarding rules.
        """
        found: list[Suggestion] = []
        for batch in _batches(allegations):
            with _collecting_later(), read_once():
                found += self._suggest(batch, explain=explain, details=details, rules=rules)
        return found

    def flag(
        self,
        assessed: Sequence[tuple[Allegation, str]],
        *,
        threshold: float | None = None,
        capacity: float | None = None,
        precision: float | None = None,
        explain: bool = True,
        details: bool = True,
    ) -> list[Flagged]:
        """Return how doubtful the value is that was recorded for each allegation.

        A record that the model was trained on is doubted with the probabilities it had while it
        was held out.

        Parameters
        ----------
        assessed
            Allegations with the value that was recorded.
        threshold
            Doubt from which a record is flagged.
        capacity, precision
            Instead of a threshold: the share of records that can be looked at again, or the
            share of flagged ones that should be wrong; turned into a threshold with the
            held-out doubts of training. With none of the three, a capacity of a tenth.

        Raises
        ------
        BadInput
            When a recorded value is unknown, or more than one of the three is given.
        """
        line = self.threshold(threshold, capacity=capacity, precision=precision)
        self._check_values(assessed)
        return [
            flagged
            for batch in _batches(assessed)
            for flagged in self._flag(batch, line, explain=explain, details=details)
        ]

    def doubts(self, assessed: Sequence[tuple[Allegation, str]]) -> list[float]:
        """Return how doubtful each recorded value is, and nothing else; see ``flag``."""
        self._check_values(assessed)
        found: list[float] = []
        for batch in _batches(assessed):
            allegations = [allegation for allegation, _ in batch]
            recorded = np.array([self.value_codes.index(value) for _, value in batch])
            probabilities = self.model.predict_proba(allegations)
            found += doubt_of(self._held_out(allegations, probabilities), recorded).tolist()
        return found

    def trained_on(self, narratives: Sequence[str]) -> list[bool]:
        """Tell which of these narratives the model was trained on, by their digests."""
        return [bool(one) for one in self.model.held_out_.knows(narratives)]

    def _held_out(
        self, allegations: Sequence[Allegation], probabilities: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        narratives = [allegation.narrative for allegation in allegations]
        return self.model.held_out_.instead_of(narratives, probabilities)

    def threshold(
        self,
        threshold: float | None = None,
        *,
        capacity: float | None = None,
        precision: float | None = None,
    ) -> float:
        """Return the doubt from which a record is flagged; see ``flag``."""
        given = [x for x in (threshold, capacity, precision) if x is not None]
        if len(given) > 1:
            raise BadInput("Give one of threshold, capacity and precision.")
        if threshold is not None:
            return float(threshold)
        if not given:
            capacity = CAPACITY
        return self.model.doubt_curve_.threshold(capacity=capacity, precision=precision)

    def _suggest(
        self, batch: Sequence[Allegation], *, explain: bool, details: bool, rules: bool
    ) -> list[Suggestion]:
        features, answers = self.model.describe(batch)
        values, categories = self.model.score(features, answers)
        probabilities = softmax(values, axis=1)
        chosen = self.model.choose(probabilities)
        confidence = probabilities[np.arange(len(batch)), chosen]
        codes = [self.value_codes[value] for value in chosen.tolist()]
        against = np.full(len(batch), -1)
        nothing: list[tuple[Any, ...]] = [()] * len(batch)
        flags = rules_of(batch) if rules else repeat(((), ()), len(batch))
        urgency, safeguarding = zip(*flags, strict=True)
        columns = (
            [allegation.reference for allegation in batch],
            codes,
            confidence.tolist(),
            (confidence < self.model.unsure_threshold_).tolist(),
            [dict(zip(self.value_codes, row, strict=True)) for row in probabilities.tolist()],
            self._categories(expit(categories)),
            details_of(batch) if details else nothing,
            self._reasons(features, answers, chosen, against) if explain else nothing,
            urgency,
            safeguarding,
            repeat(self.version, len(batch)),
        )
        return [Suggestion(*row) for row in zip(*columns, strict=True)]

    def _flag(
        self,
        batch: Sequence[tuple[Allegation, str]],
        line: float,
        *,
        explain: bool,
        details: bool,
    ) -> Iterator[Flagged]:
        allegations = [allegation for allegation, _ in batch]
        recorded = np.array([self.value_codes.index(value) for _, value in batch])
        features, answers = self.model.describe(allegations)
        probabilities = self._held_out(
            allegations, softmax(self.model.score(features, answers)[0], axis=1)
        )
        doubts = doubt_of(probabilities, recorded)
        suggested = self.model.choose(probabilities)
        other = probabilities.copy()
        other[np.arange(len(batch)), recorded] = -1
        nothing: Sequence[tuple[Reason, ...]] = [()] * len(batch)
        likeliest = other.argmax(axis=1)
        reasons = self._reasons(features, answers, likeliest, recorded) if explain else nothing
        found = details_of(allegations) if details else [()] * len(batch)
        for row, (allegation, value) in enumerate(batch):
            yield Flagged(
                reference=allegation.reference,
                recorded_value=value,
                doubt=float(doubts[row]),
                flagged=bool(doubts[row] >= line),
                threshold=line,
                suggested_value=self.value_codes[int(suggested[row])],
                reasons=reasons[row],
                details=found[row],
                model_version=self.version,
            )

    def _reasons(
        self,
        features: Features,
        answers: sparse.csr_array,
        towards: NDArray[np.int64],
        against: NDArray[np.int64],
    ) -> list[tuple[Reason, ...]]:
        model = self.model
        parts = contributions(features, answers, model.value_coef_, Direction(towards, against))
        phrases = Phrasebook(
            model.vectoriser_, model.field_encoder_, features.tokens.words, self._phrases
        )
        return reasons_of(parts, phrases, [self.value_codes[value] for value in towards.tolist()])

    def _categories(self, applies: NDArray[np.float64]) -> list[tuple[CategorySuggestion, ...]]:
        """Return the categories worth naming of each text, most probable first."""
        if not self.category_codes:
            return [()] * len(applies)
        named = applies >= UNLIKELY
        named[np.arange(len(applies)), applies.argmax(axis=1)] = True
        rows, columns = named.nonzero()
        order = np.lexsort((-applies[rows, columns], rows))
        chances = applies[rows, columns][order].tolist()
        codes = np.array(self.category_codes, dtype=object)[columns[order]].tolist()
        made = list(map(CategorySuggestion, codes, chances))
        ends = named.sum(axis=1).cumsum().tolist()
        return [
            tuple(made[start : min(start + CATEGORIES, end)])
            for start, end in pairwise([0, *ends])
        ]

    def _check_values(self, assessed: Sequence[tuple[Allegation, str]]) -> None:
        problems = [
            Problem(f"allegation {row}, recorded value", f"{value!r} is not one of the values")
            for row, (_, value) in enumerate(assessed, start=1)
            if value not in self.value_codes
        ]
        if problems:
            raise BadInput(f"The values are: {', '.join(self.value_codes)}.", problems)


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Pause the search for reference cycles, of which answers have none.

    Thousands of small objects made at once would have every object of the process looked at.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def details_of(batch: Sequence[Allegation]) -> list[tuple[Detail, ...]]:
    """Return the investigable facts of each allegation, in order; no model is asked."""
    from model.details import find_details_many

    return list(find_details_many([allegation.narrative for allegation in batch]))


def rules_of(
    batch: Sequence[Allegation],
) -> list[tuple[tuple[RuleFlag, ...], tuple[RuleFlag, ...]]]:
    """Return the urgency and the safeguarding rules that fire on each; no model is asked."""
    from model.safeguarding import safeguarding
    from model.urgency import urgency

    return [
        (tuple(urgency(x.narrative, x.fields)), tuple(safeguarding(x.narrative, x.fields)))
        for x in batch
    ]
