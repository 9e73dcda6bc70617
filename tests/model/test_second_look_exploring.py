"""When the queue finds nothing it looks elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from model.features import NgramVectoriser
from model.second_look import SecondLookRanker, teacher
from model.second_look.exploring import (
    BOTH,
    DOUBTED,
    ENOUGH,
    OF_VALUE,
    UNSEEN,
    elsewhere,
    lift,
    spoken_for,
)
from model.second_look.unseen import Unseen

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
        ([True] * ENOUGH + [False] * 4, BOTH),
        ([True] * ENOUGH + [False] * 8, BOTH),
        ([True] * ENOUGH + [False] * 9, None),
        ([True] * ENOUGH + [False] * 12, None),
        ([True] * ENOUGH + [False] * 13, DOUBTED),
        ([True] * ENOUGH + [False] * 14, OF_VALUE),
        ([True] * ENOUGH + [False] * 15, None),
        ([True] * ENOUGH + [False] * 17, OF_VALUE),
        ([True] * ENOUGH + [False] * 17 + [True], None),
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


@pytest.mark.parametrize(
    ("run", "new", "way"),
    [(9, 2, BOTH), (10, 2, None), (15, 2, OF_VALUE), (15, 3, OF_VALUE), (12, 5, BOTH)],
)
def test_in_a_long_run_the_turn_that_was_passed_last_is_made_up_for(
    run: int, new: int, way: str | None
) -> None:
    assert elsewhere(np.array([True] * ENOUGH + [False] * run), new) == way


@pytest.mark.parametrize(
    ("way", "doubt", "words", "left"),
    [
        (BOTH, True, True, BOTH),
        (BOTH, True, False, DOUBTED),
        (BOTH, False, True, OF_VALUE),
        (BOTH, False, False, None),
        (DOUBTED, True, True, DOUBTED),
        (DOUBTED, False, True, None),
        (OF_VALUE, True, True, OF_VALUE),
        (OF_VALUE, True, False, None),
    ],
)
def test_where_doubt_or_words_say_nothing_the_other_speaks_in_the_turn_of_both(
    way: str, doubt: bool, words: bool, left: str | None
) -> None:
    said = {DOUBTED: np.array([1.0, 2.0]), OF_VALUE: np.array([4.0, 0.0])}
    said[BOTH] = said[DOUBTED] + said[OF_VALUE]
    spoken = spoken_for(way, said[DOUBTED] if doubt else None, said[OF_VALUE] if words else None)
    assert (spoken and spoken[0]) == left
    if spoken is not None:
        assert spoken[1].tolist() == said[spoken[0]].tolist()


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


def prepared() -> tuple[sparse.csr_array, list[bool], np.ndarray]:
    """The same backlog as features, of which nobody knows which are words."""
    texts, known, missed = backlog()
    return NgramVectoriser().fit_transform(texts), known, missed


def test_once_misses_are_known_the_model_is_asked_what_it_doubts_most() -> None:
    table, known, missed = prepared()
    doubt = np.linspace(0.5, 0.1, len(known))
    doubt[60] = 0.55
    ranker = SecondLookRanker().fit(table, known, doubt)
    ranker.update([(int(row), True) for row in np.flatnonzero(missed)[:ENOUGH]])
    ranker.update([(row, False) for row in range(1, 5)])
    assert ranker.rank()[0] == 60
    assert ranker.receipt(60).reasons[0].name == DOUBTED
    assert ranker.decide(60, missed=False).receipt(59).reasons[0].name != DOUBTED


def test_without_a_doubt_and_without_words_the_ranking_stands_once_misses_are_known() -> None:
    table, known, missed = prepared()
    ranker = SecondLookRanker().fit(table, known)
    ranker.update([(int(row), True) for row in np.flatnonzero(missed)[:ENOUGH]])
    ranker.update([(row, False) for row in range(1, 5)])
    assert {part.name for part in ranker.receipt(int(ranker.rank()[0])).reasons} == {
        "words", "starting point"
    }  # fmt: skip


def one_of_another_kind(doubt: bool) -> tuple[SecondLookRanker, int]:
    """Ten misses of one kind are found; what is left resembles the first look's values alone."""
    rng = np.random.default_rng(3)
    filling = [f"word{number}" for number in range(150)]

    def some(count: int, *words: str) -> list[str]:
        return [" ".join([*rng.choice(filling, 12), *words]) for _ in range(count)]

    valued, kind, dull = some(20, "passport"), some(ENOUGH + 6, "quay"), some(60)
    texts = [*valued, *kind, *dull, *some(2, "passport")]
    known = [True] * len(valued) + [False] * (len(texts) - len(valued))
    doubts = np.full(len(texts), 0.2) if doubt else None
    ranker = SecondLookRanker(meaning=False).fit(texts, known, doubts)
    first = len(valued)
    ranker.update([(first + number, True) for number in range(ENOUGH)])
    ranker.update([(first + ENOUGH + number, False) for number in range(2)])
    ranker.update([(len(texts) - 2, False), (first + len(kind), False)])
    return ranker, len(texts) - 1


@pytest.mark.parametrize(("doubt", "way"), [(True, BOTH), (False, OF_VALUE)])
def test_a_miss_of_no_kind_found_before_is_shown_for_the_words_of_what_was_valued_at_first(
    doubt: bool, way: str
) -> None:
    ranker, alone = one_of_another_kind(doubt)
    assert ranker.rank()[0] == alone
    receipt = ranker.receipt(alone)
    assert way in {part.name for part in receipt.reasons}
    assert sum(part.contribution for part in receipt.reasons) == pytest.approx(receipt.score)


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
