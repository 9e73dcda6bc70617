from __future__ import annotations

import csv
import gzip
import json
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet
import pytest
from factories import table_of
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import BadFile, BadInput, BadRecords
from data.mapping import ColumnMapping
from data.reading import fingerprint, read_allegations, read_in_chunks
from data.taxonomy import load_taxonomy

PLAIN = ColumnMapping(narrative="text")
LABELLED = ColumnMapping(narrative="text", value="v", value_order=("0", "1"))
NEEDS_VALUE = frozenset({"value"})


def _file(tmp_path: Path, content: str | bytes, name: str = "t.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _refused(
    path: Path,
    mapping: ColumnMapping | None = PLAIN,
    kind: type[BadInput] = BadRecords,
    **options: frozenset[str],
) -> str:
    with pytest.raises(kind) as caught:
        read_allegations(path, mapping, **options)
    return str(caught.value)


def test_our_own_columns_are_read_without_a_mapping(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "reference,narrative,value,categories,reviewed_value,received_at,channel,timing\n"
        "A1,a van at night,low,drugs|cash,,2024-03-31,mp,now\n"
        "A2,no name given,no_value,,high,,,\n",
    )
    table = read_allegations(path)
    first, second = table.allegations()
    assert (first.reference, first.channel, first.fields) == ("A1", "mp", {"timing": "now"})
    assert first.received_at == datetime(2024, 3, 31, tzinfo=UTC)
    assert (second.channel, second.received_at, second.fields) == (None, None, {})
    assert table.frame["categories"].tolist() == [("drugs", "cash"), ()]
    assert table.frame["reviewed_value"].isna().tolist() == [True, False]
    assert table.value_order == load_taxonomy().value_codes
    assert table.category_labels == ("cash", "drugs")
    assert table.extra_columns == ("timing",)
    assert table.source == "t.csv"


def test_with_our_own_names_only_the_narrative_has_to_be_there(tmp_path: Path) -> None:
    table = read_allegations(_file(tmp_path, "narrative\na van\na boat\n"))
    assert table.frame["reference"].tolist() == ["row-1", "row-2"]
    assert table.frame["value"].isna().all()
    assert table.frame["categories"].tolist() == [(), ()]


def test_every_column_that_is_named_but_missing_is_told_with_the_closest(tmp_path: Path) -> None:
    path = _file(tmp_path, "txt,vallue\nx,1\n")
    mapping = ColumnMapping(narrative="text", value="value", channel="way")
    told = _refused(path, mapping, BadFile)
    assert "column 'text' is missing (narrative) (did you mean 'txt'?)" in told
    assert "column 'value' is missing (value) (did you mean 'vallue'?)" in told
    assert "column 'way' is missing (channel)" in told


def test_a_field_that_is_needed_but_not_mapped_is_told(tmp_path: Path) -> None:
    path = _file(tmp_path, "text\nx\n")
    assert "no column is named for value" in _refused(path, PLAIN, BadFile, needs=NEEDS_VALUE)
    assert "column 'value' is missing" in _refused(
        _file(tmp_path, "narrative\nx\n"), None, BadFile, needs=NEEDS_VALUE
    )


def test_a_table_separated_by_semicolons_is_recognised(tmp_path: Path) -> None:
    assert "than commas" in _refused(_file(tmp_path, "id;text\n1;x\n"), PLAIN, BadFile)


def test_all_offences_of_a_file_are_told_with_row_and_column(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "reference,narrative,value,categories,received_at,channel\n"
        "A1,ok,low,drugs,2024-01-01,mp\n"
        "A1,,lowe,drugz,03/04/2024,pigeon\n"
        ",x\n"
        "A3,fine,high,drugs|drugs,2024-02-30,mp\n",
    )
    told = _refused(path, None)
    assert told.startswith("t.csv: 9 offences (rows are records counted from 1")
    for offence in (
        "row 2, column reference: the reference is already that of row 1",
        "row 2, column narrative: the narrative is blank",
        "row 2, column value: 'lowe' is not a label that is known (did you mean 'low'?)",
        "row 2, column categories: 'drugz' is not a label that is known (did you mean 'drugs'?)",
        "row 2, column received_at: the date could be two days",
        "row 2, column channel: 'pigeon' is not a label that is known",
        "row 3 (line 4): has 2 cells where the header has 6",
        "row 4, column categories: a category stands twice",
        "row 4, column received_at: the date names a day or time that does not exist",
    ):
        assert offence in told


