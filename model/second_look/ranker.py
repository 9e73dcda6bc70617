"""The ranker that learns from each second look which dismissals to look at next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from data.errors import BadRecords
from model.features import NgramVectoriser
from model.meaning import Meanings
from model.second_look.blending import Foreseen
from model.second_look.equals import Equals
from model.second_look.exploring import Lift, lift
from model.second_look.ledger import Bools, Ints, Ledger
from model.second_look.lessons import Lesson
from model.second_look.picks import DoubtReceipt, Pick
from model.second_look.receipts import write_receipts
from model.second_look.sampling import draw_batch
from model.second_look.side import SideEvidence
from model.second_look.teacher import Teacher
from model.text import mask_many

Floats = NDArray[np.float64]
BLOCK = 8


class SecondLookRanker(BaseEstimator):  # type: ignore[misc]
    """Put the dismissed records most likely to be wrongly dismissed first; learn from decisions.

    A weighted linear support vector machine separates confirmed misses from confirmed
    dismissals on word, word-pair and character n-gram weights. Before there are decisions, and
    beside them, it leans on weaker teachers: records valued at first (known positives, but often
    another kind of text than the misses) and a sample of unreviewed dismissals (mostly right).
    Other evidence enters as named parts whose weights start above nothing and are learned from
    there. What the records are about, told by vectors of words learned on other text, a few words
    that tell misses, and doubt of the value model are further experts: how much each counts
    follows from how well it and the lessons ranked each record before its decision. Every
    decision re-ranks everything, and when several in a row were upheld it looks elsewhere.

    Parameters
    ----------
    C
        Inverse strength of regularisation. A smaller one trusts single decisions less.
    known_weight
        What a known positive counts against a decision.
    unreviewed_weight
        What an unreviewed dismissal counts against a decision, in the one of the two lessons
        that hears them.
    sample
        At most this many known positives and as many unreviewed dismissals teach; the rest are
        only scored. Bounds what a decision costs, whatever the size of the backlog.
    evidence_weight
        What a piece of evidence counts before any decision confirms it.
    mask
        Whether nationality, religion, gender and names in narratives are hidden from it, as
        they are from the value model. Prepared features are taken as they are.
    meaning
        Whether the vectors of words are used. Prepared features come without.
    seed
        Seed of the samples.

    Attributes
    ----------
    ledger_ : Ledger
        Standing of and decisions on each record.
    vectoriser_ : NgramVectoriser or None
        Made the features; ``None`` where prepared features were given.

    Examples
    --------
    >>> texts = ["works there without a visa", "bins were not emptied", "cash, no visa",
    ...          "noise from a party", "noise from a dog", "three men hidden in a lorry"]
    >>> valued = [True, False, False, False, False, False]
    >>> ranker = SecondLookRanker().fit(texts, valued)
    >>> int(ranker.rank()[0])
    2
    >>> ranker.decide(3, missed=False).decide(5, missed=True).rank().tolist()
    [2, 1, 4]
    """

    vectoriser_: NgramVectoriser | None
    _texts: list[str] | None
    _scores: Floats | None
    _equals: Equals | None
    _lift: Lift | None
    _meant: Meanings | None
    _meanings: NDArray[np.float32] | None
    _X: sparse.csr_array

    def __init__(
        self,
        *,
        C: float = 0.3,
        known_weight: float = 0.2,
        unreviewed_weight: float = 0.1,
        sample: int = 500,
        evidence_weight: float = 0.5,
        mask: bool = True,
        meaning: bool = True,
        seed: int = 0,
    ) -> None:
        self.C = C
        self.known_weight = known_weight
        self.unreviewed_weight = unreviewed_weight
        self.sample = sample
        self.evidence_weight = evidence_weight
        self.mask = mask
        self.meaning = meaning
        self.seed = seed

    def fit(
        self,
        X: Sequence[str] | sparse.csr_array,
        y: ArrayLike,
        doubt: ArrayLike | None = None,
        evidence: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """Take the backlog and forget earlier decisions.

        Parameters
        ----------
        X
            Narratives, or their prepared features: float32, rows of length about 1, each column
            of a row once and in order, perhaps memory-mapped.
        y
            Whether each record was valued above "no value" at first; the others are dismissed.
        doubt
            How much the value model doubts each record, best out of fold.
        evidence
            Named evidence that the value model does not use, one number per record, from 0
            (absent) to 1.

        Raises
        ------
        BadRecords
            When there is no record, or lengths differ, or a number is not finite, or prepared
            features name a column of a record twice or out of order.
        """
        known = np.asarray(y, dtype=np.bool_)
        self._check_records(X, known)
        self._texts, self.vectoriser_, self._meant, self._meanings = None, None, None, None
        if isinstance(X, sparse.csr_array):
            self._X = X
        else:
            self._texts = self._seen(X)
            self.vectoriser_ = NgramVectoriser()
            self._X = self.vectoriser_.fit_transform(self._texts)
            if self.meaning:
                self._meant = Meanings(self._texts)
                self._meanings = self._meant.made
        self._side = SideEvidence.of(len(known), doubt, evidence, self.evidence_weight)
        self.ledger_ = Ledger(known)
        self._foreseen: dict[int, Foreseen] = {}
        self._heard = self._heard_before = 0
        self._take_stock()
        self._start_teaching()
        return self

    def decide(self, index: int, *, missed: bool) -> Self:
        """Learn that one dismissal was wrong (``missed``) or was upheld."""
        return self.update([(index, missed)])

    def update(self, decisions: Iterable[tuple[int, bool]]) -> Self:
        """Learn from decisions ``(row, missed)``; the latest on a record counts.

        Raises
        ------
        BadRecords
            When a record is unknown or was never dismissed; then none is taken.
        """
        check_is_fitted(self, "ledger_")
        taken = [(int(index), bool(missed)) for index, missed in decisions]
        self.ledger_.refuse_impossible([index for index, _ in taken])
        for block in _blocks(taken, len(self.ledger_.decided)):
            self._teacher.foresee(self.ledger_, [index for index, _ in block])
            self.ledger_.record(block)
            self._scores = None
        return self

    def add(
        self,
        X: Sequence[str] | sparse.csr_array,
        y: ArrayLike,
        doubt: ArrayLike | None = None,
        evidence: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """Append records that came in meanwhile; their rows follow the present ones.

        Words that no earlier record held have no weight until the next ``fit``.
        """
        check_is_fitted(self, "ledger_")
        known = np.asarray(y, dtype=np.bool_)
        self._check_records(X, known)
        if not isinstance(X, sparse.csr_array):
            X = self._features_of_more(X)
        self._X = sparse.csr_array(sparse.vstack([self._X, X], format="csr"))
        self._side = self._side.grown(len(known), doubt, evidence)
        self.ledger_.grow(known)
        self._take_stock()
        self._start_teaching()
        return self

    def forget(self, indices: Sequence[int]) -> Self:
        """Take decisions back, as if they had never been made; their records wait again."""
        check_is_fitted(self, "ledger_")
        self.ledger_.forget(indices)
        for index in indices:
            self._foreseen.pop(int(index), None)
        self._start_teaching()
        return self

    def withdraw(self, indices: Sequence[int]) -> Self:
        """Take dismissed records out of the queue; decisions on them go on teaching."""
        check_is_fitted(self, "ledger_")
        self.ledger_.withdraw(indices)
        self._scores = None
        return self

    def scores(self) -> Floats:
        """Return a score for every record, higher where a second look is more worth while.

        After a run of upheld records one that the ranking would not have chosen is lifted above
        the others.
        """
        check_is_fitted(self, "ledger_")
        scores = self._scores
        if scores is None:
            if self._teacher.is_outgrown(self.ledger_):
                self._start_teaching()
            scores = self._teacher.scores(self.ledger_)
            if self._equals is not None:
                scores = self._equals.evened(scores, self.ledger_.open)
            aside = self._teacher.aside(self.ledger_, self._new_decisions())
            self._lift = lift(scores, self.ledger_.open, aside)
            if self._lift is not None:
                scores = scores.copy()
                scores[self._lift.row] += self._lift.by
            self._scores = scores
        return scores

    def rank(self) -> Ints:
        """Return the rows of undecided dismissed records, the one to look at next first.

        Equal scores keep the order of the records.
        """
        rows = self._open()
        return rows[np.argsort(-self.scores()[rows], kind="stable")]

    def next_batch(
        self, n: int, audit_share: float = 0.1, rng: np.random.Generator | None = None
    ) -> list[Pick]:
        """Return the next records to look at: the top of the ranking and a random audit sample.

        The audit sample is drawn first, from the whole undecided backlog, so that every record
        has the same chance; the ranking fills the rest, and both are mixed.

        Parameters
        ----------
        n
            How many; fewer come where the backlog is smaller.
        audit_share
            Expected share of the audit sample, from 0 to 1.
        rng
            Draws the sample; by default it follows from the seed and the number of decisions.

        Raises
        ------
        BadRecords
            When ``n`` is below 1 or ``audit_share`` outside its range.
        """
        if n < 1 or not 0 <= audit_share <= 1:
            raise BadRecords("A batch needs a size of 1 or more and an audit share from 0 to 1.")
        decided = len(self.ledger_.decided)
        rng = np.random.default_rng([self.seed, decided]) if rng is None else rng
        return draw_batch(self._open(), self.scores(), n, audit_share, rng)

    def receipt(self, index: int, words: int = 8, precedents: int = 3) -> DoubtReceipt:
        """Return why a record stands where it stands.

        Parameters
        ----------
        index
            Row of the record.
        words, precedents
            At most how many are named.
        """
        return self.receipts([index], words, precedents)[0]

    def receipts(
        self, indices: Sequence[int], words: int = 8, precedents: int = 3
    ) -> list[DoubtReceipt]:
        """Return why some records stand where they stand; as :meth:`receipt`, but quicker."""
        check_is_fitted(self, "ledger_")
        for index in indices:
            if not 0 <= index < len(self.ledger_):
                raise BadRecords(f"There is no record {index} in the backlog.")
        scores = self.scores()
        return write_receipts(
            indices,
            self._texts,
            None if self._texts is None else self._say,
            self._teacher,
            self.ledger_,
            words,
            precedents,
            scores,
            self._lift,
        )

    @property
    def narratives(self) -> list[str]:
        """Narratives as the ranker sees them; none where prepared features were given."""
        return list(self._texts or [])

    def _say(self, texts: list[str]) -> Floats:
        """Return what narratives add to the score by their words."""
        meanings = None if self._meant is None else self._meant.of(texts)
        return self._teacher.score_of(self._made_by().transform(texts), meanings)

    def _made_by(self) -> NgramVectoriser:
        if self.vectoriser_ is None:
            raise BadRecords("The backlog holds prepared features; narratives cannot join it.")
        return self.vectoriser_

    def _open(self) -> Ints:
        check_is_fitted(self, "ledger_")
        return self.ledger_.open

    def _features_of_more(self, texts: Sequence[str]) -> sparse.csr_array:
        if self._texts is None or self.vectoriser_ is None:
            raise BadRecords("The backlog holds prepared features; narratives cannot join it.")
        seen = self._seen(texts)
        self._texts.extend(seen)
        if self._meant is not None and self._meanings is not None:
            self._meanings = np.concatenate([self._meanings, self._meant.of(seen)])
        return self.vectoriser_.transform(seen)

    def _seen(self, texts: Sequence[str]) -> list[str]:
        """Return narratives as the ranker may see them."""
        return mask_many(texts) if self.mask else list(texts)

    def _new_decisions(self) -> int:
        """Return how many decisions the ranking before had not heard; at least one."""
        decided = len(self.ledger_.decided)
        if decided != self._heard:
            self._heard_before, self._heard = self._heard, decided
        return max(self._heard - self._heard_before, 1)

    def _take_stock(self) -> None:
        texts = self._texts
        self._equals = None if texts is None else Equals.of(texts, self._side)

    def _start_teaching(self) -> None:
        self._scores = self._lift = None
        self._teacher = Teacher(
            self._X,
            self._side,
            self.ledger_,
            (Lesson(self.known_weight, 0.0), Lesson(self.known_weight, self.unreviewed_weight)),
            C=self.C,
            sample=self.sample,
            seed=self.seed,
            foreseen=self._foreseen,
            meanings=self._meanings,
            words=0 if self.vectoriser_ is None else len(self.vectoriser_.words_),
        )

    def _check_records(self, X: Sequence[str] | sparse.csr_array, known: Bools) -> None:
        rows = X.shape[0] if isinstance(X, sparse.csr_array) else len(X)
        if not rows:
            raise BadRecords("There is no record to rank.")
        if known.shape != (rows,):
            raise BadRecords(f"{rows} records came with {known.size} first values.")
        if isinstance(X, sparse.csr_array) and not X.has_canonical_format:
            raise BadRecords(
                "A record of the prepared features names a column twice or out of order; "
                "sum_duplicates() on them puts that right."
            )


def _blocks(decisions: list[tuple[int, bool]], before: int) -> Iterator[list[tuple[int, bool]]]:
    """Cut many decisions that come at once into blocks that double what was known.

    What came in one by one is heard in nearly the same way when it is heard again at once.
    """
    first = 0
    while first < len(decisions):
        last = first + max(before + first, BLOCK)
        yield decisions[first:last]
        first = last
