from __future__ import annotations

import csv
import io
from pathlib import Path

from factories import first_assessed, write_csv

from data.reading import read_allegations
from serving import exporting, sampling
from serving.actors import SYSTEM
from serving.intake import import_file
from serving.store.database import Store


def test_the_same_seed_draws_the_same_sample_and_another_seed_another(imported: Store) -> None:
    first = sampling.draw(imported, SYSTEM, "no_value", size=20, seed=7)
    again = sampling.draw(imported, SYSTEM, "no_value", size=20, seed=7)
    other = sampling.draw(imported, SYSTEM, "no_value", size=20, seed=8)
    assert first.records == again.records
    assert first.records != other.records
    assert (len(first.records), first.of) == (20, 132)


def test_a_sample_comes_again_after_the_store_has_grown(imported: Store, tmp_path: Path) -> None:
    first = sampling.draw(imported, SYSTEM, "all", size=15, seed=7)
    columns = first_assessed(60, seed=11)
    columns["reference"] = [f"B-{number}" for number in range(60)]
    import_file(imported, write_csv(tmp_path / "more.csv", columns))
    grown = sampling.draw(imported, SYSTEM, "all", size=15, seed=7)
    again = sampling.draw(imported, SYSTEM, "all", size=15, seed=7, up_to=first.up_to)
    assert (first.of, grown.of) == (240, 300)
    assert again.records == first.records


def test_every_record_has_the_same_chance_to_be_drawn(imported: Store) -> None:
    drawn: dict[str, int] = {}
    for seed in range(200):
        for one in sampling.draw(imported, SYSTEM, "no_value", size=33, seed=seed).records:
            drawn[one.key] = drawn.get(one.key, 0) + 1
    assert len(drawn) == 132
    # 50 expected, standard deviation 6.1
    assert all(20 < count < 80 for count in drawn.values())


def test_a_sample_larger_than_what_there_is_holds_all_of_it(imported: Store) -> None:
    assert len(sampling.draw(imported, SYSTEM, "no_value", size=500, seed=1).records) == 132


def test_every_valued_allegation_leaves_as_a_table_that_reads_again(
    imported: Store, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    out.write_text("".join(exporting.decisions_csv(imported, SYSTEM, every=True)))
    table = read_allegations(out, needs=frozenset({"value"}))
    there = first_assessed()
    assert len(table) == 240
    assert table.narratives == there["narrative"]
    assert list(table.frame["value"]) == there["value"]


def test_decisions_leave_with_how_they_were_selected(imported: Store) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(exporting.decisions_csv(imported, SYSTEM)))))
    assert rows == []
    header = "".join(exporting.decisions_csv(imported, SYSTEM)).splitlines()[0]
    assert {"selection_probability", "model_selected", "reviewed_value"} <= set(header.split(","))


def test_an_export_is_recorded_in_the_audit_log(imported: Store) -> None:
    list(exporting.decisions_csv(imported, SYSTEM))
    with imported.reading() as unit:
        assert [one.action for one in unit.audit.every()][-1] == "exported decisions"
