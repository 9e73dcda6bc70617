from __future__ import annotations

import pytest

from serving.learning import Learner
from serving.store.records import Lesson, Told

TALE = "two men work nights at the bakery on harbour street and sleep above it without papers"
OTHERS = [f"bins were left out {word} again" for word in "abcdefghijkl"]


def lesson(number: int, narrative: str, *, dismissed: bool) -> Lesson:
    return Lesson(number, narrative, dismissed, None, 0.1, {})


@pytest.fixture
def learner() -> Learner:
    learner = Learner("v1")
    lessons = [lesson(n, text, dismissed=True) for n, text in enumerate(OTHERS, start=1)]
    lessons.append(lesson(20, "cash changes hands in the yard behind the pub", dismissed=False))
    learner.learn([*lessons, lesson(21, TALE, dismissed=True)], [])
    return learner


def told(number: int, *, allegation: int, missed: bool) -> Told:
    return Told(number, allegation, missed)


def leader(learner: Learner) -> int:
    waiting = [*range(1, 13), 21]
    return max(zip(learner.scores(waiting), waiting, strict=True))[1]


def test_a_dismissed_record_in_the_words_of_a_valued_one_goes_to_the_top(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=False)], [])
    assert leader(learner) == 21
    first = learner.receipts([21])[0]["parts"][0]
    assert "nearly the same words" in first["name"]
    parts = sum(one["contribution"] for one in learner.receipts([21])[0]["parts"])
    assert parts == pytest.approx(learner.scores([21])[0], abs=1e-4)


def test_without_a_valued_twin_no_record_is_lifted_above_the_ranker(learner: Learner) -> None:
    assert not [one for one in learner.receipts([21])[0]["parts"] if "same words" in one["name"]]


def test_an_upheld_record_is_no_contradiction_any_more(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=False)], [])
    learner.learn([], [told(1, allegation=21, missed=False)])
    assert not [one for one in learner.receipts([21])[0]["parts"] if "same words" in one["name"]]


def test_an_overturned_dismissal_lifts_its_twin(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=True)], [])
    assert not [one for one in learner.receipts([21])[0]["parts"] if "same words" in one["name"]]
    learner.learn([], [told(1, allegation=22, missed=True)])
    assert leader(learner) == 21
    assert [one for one in learner.receipts([21])[0]["parts"] if "same words" in one["name"]]


def test_a_decision_that_was_taken_back_is_forgotten(learner: Learner) -> None:
    waiting = [*range(1, 13), 21]
    before = learner.scores(waiting)
    learner.learn([], [told(1, allegation=3, missed=True)])
    assert learner.scores(waiting) != before
    learner.learn([], [])
    assert learner.scores(waiting) == pytest.approx(before)


def test_decisions_are_heard_whatever_the_order_of_their_numbers(learner: Learner) -> None:
    later, earlier = told(7, allegation=2, missed=False), told(5, allegation=3, missed=True)
    learner.learn([], [later])
    learner.learn([], [later, earlier])
    assert leader(learner) == 3


def test_a_decision_on_an_unknown_record_waits_until_it_is_known(learner: Learner) -> None:
    early = told(1, allegation=30, missed=True)
    learner.learn([], [early])
    learner.learn([lesson(30, f"{TALE} again", dismissed=True)], [early])
    assert learner.receipts([21])[0]["precedents"]
