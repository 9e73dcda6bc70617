from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import first_assessed, write_csv
from reviewers import decided

from serving import ranking
from serving.deciding import Answer
from serving.intake import import_file
from serving.promoted import PromotedModel
from serving.ranking import LeaseLost, RankingWorker
from serving.reviewing import second_looks
from serving.settings import Settings
from serving.store.database import Store


def upheld(store: Store, key: str) -> None:
    decided(store, key)


def another(worker: RankingWorker, store: Store, settings: Settings) -> RankingWorker:
    assert worker
    return RankingWorker(store, PromotedModel(settings.models_dir), settings)


def test_without_a_model_nothing_is_ranked(imported: Store, settings: Settings) -> None:
    settings.models_dir.mkdir()
    assert RankingWorker(imported, PromotedModel(settings.models_dir), settings).step() is None


def test_an_empty_store_is_not_ranked(
    store: Store, settings: Settings, promote: Callable[[str], Path]
) -> None:
    promote("v3")
    assert RankingWorker(store, PromotedModel(settings.models_dir), settings).step() is None


def test_a_ranking_holds_the_waiting_records_most_doubtful_first(
    ranked: RankingWorker, imported: Store
) -> None:
    listing = second_looks(imported, limit=200)
    by_rank = [one.score for one in listing.entries if not one.audit]
    assert len(listing.entries) == listing.queued == 132
    assert by_rank == sorted(by_rank, reverse=True)
    assert ranked.step() is None


