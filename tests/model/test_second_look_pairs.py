"""Inner products of every two records give the ranking that the features themselves give."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from model.second_look import SecondLookRanker, teacher
from model.second_look.pairs import Pairs, inner_products

WORDS = [
    "lorry",
    "hidden",
    "border",
    "cash",
    "wages",
    "kitchen",
    "noise",
    "party",
    "bins",
    "drive",
]
ROWS = sparse.csr_array(
    sparse.random(90, 200, density=0.1, random_state=3, dtype=np.float32), dtype=np.float32
)


def texts(records: int) -> list[str]:
    rng = np.random.default_rng(5)
    return [" ".join(rng.choice(WORDS, 6)) for _ in range(records)]


def decided(records: int = 80) -> SecondLookRanker:
    """A ranker that re-ranked after each of twenty decisions."""
    narratives = texts(records)
    doubt = np.linspace(0, 1, records)
    evidence = {"phone number": (np.arange(records) % 3 == 0).astype(float)}
    ranker = SecondLookRanker().fit(
        narratives, [True] * 5 + [False] * (records - 5), doubt, evidence
    )
    for _ in range(20):
        (pick,) = ranker.next_batch(1, 0.2)
        ranker.decide(pick.index, missed="border" in narratives[pick.index])
    return ranker


def test_products_of_common_and_of_rare_features_sum_to_all_products() -> None:
    np.testing.assert_allclose(inner_products(ROWS, ROWS), (ROWS @ ROWS.T).toarray(), atol=1e-5)


def test_records_that_teach_score_every_record_in_its_own_place() -> None:
    pairs = Pairs(ROWS, np.array([7, 3, 50]))
    products = [pairs.teach(row) for row in (0, 89, 4, 51)]
    teaching = [7, 3, 50, 0, 89, 4, 51]
    dense = ROWS.toarray()
    np.testing.assert_allclose(products[-1], dense[teaching] @ dense[51], atol=1e-5)
    weights = np.arange(1, 8, dtype=np.float32)
    np.testing.assert_allclose(
        pairs.scores(weights), dense @ (weights @ dense[teaching]), rtol=1e-4, atol=1e-4
    )


def test_the_scores_and_receipts_are_those_of_the_features(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teacher, "SMALL", 0)
    plain = decided()
    monkeypatch.setattr(teacher, "SMALL", 3000)
    monkeypatch.setattr(teacher, "REPAID", 5)
    paired = decided()
    assert plain.ledger_.decided.tolist() == paired.ledger_.decided.tolist()
    np.testing.assert_allclose(plain.scores(), paired.scores(), atol=2e-3)
    parts = zip(plain.receipt(40).reasons, paired.receipt(40).reasons, strict=True)
    for one, other in parts:
        assert one.name == other.name
        assert one.contribution == pytest.approx(other.contribution, abs=2e-3)


def test_parts_sum_to_the_score_where_pairs_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher, "REPAID", 5)
    ranker = decided()
    receipt = ranker.receipt(60)
    assert sum(part.contribution for part in receipt.reasons) == pytest.approx(receipt.score)
    told = (ranker._X[[60]] @ ranker._teacher.coef)[0] * ranker._teacher.scale[60]
    words = next(part.contribution for part in receipt.reasons if part.name == "words")
    assert words == pytest.approx(float(told), abs=2e-3)


def test_a_seed_gives_the_same_scores_to_the_last_byte_where_pairs_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teacher, "REPAID", 5)
    assert decided().scores().tobytes() == decided().scores().tobytes()
