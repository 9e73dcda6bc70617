"""Safeguarding rules: what fires, what is denied, and that a denial elsewhere hides nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.terms import table
from model.safeguarding import safeguarding


def rules(text: str, **fields: str) -> set[str]:
    return {flag.rule for flag in safeguarding(text, fields)}


HARMS = [
    ("two kids are working in the kitchen", "child_at_risk"),
    ("there is a 14 year old there", "child_at_risk"),
    ("the boss took their passports", "slavery_or_trafficking"),
    ("she is not allowed to leave", "slavery_or_trafficking"),
    ("he makes them work for nothing", "slavery_or_trafficking"),
    ("he will kill her", "threat_to_life"),
    ("theyre in the back of a lorry", "threat_to_life"),
    ("they keep guns there", "weapons"),
    ("carries a knife", "weapons"),
    ("it is a brothel", "sexual_harm"),
    ("the girls are forced to marry", "sexual_harm"),
    ("talks about making a bomb", "terrorism"),
    ("he beats his wife", "domestic_abuse"),
]


@pytest.mark.parametrize(("text", "rule"), HARMS)
def test_each_harm_is_seen(text: str, rule: str) -> None:
    assert rule in rules(text)
    assert rule in rules(text.upper())


@pytest.mark.parametrize(("text", "rule"), HARMS)
@pytest.mark.parametrize(
    "opening", ["There is no visa. ", "he doesnt care, ", "not only that but "]
)
def test_a_denial_of_something_else_hides_no_harm(opening: str, text: str, rule: str) -> None:
    assert rule in rules(opening + text)


@pytest.mark.parametrize(
    "text",
    [
        "no children involved", "there were never any guns", "children are not involved",
        "children involved: no", "nobody was killed", "without weapons", "he never had a gun",
        "he works at the car wash for cash", "",
    ],
)  # fmt: skip
def test_what_is_denied_or_absent_does_not_fire(text: str) -> None:
    assert rules(text) == set()


def test_no_doubt_is_no_denial() -> None:
    assert "weapons" in rules("there are no doubt guns in there")


def test_children_said_to_be_involved_fires_without_any_words() -> None:
    (flag,) = safeguarding("", {"children_involved": "yes"})
    assert (flag.rule, flag.start) == ("child_at_risk", None)


@pytest.mark.parametrize("answer", ["no", "dont_know", ""])
def test_other_answers_about_children_do_not_fire(answer: str) -> None:
    assert rules("", children_involved=answer) == set()


def test_a_denial_in_the_form_does_not_clear_what_the_narrative_says() -> None:
    assert "child_at_risk" in rules("kids are locked in the house", children_involved="no")


def test_evidence_points_at_the_words() -> None:
    text = "I heard he beats his wife every night"
    flag = next(flag for flag in safeguarding(text, {}) if flag.rule == "domestic_abuse")
    assert text[flag.start : flag.end] == "beats his wife"


def test_every_rule_the_domain_asks_for_is_there() -> None:
    names = {rule["name"] for rule in table("safeguarding")["rule"]}
    assert names >= {
        "child_at_risk", "slavery_or_trafficking", "threat_to_life", "weapons", "sexual_harm",
        "terrorism", "domestic_abuse",
    }  # fmt: skip


@given(st.text(max_size=300), st.dictionaries(st.text(max_size=10), st.text(max_size=10)))
def test_no_text_and_no_answers_make_the_rules_raise(text: str, fields: dict[str, str]) -> None:
    for flag in safeguarding(text, fields):
        assert flag.start is None or text[flag.start : flag.end]


@given(st.text(alphabet="abc xyz,", max_size=60), st.sampled_from(HARMS))
def test_a_harm_in_its_own_sentence_is_always_seen(before: str, harm: tuple[str, str]) -> None:
    text, rule = harm
    assert rule in rules(f"{before}. {text}")
