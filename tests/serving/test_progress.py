from __future__ import annotations

from reviewers import decided

from serving.deciding import Answer
from serving.progress import progress
from serving.ranking import RankingWorker
from serving.reviewing import second_looks
from serving.store.database import Store


def truly_missed(reference: str) -> bool:
    return int(reference[2:]) % 20 == 0


def review(store: Store, worker: RankingWorker, count: int) -> None:
    """Decide the first record of the queue again and again, as it truly is."""
    for _ in range(count):
        record = second_looks(store, limit=1).entries[0].allegation
        answer = (
            Answer("overturn", "high", "seriousness")
            if truly_missed(record.reference)
            else Answer("uphold", None, "detail")
        )
        decided(store, record.key, answer)
        worker.step()


def test_before_any_decision_nothing_is_known(imported: Store) -> None:
    told = progress(imported)
    assert (told.dismissed, told.reviewed, told.found, told.waiting) == (132, 0, 0, 132)
    assert (told.step, told.may_stop) == ("not_known", False)
    assert (told.still_missed.estimate, told.still_missed.high) == (None, 132)
    assert 120 < told.draws_to_certify <= 132
    assert told.reviews_to_certify is None


def test_an_empty_store_has_nothing_left_to_find(store: Store) -> None:
    told = progress(store)
    assert (told.waiting, told.still_missed.high) == (0, 0)


def test_the_queue_finds_the_missed_early_and_says_how_sure_it_is(
    ranked: RankingWorker, imported: Store
) -> None:
    review(imported, ranked, 40)
    told = progress(imported, reviews=20)
    assert told.reviewed == 40
    assert told.found >= 9
    assert told.audited > 0
    assert told.still_missed.low <= 12 - told.found <= told.still_missed.high
    assert told.recall.low <= told.found / 12 <= told.recall.high
    assert told.forecast.reviews == 20
    assert "interval" in told.advice
    assert not told.recall_certified
    assert 0 < told.draws_to_certify <= told.reviews_to_certify <= told.waiting


def test_when_everything_was_reviewed_stopping_is_backed(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    for entry in second_looks(imported, limit=200).entries:
        answer = Answer("uphold", None, "detail")
        decided(imported, entry.allegation.key, answer)
    told = progress(imported)
    assert (told.waiting, told.step, told.may_stop) == (0, "finished", True)
    assert (told.draws_to_certify, told.reviews_to_certify) == (None, None)
    assert ranked.step() == 2
    assert second_looks(imported, limit=1).entries == ()
