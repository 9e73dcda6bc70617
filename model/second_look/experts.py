"""The experts beside the lessons on words, and how much each of them counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.blending import ALONE, PRIOR, Foreseen, evened, stacked_weights
from model.second_look.gist import Gist
from model.second_look.ledger import Ints, Ledger
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
        self.gist, self.told, self.doubt = (np.zeros(records) for _ in range(3))
        if side.doubt is not None:
            self.doubt = evened(side.doubt.astype(np.float64), gauge)
        self.foreseen = foreseen
        self.are_there = not (side.doubt is None and meanings is None and words is None)
        self.trust = PRIOR if self.are_there else ALONE

    def learn(
        self,
        taught: Ints,
        labels: Singles,
        kinds: NDArray[np.int8],
        costs: Singles,
        gauge: slice,
        decided: int,
    ) -> None:
        """Learn from the same teachers as the lessons."""
        if self.meanings is not None:
            self.gist = self.meanings.learn(taught, labels, kinds, costs, gauge)
        if self.words is not None:
            self.told = self.words.learn(taught, labels, costs, gauge, decided)

    def note(self, row: int, learned: Floats) -> None:
        """Keep what is said of a record that is about to be decided."""
        said = float(learned[row]), float(self.gist[row]), float(self.told[row])
        self.foreseen.setdefault(row, said)

    def blend(self, ledger: Ledger, learned: Floats) -> Floats:
        """Give all experts the weights that they have earned, and add what they say."""
        if not self.are_there:
            return learned
        decided = ledger.decided.tolist()
        places = [k for k, row in enumerate(decided) if row in self.foreseen]
        rows = [decided[k] for k in places]
        foreseen = np.array([self.foreseen[row] for row in rows], np.float64).reshape(-1, 3)
        earlier = np.column_stack([foreseen, self.doubt[rows]])
        self.trust = stacked_weights(earlier, ledger.missed[places], self.trust)
        share, gist, told, doubt = self.trust
        return share * learned + gist * self.gist + told * self.told + doubt * self.doubt
