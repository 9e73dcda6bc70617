"""What every model that is measured has in common: it learns from records, and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from data.schema import Allegation
from training.figures import Floats, Ints
from training.labels import Labels


@dataclass(frozen=True, slots=True)
class Answers:
    """Probabilities that a model gave, one row per record.

    Parameters
    ----------
    value
        One column per level, lowest first; each row sums to 1.
    categories
        One column per learnt category.
    """

    value: Floats
    categories: Floats


class Learner(Protocol):
    """A model that can be measured."""

    def fit(self, records: Sequence[Allegation], labels: Labels) -> Self:
        """Learn from records and their labels."""

    def answer(self, records: Sequence[Allegation]) -> Answers:
        """Answer for records that it has not learnt from."""


Recipe = Callable[[], Learner]


def spread(found: Floats, classes: Ints, columns: int) -> Floats:
    """Put the columns of the classes that were seen into their place among all of them."""
    placed = np.zeros((len(found), columns))
    placed[:, classes] = found
    return placed