def test_a_narrative_of_one_hundred_thousand_characters_is_refused_without_quoting_it(
    tmp_path: Path,
) -> None:
    told = _refused(_file(tmp_path, "text\nfine\n" + "secret " * 14_286 + "\n"))
    assert "row 2, column text: the narrative has 100,002 characters" in told
    assert "secret" not in told


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\u00a0", '"\n"'])
def test_a_blank_narrative_is_refused_with_its_row(tmp_path: Path, blank: str) -> None:
    path = _file(tmp_path, f"id,text\n1,x\n2,{blank}\n")
    assert "row 2, column text: the narrative is blank" in _refused(path)


def test_blank_narratives_are_left_out_and_counted_where_the_mapping_asks(tmp_path: Path) -> None:
    path = _file(tmp_path, "id,text\n1,x\n2,\n3,y\n")
    table = read_allegations(path, ColumnMapping(narrative="text", leave_out_blank=True))
    assert table.narratives == ["x", "y"]
    assert table.frame["reference"].tolist() == ["row-1", "row-3"]
    assert table.left_out == 1


def test_a_file_of_which_everything_is_left_out_holds_no_rows(tmp_path: Path) -> None:
    path = _file(tmp_path, "id,text\n1,\n")
    mapping = ColumnMapping(narrative="text", leave_out_blank=True)
    assert "holds 0 rows but the 1 that the mapping leaves out" in _refused(path, mapping)


def test_bytes_that_are_not_utf8_are_told_by_row_column_and_place(tmp_path: Path) -> None:
    path = _file(tmp_path, b"id,text,note\n1,x,y\n2,caf\xe9,y\n3,z,\xff\n")
    told = _refused(path)
    assert "row 2, column text: byte 0xE9 at character 4 is not UTF-8" in told
    assert "row 3, column note: byte 0xFF at character 1 is not UTF-8" in told
    assert "caf" not in told


def test_a_label_that_is_not_utf8_is_told_once(tmp_path: Path) -> None:
    path = _file(tmp_path, b"text,v\nx,0\ny,\xe9\n")
    told = _refused(path, LABELLED)
    assert "1 offence " in told
    assert "row 2, column v: byte 0xE9" in told


def test_a_header_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    assert "header, column 2: byte 0xE9" in _refused(
        _file(tmp_path, b"text,\xe9\nx,y\n"), PLAIN, BadFile
    )


def test_utf16_is_recognised_and_a_utf8_mark_is_not_part_of_the_first_name(tmp_path: Path) -> None:
    assert "UTF-16" in _refused(_file(tmp_path, "text\nx\n".encode("utf-16")), PLAIN, BadFile)
    assert len(read_allegations(_file(tmp_path, b"\xef\xbb\xbftext\nx\n"), PLAIN)) == 1


@pytest.mark.parametrize("column", ["text", "note"])
def test_nul_is_refused_in_any_column(tmp_path: Path, column: str) -> None:
    row = {"text": "x", "note": "y"} | {column: "a\0b"}
    path = _file(tmp_path, f"text,note\nfine,fine\n{row['text']},{row['note']}\n")
    assert f"row 2, column {column}: holds a NUL at character 2" in _refused(path)


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.jsonl", "t.parquet"])
def test_a_file_without_rows_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    frame = pd.DataFrame({"text": pd.Series([], dtype="str")})
    if "csv" in name:
        frame.to_csv(path, index=False)
    elif "jsonl" in name:
        path.write_text("\n\n")
    else:
        frame.to_parquet(path)
    assert "0 rows" in _refused(path)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    assert f"{name} is empty" in _refused(_file(tmp_path, b"", name), PLAIN, BadFile)


def test_ragged_rows_are_told_by_row_and_line(tmp_path: Path) -> None:
    path = _file(tmp_path, 'id,text\n1,"two\nlines"\n2\n3,x,y\n4,fine\n')
    told = _refused(path)
    assert "row 2 (line 4): has 1 cells where the header has 2" in told
    assert "row 3 (line 5): has 3 cells where the header has 2" in told


