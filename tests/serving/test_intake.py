from __future__ import annotations

from pathlib import Path

import pytest
from factories import first_assessed, write_csv

from data.errors import BadInput, BadRecords
from data.mapping import ColumnMapping
from serving.intake import Imported, import_file
from serving.store.database import Store


def columns(*narratives: str) -> dict[str, list[str]]:
    count = range(len(narratives))
    return {
        "reference": [f"R{number}" for number in count],
        "narrative": list(narratives),
        "value": ["no_value"] * len(narratives),
    }


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


def test_a_file_without_values_is_refused(store: Store, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", {"reference": ["1"], "narrative": ["x"]})
    with pytest.raises(BadInput, match="value"):
        import_file(store, path)


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
