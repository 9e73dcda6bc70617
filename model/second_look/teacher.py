"""What the decisions, the first look and the unreviewed backlog teach: one linear score."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.ledger import Bools, Ints, Ledger
from model.second_look.margin import solve_margin
from model.second_look.product import times_vector
from model.second_look.side import SideEvidence

Floats = NDArray[np.float64]


class Teacher:
    """Trains the linear score on the records that teach and applies it to all.

    Parameters
    ----------
    X
        Features of all records.
    side
        Doubt and other evidence about them.
    ledger
        Their standing when teaching starts; the samples are drawn from it.
    C, known_weight, unreviewed_weight, sample, seed
        As for the ranker.
    """

    def __init__(
        self,
        X: sparse.csr_array,
        side: SideEvidence,
        ledger: Ledger,
        *,
        C: float,
        known_weight: float,
        unreviewed_weight: float,
        sample: int,
        seed: int,
    ) -> None:
        self.X, self.side = X, side
        self.C = C
        self.known_weight, self.unreviewed_weight = known_weight, unreviewed_weight
        rng = np.random.default_rng(seed)
        known, open_ = (_sampled(rows, sample, rng) for rows in (ledger.known, ledger.open))
        self._known = known
        self._rows = np.concatenate([known, open_])
        self._place = {int(row): place for place, row in enumerate(self._rows)}
        self._taught = self._features(self._rows)
        self._gram = np.asarray((self._taught @ self._taught.T).toarray(), np.float32)
        self._weights = np.zeros(len(self._rows), np.float32)
        self.coef = np.zeros(X.shape[1], np.float32)
        self.side_weights = side.prior.astype(np.float64)
        self.intercept = 0.0

    def scores(self, ledger: Ledger) -> Floats:
        """Train on the decisions so far and return the score of every record."""
        self._include(ledger.decided)
        labels, counts = self._lesson(ledger)
        teaching = counts > 0
        costs = self.C * _balanced(labels[teaching], counts[teaching])
        rows = np.flatnonzero(teaching)
        weights = np.zeros(len(self._rows), np.float32)
        weights[rows] = solve_margin(
            self._gram[: len(self._rows), : len(self._rows)][np.ix_(rows, rows)],
            labels[rows].astype(np.float32),
            costs.astype(np.float32),
            (self.side.table[self._rows[rows]] @ self.side.prior).astype(np.float32),
            self._weights[rows],
        )
        self._weights = weights
        return self._apply(ledger)

    def similarities(self, index: int, rows: Ints) -> Floats:
        """Return the cosine of one record's features with those of ``rows``."""
        one = self.X[[index]]
        products = np.asarray((self.X[rows] @ one.T).todense(), np.float64).ravel()
        size = np.sqrt(_squares(self.X[rows]) * _squares(one))
        return np.divide(products, size, out=np.zeros_like(products), where=size > 0)

    def _apply(self, ledger: Ledger) -> Floats:
        learned = np.asarray(self._taught.T @ self._weights)
        width = self.X.shape[1]
        self.coef = learned[:width].astype(np.float32)
        self.side_weights = self.side.prior + learned[width:-1].astype(np.float64)
        self.intercept = float(learned[-1])
        total = times_vector(self.X, self.coef).astype(np.float64) + self.intercept
        total += self.side.table @ self.side_weights
        return total

    def _lesson(self, ledger: Ledger) -> tuple[Floats, Floats]:
        """Return the label of each teaching record and what it counts."""
        labels = np.full(len(self._rows), -1.0)
        counts = np.full(len(self._rows), self.unreviewed_weight)
        labels[: len(self._known)], counts[: len(self._known)] = 1.0, self.known_weight
        places = [self._place[int(row)] for row in ledger.decided]
        labels[places] = np.where(ledger.missed, 1.0, -1.0)
        counts[places] = 1.0
        return labels, counts

    def _include(self, rows: Ints) -> None:
        """Let further records teach."""
        new = np.array([row for row in rows.tolist() if row not in self._place], np.int64)
        if not len(new):
            return
        self._place |= {int(row): len(self._rows) + k for k, row in enumerate(new)}
        self._rows = np.concatenate([self._rows, new])
        more = self._features(new)
        self._taught = sparse.csr_array(sparse.vstack([self._taught, more], format="csr"))
        across = np.asarray((more @ self._taught.T).toarray(), np.float32)
        self._gram = _bordered(self._gram, across)
        self._weights = np.concatenate([self._weights, np.zeros(len(new), np.float32)])

    def _features(self, rows: Ints) -> sparse.csr_array:
        """Return words, evidence and a constant of some records, side by side."""
        parts: list[Any] = [self.X[rows], self.side.table[rows], np.ones((len(rows), 1))]
        parts = [sparse.csr_array(part, dtype=np.float32) for part in parts]
        return sparse.csr_array(sparse.hstack(parts, format="csr"))


def _sampled(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    if len(rows) <= most:
        return rows
    return np.sort(rng.choice(rows, size=most, replace=False))


def _balanced(labels: Floats, counts: Floats) -> Floats:
    """Scale what records count so that both sides weigh the same."""
    positive: Bools = labels > 0
    half = counts.sum() / 2
    sums = np.where(positive, counts[positive].sum(), counts[~positive].sum())
    return np.asarray(counts * half / sums)


def _bordered(gram: Any, across: Any) -> Any:  # noqa: ANN401
    """Return the inner products with new rows: ``across`` holds theirs with all, themselves last."""
    old, new = len(gram), len(across)
    larger = np.empty((old + new, old + new), np.float32)
    larger[:old, :old] = gram
    larger[old:], larger[:old, old:] = across, across[:, :old].T
    return larger


def _squares(rows: sparse.csr_array) -> Floats:
    return np.asarray(rows.multiply(rows).sum(axis=1), np.float64).ravel()