def test_the_line_is_told_as_well_where_line_breaks_in_quotes_shift_it(tmp_path: Path) -> None:
    path = _file(tmp_path, 'id,text\n1,"two\nlines"\n2,\n')
    assert "row 2 (line 4), column text: the narrative is blank" in _refused(path)


def test_blank_lines_in_a_csv_file_are_no_rows(tmp_path: Path) -> None:
    assert len(read_allegations(_file(tmp_path, "id,text\n1,x\n\n2,y\n\n"), PLAIN)) == 2


@pytest.mark.parametrize("broken", ['2,"never closed\n', '2,"x"y\n'])
def test_broken_quoting_stops_the_reading_and_tells_what_came_before(
    tmp_path: Path, broken: str
) -> None:
    told = _refused(_file(tmp_path, "id,text\n1,\n" + broken), PLAIN, BadFile)
    assert "row 1, column text: the narrative is blank" in told
    assert "after row 1: reading stopped: line 3" in told


def test_a_header_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    told = _refused(_file(tmp_path, "text,text\nx,y\n"), PLAIN, BadFile)
    assert "column 'text' stands there 2 times" in told


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_a_truncated_gzip_file_is_refused(tmp_path: Path, kind: str) -> None:
    if kind == "parquet":
        pd.DataFrame({"text": [str(n) for n in range(5000)]}).to_parquet(tmp_path / "w")
        whole = (tmp_path / "w").read_bytes()
    elif kind == "csv":
        whole = b"text\n" + b"".join(b"%d\n" % n for n in range(50_000))
    else:
        whole = b"".join(b'{"text": "%d"}\n' % n for n in range(50_000))
    packed = gzip.compress(whole)
    path = _file(tmp_path, packed[: len(packed) // 2], f"t.{kind}.gz")
    assert "truncated or damaged" in _refused(path, PLAIN, BadFile)


def test_what_is_not_what_its_name_says_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(b"text\nx\n")
    assert "must end in .gz" in _refused(_file(tmp_path, packed, "a.csv"), PLAIN, BadFile)
    assert "not whole gzip" in _refused(_file(tmp_path, "text\nx\n", "b.csv.gz"), PLAIN, BadFile)
    assert "not whole Parquet" in _refused(
        _file(tmp_path, "text\nx\n", "c.parquet"), PLAIN, BadFile
    )
    assert "must end in one of" in _refused(_file(tmp_path, "x", "d.xlsx"), PLAIN, BadFile)


def test_a_parquet_file_that_lacks_its_end_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"text": ["a", "b"]}).to_parquet(tmp_path / "w")
    half = (tmp_path / "w").read_bytes()[:-20]
    assert "not whole Parquet" in _refused(_file(tmp_path, half, "t.parquet"), PLAIN, BadFile)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "No such file" in _refused(tmp_path / "absent.csv", PLAIN, BadFile)
    (tmp_path / "folder.csv").mkdir()
    assert "cannot be read" in _refused(tmp_path / "folder.csv", PLAIN, BadFile)


def test_json_lines_broken_on_some_lines_are_told_by_line(tmp_path: Path) -> None:
    lines = ['{"text": "secret"}', '{"text": "secret"', "[1]", '{"text": 1, "text": 2}', "",
             '{"text": ""}', '{"text": "\\ud800"}', '{"text": ' + "9" * 5000 + "}"]  # fmt: skip
    told = _refused(_file(tmp_path, "\n".join(lines), "t.jsonl"))
    assert "row 2: is not JSON: Expecting" in told
    assert "row 3: is JSON but not an object" in told
    assert "row 4: cannot be taken as JSON: a name stands twice" in told
    assert "row 6, column text: the narrative is blank" in told
    assert "row 7, column text: half a surrogate pair" in told
    assert "row 8: cannot be taken as JSON" in told
    assert "secret" not in told


def test_json_lines_may_leave_out_what_is_blank_and_list_categories(tmp_path: Path) -> None:
    records = [
        {"text": "x", "v": 1, "kinds": ["a", "b|c"]},
        {"text": "y", "v": None, "more": {"k": [1]}},
    ]
    path = _file(tmp_path, "\n".join(map(json.dumps, records)), "t.jsonl")
    mapping = ColumnMapping(
        narrative="text", value="v", categories="kinds", value_order=("0", "1")
    )
    table = read_allegations(path, mapping)
    assert table.frame["categories"].tolist() == [("a", "b|c"), ()]
    assert table.frame["value"].isna().tolist() == [False, True]
    assert table.frame["more"].tolist()[1] == '{"k": [1]}'


