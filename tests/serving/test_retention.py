from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving import auditing, claiming, deciding, retention
from serving.actors import SYSTEM, Actor
from serving.errors import Conflict, NotAllowed, NotFound
from serving.intake import QUEUE
from serving.ranking import RankingWorker
from serving.store.database import Store
from serving.store.retention import ERASED, places_with_text
from serving.store.schema import metadata

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = "A-0001"


@pytest.fixture
def lead(imported: Store) -> Actor:
    """A lead with an account."""
    with imported.engine.begin() as connection:
        number = connection.scalar(
            sa.insert(metadata.tables["accounts"])
            .values(username="lee", display_name="Lee", kind="person", created_at=NOW)
            .returning(metadata.tables["accounts"].c.id)
        )
    return Actor(number, "lee", roles=frozenset({"lead"}))


def a_reviewer(store: Store) -> Actor:
    """A reviewer with an account."""
    accounts = metadata.tables["accounts"]
    with store.engine.begin() as connection:
        number = connection.scalar(
            sa.insert(accounts)
            .values(username="ray", display_name="Ray", kind="person", created_at=NOW)
            .returning(accounts.c.id)
        )
    return Actor(number, "ray", roles=frozenset({"reviewer"}))


def cells(store: Store) -> list[str]:
    """Everything in the store as text."""
    with store.engine.connect() as connection:
        return [
            str(cell)
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for cell in row
        ]


def narrative_of(store: Store, key: str) -> str:
    with store.reading() as unit:
        record = unit.allegations.by_key(QUEUE, key)
    assert record
    return record.narrative


def test_erasure_leaves_the_narrative_nowhere_in_the_store(
    imported: Store, lead: Actor, tmp_path: Path
) -> None:
    text = narrative_of(imported, KEY)
    assert any(text in cell for cell in cells(imported))
    retention.erase(imported, lead, KEY, reason="asked for", models_dir=tmp_path, now=NOW)
    assert not any(text in cell for cell in cells(imported))
    assert narrative_of(imported, KEY) == ERASED


def test_an_erased_record_leaves_the_queue_and_what_the_ranker_learned(
    ranked: RankingWorker, imported: Store, lead: Actor, tmp_path: Path
) -> None:
    with imported.reading() as unit:
        current = unit.rankings.current(QUEUE)
        assert current
        first = unit.rankings.entries(current.id, limit=1)[0].allegation
    reviewer = a_reviewer(imported)
    claimed = claiming.claim_one(imported, reviewer, first.key)
    deciding.decide(
        imported, reviewer, claimed.claim, deciding.Answer("overturn", "low", "detail", "a van")
    )
    assert ranked.step() == 2
    retention.erase(imported, lead, first.key, reason="asked for", models_dir=tmp_path)
    assert ranked.step() == 3
    words = [one for one in first.narrative.split() if len(one) > 7]
    assert words
    left = " ".join(cells(imported))
    assert first.narrative not in left
    assert "a van" not in left
    with imported.reading() as unit:
        assert first.id not in unit.allegations.standings(QUEUE, "any")
        waiting = unit.allegations.waiting(QUEUE, current.model_version)
    assert first.id not in {one.id for one in waiting}


def test_an_erased_record_is_given_to_nobody(
    ranked: RankingWorker, imported: Store, lead: Actor, tmp_path: Path
) -> None:
    assert ranked
    with imported.reading() as unit:
        current = unit.rankings.current(QUEUE)
        assert current
        first = unit.rankings.entries(current.id, limit=1)[0].allegation
    retention.erase(imported, lead, first.key, reason="asked for", models_dir=tmp_path)
    claimed = claiming.claim_next(imported, a_reviewer(imported))
    assert claimed
    assert claimed.key != first.key


def test_what_was_decided_stays_and_the_log_verifies_after_an_erasure(
    imported: Store, lead: Actor, tmp_path: Path
) -> None:
    retention.erase(imported, lead, KEY, reason="asked for", models_dir=tmp_path, now=NOW)
    with imported.reading() as unit:
        record = unit.allegations.by_key(QUEUE, KEY)
    assert record
    assert (record.reference, record.first_value, record.dismissed) == (KEY, "no_value", True)
    assert auditing.verify(imported).sound


