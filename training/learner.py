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
    level
        Level that each record is suggested to have; not always the most probable one.
    category
        Column of the one category that suits each record best.
    """

    value: Floats
    categories: Floats
    level: Ints
    category: Ints

    @classmethod
    def most_probable(cls, value: Floats, categories: Floats) -> Answers:
        """Answers of a model that always suggests what is most probable."""
        return cls(value, categories, likeliest(value), likeliest(categories))

    def select(self, rows: Ints) -> Answers:
        """Take the answers for some records, by position."""
        return Answers(
            self.value[rows], self.categories[rows], self.level[rows], self.category[rows]
        )


class Learner(Protocol):
    """A model that can be measured."""

    def fit(self, records: Sequence[Allegation], labels: Labels) -> Self:
        """Learn from records and their labels."""

    def answer(self, records: Sequence[Allegation]) -> Answers:
        """Answer for records that it has not learnt from."""


Recipe = Callable[[], Learner]


def likeliest(probabilities: Floats) -> Ints:
    """Column of the largest probability of each row; 0 where there are no columns."""
    if not probabilities.shape[1]:
        return np.zeros(len(probabilities), dtype=np.int64)
    return np.asarray(probabilities.argmax(axis=1), dtype=np.int64)


def spread(found: Floats, classes: Ints, columns: int) -> Floats:
    """Put the columns of the classes that were seen into their place among all of them."""
    placed = np.zeros((len(found), columns))
    placed[:, classes] = found
    return placed
