"""The shared real tables are read through mappings. Not a word of them stands here."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import BadRecords
from data.mapping import ColumnMapping, load_mapping
from data.reading import read_allegations, read_in_chunks
from data.splits import folds_for

Mapped = Callable[[str, str], tuple[Path, ColumnMapping]]

pytestmark = pytest.mark.real_data

SECURITY = """
[columns]
reference = "id"
narrative = "text"
value = "first_label"
reviewed_value = "verified_label"
received_at = "created"
[value]
order = [0, 1]
"""
DISASTER = """
[columns]
reference = "id"
narrative = "text"
value = "value_derived"
categories = "category_derived"
channel = "genre"
[narrative]
leave_out_blank = true
"""
POLICE = """
[columns]
reference = "id"
narrative = "text"
value = "value_derived"
categories = "category"
received_at = "date_received"
[value]
order = ["no_value", "low", "medium", "high"]
not_labels = ["pending", "unknown"]
"""
NEWS = """
[columns]
reference = "id"
narrative = "text"
value = "noisy_label"
reviewed_value = "gold_label"
[value]
order = ["World", "Sports", "Business", "Sci/Tech"]
"""
CRISES = """
[columns]
reference = "id"
narrative = "text"
value = "label"
[value]
order = ["off-topic", "on-topic"]
"""


@pytest.fixture
def mapped(tmp_path: Path) -> Mapped:
    """Return a function from a table's name and a mapping's text to its path and mapping."""
    beside = Path(__file__).resolve().parents[2].parent / "shared"
    folder = Path(os.environ.get("SECONDLOOK_SHARED", beside)) / "datasets"

    def found(name: str, text: str) -> tuple[Path, ColumnMapping]:
        path = folder / f"{name}.csv.gz"
        if not path.is_file():
            pytest.skip(f"the shared table {name} is not here; set SECONDLOOK_SHARED to where")
        (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
        return path, load_mapping(tmp_path / "mapping.toml")

    return found


def test_the_security_table_has_a_first_and_a_verified_label_and_times_with_zones(
    mapped: Mapped,
) -> None:
    table = read_allegations(*mapped("security_bug_reports", SECURITY))
    first, verified = table.frame["value"], table.frame["reviewed_value"]
    assert len(table) == 2000
    assert (first == "0").sum() == 1883
    assert ((first == "0") & (verified == "1")).sum() == 118
    assert table.frame["received_at"].notna().all()
    assert table.column("verified_label").equals(verified)


def test_the_disaster_table_has_two_blank_narratives_which_are_told_or_left_out(
    mapped: Mapped,
) -> None:
    path, mapping = mapped("disaster_sms", DISASTER)
    table = read_allegations(path, mapping, needs=frozenset({"value", "categories"}))
    assert (len(table), table.left_out) == (8577, 2)
    assert len(table.category_labels) == 26
    with pytest.raises(BadRecords) as caught:
        read_allegations(*mapped("disaster_sms", DISASTER.replace("true", "false")))
    assert [problem.where for problem in caught.value.problems] == [
        "row 8457, column text",
        "row 8483, column text",
    ]


def test_the_police_table_leaves_out_what_is_no_value_only_where_a_value_is_needed(
    mapped: Mapped,
) -> None:
    path, mapping = mapped("police_complaints", POLICE)
    assert len(read_allegations(path, mapping)) == 2844
    table = read_allegations(path, mapping, needs=frozenset({"value"}))
    assert (len(table), table.left_out) == (2721, 123)
    assert table.frame["received_at"].notna().all()
    for train, test in folds_for(table, 3, time_ordered=True, keep_near_duplicates_together=False):
        times = table.frame["received_at"]
        assert times[train].max() < times[test].min()


def test_the_news_table_has_one_label_in_five_wrong(mapped: Mapped) -> None:
    frame = read_allegations(*mapped("noisy_agnews", NEWS)).frame
    assert (frame["value"] != frame["reviewed_value"]).sum() == 1975


def test_the_crises_are_read_in_chunks_and_held_out_whole(mapped: Mapped) -> None:
    path, mapping = mapped("crisislex_t6", CRISES)
    assert sum(len(chunk) for chunk in read_in_chunks(path, mapping)) == 60_078
    table = read_allegations(path, mapping)
    folds = folds_for(table, 6, group_column="event", keep_near_duplicates_together=False)
    events = table.column("event")
    assert all(events[test].nunique() == 1 for _, test in folds)
