from __future__ import annotations

from datetime import UTC, datetime

import pytest

from serving.learning import Learner
from serving.store.records import Decision, Lesson

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


def decision(number: int, *, allegation: int, verdict: str) -> Decision:
    value = "low" if verdict == "overturn" else "no_value"
    unknown = dict.fromkeys(
        ["note", "reviewer", "model_version", "ranking_id", "position", "doubt", "score"]
    )
    return Decision(
        number,
        allegation,
        verdict,
        value,
        "detail",
        decided_at=datetime(2025, 3, 1, tzinfo=UTC),
        selection_probability=None,
        audit=False,
        **unknown,
    )


def leader(learner: Learner) -> int:
    waiting = [*range(1, 13), 21]
    return max(zip(learner.scores(waiting), waiting, strict=True))[1]


def test_a_dismissed_record_in_the_words_of_a_valued_one_goes_to_the_top(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=False)], [])
    assert leader(learner) == 21
    first = learner.receipt(21)["parts"][0]
    assert "nearly the same words" in first["name"]
    parts = sum(one["contribution"] for one in learner.receipt(21)["parts"])
    assert parts == pytest.approx(learner.scores([21])[0], abs=1e-4)


def test_without_a_valued_twin_no_record_is_lifted_above_the_ranker(learner: Learner) -> None:
    assert not [one for one in learner.receipt(21)["parts"] if "same words" in one["name"]]


def test_an_upheld_record_is_no_contradiction_any_more(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=False)], [])
    learner.learn([], [decision(1, allegation=21, verdict="uphold")])
    assert not [one for one in learner.receipt(21)["parts"] if "same words" in one["name"]]


def test_an_overturned_dismissal_lifts_its_twin(learner: Learner) -> None:
    learner.learn([lesson(22, TALE, dismissed=True)], [])
    assert not [one for one in learner.receipt(21)["parts"] if "same words" in one["name"]]
    learner.learn([], [decision(1, allegation=22, verdict="overturn")])
    assert leader(learner) == 21
    assert [one for one in learner.receipt(21)["parts"] if "same words" in one["name"]]
