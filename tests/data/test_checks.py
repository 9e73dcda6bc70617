from __future__ import annotations

import pytest
from factories import table_of
from hypothesis import given
from hypothesis import strategies as st

from data import checks
from data.errors import BadRecords
from data.mapping import ColumnMapping

LABELLED = ColumnMapping(narrative="text", value="v", value_order=("0", "1"))
SORTED = ColumnMapping(narrative="text", categories="kind")


def test_the_longest_report_seen_elsewhere_is_read_and_a_hundred_thousand_characters_are_not() -> (
    None
):
    assert checks.narrative_offence("x" * 30_162) is None
    rule, _ = checks.narrative_offence("x" * 100_000) or ("", "")
    assert "100,000 characters; at most 50,000" in rule


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b", "\ufeff \u00a0"])
def test_a_narrative_that_shows_nothing_is_blank(blank: str) -> None:
    assert checks.is_blank(blank)
    assert checks.narrative_offence(blank) is not None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=99))
def test_any_text_that_shows_something_passes(text: str) -> None:
    assert checks.narrative_offence(text + "x") is None


def test_nul_and_broken_characters_are_told_by_their_place() -> None:
    assert "NUL at character 3" in str(checks.text_offence("ab\0"))
    assert "byte 0xE9 at character 2" in str(checks.text_offence("a\udce9"))
    assert "half a surrogate pair at character 2" in str(checks.text_offence("a\ud800"))


@pytest.mark.parametrize(
    ("label", "allowed", "spelled"),
    [
        ("1.0", ("0", "1"), "1"),
        ("1.00", ("0", "1"), "1"),
        ("True", ("false", "true"), "true"),
        ("1.5", ("1", "2"), "1.5"),
        ("1.0", ("1.0", "1"), "1.0"),
        ("High", ("high",), "High"),
        ("2.0", ("0", "1"), "2.0"),
    ],
)
def test_only_the_notation_of_numbers_and_truth_is_evened_out(
    label: str, allowed: tuple[str, ...], spelled: str
) -> None:
    assert checks.spelled(label, allowed) == spelled


def test_a_label_that_reads_like_a_sentence_is_never_quoted() -> None:
    rule, _ = checks.label_offence("he has a van", ("0", "1"))
    assert "'he has a van'" in rule
    rule, _ = checks.label_offence("he has a white van", ("0", "1"))
    assert "white" not in rule


def test_one_class_only_is_refused_with_its_column() -> None:
    table = table_of({"text": ["x", "y"], "v": ["0", "0"]}, LABELLED)
    with pytest.raises(BadRecords, match=r"column v: .* there is only '0'"):
        checks.require_classes(table)


def test_no_class_at_all_is_refused() -> None:
    with pytest.raises(BadRecords, match="there is none"):
        checks.require_classes(table_of({"text": ["x"], "v": [""]}, LABELLED))


def test_two_classes_are_enough() -> None:
    checks.require_classes(table_of({"text": ["x", "y"], "v": ["0", "1"]}, LABELLED))


def test_a_category_with_one_example_is_rare() -> None:
    table = table_of({"text": ["x", "y", "z"], "kind": ["a|b", "a", "a|c"]}, SORTED)
    assert checks.rare_categories(table) == ("b", "c")
    assert checks.rare_categories(table, at_least=4) == ("a", "b", "c")
    assert checks.rare_categories(table, at_least=1) == ()


def test_a_declared_category_without_any_example_is_rare() -> None:
    mapping = ColumnMapping(narrative="text", categories="kind", category_labels=("a", "b"))
    table = table_of({"text": ["x", "y"], "kind": ["a", "a"]}, mapping)
    assert checks.rare_categories(table) == ("b",)


def test_references_are_short_there_and_each_used_once() -> None:
    problems = checks.check_references(
        ["A", "", "A", "x" * 201], [1, 2, 3, 4], {}, lambda at: f"row {at + 1}"
    )
    assert [(problem.where, problem.rule) for problem in problems] == [
        ("row 2", "the reference is blank"),
        ("row 3", "the reference is already that of row 1"),
        ("row 4", "the reference has more than 200 characters"),
    ]
