"""Facts in narratives: each kind, messy text, exact offsets and nothing that raises."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import details as details_module
from model.details import KINDS, find_details, find_details_many


def found(text: str) -> list[tuple[str, str]]:
    return [(detail.kind, detail.text) for detail in find_details(text)]


@pytest.mark.parametrize(
    ("text", "kind", "fact"),
    [
        ("lives at b12 8qx i think", "postcode", "b12 8qx"),
        ("the shop is in SE154AB now", "postcode", "SE154AB"),
        ("postcode is m14", "postcode", "m14"),
        ("ring 07911 123456 after six", "phone", "07911 123456"),
        ("on (0121) 496 0000", "phone", "(0121) 496 0000"),
        ("+48 601 234 567", "phone", "+48 601 234 567"),
        ("drives ab12 cde", "vehicle_registration", "ab12 cde"),
        ("white van AB12CDE", "vehicle_registration", "AB12CDE"),
        ("reg is Y123 ABC", "vehicle_registration", "Y123 ABC"),
        ("every friday they come", "date", "every friday"),
        ("next tuesday night", "date", "next tuesday night"),
        ("on 12th of may 2024", "date", "12th of may 2024"),
        ("since 3/4/2021", "date", "3/4/2021"),
        ("two weeks ago", "date", "two weeks ago"),
        ("starts at 5am", "time", "5am"),
        ("it opens 10.30 pm", "time", "10.30 pm"),
        ("about half past six", "time", "half past six"),
        ("comes at midnight", "time", "midnight"),
        ("a man called zorblat", "person", "zorblat"),
        ("it is mr khan again", "person", "mr khan"),
        ("Piotr Nowak did it", "person", "Piotr Nowak"),
        ("works at Harbour Grill", "business", "Harbour Grill"),
        ("paid by Zorblax Trading Ltd", "business", "Zorblax Trading Ltd"),
        ("the nail bar on high street", "business", "nail bar"),
        ("a takeaway called golden spoon", "business", "golden spoon"),
        ("at 14 Harbour Street", "address", "14 Harbour Street"),
        ("30 victoria rd", "address", "30 victoria rd"),
        ("he lives in flat 2", "address", "flat 2"),
        ("unit 5 larkfield trading estate", "address", "unit 5 larkfield trading estate"),
        ("sells 40 boxes a week", "amount", "40 boxes"),
        ("for £300 a week", "amount", "£300 a week"),
        ("brought 2 kilos", "amount", "2 kilos"),
        ("about six girls", "amount", "six girls"),
        ("paid 500 quid", "amount", "500 quid"),
    ],
)
def test_each_kind_of_fact_is_found(text: str, kind: str, fact: str) -> None:
    assert (kind, fact) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "they are there all the time", "open 24/7 and always busy", "he may come back",
        "took the m25 and then the a40", "i walked down the street", "the will of the people",
        "flat b2 5th floor"[:4], "lives in se15 and works", "the sun was out",
    ],
)  # fmt: skip
def test_nothing_is_found_where_nothing_is(text: str) -> None:
    assert found(text) == []


def test_the_longer_of_two_facts_stands() -> None:
    assert found("Khan's Kebab House") != []
    kinds = [kind for kind, _ in found("he is at 14 Khan Street")]
    assert kinds == ["address"]


def test_many_texts_give_what_each_gives() -> None:
    texts = ["call 07911 123456", "", "every friday at Harbour Grill"]
    assert find_details_many(texts) == [find_details(text) for text in texts]


def test_details_survive_the_pipeline_being_built_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    before = find_details_many(["every friday"])
    monkeypatch.setattr(details_module, "MOST_WORDS", 0)
    assert find_details_many(["every friday"]) == before
    assert find_details("every friday") == before[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00",
        "a" * 20_000,
        "1" * 20_000,
        "Ahmed " * 3_300,
        "😀🚗 AB12 CDE 😀",
        "محمد علي",
    ],
)
def test_odd_texts_do_not_raise(text: str) -> None:
    for detail in find_details(text):
        assert text[detail.start : detail.end] == detail.text


WORDS = """14 Harbour Street every friday 5am £300 a week AB12 CDE B12 8QX 07911 123456 Mr Khan
nail bar on the high street 40 boxes Ltd unit 5 estate 😀 محمد . , 's"""
FRAGMENTS = st.sampled_from([*WORDS.split(), "\x00", "\n"])


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(FRAGMENTS, max_size=40).map(" ".join)))
def test_offsets_point_at_the_text_and_never_overlap(text: str) -> None:
    details = find_details(text)
    assert all(text[d.start : d.end] == d.text and d.text for d in details)
    assert all(d.kind in KINDS for d in details)
    assert all(one.end <= other.start for one, other in pairwise(details))
