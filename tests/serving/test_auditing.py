from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving import auditing, exporting
from serving.actors import SYSTEM, Actor
from serving.errors import Conflict
from serving.store.database import Store
from serving.store.records import AuditQuery

CLERK = Actor(None, "clerk")


@pytest.fixture
def logged(store: Store) -> Store:
    """A store whose audit log has six rows."""
    for number in range(6):
        with store.writing() as unit:
            unit.audit.append(CLERK, "read allegation", f"A-{number}", {"number": number})
    return store


def tamper(store: Store, statement: str) -> None:
    """Change the log as somebody would who owns the database: with its rules switched off."""
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
        else:
            for event in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER audit_log_refuses_{event}"))
        for one in statement.split(";"):
            connection.execute(sa.text(one))


def test_a_log_that_nobody_touched_is_sound(logged: Store) -> None:
    verdict = auditing.verify(logged)
    assert (verdict.sound, verdict.rows, len(verdict.head)) == (True, 6, 64)


def test_an_empty_log_is_sound(store: Store) -> None:
    assert auditing.verify(store).sound


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_log SET actor = 'somebody else' WHERE seq = 3",
        "UPDATE audit_log SET details = '{}' WHERE seq = 3",
        "UPDATE audit_log SET subject = NULL WHERE seq = 3",
        "UPDATE audit_log SET action = 'read' WHERE seq = 3",
        "UPDATE audit_log SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3",
    ],
)
def test_an_altered_row_is_found_and_named(logged: Store, change: str) -> None:
    tamper(logged, change)
    verdict = auditing.verify(logged)
    assert [(one.kind, one.seq) for one in verdict.faults] == [("altered", 3)]


def test_a_removed_row_is_found(logged: Store) -> None:
    tamper(logged, "DELETE FROM audit_log WHERE seq = 4")
    verdict = auditing.verify(logged)
    assert [(one.kind, one.seq) for one in verdict.faults] == [("removed", 5)]


def test_a_log_cut_off_at_its_end_is_found(logged: Store) -> None:
    tamper(logged, "DELETE FROM audit_log WHERE seq > 4")
    assert [one.kind for one in auditing.verify(logged).faults] == ["removed"]


def test_reordered_rows_are_found(logged: Store) -> None:
    tamper(
        logged,
        "UPDATE audit_log SET seq = 99 WHERE seq = 2;"
        "UPDATE audit_log SET seq = 2 WHERE seq = 3;UPDATE audit_log SET seq = 3 WHERE seq = 99",
    )
    faults = auditing.verify(logged).faults
    assert {one.kind for one in faults} == {"reordered", "altered"}
    assert {one.seq for one in faults} == {2, 3, 4}


def test_a_head_noted_earlier_shows_a_log_that_was_rewritten_whole(logged: Store) -> None:
    noted = auditing.verify(logged).head
    with logged.writing() as unit:
        unit.audit.append(CLERK, "read allegation", "A-9")
    assert auditing.verify(logged, expected_head=noted).sound
    assert not auditing.verify(logged, expected_head="f" * 64).sound


@pytest.mark.parametrize(
    "change", ["UPDATE audit_log SET actor = 'x' WHERE seq = 1", "DELETE FROM audit_log"]
)
def test_the_store_itself_refuses_to_change_the_log(logged: Store, change: str) -> None:
    with (
        pytest.raises(sa.exc.IntegrityError, match="only ever added to"),
        logged.engine.begin() as connection,
    ):
        connection.execute(sa.text(change))
    assert auditing.verify(logged).sound


def test_a_change_that_fails_leaves_no_row_and_no_gap(logged: Store) -> None:
    def fail() -> None:
        with logged.writing() as unit:
            unit.audit.append(CLERK, "closed allegation", "A-1")
            raise Conflict("somebody was first")

    with pytest.raises(Conflict):
        fail()
    with logged.writing() as unit:
        unit.audit.append(CLERK, "closed allegation", "A-1")
    with logged.reading() as unit:
        assert unit.audit.head()[0] == 7
    assert auditing.verify(logged).sound


def test_rows_of_one_change_are_chained_in_their_order(logged: Store) -> None:
    with logged.writing() as unit:
        for key in ("A-1", "A-2", "Ümläut"):
            unit.audit.append(CLERK, "closed allegation", key, {"note": "é"})
    with logged.reading() as unit:
        assert [one.subject for one in unit.audit.every(after=6)] == ["A-1", "A-2", "Ümläut"]
    assert auditing.verify(logged).sound


def test_a_search_finds_by_subject_newest_first_and_is_itself_recorded(logged: Store) -> None:
    inspector = Actor(None, "inspector")
    rows = auditing.search(logged, inspector, AuditQuery(action="read allegation", limit=2))
    assert [one.subject for one in rows] == ["A-5", "A-4"]
    older = auditing.search(logged, inspector, AuditQuery(actor="clerk", before=rows[-1].seq))
    assert [one.seq for one in older] == [4, 3, 2, 1]
    with logged.reading() as unit:
        assert unit.audit.find(AuditQuery(actor="inspector"))[0].action == "read audit log"


def test_the_exported_log_holds_every_row_with_its_hash(logged: Store, tmp_path: Path) -> None:
    out = tmp_path / "audit.jsonl"
    out.write_text("".join(exporting.audit_lines(logged, SYSTEM)))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["seq"] for one in rows] == list(range(1, 8))
    assert rows[3]["previous_hash"] == rows[2]["hash"]