def test_a_needed_field_left_out_of_a_json_line_is_told_by_its_row(tmp_path: Path) -> None:
    lines = ['{"text": "x", "v": 1}', '{"text": "y"}', '{"v": 0}']
    told = _refused(_file(tmp_path, "\n".join(lines), "t.jsonl"), LABELLED, needs=NEEDS_VALUE)
    assert "row 2, column v: the label is missing" in told
    assert "row 3, column text: the narrative is blank" in told


def test_a_field_may_first_turn_up_late_in_json_lines_but_must_turn_up(tmp_path: Path) -> None:
    mapping = ColumnMapping(narrative="text", reviewed_value="r", value_order=("0", "1"))
    lines = ['{"text": "x"}'] * 5
    late = _file(tmp_path, "\n".join([*lines, '{"text": "y", "r": 1}']), "late.jsonl")
    assert [len(table) for table in read_in_chunks(late, mapping, rows=2)] == [2, 2, 2]
    never = _file(tmp_path, "\n".join(lines), "never.jsonl")
    assert "column 'r' is missing" in _refused(never, mapping, BadFile)


@pytest.mark.parametrize("values", [[0, 1], [0.0, 1.0], ["0", "1"], [False, True]])
@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.jsonl"])
def test_numeric_labels_are_compared_as_text(
    tmp_path: Path, values: list[object], name: str
) -> None:
    order = ("false", "true") if values == [False, True] and values[0] is False else ("0", "1")
    frame = pd.DataFrame({"text": ["x", "y"], "v": values})
    path = tmp_path / name
    if name == "t.parquet":
        frame.to_parquet(path)
    elif name == "t.csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True)
    mapping = ColumnMapping(narrative="text", value="v", value_order=order)
    assert read_allegations(path, mapping).frame["value"].tolist() == list(order)


