"""The word lists: they read, they cover the world, and no list undoes another."""

from importlib.resources import files

import pytest

from data import terms as word_lists
from data.terms import fold, table, terms

LISTS = (
    "cities", "given_names", "names_that_are_words", "nationalities", "ordinary", "peoples",
    "religions", "surnames",
)  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_every_list_says_where_it_comes_from(name: str) -> None:
    text = files(word_lists).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    assert text.startswith("#")
    assert "Compiled for this project" in " ".join(text[:600].replace("#", "").split())


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_folded_and_without_repeats(name: str) -> None:
    listed = terms(name)
    assert listed
    assert len(listed) == len(set(listed))
    assert all(term == fold(term) and term.isascii() for term in listed)


def test_names_run_to_several_thousand() -> None:
    assert len(set(terms("given_names")) | set(terms("surnames"))) > 5000


def test_nationalities_cover_more_than_two_hundred_countries() -> None:
    text = files(word_lists).joinpath("nationalities.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(lines) > 230


def test_folding_takes_accents_and_letters_that_have_no_accent_apart() -> None:
    assert fold("JOSÉ") == "jose"
    assert fold("Łukasz Øst") == "lukasz ost"
    assert fold("O’Brien") == "o'brien"


def test_a_list_that_does_not_exist_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        terms("no_such_list")
    with pytest.raises(FileNotFoundError):
        table("no_such_table")


def test_one_word_never_stands_for_two_genders_placeholders() -> None:
    placeholders = table("gender")["placeholders"]
    listed = [word for words in placeholders.values() for word in words]
    assert len(listed) == len(set(listed))
    assert all(name.isascii() and name.islower() and name.isalpha() for name in placeholders)
