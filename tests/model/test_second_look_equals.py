"""Equal records score alike, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from model.second_look import SecondLookRanker, teacher
from model.second_look.equals import Equals
from model.second_look.side import SideEvidence


@pytest.mark.parametrize("repaid", [0, 50])
@pytest.mark.parametrize("records", [64, 101, 202, 203, 300])
def test_narratives_that_are_all_equal_keep_their_order(
    records: int, repaid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teacher, "REPAID", repaid)
    ranker = SecondLookRanker().fit(["the same words"] * records, [True] + [False] * (records - 1))
    ranker.decide(3, missed=True).decide(50, missed=False).decide(9, missed=True)
    assert ranker.rank().tolist() == [row for row in range(1, records) if row not in {3, 9, 50}]


def test_one_that_was_drawn_to_teach_scores_as_its_equal_that_was_not() -> None:
    texts = [f"parking in street {number % 40}" for number in range(120)]
    ranker = SecondLookRanker(sample=30).fit(texts, [False] * 120)
    ranker.decide(0, missed=True).decide(1, missed=False)
    scores = ranker.scores()
    assert len({scores[row] for row in (42, 82)} | {scores[2]}) == 1
    assert scores[41] == scores[81] != scores[1]


def test_those_with_other_evidence_or_doubt_are_not_equal() -> None:
    side = SideEvidence.of(5, [0.1, 0.1, 0.2, 0.1, 0.1], {"phone": [0, 0, 0, 1, 0]}, 0.5)
    equals = Equals.of(["a", "a", "a", "a", "b"], side)
    assert equals.group.tolist() == [0, 0, 1, 2, 3]
    assert equals.shared.tolist() == [True, True, False, False, False]


def test_a_decided_record_has_no_part_in_what_its_equals_score() -> None:
    equals = Equals.of(["a", "a", "a", "b"], SideEvidence.of(4, None, None, 0.5))
    scores = np.array([9.0, 1.0, 2.0, 5.0])
    assert equals.evened(scores, np.array([1, 2, 3])).tolist() == [9.0, 1.5, 1.5, 5.0]
    assert scores.tolist() == [9.0, 1.0, 2.0, 5.0]
    assert equals.evened(scores, np.array([3])) is scores


def test_records_that_come_later_may_be_equal_to_earlier_ones() -> None:
    ranker = SecondLookRanker().fit(["bins", "noise", "parking"], [False] * 3)
    ranker.add(["noise"], [False])
    assert ranker.scores()[1] == ranker.scores()[3]
