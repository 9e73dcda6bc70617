"""What reviewers decided about which records, and which records are still to be looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from data.errors import BadRecords, Problem

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

KNOWN, DISMISSED, WITHDRAWN = 0, 1, 2


class Ledger:
    """The standing of each record and the decisions in order.

    The latest decision on a record counts; it keeps its place in the order. Withdrawing a
    record takes it out of the queue, not out of memory: a decision on it goes on teaching.

    Parameters
    ----------
    known
        Whether each record was valued above "no value" at first.
    """

    def __init__(self, known: Bools) -> None:
        self._standing = np.where(known, KNOWN, DISMISSED)
        self._answers: dict[int, bool] = {}
        self._open = ~known
        self._decided: tuple[Ints, Bools] | None = None

    def __len__(self) -> int:
        return len(self._standing)

    def record(self, decisions: Iterable[tuple[int, bool]]) -> None:
        """Take decisions, the latest last; refuse all of them if one is impossible."""
        taken = [(int(index), bool(missed)) for index, missed in decisions]
        self.refuse_impossible([index for index, _ in taken])
        self._decided = None
        for index, missed in taken:
            self._answers[index] = missed
            self._open[index] = False

    def withdraw(self, indices: Sequence[int]) -> None:
        """Take records out of the queue."""
        rows = [int(index) for index in indices]
        self.refuse_impossible(rows)
        self._standing[rows] = WITHDRAWN
        self._open[rows] = False

    def forget(self, rows: Sequence[int]) -> None:
        """Take decisions back: their records wait again."""
        self._decided = None
        for row in map(int, rows):
            if self._answers.pop(row, None) is not None:
                self._open[row] = self._standing[row] == DISMISSED

    def refuse_impossible(self, rows: Sequence[int]) -> None:
        """Raise ``BadRecords`` where a row was never dismissed or is unknown."""
        problems = tuple(problem for row in rows if (problem := self._problem(row)))
        if problems:
            raise BadRecords("A decision cannot be taken on such a record.", problems)

    def grow(self, known: Bools) -> None:
        """Append records."""
        self._standing = np.concatenate([self._standing, np.where(known, KNOWN, DISMISSED)])
        self._open = np.concatenate([self._open, ~known])

    @property
    def open(self) -> Ints:
        """Rows of dismissed records that nobody has decided, in order."""
        return np.flatnonzero(self._open)

    @property
    def known(self) -> Ints:
        """Rows of records valued at first."""
        return np.flatnonzero(self._standing == KNOWN)

    @property
    def dismissed(self) -> Ints:
        """Rows of records dismissed at first and not withdrawn."""
        return np.flatnonzero(self._standing == DISMISSED)

    @property
    def decided(self) -> Ints:
        """Rows with a decision, in the order of their first decision."""
        return self._in_arrays()[0]

    @property
    def missed(self) -> Bools:
        """The answers, in the order of ``decided``."""
        return self._in_arrays()[1]

    def _in_arrays(self) -> tuple[Ints, Bools]:
        if self._decided is None:
            count, answers = len(self._answers), self._answers
            rows = np.fromiter(answers, np.int64, count)
            missed = np.fromiter(answers.values(), np.bool_, count)
            for array in (rows, missed):
                array.setflags(write=False)
            self._decided = rows, missed
        return self._decided

    def answer(self, index: int) -> bool | None:
        """Return the decision on a record, if there is one."""
        return self._answers.get(index)

    def is_open(self, index: int) -> bool:
        """Return whether a record waits for a decision."""
        return bool(0 <= index < len(self) and self._open[index])

    def _problem(self, row: int) -> Problem | None:
        if not 0 <= row < len(self):
            return Problem(f"record {row}", "is not in the backlog", "add it first")
        if self._standing[row] == KNOWN:
            return Problem(
                f"record {row}", "was not dismissed", "only a 'no value' can be looked at again"
            )
        return None