def test_the_wrongly_dismissed_stand_in_front(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    front = [one for one in second_looks(imported, limit=200).entries if not one.audit][:12]
    missed = [one for one in front if int(one.allegation.reference[2:]) % 20 == 0]
    assert len(missed) >= 9


def test_each_entry_says_why_it_is_there(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    entry = next(one for one in second_looks(imported, limit=200).entries if not one.audit)
    assert entry.receipt["reasons"]
    for found in entry.receipt["details"]:
        text = entry.allegation.narrative[found["start"] : found["end"]]
        assert text == found["text"]


def test_the_first_of_the_queue_show_their_score_in_parts_and_their_precedents(
    ranked: RankingWorker, imported: Store
) -> None:
    upheld(imported, second_looks(imported, limit=1).entries[0].allegation.key)
    ranked.step()
    for entry in second_looks(imported, limit=20).entries:
        parts = sum(one["contribution"] for one in entry.receipt["parts"])
        assert parts == pytest.approx(entry.score, abs=1e-4)
    kinds = {it["kind"] for it in entry.receipt["precedents"]}
    assert kinds <= {"upheld", "valued"}
    assert kinds


def test_a_confirmed_miss_brings_those_like_it_forward(
    ranked: RankingWorker, imported: Store
) -> None:
    def place(text: str) -> float:
        entries = second_looks(imported, limit=200).entries
        found = [one.position for one in entries if text in one.allegation.narrative]
        return sum(found) / len(found)

    before = place("bins")
    for key in ("A-0001", "A-0003", "A-0005", "A-0007", "A-0009", "A-0011"):
        with imported.reading() as unit:
            record = unit.allegations.by_key("second_look", key)
        assert record
        verdict = "overturn" if "bins" in record.narrative else "uphold"
        value = "low" if verdict == "overturn" else None
        answer = Answer(verdict, value, "detail")
        decided(imported, key, answer)
    ranked.step()
    assert place("bins") < before


def test_a_decision_makes_the_queue_due_and_leaves_it(
    ranked: RankingWorker, imported: Store
) -> None:
    first = second_looks(imported, limit=1).entries[0].allegation
    upheld(imported, first.key)
    assert ranked.step() == 2
    left = {one.allegation.key for one in second_looks(imported, limit=200).entries}
    assert first.key not in left
    assert len(left) == 131


def test_new_records_are_ranked_in(ranked: RankingWorker, imported: Store, tmp_path: Path) -> None:
    more = {**first_assessed(60, seed=8)}
    more["reference"] = [f"B-{one}" for one in more["reference"]]
    done = import_file(imported, write_csv(tmp_path / "more.csv", more))
    assert ranked.step() == 2
    assert second_looks(imported, limit=1).queued == 132 + done.dismissed


def test_another_model_ranks_everything_anew(
    ranked: RankingWorker, imported: Store, promote: Callable[[str], Path]
) -> None:
    before = second_looks(imported, limit=1)
    promote("v4")
    assert ranked.step() == 2
    after = second_looks(imported, limit=1)
    assert before.ranking
    assert after.ranking
    assert before.ranking.model_version != after.ranking.model_version


def test_a_model_of_other_values_ranks_nothing_and_says_so(
    store: Store, settings: Settings, promote: Callable[[str], Path]
) -> None:
    promote("v3")
    with store.writing() as unit:
        unit.allegations.open_queue("second_look", ["dull", "bright"])
    worker = RankingWorker(store, PromotedModel(settings.models_dir), settings)
    assert worker.step() is None
    assert worker.trouble == "the model in service knows other values than the store holds"


def test_while_one_worker_ranks_another_does_not(
    worker: RankingWorker, imported: Store, settings: Settings
) -> None:
    with imported.writing() as unit:
        unit.leases.take("ranking", "somebody", now=datetime.now(UTC), seconds=600)
    assert worker.step() is None
    with imported.writing() as unit:
        unit.leases.release("ranking", "somebody")
    assert another(worker, imported, settings).step() == 1


def test_a_worker_whose_lease_was_taken_over_publishes_nothing(
    worker: RankingWorker, imported: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = ranking.compose

    def overtaken(*given: object, **named: object) -> object:
        with imported.writing() as unit:
            later = datetime(2100, 1, 1, tzinfo=UTC)
            assert unit.leases.take("ranking", "somebody", now=later, seconds=600) == 2
        return composed(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(ranking, "compose", overtaken)
    with pytest.raises(LeaseLost):
        worker.step()
    with imported.reading() as unit:
        assert unit.rankings.current("second_look") is None


def test_a_killed_workers_doubts_are_not_worked_out_again(
    worker: RankingWorker, imported: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ranking, "compose", killed)
    with pytest.raises(KeyboardInterrupt):
        worker.step()
    monkeypatch.undo()
    predictor = PromotedModel(settings.models_dir).required()
    with imported.reading() as unit:
        assert not unit.allegations.without_doubt("second_look", predictor.version, limit=10)
    assert another(worker, imported, settings).step() == 1


def test_old_rankings_keep_their_number_but_not_their_entries(
    ranked: RankingWorker, imported: Store
) -> None:
    keys = [one.allegation.key for one in second_looks(imported, limit=7).entries]
    for key in keys:
        upheld(imported, key)
        ranked.step()
    with imported.reading() as unit:
        assert unit.rankings.by_id(1) is not None
        assert unit.rankings.queued(1) == 0
        assert unit.rankings.queued(8) == 125


def test_a_queue_is_no_deeper_than_it_was_set(
    worker: RankingWorker, imported: Store, settings: Settings
) -> None:
    assert worker
    shallow = settings.model_copy(update={"ranking_depth": 30})
    RankingWorker(imported, PromotedModel(settings.models_dir), shallow).step()
    listing = second_looks(imported, limit=200)
    assert listing.queued == 30
    assert listing.ranking
    assert listing.ranking.waiting == 132


def test_the_worker_in_a_thread_ranks_and_stops_when_told(
    worker: RankingWorker, imported: Store
) -> None:
    worker.start()
    latest = time.monotonic() + 60
    pause = threading.Event()
    while time.monotonic() < latest and not pause.wait(0.05):  # lets the worker have its turn
        with imported.reading() as unit:
            if unit.rankings.current("second_look"):
                break
    worker.stop()
    assert second_looks(imported, limit=1).queued == 132
    assert worker.trouble is None
