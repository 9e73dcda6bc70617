from __future__ import annotations

from collections import Counter, defaultdict
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.near_duplicates import BANDS, near_duplicate_pairs
from model.details import find_details
from model.similar import _fact_key
from model.types import Detail
from serving.linking import (
    CROWD,
    HUB,
    HUB_NAMED,
    KINDS,
    THRESHOLD,
    FactKey,
    bands,
    fact_keys,
    most_shared,
    normalised,
    shared_fact,
    shared_words,
    similarity,
)

WORDS = [f"{start}{end}" for start in "bcdfgklmnprstv" for end in ("arrow", "itten", "olland")]
REPORT = (
    "He works nights at the car wash behind the station with four other men and they all sleep "
    "in a container in the yard. The owner keeps their passports in his office."
)


def report(chance: Random) -> list[str]:
    return [" ".join(chance.choices(WORDS, k=9)) for _ in range(5)]


def sent_again(sentences: list[str], chance: Random) -> str:
    said = list(sentences)
    kind = chance.randrange(4)
    if kind == 0:
        said.pop(chance.randrange(5))
    elif kind == 1:
        said.insert(0, "i wrote to you before and nobody answered")
    text = ". ".join(said)
    if kind == 2:
        return text.upper()
    letters = list(text)
    for _ in range(2):
        at = chance.randrange(len(letters) - 1)
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def test_planted_repeats_are_found_among_thousands_and_nothing_else() -> None:
    chance = Random(7)
    reports = [report(chance) for _ in range(2_000)]
    texts = [". ".join(said) for said in reports]
    holders: dict[int, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        for key in bands(text):
            holders[key].append(number)
    found = wrong = 0
    for number in range(300):
        again = sent_again(reports[number], chance)
        counts = Counter(one for key in bands(again) for one in holders[key])
        alike = [k for k in most_shared(counts) if similarity(texts[k], again) >= THRESHOLD]
        found += number in alike
        wrong += len(alike) - (number in alike)
    assert found >= 0.99 * 300
    assert wrong <= 3


def test_equal_words_have_equal_keys_whatever_their_case_and_punctuation() -> None:
    assert bands(REPORT) == bands(REPORT.upper().replace(".", " … "))
    assert similarity(REPORT, REPORT.upper()) == 1
    assert len(set(bands(REPORT))) == BANDS


def test_the_keys_are_the_same_on_every_machine() -> None:
    assert bands("He sells fake visas")[:3] == KNOWN


KNOWN = (-2012637567236072737, 3306866853732857781, -2688927773788317575)


@given(st.text(max_size=300))
def test_any_text_gives_all_keys_or_none_and_each_fits_a_database_integer(text: str) -> None:
    keys = bands(text)
    assert len(keys) in {0, BANDS}
    assert bool(keys) == (similarity(text, text) == 1)
    assert all(-(2**63) <= key < 2**63 for key in keys)


@given(st.lists(st.sampled_from(WORDS[:9]), max_size=30), st.lists(st.sampled_from(WORDS[:9])))
def test_similarity_is_symmetric_and_a_share(one: list[str], other: list[str]) -> None:
    a, b = " ".join(one), " ".join(other)
    assert similarity(a, b) == similarity(b, a)
    assert 0 <= similarity(a, b) <= 1


def test_texts_without_a_word_are_like_nothing() -> None:
    assert bands("?! …") == ()
    assert similarity("", "") == similarity("?!", REPORT) == 0


def test_a_report_with_much_added_is_near_its_first_version_but_not_the_same() -> None:
    longer = REPORT + " It is still going on every week and my cousin has seen it with his own."
    assert THRESHOLD < similarity(REPORT, longer) < 1
    assert shared_words(similarity(REPORT, longer)).links


def test_a_report_that_holds_nearly_all_of_another_is_near_it_by_what_it_holds() -> None:
    chance = Random(5)
    report_of = [chance.choice(WORDS) + str(number) for number in range(40)]
    longer = " ".join(report_of + [f"new{number}" for number in range(32)])
    much_longer = longer + " ".join(f"more{number}" for number in range(40))
    short = " ".join(report_of)
    assert similarity(short, longer) > 0.9
    assert similarity(short, much_longer) < THRESHOLD
    assert similarity("he sells visas", "he sells visas at night") < 1


def test_what_intake_links_by_words_the_collection_search_links_too() -> None:
    chance = Random(3)
    reports = [report(chance) for _ in range(60)]
    texts = [". ".join(said) for said in reports] + [sent_again(said, chance) for said in reports]
    pairs = near_duplicate_pairs(texts, THRESHOLD)
    there = set(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    here = {
        (i, j) for i in range(len(texts)) for j in range(i + 1, len(texts))
        if similarity(texts[i], texts[j]) >= THRESHOLD
    }  # fmt: skip
    assert len(here & there) >= 0.97 * len(here | there)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("postcode", "ne1 4st", "NE1 4ST"),
        ("postcode", "NE14ST", "ne1  4st"),
        ("phone", "+44 7700 900123", "07700 900123"),
        ("phone", "+44 (0)7700 900-123", "0044 7700900123"),
        ("vehicle_registration", "ab12 cde", "AB12CDE"),
        ("business", "The Harbour Grill Ltd.", "harbour grill"),
        ("business", "Harbour Grill (UK) Limited", "Harbour  Grill"),
        ("address", "14 Harbour Street,\nNorthport", "14 harbour street northport"),
        ("address", "Flat 2, 14 Mill Ln, Ashbrook", "14 Mill Lane"),
        ("address", "12a Old Kings Rd", "12A Old Kings Road, Upper Dray"),
        ("email", " Jo@Example.org", "jo@example.org"),
    ],
)
def test_a_fact_is_known_however_it_is_written(kind: str, one: str, other: str) -> None:
    assert normalised(kind, one) == normalised(kind, other) != ""


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "12345"), ("phone", "00000000000"), ("phone", "07700 900123 or 07700 900124"),
        ("postcode", "NE1"), ("postcode", "somewhere"), ("vehicle_registration", "KLM"),
        ("vehicle_registration", "unknown"), ("business", "unknown"), ("business", "Don't know"),
        ("business", ""), ("business", "very " * 100), ("address", "Harbour Street"),
        ("address", "Flat 2, above the shop"), ("email", "at example"),
    ],
)  # fmt: skip
def test_what_cannot_be_such_a_fact_gives_no_key(kind: str, text: str) -> None:
    assert normalised(kind, text) == ""


