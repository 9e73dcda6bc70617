"""Attributes that are held apart, joined to the records for a comparison and for nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from factories import table_of, training_columns, write_csv

from data.errors import BadFile, BadInput, BadRecords
from data.reading import AllegationTable
from training import sensitive
from training.groups import LEAST
from training.sensitive import sensitive_groups

ROWS = 120


@pytest.fixture(scope="module")
def table() -> AllegationTable:
    return table_of(training_columns(ROWS))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "apart.csv"


def apart(rows: int = ROWS, **attributes: list[str]) -> dict[str, list[str]]:
    return {"reference": [f"A-{n:04d}" for n in range(rows)], **attributes}


def test_attributes_come_from_a_file_of_their_own(table: AllegationTable, path: Path) -> None:
    genders = ["f", "f", "m", "", "f", "m"] * 20
    columns = {name: cells[::-1] for name, cells in apart(gender=genders).items()}
    groups, _ = sensitive_groups(write_csv(path, columns), table)
    here, others = groups["gender"]["f"]
    assert here.tolist() == [cell == "f" for cell in genders]
    assert others.tolist() == [cell == "m" for cell in genders], "of the others it must be known"


def test_names_of_columns_and_groups_may_be_written_in_any_case(
    table: AllegationTable, path: Path
) -> None:
    columns = {" Reference": apart()["reference"], "GENDER ": ["Female", "female ", "m"] * 40}
    groups, _ = sensitive_groups(write_csv(path, columns), table)
    assert list(groups) == ["gender"]
    assert list(groups["gender"]) == ["Female"]
    assert groups["gender"]["Female"][0].sum() == 80


def test_who_somebody_is_makes_no_group(table: AllegationTable, path: Path) -> None:
    columns = apart(sex=["f", "m"] * 60, name=["Ann", "Bob"] * 60, date_of_birth=["1990"] * ROWS)
    groups, _ = sensitive_groups(write_csv(path, columns | {"secret": ["a"] * ROWS}), table)
    assert list(groups) == ["sex"]


def test_a_group_of_few_is_not_told(table: AllegationTable, path: Path) -> None:
    religions = ["Sikh"] * LEAST + ["Jain"] * (LEAST - 1) + [""] * (ROWS - 2 * LEAST + 1)
    groups, _ = sensitive_groups(write_csv(path, apart(religion=religions)), table)
    assert list(groups["religion"]) == ["Sikh"]


def test_ages_are_put_into_tens(table: AllegationTable, path: Path) -> None:
    ages = ["34", "39.0"] * 25 + ["unknown"] * LEAST + ["30 or so"] * 20
    groups, _ = sensitive_groups(write_csv(path, apart(age=ages)), table)
    assert list(groups["age"]) == ["30 to 39", "unknown"]
    assert np.flatnonzero(groups["age"]["30 to 39"][0]).tolist() == list(range(50))


def test_a_number_that_is_no_age_stays_as_it_stands(table: AllegationTable, path: Path) -> None:
    groups, _ = sensitive_groups(write_csv(path, apart(ethnicity=["34"] * ROWS)), table)
    assert list(groups["ethnicity"]) == ["34"]


def test_of_how_many_records_the_file_speaks_is_counted(
    table: AllegationTable, path: Path
) -> None:
    columns = apart(70, gender=["f"] * 70)
    columns = {"reference": [*columns["reference"], "Z-1"], "gender": [*columns["gender"], "f"]}
    groups, known = sensitive_groups(write_csv(path, columns), table)
    assert known == 70
    assert groups["gender"]["f"][0].sum() == 70


def test_json_lines_may_leave_out_what_is_blank(
    table: AllegationTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitive, "ROWS_AT_ONCE", 7)
    lines = [
        {"reference": f"A-{n:04d}"} | ({"sex": "f"} if 30 <= n < 100 else {"age": 25})
        for n in range(ROWS)
    ]
    path = path.with_suffix(".jsonl")
    path.write_text("\n\n".join(map(json.dumps, lines)))
    groups, _ = sensitive_groups(path, table)
    assert np.flatnonzero(groups["sex"]["f"][0]).tolist() == list(range(30, 100))
    assert np.flatnonzero(groups["age"]["20 to 29"][0]).tolist() == [*range(30), *range(100, 120)]


def test_parquet_is_read_as_well(table: AllegationTable, path: Path) -> None:
    columns = apart(sex=["f"] * ROWS) | {"age": [34.0] * 60 + [None] * 60}
    path = path.with_suffix(".parquet")
    pd.DataFrame(columns).to_parquet(path)
    groups, known = sensitive_groups(path, table)
    assert known == ROWS
    assert groups["age"]["30 to 39"][0].sum() == 60


# What cannot be used ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "columns",
    [
        {"reference": ["A-0000"], "colour": ["red"]},
        {"reference": ["A-0000"], "name": ["Ann"]},
        {"gender": ["f"]},
        {"reference": ["A-0000"], "Gender": ["f"], "gender ": ["f"]},
    ],
)
def test_a_file_without_a_reference_and_attributes_once_each_is_refused(
    table: AllegationTable, path: Path, columns: dict[str, list[str]]
) -> None:
    with pytest.raises(BadFile, match="header: must hold reference and, once each, one or more"):
        sensitive_groups(write_csv(path, columns), table)


def test_every_reference_that_is_blank_or_there_twice_is_told_with_row_and_column(
    table: AllegationTable, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensitive, "ROWS_AT_ONCE", 2)
    columns = {"Reference": ["A-0", " ", "A-1", "A-0", "A-2"], "gender": ["f", "m", "f", "m", "f"]}
    with pytest.raises(BadRecords) as refused:
        sensitive_groups(write_csv(path, columns), table)
    assert [(one.where, one.rule) for one in refused.value.problems] == [
        ("row 2, column Reference", "the reference is blank"),
        ("row 4, column Reference", "the reference is already that of row 1"),
    ]


def test_rows_are_counted_as_they_stand_in_the_file(table: AllegationTable, path: Path) -> None:
    path = path.with_suffix(".jsonl")
    path.write_text('{"reference": "A-0", "sex": "f"}\n\n{"sex": "m"}\n')
    with pytest.raises(BadRecords, match="row 3, column reference: the reference is blank"):
        sensitive_groups(path, table)


def test_rows_that_cannot_be_taken_apart_are_told_with_the_other_offences(
    table: AllegationTable, path: Path
) -> None:
    path.write_bytes(b"reference,gender\nA-0,f,x\nA-1,\xff\n,f\n")
    with pytest.raises(BadRecords) as refused:
        sensitive_groups(path, table)
    assert [one.where for one in refused.value.problems] == [
        "row 1 (line 2)",
        "row 3, column reference",
        "row 2, column gender",
    ]


def test_a_file_that_stops_is_refused_as_a_file(table: AllegationTable, path: Path) -> None:
    path.write_text('reference,gender\nA-0,f\nA-1,"m\n')
    with pytest.raises(BadFile, match="reading stopped"):
        sensitive_groups(path, table)


@pytest.mark.parametrize("rows", [["Z-1"], []])
def test_a_file_that_speaks_of_none_of_the_records_is_refused(
    table: AllegationTable, path: Path, rows: list[str]
) -> None:
    with pytest.raises(BadRecords, match="none of its references"):
        sensitive_groups(write_csv(path, {"reference": rows, "gender": ["f"] * len(rows)}), table)


def test_a_file_that_is_not_there_is_refused(table: AllegationTable, path: Path) -> None:
    with pytest.raises(BadInput, match=r"apart\.csv cannot be read"):
        sensitive_groups(path, table)
