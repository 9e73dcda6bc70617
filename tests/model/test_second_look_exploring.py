"""When the queue finds nothing it looks elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from model.second_look import SecondLookRanker, teacher
from model.second_look.exploring import DOUBTED, ENOUGH, UNSEEN, Unseen, elsewhere, lift

FIRST_KIND = "landlord rents rooms to lodgers without papers"
SECOND_KIND = "van parked nightly at the quay, boxes handed over"
DULL = "neighbour plays loud music"


def backlog() -> tuple[list[str], list[bool], np.ndarray]:
    """One record was valued at first; its words stand in dull records too, misses have others."""
    rng = np.random.default_rng(2)

    def some(text: str, count: int) -> list[str]:
        words = text.split()
        return [" ".join(rng.permutation(words)[:5]) for _ in range(count)]

    dull = some(FIRST_KIND, 60) + some(DULL, 10)
    texts = [FIRST_KIND, *dull, *some(SECOND_KIND, 30)]
    missed = np.array([False] * 71 + [True] * 30)
    return texts, [True] + [False] * 100, missed


@pytest.mark.parametrize(
    ("decisions", "way"),
    [
        ([], None),
        ([True], None),
        ([False] * 2, None),
        ([False] * 3, UNSEEN),
        ([False] * 4, None),
        ([False] * 6, UNSEEN),
        ([False] * 3 + [True], None),
        ([True] + [False] * 3, UNSEEN),
        ([True] * ENOUGH + [False] * 3, None),
        ([True] * ENOUGH + [False] * 4, DOUBTED),
        ([True] * ENOUGH + [False] * 8, DOUBTED),
    ],
)
def test_a_run_of_upheld_sends_it_elsewhere(decisions: list[bool], way: str | None) -> None:
    assert elsewhere(np.array(decisions, np.bool_)) == way


@pytest.mark.parametrize(
    ("run", "new", "way"),
    [(4, 1, None), (4, 2, UNSEEN), (5, 2, None), (5, 5, UNSEEN), (2, 2, None), (7, 9, UNSEEN)],
)
def test_a_run_that_grew_long_enough_between_two_rankings_counts(
    run: int, new: int, way: str | None
) -> None:
    assert elsewhere(np.zeros(run, np.bool_), new) == way


def test_the_look_elsewhere_stands_until_somebody_decides() -> None:
    texts, known, missed = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    ranker.update([(int(row), False) for row in ranker.rank()[:4]])
    chosen = int(ranker.rank()[0])
    assert missed[chosen]
    ranker.add([DULL], [False])
    assert ranker.rank()[0] == chosen
    ranker.decide(int(ranker.rank()[1]), missed=False)
    assert ranker.receipt(chosen).reasons[0].name != UNSEEN


def test_a_kind_of_miss_that_resembles_nothing_taught_is_found_after_three_upheld() -> None:
    texts, known, missed = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    seen = []
    for _ in range(4):
        (pick,) = ranker.next_batch(1, 0.0)
        seen.append(bool(missed[pick.index]))
        ranker.decide(pick.index, missed=seen[-1])
    assert seen == [False, False, False, True]


def test_the_receipt_says_why_such_a_record_comes_next() -> None:
    texts, known, _ = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    for _ in range(3):
        ranker.decide(int(ranker.rank()[0]), missed=False)
    receipt = ranker.receipt(int(ranker.rank()[0]))
    assert receipt.reasons[0].name == UNSEEN
    assert sum(part.contribution for part in receipt.reasons) == pytest.approx(receipt.score)
    assert receipt.score == ranker.scores()[ranker.rank()].max()


def test_once_misses_are_known_the_model_is_asked_what_it_doubts_most() -> None:
    texts, known, missed = backlog()
    doubt = np.linspace(0.5, 0.1, len(texts))
    doubt[60] = 0.55
    ranker = SecondLookRanker().fit(texts, known, doubt)
    ranker.update([(int(row), True) for row in np.flatnonzero(missed)[:ENOUGH]])
    ranker.update([(row, False) for row in range(1, 5)])
    assert ranker.rank()[0] == 60
    assert ranker.receipt(60).reasons[0].name == DOUBTED
    assert ranker.decide(60, missed=False).receipt(59).reasons[0].name != DOUBTED


def test_without_a_doubt_the_ranking_stands_once_misses_are_known() -> None:
    texts, known, missed = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    ranker.update([(int(row), True) for row in np.flatnonzero(missed)[:ENOUGH]])
    ranker.update([(row, False) for row in range(1, 5)])
    assert {part.name for part in ranker.receipt(int(ranker.rank()[0])).reasons} == {
        "words", "what it is about", "telling words", "starting point"
    }  # fmt: skip


def test_a_large_backlog_is_looked_over_by_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "SMALL", 0)
    monkeypatch.setattr(teacher, "LOOKED_OVER", 60)
    texts, known, missed = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    for _ in range(3):
        ranker.decide(int(ranker.rank()[0]), missed=False)
    assert missed[ranker.rank()[0]]


def test_what_stands_for_most_is_what_the_unseen_are_nearest_to() -> None:
    groups = np.array([0, 0, 0, 1, 1, 2])
    unseen = Unseen(np.arange(6), lambda a, b: np.equal.outer(groups[a], groups[b]) * 1.0)
    assert unseen.worth(np.array([], np.int64)).argmax() == 0
    assert unseen.worth(np.array([1])).argmax() == 3
    assert unseen.worth(np.array([1, 4])).argmax() == 5
    assert not unseen.worth(np.array([1, 4, 5])).any()


def test_a_record_that_is_in_front_anyway_is_not_lifted() -> None:
    scores, waiting = np.array([0.5, 2.0, 1.0]), np.array([0, 2])
    assert lift(scores, waiting, (UNSEEN, 2)) is None
    assert lift(scores, waiting, None) is None
    lifted = lift(scores, waiting, (UNSEEN, 0))
    assert lifted is not None
    assert scores[0] + lifted.by > scores[2]


def test_a_decision_that_is_taken_back_takes_the_look_elsewhere_back() -> None:
    texts, known, missed = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    first = ranker.rank()[:2].tolist()
    ranker.update([(row, False) for row in first])
    before = ranker.rank().tolist()
    third = before[0]
    ranker.decide(third, missed=False)
    assert missed[ranker.rank()[0]]
    ranker.forget([third])
    assert not missed[ranker.rank()[0]]
