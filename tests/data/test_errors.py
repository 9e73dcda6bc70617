from __future__ import annotations

import pickle

import pytest

from data.errors import (
    BadArtifact,
    BadFile,
    BadInput,
    BadMapping,
    BadRecords,
    BadTaxonomy,
    CannotWrite,
    Problem,
    Refused,
    SecondLookError,
)


def test_every_offence_is_told_with_its_place_rule_and_remedy() -> None:
    told = str(
        BadRecords("a.csv: 1 offence", [Problem("row 3, column text", "is blank", "fill it")])
    )
    assert told == "a.csv: 1 offence\n  row 3, column text: is blank (fill it)"


def test_an_offence_without_a_remedy_has_no_empty_brackets() -> None:
    assert str(Problem("row 1", "is blank")) == "row 1: is blank"


def test_fifty_offences_are_listed_and_the_rest_counted() -> None:
    error = BadInput("broken", [Problem(f"row {row}", "is blank") for row in range(1, 1053)])
    lines = str(error).splitlines()
    assert lines[50] == "  row 50: is blank"
    assert lines[51:] == ["  and 1,002 more"]
    assert len(error.problems) == 1052


@pytest.mark.parametrize("kind", [BadMapping, BadTaxonomy, BadFile, BadRecords])
def test_whatever_was_handed_in_broken_is_bad_input(kind: type[BadInput]) -> None:
    assert issubclass(kind, BadInput)
    assert kind("broken").exit_code == 2


def test_a_gate_that_says_no_has_another_exit_status_than_bad_input() -> None:
    assert Refused("worse than the champion").exit_code == 1
    assert BadArtifact("tampered").exit_code == CannotWrite("disk full").exit_code == 2
    assert all(issubclass(kind, SecondLookError) for kind in (Refused, BadArtifact, CannotWrite))


def test_bad_input_crosses_a_process_boundary_with_its_problems() -> None:
    error = BadRecords("broken", [Problem("row 1", "is blank")])
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - as joblib's workers do
    assert type(again) is BadRecords
    assert again.problems == error.problems
