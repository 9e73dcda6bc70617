"""The ranker: what it learns, and what it makes of every odd backlog."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse

from data.errors import BadRecords
from model.second_look import SecondLookRanker, teacher

Bools = NDArray[np.bool_]

KINDS = ["lorry hidden border", "cash wages kitchen", "marriage paid ceremony"]
DULL = ["noise party neighbour", "bins rubbish street", "parking drive blocked"]


def backlog(
    records: int = 120, missed_share: float = 0.2, seed: int = 0
) -> tuple[list[str], Bools, Bools]:
    """Texts, first values and truth: misses speak of other things than upheld dismissals."""
    rng = np.random.default_rng(seed)
    missed = rng.random(records) < missed_share
    known = missed & (rng.random(records) < 0.2)
    words = [KINDS if m else DULL for m in missed]
    texts = [
        f"{rng.choice(pool)} {rng.choice(pool)} case {number % 17}"
        for number, pool in enumerate(words)
    ]
    return texts, known, missed & ~known


def fitted(**parameters: Any) -> tuple[SecondLookRanker, Bools, Bools]:
    texts, known, missed = backlog()
    return SecondLookRanker(**parameters).fit(texts, known), known, missed


def test_misses_come_before_upheld_dismissals_once_a_few_are_decided() -> None:
    ranker, known, missed = fitted()
    for _ in range(12):
        (pick,) = ranker.next_batch(1, 0.0)
        ranker.decide(pick.index, missed=bool(missed[pick.index]))
    left = int(missed[ranker.rank()].sum())
    assert missed[ranker.rank()[:left]].mean() > 0.8
    assert not known[ranker.rank()].any()


def test_every_decision_changes_the_ranking() -> None:
    ranker, _, missed = fitted()
    before = ranker.scores().copy()
    ranker.decide(int(np.flatnonzero(missed)[0]), missed=True)
    assert not np.array_equal(before, ranker.scores())


def test_decided_records_leave_the_ranking() -> None:
    ranker, known, _ = fitted()
    first = int(ranker.rank()[0])
    assert first not in ranker.decide(first, missed=False).rank()
    assert len(ranker.rank()) == (~known).sum() - 1


def test_without_a_decision_records_like_those_valued_at_first_come_first() -> None:
    ranker, _, missed = fitted()
    assert missed[ranker.rank()[:5]].all()


@pytest.mark.parametrize("missed", [True, False])
def test_decisions_that_all_agree_give_a_ranking(missed: bool) -> None:
    ranker, known, _ = fitted()
    for index in np.flatnonzero(~known)[:8]:
        ranker.decide(int(index), missed=missed)
    assert np.isfinite(ranker.scores()).all()
    assert len(ranker.rank()) == (~known).sum() - 8


def test_one_dismissed_record_is_ranked_and_drawn() -> None:
    ranker = SecondLookRanker().fit(["a single narrative"], [False])
    assert ranker.rank().tolist() == [0]
    assert [pick.index for pick in ranker.next_batch(5)] == [0]
    assert ranker.decide(0, missed=True).rank().tolist() == []
    assert ranker.next_batch(5) == []


def test_a_backlog_with_nothing_valued_at_first_is_ranked() -> None:
    ranker = SecondLookRanker().fit(["one thing", "another thing", "a third"], [False] * 3)
    assert sorted(ranker.rank().tolist()) == [0, 1, 2]


def test_everything_valued_at_first_leaves_nothing_to_rank() -> None:
    ranker = SecondLookRanker().fit(["one thing", "another thing"], [True, True])
    assert ranker.rank().tolist() == []


def test_narratives_that_are_all_equal_keep_their_order() -> None:
    ranker = SecondLookRanker().fit(["the same words"] * 6, [True] + [False] * 5)
    assert ranker.rank().tolist() == [1, 2, 3, 4, 5]
    assert ranker.decide(3, missed=True).rank().tolist() == [1, 2, 4, 5]


def test_narratives_without_a_single_word_are_ranked() -> None:
    ranker = SecondLookRanker().fit(["...", "!!", "??"], [True, False, False])
    assert ranker.decide(1, missed=True).rank().tolist() == [2]


def test_the_latest_of_contradictory_decisions_counts() -> None:
    once, _, _ = fitted()
    twice, known, _ = fitted()
    index = int(np.flatnonzero(~known)[0])
    once.decide(index, missed=True)
    twice.decide(index, missed=False).decide(index, missed=True)
    np.testing.assert_allclose(once.scores(), twice.scores(), atol=1e-2)
    assert twice.ledger_.answer(index) is True


def test_a_decision_on_a_record_valued_at_first_is_refused_and_teaches_nothing() -> None:
    ranker, known, _ = fitted()
    before = ranker.rank()
    good, bad = int(before[0]), int(np.flatnonzero(known)[0])
    with pytest.raises(BadRecords, match=f"record {bad}: was not dismissed"):
        ranker.update([(good, True), (bad, True)])
    assert np.array_equal(ranker.rank(), before)


@pytest.mark.parametrize("index", [-1, 10_000])
def test_a_decision_on_an_unknown_record_is_refused(index: int) -> None:
    ranker, _, _ = fitted()
    with pytest.raises(BadRecords, match="not in the backlog"):
        ranker.decide(index, missed=True)


def test_a_backlog_that_grows_ranks_the_new_records_by_what_was_learned() -> None:
    ranker, known, missed = fitted()
    for index in np.flatnonzero(~known)[:40]:
        ranker.decide(int(index), missed=bool(missed[index]))
    ranker.add([DULL[0], KINDS[0], KINDS[1]], [False, False, True])
    old = len(known)
    order = ranker.rank().tolist()
    assert order.index(old + 1) < order.index(old)
    assert old + 2 not in order


def test_a_backlog_that_shrinks_keeps_what_its_records_taught() -> None:
    ranker, _, missed = fitted()
    index = int(ranker.rank()[0])
    taught = ranker.decide(index, missed=True).scores()
    gone = [index, int(ranker.rank()[-1])]
    assert gone[1] not in ranker.withdraw(gone).rank()
    np.testing.assert_allclose(ranker.scores(), taught, atol=1e-2)
    assert missed.any()


def test_the_same_seed_and_decisions_give_the_same_bytes() -> None:
    def scores() -> bytes:
        ranker, _, missed = fitted(seed=3)
        for _ in range(6):
            for pick in ranker.next_batch(3, 0.3):
                ranker.decide(pick.index, missed=bool(missed[pick.index]))
        return ranker.scores().tobytes()

    assert scores() == scores()


def test_prepared_features_rank_as_the_narratives_do() -> None:
    texts, known, _ = backlog()
    ranker = SecondLookRanker().fit(texts, known)
    assert ranker.vectoriser_ is not None
    prepared = SecondLookRanker().fit(ranker.vectoriser_.transform(texts), known)
    np.testing.assert_allclose(prepared.scores(), ranker.scores(), atol=1e-4)


def test_doubt_and_evidence_raise_a_record_among_equals() -> None:
    texts = ["the same words"] * 4
    doubt, phone = [0.5, 0.1, 0.9, 0.1], [0, 1, 0, 0]
    ranker = SecondLookRanker().fit(texts, [False] * 4, doubt, {"phone number": phone})
    assert ranker.rank().tolist() == [1, 2, 0, 3]


@pytest.mark.parametrize("values", [[0.5], [0.5, np.nan], [0.5, 1.5]])
def test_evidence_that_is_no_share_for_each_record_is_refused(values: list[float]) -> None:
    with pytest.raises(BadRecords, match="phone"):
        SecondLookRanker().fit(["a", "b"], [False, False], evidence={"phone": values})


def test_no_record_and_wrong_lengths_are_refused() -> None:
    with pytest.raises(BadRecords, match="no record"):
        SecondLookRanker().fit([], [])
    with pytest.raises(BadRecords, match="2 records came with 3"):
        SecondLookRanker().fit(["a", "b"], [False] * 3)
    with pytest.raises(BadRecords, match="no record"):
        SecondLookRanker().fit(sparse.csr_array(np.empty((0, 3), np.float32)), [])


def named_twice() -> sparse.csr_array:
    """Two records, the second of which names its first column twice."""
    parts = (np.ones(3, np.float32), np.array([1, 0, 0]), np.array([0, 1, 3]))
    return sparse.csr_array(parts, shape=(2, 3))


def test_prepared_features_that_name_a_column_twice_are_refused() -> None:
    with pytest.raises(BadRecords, match="names a column twice"):
        SecondLookRanker().fit(named_twice(), [False, False])
    whole = named_twice()
    whole.sum_duplicates()
    ranker = SecondLookRanker().fit(whole, [False, False])
    with pytest.raises(BadRecords, match="sum_duplicates"):
        ranker.add(named_twice(), [False, False])
    assert len(ranker.ledger_) == 2


def test_decisions_taken_back_and_forth_teach_what_they_say_at_last() -> None:
    ranker, known, missed = fitted()
    rows = np.flatnonzero(~known)[:30].tolist()
    for answer in (False, True, False):
        ranker.update([(row, answer) for row in rows])
        ranker.scores()
    ranker.update([(row, bool(missed[row])) for row in rows])
    other, _, _ = fitted()
    other.update([(row, bool(missed[row])) for row in rows])
    assert np.corrcoef(ranker.scores(), other.scores())[0, 1] > 0.999


def test_lessons_that_are_learned_side_by_side_are_the_same_lessons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scores() -> bytes:
        ranker, _, missed = fitted()
        for _ in range(6):
            for pick in ranker.next_batch(3, 0.3):
                ranker.decide(pick.index, missed=bool(missed[pick.index]))
        return ranker.scores().tobytes()

    one_after_the_other = scores()
    monkeypatch.setattr(teacher, "MUCH", 0)
    assert scores() == one_after_the_other


def test_two_narratives_that_differ_in_nationality_religion_or_gender_score_alike() -> None:
    texts = [
        "he is Albanian and works in the kitchen for cash",
        "she is Polish and works in the kitchen for cash",
        "loud music and parties next door",
        "he is Albanian and owns the car wash",
    ]
    ranker = SecondLookRanker().fit(texts, [False] * 4).update([(3, True), (2, False)])
    assert ranker.scores()[0] == pytest.approx(ranker.scores()[1])
    seeing = SecondLookRanker(mask=False).fit(texts, [False] * 4).update([(3, True), (2, False)])
    assert seeing.scores()[0] > seeing.scores()[1] + 0.01


def split_by(doubt_is_right: bool) -> SecondLookRanker:
    """Decisions that a doubt foresaw always, or never, on words that say nothing."""
    missed = np.arange(60) % 3 == 0
    doubt = np.where(missed == doubt_is_right, 0.8, 0.2)
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["cash", "noise", "bins", "car"], 3)) for _ in range(60)]
    ranker = SecondLookRanker().fit(texts, np.zeros(60, bool), doubt)
    for index in range(40):
        ranker.decide(index, missed=bool(missed[index]))
    return ranker


def test_a_doubt_that_foresaw_the_decisions_leads_and_one_that_did_not_is_dropped() -> None:
    def part(ranker: SecondLookRanker) -> float:
        parts = {one.name: one.contribution for one in ranker.receipt(48).reasons}
        return abs(parts["model doubt"])

    good, bad = split_by(doubt_is_right=True), split_by(doubt_is_right=False)
    assert set(good.rank()[:6].tolist()) == {42, 45, 48, 51, 54, 57}
    assert part(good) > 0.5
    assert part(bad) == pytest.approx(0, abs=0.01)


def test_many_decisions_at_once_weigh_the_doubt_nearly_as_one_by_one() -> None:
    once = split_by(doubt_is_right=True)
    texts, doubt = once.narratives, [0.8 if n % 3 == 0 else 0.2 for n in range(60)]
    all_at_once = SecondLookRanker().fit(texts, [False] * 60, doubt)
    all_at_once.update([(n, n % 3 == 0) for n in range(40)])
    assert set(all_at_once.rank()[:6].tolist()) == set(once.rank()[:6].tolist())


def test_a_broken_decision_late_in_many_is_refused_with_all_of_them() -> None:
    ranker, known, _ = fitted()
    good = [int(row) for row in ranker.rank()[:20]]
    with pytest.raises(BadRecords, match="was not dismissed"):
        ranker.update([*((row, False) for row in good), (int(np.flatnonzero(known)[0]), True)])
    assert len(ranker.ledger_.decided) == 0
