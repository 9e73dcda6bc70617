"""Urgency rules: what fires, what does not, and the evidence they point at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.terms import table
from model.urgency import urgency


def rules(text: str, **fields: str) -> set[str]:
    return {flag.rule for flag in urgency(text, fields)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("he will be there tonight", "next_24_hours"),
        ("they swap the plates tommorow", "next_24_hours"),
        ("they are about to move house", "about_to_leave"),
        ("hes moving out next week", "about_to_leave"),
        ("she has a one way ticket", "about_to_leave"),
        ("his flight is on friday", "travel_date"),
        ("ferry from dover this weekend", "travel_date"),
        ("the appeal is in three days", "hearing_date"),
        ("court hearing next monday", "hearing_date"),
        ("the wedding is on saturday", "wedding_date"),
        ("the delivery of cigarettes is coming on the 12th", "delivery_date"),
    ],
)
def test_each_rule_fires_on_plain_and_messy_words(text: str, rule: str) -> None:
    assert rule in rules(text)
    assert rule in rules(text.upper())


@pytest.mark.parametrize(
    "text",
    [
        "", "he has worked there for years", "he left last year", "i saw him at the shop",
        "he is not leaving", "they leave the door open", "he bought the car in may",
    ],
)  # fmt: skip
def test_nothing_fires_where_nothing_presses(text: str) -> None:
    assert rules(text) == set()


@pytest.mark.parametrize("field", ["timing", "timing_future"])
def test_the_answer_next_24_hours_fires_without_any_words(field: str) -> None:
    (flag,) = urgency("", {field: "next_24_hours"})
    assert (flag.rule, flag.start, flag.end) == ("next_24_hours", None, None)


@pytest.mark.parametrize("answer", ["now", "ongoing", "already", "dont_know", "later", ""])
def test_other_answers_about_timing_do_not_fire(answer: str) -> None:
    assert rules("", timing=answer) == set()


def test_evidence_points_at_the_words_and_says_why() -> None:
    text = "I know that he's moving out next week."
    flag = next(flag for flag in urgency(text, {}) if flag.rule == "about_to_leave")
    assert text[flag.start : flag.end] == "he's moving out next week"
    assert flag.because.endswith(".")


def test_evidence_does_not_run_over_the_end_of_a_sentence() -> None:
    assert "travel_date" not in rules("He took a flight. On friday the shop is shut.")


def test_every_rule_has_a_reason_and_phrases() -> None:
    for rule in table("urgency")["rule"]:
        assert rule["because"]
        assert rule["phrases"]


@given(st.text(max_size=300))
def test_no_text_makes_the_rules_raise(text: str) -> None:
    for flag in urgency(text, {}):
        assert flag.start is not None
        assert flag.end is not None
        assert 0 <= flag.start < flag.end <= len(text)
