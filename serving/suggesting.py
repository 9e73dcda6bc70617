"""Suggesting: what the model in service makes of allegations, and of values recorded for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.schema import Allegation
from model.predictor import Predictor
from model.types import Flagged, Suggestion
from serving.errors import NotAllowed

DEFAULT_CAPACITY = 0.1


@dataclass(frozen=True, slots=True)
class Basis:
    """What a threshold is chosen for: at most one of the three is given.

    Parameters
    ----------
    precision
        Share of the flagged records that should be wrong, measured on held-out data.
    capacity
        Share of all records that can be looked at again.
    threshold
        The doubt itself from which a record is flagged.
    """

    precision: float | None = None
    capacity: float | None = None
    threshold: float | None = None

    def chosen(self, predictor: Predictor) -> tuple[float, str]:
        """Give the threshold, and what it was chosen for in words.

        Raises
        ------
        NotAllowed
            When more than one of them is given.
        """
        given = [one for one in (self.precision, self.capacity, self.threshold) if one is not None]
        if len(given) > 1:
            raise NotAllowed("precision", "give one of precision, capacity and threshold")
        if self.threshold is not None:
            return self.threshold, "given"
        if self.precision is not None:
            return predictor.threshold(precision=self.precision), f"precision {self.precision:g}"
        share = DEFAULT_CAPACITY if self.capacity is None else self.capacity
        return predictor.threshold(capacity=share), f"capacity {share:g}"


def suggest(predictor: Predictor, allegations: Sequence[Allegation]) -> list[Suggestion]:
    """Suggest a value and categories for each allegation, in order."""
    return predictor.suggest(allegations)


def flag(
    predictor: Predictor, assessed: Sequence[tuple[Allegation, str]], basis: Basis
) -> tuple[list[Flagged], float, str]:
    """Say how doubtful each recorded value is; with the threshold and what it was chosen for.

    Raises
    ------
    NotAllowed
        When a recorded value is none that the model knows.
    """
    for number, (_, value) in enumerate(assessed):
        if value not in predictor.value_codes:
            known = ", ".join(predictor.value_codes)
            raise NotAllowed(f"/{number}/value", f"must be one of {known}")
    threshold, chosen_for = basis.chosen(predictor)
    return predictor.flag(assessed, threshold=threshold), threshold, chosen_for
