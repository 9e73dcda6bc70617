"""The experts beside the lessons on words, and how much each of them counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.blending import (
    ALONE,
    PRIOR,
    Foreseen,
    Weights,
    evened,
    stacked_weights,
)
from model.second_look.gist import Gist
from model.second_look.ledger import Ints, Ledger
from model.second_look.lessons import Taught
from model.second_look.side import SideEvidence
from model.second_look.telling import TellingWords

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]


class Experts:
    """What is learned of meanings and of single words, and the value model's doubt.

    Parameters
    ----------
    side
        Doubt and other evidence about all records.
    gauge
        Rows over which every expert's scores have mean 0 and spread 1.
    foreseen
        What the lessons and the learners said of each decided record before its decision.
    meanings
        Vectors of what the records are about, if there are any.
    words
        Weights of the words in each record, if they are known to be words.
    """

    def __init__(
        self,
        side: SideEvidence,
        gauge: Ints,
        foreseen: dict[int, Foreseen],
        meanings: Singles | None,
        words: sparse.csr_array | None,
    ) -> None:
        records = len(side.table)
        given = (side.table @ side.prior).astype(np.float32)
        self.meanings = None if meanings is None else Gist(meanings, side.table, given)
        self.words = None if words is None else TellingWords(words)
        self._words_of_value = None if self.words is None else self.words.another()
        self.gist, self.told, self.doubt = (np.zeros(records) for _ in range(3))
        if side.doubt is not None:
            self.doubt = evened(side.doubt.astype(np.float64), gauge)
        self._foreseen = foreseen
        self._said, self._was_foreseen = np.zeros((records, 3)), np.zeros(records, np.bool_)
        for row, said in foreseen.items():
            self._said[row], self._was_foreseen[row] = said, True
        self.are_there = not (side.doubt is None and meanings is None and words is None)
        self.trust = PRIOR if self.are_there else ALONE

    def learn(self, taught: Taught, costs: Singles) -> None:
        """Learn from the same teachers as the lessons."""
        if self.meanings is not None:
            self.gist = self.meanings.learn(taught, costs)
        if self.words is not None:
            self.told = self.words.learn(taught, costs)

    def of_value(self, taught: Taught, costs: Singles) -> Floats | None:
        """Return what words tell by other costs of the same teachers; nothing if they cannot."""
        if self._words_of_value is None:
            return None
        told = self._words_of_value.learn(taught, costs)
        return told if told.any() else None

    def note(self, row: int, learned: Floats) -> None:
        """Keep what is said of a record that is about to be decided."""
        said = float(learned[row]), float(self.gist[row]), float(self.told[row])
        if row not in self._foreseen:
            self._foreseen[row] = self._said[row] = said
            self._was_foreseen[row] = True

    def blend(self, ledger: Ledger, learned: Floats) -> Floats:
        """Give all experts the weights that they have earned, and add what they say."""
        if not self.are_there:
            return learned
        self.trust = self._earned(ledger)
        share, gist, told, doubt = self.trust
        return share * learned + gist * self.gist + told * self.told + doubt * self.doubt

    def _earned(self, ledger: Ledger) -> Weights:
        decided, missed = ledger.decided, ledger.missed
        heard = self._was_foreseen[decided]
        rows = decided[heard]
        earlier = np.column_stack([self._said[rows], self.doubt[rows]])
        return stacked_weights(earlier, missed[heard], self.trust)
