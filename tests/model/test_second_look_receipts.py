"""Receipts: their parts add up, their words matter and their precedents are real."""

from __future__ import annotations

import numpy as np
import pytest

from data.errors import BadRecords
from model.second_look import SecondLookRanker

TEXTS = [
    "hidden in a lorry at the border",
    "three men hidden in a lorry",
    "a lorry with men near the border",
    "noise from the party next door",
    "noise from the dog next door",
    "bins not emptied in our street",
]
KNOWN = [True, False, False, False, False, False]


@pytest.fixture
def ranker() -> SecondLookRanker:
    doubt, phone = [0.9, 0.6, 0.5, 0.2, 0.1, 0.1], [0, 0, 1, 0, 1, 0]
    fitted = SecondLookRanker().fit(TEXTS, KNOWN, doubt, {"phone number": phone})
    return fitted.update([(1, True), (3, False)])


def test_the_named_parts_of_every_record_sum_to_its_score(ranker: SecondLookRanker) -> None:
    for index in range(len(TEXTS)):
        receipt = ranker.receipt(index)
        assert sum(part.contribution for part in receipt.reasons) == pytest.approx(receipt.score)
        assert receipt.score == ranker.scores()[index]
        names = {part.name for part in receipt.reasons}
        learned = {"words", "what it is about", "telling words"}
        assert names == learned | {"model doubt", "phone number", "starting point"}


def test_deleting_the_cited_words_lowers_the_doubt(ranker: SecondLookRanker) -> None:
    cited = {word.word for word in ranker.receipt(2).words}
    assert "lorry" in cited
    left = " ".join(word for word in TEXTS[2].split() if word not in cited)
    ranker.add([TEXTS[2], left or "nothing"], [False, False])
    before, after = ranker.scores()[-2:]
    assert after < before


def test_precedents_are_answered_records_nearest_first(ranker: SecondLookRanker) -> None:
    receipt = ranker.receipt(2)
    assert {(p.index, p.kind) for p in receipt.precedents_for} == {
        (1, "overturned"),
        (0, "valued"),
    }
    assert [p.index for p in receipt.precedents_against] == [3]
    similarities = [p.similarity for p in receipt.precedents_for]
    assert similarities == sorted(similarities, reverse=True)


def test_a_record_is_not_its_own_precedent(ranker: SecondLookRanker) -> None:
    assert 1 not in [p.index for p in ranker.receipt(1).precedents_for]


def test_a_receipt_without_narratives_cites_parts_and_no_words(ranker: SecondLookRanker) -> None:
    assert ranker.vectoriser_ is not None
    features = ranker.vectoriser_.transform(TEXTS)
    receipt = SecondLookRanker().fit(features, KNOWN).receipt(1)
    assert receipt.words == ()
    assert np.isfinite(receipt.score)


def test_a_receipt_for_an_unknown_record_is_refused(ranker: SecondLookRanker) -> None:
    with pytest.raises(BadRecords, match="no record 99"):
        ranker.receipt(99)


def test_a_receipt_never_shows_a_placeholder() -> None:
    texts = ["Albanian men hidden in a lorry", "a Polish man hidden in a lorry", "noise next door"]
    fitted = SecondLookRanker().fit(texts, [False] * 3).update([(0, True), (2, False)])
    words = [one.word for one in fitted.receipt(1).words]
    assert "[a nationality]" in words
    assert not [word for word in words if word.startswith("xx")]