@pytest.mark.parametrize(
    ("kind", "text"),
    [("postcode", "NE1 4ST"), ("phone", "+44 7700 900123"), ("vehicle_registration", "AB12 CDE"),
     ("address", "14 Mill Lane"), ("business", "Golden Fry")],
)  # fmt: skip
def test_a_fact_is_spelt_as_the_collection_search_spells_it(kind: str, text: str) -> None:
    assert normalised(kind, text) == _fact_key(Detail(kind, text, 0, len(text)))


def test_facts_of_the_narrative_and_of_the_answers_meet_in_the_same_keys() -> None:
    told = "Works at Golden Fry, 14 Mill Lane NE1 4ST, drives AB12 CDE, call 07700 900123"
    answered = {
        "postcode": "ne14st", "person_vehicle_registration": "AB12CDE",
        "person_mobile": "+447700900123", "timing": "now",
    }  # fmt: skip
    by_words = fact_keys(find_details(told))
    by_answers = fact_keys((), answered)
    assert set(by_answers) == {
        FactKey("postcode", "ne14st"), FactKey("vehicle_registration", "ab12cde"),
        FactKey("phone", "07700900123"),
    }  # fmt: skip
    assert set(by_answers) <= set(by_words)
    assert list(fact_keys(find_details(told), answered)) == sorted(by_words)


def test_a_fact_that_many_share_is_weak_and_says_so() -> None:
    assert shared_fact("postcode", 2).words == "same postcode"
    assert shared_fact("postcode", HUB).links
    weak = shared_fact("postcode", 500)
    assert not weak.links
    assert "too common" in weak.words
    assert not shared_fact("business", HUB_NAMED + 1).links


@given(st.sampled_from(KINDS), st.integers(1, 1000))
def test_a_more_common_fact_never_links_better(kind: str, holders: int) -> None:
    assert shared_fact(kind, holders).links >= shared_fact(kind, holders + 1).links


def test_the_candidates_compared_are_bounded_and_the_likeliest_come_first() -> None:
    counts = {number: number % 7 for number in range(CROWD * 10)}
    chosen = most_shared(counts, 20)
    assert len(chosen) == 20
    assert {counts[one] for one in chosen} == {6}
    assert list(chosen) == sorted(chosen, reverse=True)


def test_the_share_of_common_words_is_told_without_rounding_up_to_all() -> None:
    assert shared_words(0.999).words == "nearly the same words: 99%"
    assert shared_words(1).words == "the same words"
    assert not shared_words(THRESHOLD - 0.01).links
