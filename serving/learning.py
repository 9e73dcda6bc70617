"""The ranker that learns from decisions, kept in step with the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data.near_duplicates import NearDuplicatePairs, near_duplicate_pairs
from model.second_look import DoubtReceipt, Precedent, SecondLookRanker
from model.similar import Contradiction, contradictions
from serving.store.records import Lesson, Told

REFIT_GROWTH = 1.1
DISMISSED, VALUED = "dismissed", "valued"


class Learner:
    """Holds the ranker in memory and brings it up to date; the store alone is the truth.

    A new process fits it anew from the store. While it lives, decisions and new records are
    only added; it is fitted anew when the records have grown by a tenth, so that new words get
    a weight.

    A contradiction, a dismissed record in nearly the words of one that was valued, stands above
    everything that the ranker says.

    Parameters
    ----------
    version
        Of the model whose doubts it learns from; another model needs another learner.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self._ranker: SecondLookRanker | None = None
        self._lessons: list[Lesson] = []
        self._row: dict[int, int] = {}
        self._near: NearDuplicatePairs | None = None
        self._contradicted: dict[int, Contradiction] = {}
        self._fitted_on = 0
        self._heard: dict[int, Told] = {}
        self._known: dict[int, bool] = {}

    @property
    def known(self) -> Mapping[int, bool]:
        """Records that it knows, and whether each was dismissed when it learned of it."""
        return self._known

    def learn(self, new: Sequence[Lesson], told: Iterable[Told]) -> None:
        """Take in records that it does not know, and what was decided in all.

        Decisions that it knows and that are not told any more were taken back: it forgets them.
        Decisions on records that it does not know wait until it knows them.
        """
        self._lessons.extend(new)
        for one in new:
            self._row[one.id] = len(self._row)
            self._known[one.id] = one.dismissed
        if self._ranker is None or len(self._lessons) > self._fitted_on * REFIT_GROWTH:
            self._fit()
        elif new:
            self._ranker.add(*_inputs(new))
        self._decide([(one.id, one.missed) for one in new if one.missed is not None])
        self._hear({one.id: one for one in told if one.allegation_id in self._row})
        self._contradict(bool(new))

    def scores(self, ids: Sequence[int]) -> list[float]:
        """Give the score of each allegation, higher where a second look is more worth while."""
        scores = self._fitted().scores()
        above = self._above_all()
        rows = [self._row[one] for one in ids]
        return [float(scores[row]) + above * (row in self._contradicted) for row in rows]

    def receipts(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """Say why some allegations stand where they stand, as JSON."""
        rows = [self._row[one] for one in ids]
        return [self._written(one) for one in self._fitted().receipts(rows)]

    def _written(self, receipt: DoubtReceipt) -> Mapping[str, Any]:
        return {
            "parts": [
                *self._contradiction(receipt.index),
                *({"name": one.name, "contribution": one.contribution} for one in receipt.reasons),
            ],
            "words": [
                {"word": one.word, "contribution": one.contribution} for one in receipt.words
            ],
            "precedents": self._precedents(receipt),
        }

    def _precedents(self, receipt: DoubtReceipt) -> list[Mapping[str, Any]]:
        nearest: tuple[Precedent, ...] = receipt.precedents_for + receipt.precedents_against
        return [
            {
                "allegation": self._lessons[one.index].id,
                "similarity": one.similarity,
                "kind": one.kind,
            }
            for one in nearest
        ]

    def _contradict(self, texts_changed: bool) -> None:
        narratives = [one.narrative for one in self._lessons]
        if texts_changed or self._near is None:
            self._near = near_duplicate_pairs(narratives)
        reviewed: list[str | None] = [None] * len(narratives)
        for row, missed in self._answers():
            reviewed[row] = VALUED if missed else DISMISSED
        first = [DISMISSED if one.dismissed else VALUED for one in self._lessons]
        found = contradictions(
            narratives, first, DISMISSED, reviewed_values=reviewed, near=self._near
        )
        self._contradicted = {one.dismissed: one for one in found if not one.reviewed}

    def _above_all(self) -> float:
        scores = self._fitted().scores()
        return float(scores.max() - scores.min()) + 1.0

    def _contradiction(self, row: int) -> list[Mapping[str, Any]]:
        if row not in self._contradicted:
            return []
        alike = f"{self._contradicted[row].similarity:.0%}"
        return [
            {
                "name": f"an allegation in nearly the same words ({alike}) was valued",
                "contribution": self._above_all(),
            }
        ]

    def _fit(self) -> None:
        known = [(self._lessons[row].id, missed) for row, missed in self._answers()]
        self._ranker = SecondLookRanker().fit(*_inputs(self._lessons))
        self._fitted_on = len(self._lessons)
        self._decide(known)

    def _answers(self) -> list[tuple[int, bool]]:
        if self._ranker is None:
            return []
        ledger = self._ranker.ledger_
        return list(zip(ledger.decided.tolist(), ledger.missed.tolist(), strict=True))

    def _decide(self, answers: Sequence[tuple[int, bool]]) -> None:
        if answers:
            self._fitted().update([(self._row[one], missed) for one, missed in answers])

    def _hear(self, told: Mapping[int, Told]) -> None:
        gone = [one for number, one in self._heard.items() if number not in told]
        if gone:
            self._fitted().forget([self._row[one.allegation_id] for one in gone])
        new = [one for number, one in told.items() if number not in self._heard]
        self._decide([(one.allegation_id, one.missed) for one in new])
        self._heard = dict(told)

    def _fitted(self) -> SecondLookRanker:
        if self._ranker is None:
            raise RuntimeError("the learner has learned nothing yet")
        return self._ranker


def _inputs(
    lessons: Sequence[Lesson],
) -> tuple[list[str], list[bool], list[float], dict[str, list[float]]]:
    names = sorted({name for one in lessons for name in one.evidence})
    return (
        [one.narrative for one in lessons],
        [not one.dismissed for one in lessons],
        [one.doubt for one in lessons],
        {name: [one.evidence.get(name, 0.0) for one in lessons] for name in names},
    )
