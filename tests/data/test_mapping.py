from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import BadMapping
from data.mapping import FIELDS, ColumnMapping, load_mapping

DESIGN = """
[columns]
reference = "id"
narrative = "text"
value = "first"
categories = "kinds"
reviewed_value = "verified"
received_at = "date_received"
channel = "genre"
[value]
order = ["no_value", "low", "high"]
[categories]
separator = ";"
"""


def _loaded(tmp_path: Path, text: str) -> ColumnMapping:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def _told(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadMapping) as caught:
        _loaded(tmp_path, text)
    return str(caught.value)


def test_without_a_mapping_file_columns_carry_our_own_names() -> None:
    mapping = load_mapping(None)
    assert mapping.columns == {name: name for name in FIELDS}
    assert mapping.own_names


def test_a_mapping_file_says_which_column_becomes_which_field(tmp_path: Path) -> None:
    mapping = _loaded(tmp_path, DESIGN)
    assert mapping.columns["narrative"] == "text"
    assert mapping.of("verified") == "reviewed_value"
    assert mapping.of("event") == "event"
    assert mapping.value_order == ("no_value", "low", "high")
    assert mapping.category_separator == ";"
    assert not mapping.own_names


def test_only_the_narrative_must_be_named(tmp_path: Path) -> None:
    assert _loaded(tmp_path, '[columns]\nnarrative = "t"') == ColumnMapping(narrative="t")
    assert "narrative is missing" in _told(tmp_path, '[columns]\nvalue = "v"')
    assert "narrative is missing" in _told(tmp_path, "")


def test_labels_written_as_numbers_or_truth_become_text(tmp_path: Path) -> None:
    numbers = '[columns]\nnarrative = "t"\n[value]\norder = [0, 1]'
    assert _loaded(tmp_path, numbers).value_order == ("0", "1")
    truth = '[columns]\nnarrative = "t"\n[value]\norder = [false, true]'
    assert _loaded(tmp_path, truth).value_order == ("false", "true")


def test_the_finer_settings_are_read(tmp_path: Path) -> None:
    text = DESIGN.replace("[categories]", 'not_labels = ["pending"]\n[categories]\nlabels = ["a"]')
    text += "[received_at]\nday_first = true\n[narrative]\nleave_out_blank = true\n"
    mapping = _loaded(tmp_path, text)
    assert mapping.value_not_labels == ("pending",)
    assert mapping.category_labels == ("a",)
    assert mapping.day_first is True
    assert mapping.leave_out_blank


def test_an_unknown_key_is_named_with_the_closest_allowed_one(tmp_path: Path) -> None:
    told = _told(tmp_path, DESIGN.replace("reviewed_value", "reviewed_vlaue"))
    assert "[columns]: unknown key 'reviewed_vlaue' (did you mean 'reviewed_value'?)" in told


def test_everything_wrong_with_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    text = '[colums]\n[columns]\nvalue = 3\n[value]\norder = ["a"]\n[categories]\nseparator = 1\n'
    told = _told(tmp_path, text)
    assert "did you mean 'columns'?" in told
    assert "value must be the name of a column" in told
    assert "narrative is missing" in told
    assert "order needs at least 2 labels" in told
    assert "separator must be a text" in told


@pytest.mark.parametrize(
    ("addition", "told"),
    [
        ('[value]\norder = ["a", "a"]', "order holds a label twice"),
        ('[value]\norder = ["a", " "]', "order holds a blank label"),
        ('[value]\norder = "a"', "order must be a list of labels"),
        ("[value]\norder = [0.5, 1]", "order must be a list of labels"),
        ('[value]\norder = ["a", "b"]\nnot_labels = ["b"]', "both in order and in not_labels"),
        ("[categories]\nlabels = []", "labels needs at least 1"),
        ('[received_at]\nday_first = "yes"', "day_first must be true or false"),
        ("[narrative]\nleave_out_blank = 1", "leave_out_blank must be true or false"),
    ],
)
def test_each_rule_of_a_mapping_is_named_when_broken(
    tmp_path: Path, addition: str, told: str
) -> None:
    assert told in _told(tmp_path, '[columns]\nnarrative = "t"\n' + addition)


def test_a_section_that_is_no_table_says_so(tmp_path: Path) -> None:
    assert "[value]: must be a table" in _told(tmp_path, "value = 3")


def test_a_mapping_that_is_not_toml_or_not_there_says_so(tmp_path: Path) -> None:
    assert "is not TOML" in _told(tmp_path, "columns")
    with pytest.raises(BadMapping, match="cannot be read"):
        load_mapping(tmp_path / "absent.toml")
