"""Masking: what goes, what stays, and that swapping who somebody is changes nothing."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.terms import table, terms
from model.text import mask, mask_many, mask_spans, normalise, read_once

SENTENCES = (
    "a {nationality} man works at the car wash without papers",
    "i think he is {nationality} and has no visa",
    "The owner is {nationality}. He pays cash.",
    "an old {nationality} woman, sells cigarettes from her flat",
)


def singles(name: str) -> list[str]:
    return [term for term in terms(name) if not term.endswith("_")]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("write", [str.lower, str.title, str.upper])
@pytest.mark.parametrize("name", ["nationalities", "peoples", "cities"])
def test_swapping_the_nationality_changes_nothing(
    sentence: str, write: Callable[[str], str], name: str
) -> None:
    wanted = mask(sentence.format(nationality=write("bangladeshi")))
    assert "xxnat" in wanted.lower()
    meant_otherwise = set(table("rules")["ordinary_before"])
    told = [
        term
        for term in singles(name)
        if term not in meant_otherwise and mask(sentence.format(nationality=write(term))) != wanted
    ]
    assert told == []


@pytest.mark.parametrize("term", singles("religions"))
def test_swapping_the_religion_changes_nothing(term: str) -> None:
    assert mask(f"they say the family is {term} and lives there") == (
        "they say the family is xxrel and lives there"
    )


@pytest.mark.parametrize(
    "template",
    [
        "a man called {name} works there",
        "his name is {name} and he has no visa",
        "Please look at Mr {name}, who overstayed.",
        "her husband {name} sells tobacco",
    ],
)
def test_swapping_a_listed_name_changes_nothing(template: str) -> None:
    names = [name for name in singles("given_names") + singles("surnames") if " " not in name]
    wanted = mask(template.format(name="Ahmed"))
    same = sum(mask(template.format(name=name.title())) == wanted for name in names)
    assert same / len(names) > 0.99


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("he told me his wife works there himself", "she told me her husband works there herself"),
        ("An Indian man", "A Pakistani woman"),
        ("Mr Khan and his brother", "Mrs Kowalska and her sister"),
        ("my neighbour Ahmed Ali's son", "my neighbour Anna Nowak's daughter"),
        ("the landlord is Polish", "the landlady is Romanian"),
        ("the Sikh waiter", "the Muslim waitress"),
        ("he's from Nigeria", "she's from the Democratic Republic of the Congo"),
        ("Nguyen Van Anh lives there", "José García lives there"),
    ],
)
def test_two_people_told_in_the_same_words_look_the_same(one: str, other: str) -> None:
    assert mask(one).lower() == mask(other).lower()


@pytest.mark.parametrize("name", ["Xolmirzo Brankevil", "Zorblat", "Quixte-Amrov"])
def test_a_name_on_no_list_goes_after_a_cue(name: str) -> None:
    for cue in ("a man called", "someone named", "the name is", "ask for Mr", "i know Mrs"):
        assert name.split()[0] not in mask(f"{cue} {name}, at the shop")


@pytest.mark.parametrize(
    "text",
    [
        "they polish the car", "nail polish and files", "roast turkey dinner", "the will to live",
        "works at 14 Victoria Street", "a shop called harbour grill", "in May the bill came",
        "a brown van parked at the mark", "children work there without papers", "the guinea pig",
    ],
)  # fmt: skip
def test_ordinary_words_stay(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a Polish man", "a xxnat xxgender"),
        ("polish builders", "xxnat builders"),
        ("ask May Lin", "ask xxname"),
        ("I saw Grace there", "I saw xxname there"),
        ("Anglo-Indian family", "xxnat family"),
        ("O'Brien's van", "xxname's van"),
        ("mohammed al rashid", "xxname"),
    ],
)
def test_words_with_two_meanings_are_told_apart(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_spans_point_at_the_words_and_not_at_the_possessive() -> None:
    text = "I saw Ahmed's van"
    (span,) = mask_spans(text)
    assert text[span.start : span.end] == "Ahmed"
    assert span.placeholder == "xxname"


def test_many_texts_are_masked_as_one_by_one() -> None:
    texts = ["a Thai man", "", "nothing here"]
    assert mask_many(texts) == [mask(text) for text in texts]


def test_masking_twice_changes_nothing_more() -> None:
    once = mask("Mr Khan, a Pakistani, and his wife Anna pray at the mosque")
    assert mask(once) == once


def test_placeholders_are_single_plain_tokens() -> None:
    for placeholder in table("gender")["placeholders"]:
        assert placeholder.isalpha()


def test_normalising_makes_quotes_plain_and_drops_what_cannot_be_seen() -> None:
    assert normalise(" “he’s\u200b”\x00  in\n– ") == '"he\'s" in -'


@given(st.text(max_size=300))
def test_any_text_can_be_masked_and_spans_never_overlap(text: str) -> None:
    assert isinstance(mask(text), str)
    spans = mask_spans(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(
    st.lists(
        st.sampled_from(
            [
                "Mr",
                "Ahmed",
                "Khan",
                "the",
                "a",
                "an",
                "Indian",
                "he's",
                "Will",
                "May",
                "called",
                "-",
            ]
        )
    )
)
def test_no_sequence_of_names_and_cues_can_break_masking(words: list[str]) -> None:
    text = " ".join(words)
    spans = mask_spans(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert "Khan" not in mask(text)


def test_reading_once_changes_nothing_and_ends_with_the_block() -> None:
    texts = ["Mr Khan is an Albanian", "an  Irish man", "", "nothing here"]
    before = [(mask(text), mask_spans(text)) for text in texts]
    with read_once():
        for _ in range(2):
            assert [(mask(text), mask_spans(text)) for text in texts] == before
    assert [(mask(text), mask_spans(text)) for text in texts] == before


@pytest.mark.parametrize(
    "text",
    ["plain words", " two  spaces\tand\nlines ", "caf\u0065\u0301 \u201cq\u201d", "a\x00b\x1f"],
)
def test_plain_text_takes_a_shorter_way_to_the_same_form(text: str) -> None:
    assert normalise(text) == normalise(text + "\u200b")