def test_erasure_names_the_models_that_were_trained_on_the_record(
    imported: Store, lead: Actor, tmp_path: Path, artefacts: Path
) -> None:
    models = tmp_path / "kept"
    models.mkdir()
    for name in ("v3", "v4"):
        shutil.copytree(artefacts / name, models / name)
    # the records of the store are those that v3 was trained on; v4 saw others
    done = retention.erase(imported, lead, KEY, reason="asked for", models_dir=models, now=NOW)
    assert done.models == ("v3",)
    with imported.reading() as unit:
        record = unit.allegations.by_key(QUEUE, KEY)
        assert record
        erasure = unit.retention.erasure_of(record.id)
    assert erasure
    assert erasure.models == ("v3",)


def test_a_model_that_cannot_be_read_is_named_with_a_question_mark(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{}")
    assert retention.models_trained_on(tmp_path, "a narrative") == ("broken?",)


def test_a_record_is_erased_once(imported: Store, lead: Actor, tmp_path: Path) -> None:
    retention.erase(imported, lead, KEY, reason="asked for", models_dir=tmp_path, now=NOW)
    with pytest.raises(Conflict, match="erased already"):
        retention.erase(imported, lead, KEY, reason="again", models_dir=tmp_path, now=NOW)


def test_erasing_needs_a_reason_a_record_and_a_person(
    imported: Store, lead: Actor, tmp_path: Path
) -> None:
    with pytest.raises(NotAllowed, match="say why"):
        retention.erase(imported, lead, KEY, reason=" ", models_dir=tmp_path)
    with pytest.raises(NotFound):
        retention.erase(imported, lead, "A-9999", reason="asked for", models_dir=tmp_path)
    with pytest.raises(NotAllowed, match="must be a person"):
        retention.erase(imported, SYSTEM, KEY, reason="asked for", models_dir=tmp_path)


def test_a_record_is_due_when_it_came_in_long_enough_ago_and_nobody_kept_it(
    imported: Store, lead: Actor
) -> None:
    later = datetime.now(UTC) + timedelta(days=31)
    assert retention.due(imported, lead, keep_days=30, now=later - timedelta(days=2)) == []
    found = retention.due(imported, lead, keep_days=30, now=later, limit=500)
    assert len(found) == 240
    until = later + timedelta(days=400)
    retention.keep(imported, lead, KEY, until=until, reason="an appeal is open", now=later)
    left = retention.due(imported, lead, keep_days=30, now=later, limit=500)
    assert KEY not in {one.key for one in left}
    assert len(left) == 239
    again = retention.due(imported, lead, keep_days=30, now=until, limit=500)
    assert KEY in {one.key for one in again}


def test_why_a_record_is_kept_stays_with_it(imported: Store, lead: Actor) -> None:
    until = NOW + timedelta(days=10)
    retention.keep(imported, lead, KEY, until=until, reason="an appeal is open", now=NOW)
    with imported.reading() as unit:
        record = unit.allegations.by_key(QUEUE, KEY)
        assert record
        (kept,) = unit.retention.reviews(record.id)
    assert (kept.reason, kept.keep_until, kept.account_id) == ("an appeal is open", until, lead.id)


def test_keeping_until_a_day_that_has_passed_is_refused(imported: Store, lead: Actor) -> None:
    with pytest.raises(NotAllowed, match="future"):
        retention.keep(imported, lead, KEY, until=NOW, reason="an appeal is open", now=NOW)


WITHOUT_TEXT_OF_A_RECORD = {
    "accounts",
    "account_roles",
    "sessions",
    "service_keys",
    "queues",
    "rankings",
    "leases",
    "audit_head",
    "audit_log",
    "readings",
    "own_views",
    "plants",
    "erasures",
    "retention_reviews",
}


def test_every_table_is_reached_by_erasure_or_known_to_hold_no_text_of_a_record() -> None:
    known = set(places_with_text()) | WITHOUT_TEXT_OF_A_RECORD
    assert {table.name for table in metadata.sorted_tables} == known
