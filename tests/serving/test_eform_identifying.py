from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.eform import identifying
from serving.source_handling import NOBODY, Reporter

JO = Reporter(
    first_name="Josephine", surname="O'Brindle", phone="+44 (0)7700 900123",
    email="Jo.Brindle@example.org", date_of_birth="1980-05-07", postcode="NE1 4ST",
    address="14 Mill Lane, Northport",
)  # fmt: skip
PLAIN = "Two lads bring a load of tobacco every fortnight and sell it from the lock-up."


def test_a_narrative_that_tells_nothing_of_the_reporter_is_not_warned_about() -> None:
    assert identifying(PLAIN, JO) == ()
    assert identifying(PLAIN, NOBODY) == ()


@pytest.mark.parametrize(
    ("narrative", "what"),
    [
        ("JOSEPHINE saw it", "name"),
        ("ask Mrs O’Brindle about it", "name"),
        ("ring 07700900123 tonight", "telephone number"),
        ("the number 0044 7700-900 123 is good", "telephone number"),
        ("write to jo.brindle@EXAMPLE.org", "e-mail address"),
        ("born 07/05/1980 in town", "date of birth"),
        ("born on 7th May 80", "date of birth"),
        ("born on the 7th of May, 1980", "date of birth"),
        ("since May 7, 1980", "date of birth"),
        ("1980-05-07", "date of birth"),
        ("the house at 14  mill lane", "address"),
        ("at NE14ST there is", "postcode"),
        ("at ne1 4st there is", "postcode"),
    ],
)
def test_the_reporters_own_details_are_found_however_they_are_written(
    narrative: str, what: str
) -> None:
    assert identifying(narrative, JO) == (f"holds the {what} of the reporter",)


def test_a_name_of_two_short_words_is_found_as_a_whole_and_not_by_its_parts() -> None:
    short = Reporter(first_name="Al", surname="Li")
    assert identifying("ask Al Li at the till", short) == ("holds the name of the reporter",)
    assert identifying("al the lads go to Li Garden", short) == ()


def test_a_house_number_on_a_line_of_its_own_is_part_of_the_address() -> None:
    written = Reporter(address="Flat 2\n14,\nMill Lane\nNorthport")
    assert identifying("at 14 Mill Lane", written) == ("holds the address of the reporter",)


def test_accents_do_not_hide_a_name() -> None:
    assert identifying("Zoë saw it", Reporter(first_name="Zoe")) != ()
    assert identifying("Zoe saw it", Reporter(first_name="Zoë")) != ()


@pytest.mark.parametrize(
    "narrative",
    ["14 Mill Lanes", "call 0191 498 0123", "born 07/06/1980", "NE1 4SX", "Brin told me",
     "in 1980 there were 5 or 7 in May"],
)  # fmt: skip
def test_what_only_looks_alike_is_not_taken_for_the_reporters(narrative: str) -> None:
    assert identifying(narrative, JO) == ()


@pytest.mark.parametrize(
    ("narrative", "reason"),
    [
        ("My name is Sam and I saw it", "gives a name"),
        ("Please call me on this number", "asks to be contacted, or says how"),
        ("my mobile: is below", "asks to be contacted, or says how"),
        ("I am his wife", "says who the reporter is to them"),
        ("I'm the manager there", "says who the reporter is to them"),
        ("I live opposite the yard", "says where the reporter lives"),
        ("Yours sincerely, S.", "is signed"),
        ("My cousin told me of it", "speaks of the reporter's own family, home or work"),
    ],
)
def test_the_way_a_reporter_speaks_of_themselves_is_warned_about(
    narrative: str, reason: str
) -> None:
    assert reason in identifying(narrative, NOBODY)


@pytest.mark.parametrize(
    "narrative",
    ["His wife lives at number 14", "They call him the boss", "the email is on the website",
     "She said her name is Ana", "He is the manager there",
     "Yours sincerely, a concerned citizen"],
)  # fmt: skip
def test_what_is_said_of_others_is_not_warned_about(narrative: str) -> None:
    assert identifying(narrative, NOBODY) == ()


@given(
    st.text(max_size=200),
    st.builds(
        Reporter,
        **dict.fromkeys(
            ("first_name", "surname", "phone", "email", "date_of_birth", "postcode", "address"),
            st.none() | st.text(max_size=30),
        ),
    ),
)
def test_any_text_and_reporter_are_read_and_nothing_is_quoted(
    narrative: str, reporter: Reporter
) -> None:
    assert set(identifying(narrative, reporter)) <= ALL_WORDS


ALL_WORDS = {
    *(f"holds the {what} of the reporter" for what in (
        "name", "telephone number", "e-mail address", "date of birth", "address", "postcode")),
    "gives a name", "asks to be contacted, or says how", "says who the reporter is to them",
    "says where the reporter lives", "is signed",
    "speaks of the reporter's own family, home or work",
}  # fmt: skip
