"""How doubtful recorded values are, and where to draw the line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import BadInput

Floats = NDArray[np.float64]


def doubt_of(probabilities: Floats, recorded: NDArray[np.int64]) -> Floats:
    """Return the probability that each recorded value is not the right one."""
    return 1.0 - probabilities[np.arange(len(recorded)), recorded]


@dataclass(frozen=True, slots=True)
class DoubtCurve:
    """Held-out doubts of the training records, from which thresholds are read.

    Parameters
    ----------
    doubts
        Doubt of each training record's own value, highest first, each from a model that had
        not seen the record.
    """

    doubts: Floats

    def precision(self) -> Floats:
        """Return, for flagging the first 1, 2, ... records, the share expected to be wrong.

        The doubts are calibrated, so the expected share is their mean. It says how often
        another assessor would record another value; reviews show how often that is right.
        """
        return np.cumsum(self.doubts) / np.arange(1, len(self.doubts) + 1)

    def threshold(self, *, capacity: float | None = None, precision: float | None = None) -> float:
        """Return the doubt from which a record is flagged.

        Parameters
        ----------
        capacity
            Share of the records that can be looked at again, above 0 and at most 1.
        precision
            Share of the flagged records that should be wrong, at least.

        Raises
        ------
        BadInput
            When both or neither are given, or one lies outside its range.
        """
        wanted = [x for x in (capacity, precision) if x is not None]
        if len(wanted) != 1 or not 0 < wanted[0] <= 1:
            raise BadInput("Give either a capacity or a precision, above 0 and at most 1.")
        if not len(self.doubts):
            return 1.0
        if capacity is not None:
            return float(self.doubts[max(int(len(self.doubts) * capacity), 1) - 1])
        good = np.flatnonzero(self.precision() >= wanted[0])
        # Nothing is precise enough: only certain doubt would be.
        return float(self.doubts[good[-1]]) if len(good) else 1.0


def surest_share(confidence: Floats, right: NDArray[np.bool_], accuracy: float) -> float:
    """Return the lowest confidence from which held-out suggestions reach ``accuracy``.

    Suggestions as confident as the one at the threshold stand or fall together. Returns a
    number above 1, so that everything is unsure, when no share of them is accurate enough.
    """
    order = np.argsort(-confidence, kind="stable")
    reached = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    ordered = confidence[order]
    last_of_equals = np.append(ordered[1:] != ordered[:-1], True)
    good = np.flatnonzero((reached >= accuracy) & last_of_equals)
    return float(ordered[good[-1]]) if len(good) else 1.1
