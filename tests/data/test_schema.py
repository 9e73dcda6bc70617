from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from data.schema import DONT_KNOW, Allegation, Assessment, SecondLook


def test_dont_know_is_an_answer_and_a_blank_is_none() -> None:
    allegation = Allegation("A1", "text", fields={"children_involved": DONT_KNOW, "timing": ""})
    assert allegation.answer("children_involved") == "dont_know"
    assert allegation.answer("timing") is None
    assert allegation.answer("never_asked") is None


def test_records_cannot_be_altered() -> None:
    for record in (Allegation("A1", "t"), Assessment("A1", "low"), SecondLook("A1", "low")):
        with pytest.raises(FrozenInstanceError):
            record.reference = "A2"


def test_allegations_without_answers_share_fields_that_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        Allegation("A1", "text").fields["x"] = "y"


def test_a_second_look_overturns_only_where_it_differs() -> None:
    assert SecondLook("A1", "high").overturns("no_value")
    assert not SecondLook("A1", "no_value").overturns("no_value")