@pytest.mark.parametrize("name", ["t.parquet", "t.csv", "t.jsonl"])
def test_whole_numbers_beside_blanks_keep_their_labels(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({"text": ["x", "y", "z"], "v": [0, 1, 0], "r": [1.0, None, 0.0]})
    path = tmp_path / name
    if name == "t.parquet":
        frame.to_parquet(path)
    elif name == "t.csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True)
    mapping = ColumnMapping(
        narrative="text", value="v", reviewed_value="r", value_order=("0", "1")
    )
    reviewed = read_allegations(path, mapping).frame["reviewed_value"]
    assert reviewed.dropna().tolist() == ["1", "0"]
    assert reviewed.isna().tolist() == [False, True, False]


def test_values_that_are_not_labels_are_missing_or_left_out_where_needed(tmp_path: Path) -> None:
    path = _file(tmp_path, "text,v\na,0\nb,pending\nc,1\n")
    mapping = ColumnMapping(
        narrative="text", value="v", value_order=("0", "1"), value_not_labels=("pending",)
    )
    assert read_allegations(path, mapping).frame["value"].isna().tolist() == [False, True, False]
    needed = read_allegations(path, mapping, needs=NEEDS_VALUE)
    assert (needed.narratives, needed.left_out) == (["a", "c"], 1)


def test_blank_values_are_refused_where_needed_unless_the_mapping_leaves_them_out(
    tmp_path: Path,
) -> None:
    path = _file(tmp_path, "text,v\na,0\nb,\nc,1\n")
    told = _refused(path, LABELLED, needs=NEEDS_VALUE)
    assert "row 2, column v: the label is missing" in told
    lenient = replace(LABELLED, value_not_labels=("",))
    assert read_allegations(path, lenient, needs=NEEDS_VALUE).narratives == ["a", "c"]


def test_with_a_mapping_categories_and_channels_are_whatever_the_table_holds(
    tmp_path: Path,
) -> None:
    path = _file(tmp_path, "text,kind,way\nx,zebra,pigeon\ny,ant,drum\n")
    mapping = ColumnMapping(narrative="text", categories="kind", channel="way")
    table = read_allegations(path, mapping)
    assert table.category_labels == ("ant", "zebra")
    assert table.frame["channel"].tolist() == ["pigeon", "drum"]


def test_declared_category_labels_are_the_only_ones_and_keep_their_order(tmp_path: Path) -> None:
    path = _file(tmp_path, "text,kind\nx,b\ny,c\n")
    mapping = ColumnMapping(narrative="text", categories="kind", category_labels=("b", "c", "a"))
    assert read_allegations(path, mapping).category_labels == ("b", "c", "a")
    fewer = ColumnMapping(narrative="text", categories="kind", category_labels=("b",))
    assert "row 2, column kind: 'c' is not a label" in _refused(path, fewer)


def test_a_mapping_without_an_order_uses_the_taxonomys_values(tmp_path: Path) -> None:
    path = _file(tmp_path, "text,v\nx,low\ny,none\n")
    told = _refused(path, ColumnMapping(narrative="text", value="v"))
    assert "row 2, column v: 'none' is not a label that is known" in told


def test_a_long_label_is_not_quoted(tmp_path: Path) -> None:
    path = _file(tmp_path, "text,v\nx,a whole narrative put into the wrong column by mistake\n")
    told = _refused(path, LABELLED)
    assert "a label of 54 characters is not one that is known" in told


def test_other_columns_keep_their_names_even_if_one_is_called_like_a_field() -> None:
    table = table_of({"text": ["x"], "value": ["?"], "event": ["flood"]}, PLAIN)
    assert table.extra_columns == ("value (source)", "event")
    assert table.frame["value"].isna().all()


def test_a_column_is_found_by_its_name_in_the_file_or_by_its_field() -> None:
    mapping = ColumnMapping(narrative="text", channel="genre")
    table = table_of({"text": ["x"], "genre": ["direct"], "event": ["flood"]}, mapping)
    assert table.column("genre").tolist() == table.column("channel").tolist() == ["direct"]
    assert table.column("event").tolist() == ["flood"]
    with pytest.raises(KeyError):
        table.column("absent")


def test_rows_are_selected_by_mask_or_position_and_keep_their_labels() -> None:
    mapping = ColumnMapping(narrative="text", categories="kind")
    table = table_of({"text": ["x", "y", "z"], "kind": ["a", "b", "a"]}, mapping)
    assert table.select([2, 0]).narratives == ["z", "x"]
    assert table.select([True, False, True]).narratives == ["x", "z"]
    assert table.select([]).narratives == []
    assert table.select([0]).category_labels == ("a", "b")


def _thousand(tmp_path: Path, name: str) -> Path:
    frame = pd.DataFrame(
        {
            "reference": [f"A{n}" for n in range(1000)],
            "narrative": [f"narrative {n}, with\na second line" for n in range(1000)],
            "value": ["low", "no_value"] * 500,
            "received_at": pd.date_range("2024-01-01", periods=1000, freq="h", tz="UTC"),
            "children": [1.0, None] * 500,
        }
    )
    path = tmp_path / name
    if ".parquet" in name:
        frame.to_parquet(tmp_path / "whole.parquet")
        raw = (tmp_path / "whole.parquet").read_bytes()
        path.write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    elif ".csv" in name:
        frame["children"] = frame["children"].map({1.0: "1"})
        frame.to_csv(path, index=False)
    else:
        frame.to_json(path, orient="records", lines=True, date_format="iso")
    return path


NAMES = ["t.csv", "t.csv.gz", "t.jsonl", "t.json", "t.jsonl.gz", "t.parquet", "t.parquet.gz"]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_rows_give_the_same_fingerprint_in_every_format(
    tmp_path: Path, name: str
) -> None:
    expected = fingerprint(read_allegations(_thousand(tmp_path, "reference.csv")))
    assert fingerprint(read_allegations(_thousand(tmp_path, name))) == expected


@pytest.mark.parametrize("name", NAMES)
def test_chunks_hold_together_what_the_whole_file_holds(tmp_path: Path, name: str) -> None:
    path = _thousand(tmp_path, name)
    chunks = list(read_in_chunks(path, rows=300))
    assert [len(chunk) for chunk in chunks] == [300, 300, 300, 100]
    whole = read_allegations(path)
    assert [text for chunk in chunks for text in chunk.narratives] == whole.narratives


def test_a_changed_cell_changes_the_fingerprint() -> None:
    columns = {"narrative": ["x", "y"], "value": ["low", "high"], "more": ["1", ""]}
    expected = fingerprint(table_of(columns))
    for name in columns:
        altered = columns | {name: list(reversed(columns[name]))}
        assert fingerprint(table_of(altered)) != expected
    assert fingerprint(table_of(columns)) == expected


def test_a_duplicate_reference_is_found_across_chunks(tmp_path: Path) -> None:
    path = _file(tmp_path, "reference,narrative\n" + "A1,x\nA2,x\nA3,x\nA4,x\nA1,x\n")
    read = read_in_chunks(path, rows=2)
    assert [len(next(read)), len(next(read))] == [2, 2]
    with pytest.raises(BadRecords, match=r"row 5, column reference: .* that of row 1"):
        next(read)


def test_after_an_offence_nothing_is_yielded_but_everything_is_checked(tmp_path: Path) -> None:
    path = _file(tmp_path, "id,text\n1,x\n2,x\n3,\n4,x\n5,x\n6,\n")
    read = read_in_chunks(path, PLAIN, rows=2)
    next(read)
    with pytest.raises(BadRecords) as caught:
        next(read)
    assert [problem.where for problem in caught.value.problems] == [
        "row 3, column text", "row 6, column text",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet"])
def test_reading_in_chunks_takes_no_more_memory_for_a_longer_file(
    tmp_path: Path, kind: str
) -> None:
    def peak(rows: int) -> int:
        frame = pd.DataFrame({"text": [f"{n} " + "lorem " * 60 for n in range(rows)]})
        path = tmp_path / f"t.{kind}"
        if kind == "csv":
            frame.to_csv(path, index=False)
        elif kind == "jsonl":
            frame.to_json(path, orient="records", lines=True)
        else:
            frame.to_parquet(path, row_group_size=1000)
        tracemalloc.start()
        for _ in read_in_chunks(path, PLAIN, rows=500):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(16_000) < 1.5 * peak(4_000)


def test_an_unknown_need_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such field: values"):
        read_allegations(_file(tmp_path, "text\nx\n"), PLAIN, needs=frozenset({"values"}))


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([["text", "note"], *((f"x{a}", b) for a, b in rows)])
    table = read_allegations(path, PLAIN)
    assert table.narratives == [f"x{a}" for a, _ in rows]
    assert table.frame["note"].fillna("").tolist() == [b for _, b in rows]


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "t.csv.gz", "t.parquet.gz"])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_read_but_never_crashes(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / f"whole-{name}"
    folder.mkdir(exist_ok=True)
    whole = bytearray(_thousand(folder, name).read_bytes())
    places = st.integers(0, len(whole) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=5)):
        whole[place] = byte
    end = data.draw(st.one_of(st.just(len(whole)), places))
    path = _file(tmp_path_factory.mktemp("damaged"), bytes(whole[:end]), name)
    try:
        table = read_allegations(path)
    except BadInput as refused:
        str(refused).encode()
    else:
        assert len(table) > 0


