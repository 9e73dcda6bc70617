from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import first_assessed, write_csv

from data.errors import BadRecords
from data.mapping import ColumnMapping
from model.predictor import Predictor
from serving.intake import Desk, Imported, import_file
from serving.store.database import Store
from serving.store.records_intake import Case

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def columns(*narratives: str) -> dict[str, list[str]]:
    count = range(len(narratives))
    return {
        "reference": [f"R{number}" for number in count],
        "narrative": list(narratives),
        "value": ["no_value"] * len(narratives),
    }


def case_of(store: Store, key: str) -> Case:
    with store.reading() as unit:
        found = unit.intake.by_key("second_look", key)
    assert found is not None
    return found


def test_an_import_says_how_many_wait_for_a_second_look(store: Store, tmp_path: Path) -> None:
    done = import_file(store, write_csv(tmp_path / "a.csv", first_assessed()))
    assert done == Imported(added=240, known=0, differing=0, dismissed=132)


def test_importing_a_file_again_adds_nothing(imported: Store, tmp_path: Path) -> None:
    done = import_file(imported, tmp_path / "first.csv")
    assert done == Imported(added=0, known=240, differing=0, dismissed=0)


def test_another_content_under_a_known_reference_is_told_and_not_taken(
    store: Store, tmp_path: Path
) -> None:
    import_file(store, write_csv(tmp_path / "a.csv", columns("one", "two")))
    done = import_file(store, write_csv(tmp_path / "b.csv", columns("one", "other")))
    assert (done.known, done.differing) == (1, 1)
    with store.reading() as unit:
        found = unit.allegations.by_key("second_look", "R1")
    assert found is not None
    assert found.narrative == "two"


def test_an_import_cut_off_is_continued_by_running_it_again(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", first_assessed())

    def cut(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_file(store, path, rows=100, told=cut)
    assert import_file(store, path, rows=100) == Imported(140, 100, 0, 77)


def test_a_late_offence_keeps_the_whole_file_out(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", columns(*["fine"] * 150, ""))
    with pytest.raises(BadRecords, match="row 151"):
        import_file(store, path, rows=50)
    with store.reading() as unit:
        assert unit.decisions.counts("second_look").allegations == 0


def test_a_file_without_values_waits_for_its_assessment(store: Store, tmp_path: Path) -> None:
    received = "2026-11-20T09:00:00Z"
    table = {"reference": ["1"], "narrative": ["a van at night"], "received_at": [received]}
    done = import_file(store, write_csv(tmp_path / "a.csv", table), now=NOW)
    assert done == Imported(added=1, unassessed=1)
    record = case_of(store, "1")
    assert (record.status, record.first_value, record.dismissed) == ("unassessed", None, False)
    assert record.due_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_a_row_without_a_value_waits_while_the_others_come_in_assessed(
    store: Store, tmp_path: Path
) -> None:
    table = {**columns("one", "two", "three"), "value": ["no_value", "", "high"]}
    mapping = ColumnMapping(
        reference="reference", narrative="narrative", value="value", value_not_labels=("",)
    )
    done = import_file(store, write_csv(tmp_path / "a.csv", table), mapping)
    assert done == Imported(added=3, dismissed=1, unassessed=1)
    assert [case_of(store, f"R{number}").status for number in range(3)] == [
        "closed",
        "unassessed",
        "open",
    ]


def test_an_unassessed_row_gets_its_suggestion_and_urgency_and_is_known_when_it_comes_again(
    store: Store, tmp_path: Path, predictor: Predictor
) -> None:
    table = {"reference": ["1"], "narrative": ["a lorry arrives at dover tonight with guns"]}
    path = write_csv(tmp_path / "a.csv", table)
    import_file(store, path, desk=Desk(predictor=predictor))
    record = case_of(store, "1")
    assert (record.urgency, record.safeguarding) == (2, True)
    with store.reading() as unit:
        suggestion = unit.intake.suggestion(record.id)
    assert suggestion is not None
    assert suggestion.model_version == predictor.version
    assert import_file(store, path) == Imported(known=1)


def test_an_unassessed_row_that_repeats_an_imported_dismissal_reopens_it(
    store: Store, tmp_path: Path
) -> None:
    text = "a man works at the Golden Fry without papers every friday and sleeps above the shop"
    import_file(store, write_csv(tmp_path / "a.csv", columns(text)))
    table = {"reference": ["N1"], "narrative": [text.upper()]}
    done = import_file(store, write_csv(tmp_path / "b.csv", table))
    assert done == Imported(added=1, unassessed=1, reopened=1)
    assert case_of(store, "R0").status == "unassessed"


def test_each_chunk_is_one_row_of_the_audit_log(store: Store, tmp_path: Path) -> None:
    import_file(store, write_csv(tmp_path / "a.csv", first_assessed()), rows=100)
    with store.reading() as unit:
        rows = [one for one in unit.audit.every() if one.action == "imported allegations"]
    assert [json.loads(one.details_text)["added"] for one in rows] == [100, 100, 40]


def test_values_other_than_those_of_the_store_are_refused(store: Store, tmp_path: Path) -> None:
    import_file(store, write_csv(tmp_path / "a.csv", columns("one")))
    other = {"reference": ["9"], "narrative": ["x"], "value": ["bug"]}
    mapping = ColumnMapping(
        reference="reference", narrative="narrative", value="value", value_order=("other", "bug")
    )
    with pytest.raises(BadRecords, match="the store's values are no_value, low, medium, high"):
        import_file(store, write_csv(tmp_path / "b.csv", other), mapping)


def test_a_record_that_was_looked_at_again_elsewhere_counts_and_does_not_wait(
    store: Store, tmp_path: Path
) -> None:
    table = {**columns("one", "two", "three"), "reviewed_value": ["", "high", "no_value"]}
    done = import_file(store, write_csv(tmp_path / "a.csv", table))
    assert done.dismissed == 1
    with store.reading() as unit:
        counts = unit.decisions.counts("second_look")
    assert (counts.dismissed, counts.waiting) == (3, 1)
    assert (counts.reviewed_before, counts.found_before) == (2, 1)


def test_progress_is_told_chunk_by_chunk(store: Store, tmp_path: Path) -> None:
    told: list[int] = []
    path = write_csv(tmp_path / "a.csv", first_assessed())
    import_file(store, path, rows=100, told=told.append)
    assert told == [100, 100, 40]
