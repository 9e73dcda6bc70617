"""One lesson as it is learned again and again, from those that it hears."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.second_look.gram import Gram
from model.second_look.margin import Margin, solve_margin

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]

NEARLY_ALL = 0.8


class Hearing:
    """Learns a lesson anew at each ranking, starting from its last answer.

    Learning is little but products with a table of inner products. A lesson that hears few of
    the records keeps a table of those alone, which is far smaller than the table of all; one that
    hears nearly all learns from the table of all, as a second one of its size would gain nothing.

    Parameters
    ----------
    records
        How many records there are to hear at first.
    """

    def __init__(self, records: int) -> None:
        nothing = np.zeros(records, np.float32)
        self._last = Margin(nothing, nothing)
        self._places: Ints = np.empty(0, np.int64)
        self._own = _nothing()

    def follow(self, products: Singles) -> None:
        """Take in more records, by their inner products as ``Margin.extended`` has them."""
        self._last = self._last.extended(products)

    def learn(self, gram: Singles, labels: Singles, costs: Singles, offset: Singles) -> Margin:
        """Return what ``solve_margin`` learns; records whose errors cost nothing are not heard."""
        heard = costs > 0
        if heard.sum() > NEARLY_ALL * len(heard):
            self._keep_nothing()
            self._last = solve_margin(gram, labels, costs, offset, self._last)
        else:
            self._last = self._of_some(gram, labels, costs, offset, heard)
        return self._last

    def _of_some(
        self, gram: Singles, labels: Singles, costs: Singles, offset: Singles, heard: Bools
    ) -> Margin:
        self._listen_to(heard, gram)
        places, own, last = self._places, self._own.table, self._last
        before, scores = last.weights[places], last.scores.copy()
        from_others = last.weights[~heard].any()
        said = before @ own if from_others else scores[places]
        learned = solve_margin(
            own, labels[places], costs[places], offset[places], Margin(before, said)
        )
        weights = np.zeros_like(scores)
        weights[places] = learned.weights
        # They mostly lie side by side, and a slice of the table is not copied.
        others = np.flatnonzero(~heard)
        span = slice(others[0], others[-1] + 1)
        scores[span] = weights @ gram[:, span]
        scores[places] = learned.scores
        return Margin(weights, scores)

    def _listen_to(self, heard: Bools, gram: Singles) -> None:
        """Keep the products of those that are heard, and of no other."""
        if not heard[self._places].all():
            self._keep_nothing()
        new = heard.copy()
        new[self._places] = False
        joining = np.flatnonzero(new)
        if len(joining):
            self._places = np.append(self._places, joining)
            self._own.extend(gram[np.ix_(joining, self._places)])

    def _keep_nothing(self) -> None:
        self._places, self._own = np.empty(0, np.int64), _nothing()


def _nothing() -> Gram:
    return Gram(np.empty((0, 0), np.float32))