def test_bytes_in_parquet_that_are_not_utf8_are_told_by_row(tmp_path: Path) -> None:
    texts = pyarrow.array([b"fine", b"caf\xe9"], pyarrow.binary())
    broken = pyarrow.StringArray.from_buffers(2, texts.buffers()[1], texts.buffers()[2])
    pyarrow.parquet.write_table(pyarrow.table({"text": broken}), tmp_path / "t.parquet")
    assert "row 2, column text: byte 0xE9 at character 4" in _refused(tmp_path / "t.parquet")


def test_lists_and_categoricals_in_parquet_are_read(tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "text": pyarrow.array(["x", "y", "x"]).dictionary_encode(),
            "kind": [["a", "b"], None, []],
            "v": pyarrow.array([1, None, 0], pyarrow.int8()),
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "t.parquet")
    mapping = ColumnMapping(narrative="text", categories="kind", value="v", value_order=("0", "1"))
    read = read_allegations(tmp_path / "t.parquet", mapping)
    assert read.frame["categories"].tolist() == [("a", "b"), (), ()]
    assert read.frame["value"].fillna("").tolist() == ["1", "", "0"]


def test_a_field_beyond_what_csv_allows_stops_the_reading_with_its_line(tmp_path: Path) -> None:
    path = _file(tmp_path, "text\nfine\n" + "x" * 200_000 + "\n")
    assert "reading stopped: line 3: field larger than field limit" in _refused(
        path, PLAIN, BadFile
    )
