"""What the decisions, the first look and the unreviewed backlog teach: one linear score."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look.blending import Foreseen, middle_and_spread
from model.second_look.experts import Experts
from model.second_look.exploring import DOUBTED, UNSEEN, elsewhere, spoken_for
from model.second_look.hearing import Hearing
from model.second_look.inner import TeachingRows
from model.second_look.ledger import Ints, Ledger
from model.second_look.lengths import cosines, pivoted, row_lengths, typical_size
from model.second_look.lessons import DECIDED, KNOWN, UNREVIEWED, Lesson, Taught
from model.second_look.margin import Margin
from model.second_look.pairs import Pairs, inner_products
from model.second_look.product import times_vector
from model.second_look.side import SideEvidence
from model.second_look.thinning import teaching, thinned
from model.second_look.unseen import Unseen
from model.threads import one_thread

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

MANY = 8
MUCH = 1500
TOGETHER = 64
SMALL, REPAID = 3000, 50
LOOKED_OVER = 2000
FREER = 2.0
DIGITS = 5


class Teacher:
    """Trains linear scores on the records that teach, averages them and applies them to all.

    The lessons differ in whom they hear. Their scores are brought to the same spread over the
    backlog before they are averaged; a mean of linear scores is a linear score. What the experts
    beside them say, brought to the same spread, is added with the weights that they have earned.

    Once a small backlog has been ranked ``REPAID`` times, or has to be looked over, the inner
    products of every two of its records are worth making: they are then what it is ranked with.

    Longer narratives keep part of their length (pivoted length normalisation: Singhal, Buckley,
    Mitra, "Pivoted document length normalization", SIGIR 1996).

    Parameters
    ----------
    X
        Features of all records.
    side
        Doubt and other evidence about them.
    ledger
        Their standing when teaching starts; the samples are drawn from it.
    lessons
        How much each kind of teacher counts in each lesson.
    C, sample, seed
        As for the ranker.
    foreseen
        What the lessons and the learners beside them said of each decided record before its
        decision.
    meanings
        Vectors of what the records are about, if there are any.
    words
        How many of the features, the first ones, are words; 0 where that is not known.
    """

    def __init__(
        self,
        X: sparse.csr_array,
        side: SideEvidence,
        ledger: Ledger,
        lessons: tuple[Lesson, ...],
        *,
        C: float,
        sample: int,
        seed: int,
        foreseen: dict[int, Foreseen],
        meanings: Singles | None = None,
        words: int = 0,
    ) -> None:
        self.X, self.side, self.C, self.lessons = X, side, C, lessons
        self._waited, self._seed = ledger.open, seed
        self._typical = typical_size(X)
        self.scale = pivoted(X, self._typical)
        rng = np.random.default_rng(seed)
        known, open_ = (_sampled(rows, sample, rng) for rows in (ledger.known, ledger.open))
        self._rows = np.concatenate([known, open_])
        self._place = np.full(X.shape[0], -1, np.int64)
        self._place[self._rows] = np.arange(len(self._rows))
        self._kinds = np.repeat(np.array([KNOWN, UNREVIEWED], np.int8), [len(known), len(open_)])
        self._gauge = slice(len(known), len(self._rows))
        self._taught = TeachingRows(self._features(self._rows))
        nothing = np.zeros(len(self._rows), np.float32)
        self._hearings = [Hearing(len(self._rows)) for _ in lessons]
        self._pairs: Pairs | None = None
        self._ranked = 0
        self._mixed, self._part, self._start = nothing, 1.0, 0.0
        self._combined: Singles | None = None
        self.learned: Floats | None = None
        self._heard = 0
        self._last: Taught | None = None
        self._thinned = thinned(ledger)
        held = sparse.csr_array(X[:, :words]) if words else None
        self.experts = Experts(side, self._rows[self._gauge], foreseen, meanings, held)
        self._words = words

    def foresee(self, ledger: Ledger, rows: Sequence[int]) -> None:
        """Note what the lessons say of records that are about to be decided."""
        if not self.experts.are_there:
            return
        # Decisions that came without a ranking between them were foreseen by an old one.
        if self.learned is None or len(ledger.decided) >= max(2 * self._heard, MANY):
            self.scores(ledger)
        if self.learned is not None:
            for row in rows:
                self.experts.note(row, self.learned)

    def is_outgrown(self, ledger: Ledger) -> bool:
        """Return whether so much was decided since that fewer of the decisions should teach."""
        return thinned(ledger) != self._thinned

    def scores(self, ledger: Ledger) -> Floats:
        """Train on the decisions so far and return the score of every record."""
        with one_thread():
            return self._scores(ledger)

    def _scores(self, ledger: Ledger) -> Floats:
        self._include(ledger)
        self._heard = len(ledger.decided)
        self._ranked += 1
        if self._ranked > REPAID:
            self._pair_up()
        labels, kinds = self._answers(ledger)
        given = (self.side.table[self._rows] @ self.side.prior).astype(np.float32)
        costs = [lesson.costs(labels, kinds, self.C) for lesson in self.lessons]
        learned = self._learn_all(labels, costs, given)
        self.learned = self._apply(learned, given, labels, kinds)
        self._last = Taught(self._rows, labels, kinds, self._gauge, self._heard)
        self.experts.learn(self._last, costs[-1])
        return self.experts.blend(ledger, self.learned)

    def aside(self, ledger: Ledger, new: int) -> tuple[str, int] | None:
        """Return the record that comes next in the ranking's place, and why; mostly none.

        Parameters
        ----------
        ledger
            The decisions.
        new
            How many of them came after the ranking before.
        """
        way = elsewhere(ledger.missed, new)
        if way is None:
            return None
        if way == UNSEEN:
            rows, worth = self._standing_for_most(ledger)
        else:
            doubt = None if self.side.doubt is None else self.experts.doubt
            spoken = spoken_for(way, doubt, None if way == DOUBTED else self._of_value())
            if spoken is None:
                return None
            rows, way = ledger.open, spoken[0]
            worth = spoken[1][rows]
        return (way, int(rows[worth.argmax()])) if len(rows) else None

    def _of_value(self) -> Floats | None:
        """Return what words tell once all that is known to be of value counts alike."""
        if self._last is None:
            return None
        alike = replace(self.lessons[-1], known=1.0)
        costs = alike.costs(self._last.labels, self._last.kinds, FREER * self.C)
        return self.experts.of_value(self._last, costs)

    @cached_property
    def _unseen(self) -> Unseen:
        rng = np.random.default_rng(self._seed)
        return Unseen(_sampled(self._waited, LOOKED_OVER, rng), self._alike)

    def _standing_for_most(self, ledger: Ledger) -> tuple[Ints, Floats]:
        with one_thread():
            self._pair_up()
            rows = self._unseen.rows
            waits = np.array([ledger.is_open(row) for row in rows.tolist()], np.bool_)
            return rows[waits], self._unseen.worth(ledger.decided)[waits]

    def _alike(self, rows: Ints, others: Ints) -> Singles:
        """Return the cosines of some records with others, evidence and constant included."""
        if self._pairs is None:
            products = inner_products(self._features(rows), self._features(others))
        else:
            products = self._pairs.between(rows, others)
        sizes = self._whole_sizes
        return np.asarray(products / np.outer(sizes[rows], sizes[others]))

    @cached_property
    def _whole_sizes(self) -> Singles:
        evidence = np.square(self.side.table).sum(axis=1)
        return np.asarray(np.sqrt(np.square(self.scale * self._sizes) + evidence + 1), np.float32)

    @property
    def coef(self) -> Singles:
        """Weight of each feature in the score."""
        return np.float32(self.experts.trust[0]) * self._direction()[: self.X.shape[1]]

    @property
    def side_weights(self) -> Floats:
        """Weight of each piece of evidence in the score."""
        return self.experts.trust[0] * self._of_evidence()

    @property
    def intercept(self) -> float:
        """What every score starts from."""
        return self.experts.trust[0] * self._from()

    def score_of(self, features: sparse.csr_array, meanings: Singles | None = None) -> Floats:
        """Return what other texts would add to the score by their words and what they mean."""
        _, gist, told, _ = self.experts.trust
        words = np.asarray(features @ self.coef) * pivoted(features, self._typical)
        said: Floats = words.astype(np.float64)
        if self.experts.words is not None:
            held = sparse.csr_array(features[:, : self._words])
            said = said + told * self.experts.words.score_of(held)
        if self.experts.meanings is not None and meanings is not None:
            said = said + gist * self.experts.meanings.score_of(meanings)
        return said

    def similarities(self, indices: Ints, rows: Ints) -> Floats:
        """Return the cosines of some records' features with those of ``rows``.

        Returns
        -------
        ndarray of shape (indices, rows)
        """
        return cosines(self.X, self._sizes, indices, rows)

    @cached_property
    def _sizes(self) -> Floats:
        return row_lengths(self.X)

    def _learn_all(self, labels: Singles, costs: list[Singles], given: Singles) -> list[Margin]:
        """Learn each lesson, side by side where there is much to learn from."""

        def learn(hearing: Hearing, cost: Singles) -> Margin:
            return hearing.learn(self._taught.gram, labels, cost, given)

        if len(labels) < MUCH:
            return list(map(learn, self._hearings, costs))
        with ThreadPoolExecutor(len(costs)) as pool:
            return list(pool.map(learn, self._hearings, costs))

    def _apply(
        self,
        learned: list[Margin],
        given: Singles,
        labels: Singles,
        kinds: NDArray[np.int8],
    ) -> Floats:
        """Average the lessons and score every record."""
        diagonal = np.diagonal(self._taught.gram)
        mixed, own = np.zeros(len(labels), np.float32), np.zeros(len(labels), np.float32)
        start, share = 0.0, 0.0
        for one in learned:
            # Without its own say: a sampled dismissal must not speak against itself.
            itself = np.where(kinds == UNREVIEWED, one.weights * diagonal, 0)
            backlog = (one.scores + given - itself)[self._gauge].astype(np.float64)
            middle, spread = middle_and_spread(backlog)
            part = 1 / (spread * len(learned))
            mixed += np.float32(part) * one.weights
            own += np.float32(part) * itself
            start -= part * middle
            share += part
        self._mixed, self._part, self._start, self._combined = mixed, share, start, None
        total = self._total() if self._pairs is None else self._total_of_pairs(self._pairs)
        total[self._rows] -= own
        # The last digits depend on the order of sums; equal narratives must score alike.
        return np.asarray(total.round(DIGITS))

    def _total(self) -> Floats:
        """Return what the mixed lessons say of every record."""
        words = self._direction()[: self.X.shape[1]]
        total = (times_vector(self.X, words) * self.scale).astype(np.float64)
        total += self.side.table @ self._of_evidence() + self._from()
        return total

    def _total_of_pairs(self, pairs: Pairs) -> Floats:
        total = pairs.scores(self._mixed).astype(np.float64)
        total += self._part * (self.side.table @ self.side.prior) + self._start
        return total

    def _direction(self) -> Singles:
        """Return the mixed weights of words, evidence and the constant."""
        if self._combined is None:
            self._combined = (
                self._taught.combine(self._mixed)
                if self._pairs is None
                else np.asarray(self._features(self._rows).T @ self._mixed, np.float32)
            )
        return self._combined

    def _of_evidence(self) -> Floats:
        learned = self._direction()[self.X.shape[1] : -1]
        return self._part * self.side.prior.astype(np.float64) + learned

    def _from(self) -> float:
        return float(self._direction()[-1]) + self._start

    def _pair_up(self) -> None:
        records = self.X.shape[0]
        if self._pairs is None and records <= SMALL:
            every = self._features(np.arange(records))
            self._pairs = Pairs(every, self._rows)

    def _answers(self, ledger: Ledger) -> tuple[Singles, NDArray[np.int8]]:
        """Return the label of each teaching record and what kind of teacher it is."""
        kinds = self._kinds.copy()
        labels = np.where(kinds == KNOWN, np.float32(1), np.float32(-1))
        places = self._place[ledger.decided]
        there = places >= 0
        labels[places[there]] = np.where(ledger.missed[there], 1, -1)
        kinds[places[there]] = DECIDED
        return labels, kinds

    def _include(self, ledger: Ledger) -> None:
        """Let those teach whose decisions it has not heard."""
        rows = ledger.decided[teaching(ledger, self._thinned)]
        new: list[int] = rows[self._place[rows] < 0].tolist()
        if len(new) < TOGETHER or self._pairs is not None:
            for row in new:
                self._join([row])
                self._follow(1)
        else:
            self._join(new)
            self._follow(len(new))

    def _follow(self, new: int) -> None:
        products = self._taught.gram[-new:]
        for hearing in self._hearings:
            hearing.follow(products)

    def _join(self, rows: list[int]) -> None:
        self._place[rows] = len(self._rows) + np.arange(len(rows))
        self._rows = np.append(self._rows, rows)
        self._kinds = np.append(self._kinds, np.full(len(rows), DECIDED, np.int8))
        if len(rows) > 1:
            self._taught.extend(self._features(np.array(rows, np.int64)))
        elif self._pairs is None:
            self._taught.append(*self._bare(rows[0]))
        else:
            self._taught.append_products(self._pairs.teach(rows[0]))

    def _bare(self, row: int) -> tuple[NDArray[Any], Singles]:
        """Return what ``_features`` would hold of one record: where, and how much."""
        span = slice(self.X.indptr[row], self.X.indptr[row + 1])
        own = np.append(self.side.table[row], np.float32(1))
        places = np.arange(self.X.shape[1], self.X.shape[1] + len(own), dtype=np.int32)
        values = self.X.data[span] * self.scale[row]
        return np.append(self.X.indices[span], places), np.append(values, own)

    def _features(self, rows: Ints) -> sparse.csr_array:
        """Return words, evidence and a constant of some records, side by side."""
        words = self.X[rows].multiply(self.scale[rows][:, None])
        parts: list[Any] = [words, self.side.table[rows], np.ones((len(rows), 1))]
        parts = [sparse.csr_array(part, dtype=np.float32) for part in parts]
        return sparse.csr_array(sparse.hstack(parts, format="csr"))


def _sampled(rows: Ints, most: int, rng: np.random.Generator) -> Ints:
    if len(rows) <= most:
        return rows
    return np.sort(rng.choice(rows, size=most, replace=False))
