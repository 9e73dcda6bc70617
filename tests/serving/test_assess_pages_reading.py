"""An allegation's page: what is read on it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from assessing_factory import arrived
from assessor import URL, put, seen
from starlette.testclient import TestClient

from serving.store.database import Store
from serving.store.records_intake import NewLink, NewMessage

pytestmark = pytest.mark.sqlite_alone


def test_tags_tell_in_words_what_presses(store: Store, ann: TestClient) -> None:
    late = datetime.now(UTC) - timedelta(hours=5, minutes=1)
    alert = {"code": "under_18", "words": "The reporter is, or may be, under 18."}
    arrived(
        store, flagged=True, urgency=2, due_at=late, source_alerts=(alert,),
        identifies_reporter=True,
    )  # fmt: skip
    text = seen(ann)
    for words in (
        "Within 24 hours",
        "Overdue by 5 hours",
        "Safeguarding: children",
        "Source handling: under 18",
        "The narrative may say who reported",
        "A child may be at risk or used.",
    ):
        assert words in text


def test_what_is_missing_is_said_in_plain_words(store: Store, ann: TestClient) -> None:
    arrived(store)
    missing = seen(ann).split("What is missing")[1].split("</ul>")[0]
    assert "No telephone number" in missing
    assert "When: no date or time" in missing
    assert "vehicle" not in missing


def test_a_linked_allegation_is_set_beside_with_what_differs_marked_and_its_reading_logged(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    other = put(store, "B-2", "sells cigarettes from a red lorry outside 14 Mill Lane")
    with store.writing() as unit:
        case = unit.cases.find("B-1")
        assert case
        unit.links.add(other, [NewLink(case.id, "words", 0.92)], now=datetime.now(UTC))
    text = seen(ann)
    assert "1 linked" in text
    assert "red lorry" not in text
    beside = seen(ann, f"{URL}?beside=B-2")
    assert "red lorry</ins>" in re.sub(r"<span.*?</span>", "", beside)
    with store.reading() as unit:
        rows = [(one.action, one.subject) for one in unit.audit.every()]
    assert ("read allegation", "B-2") in rows


def test_a_record_that_is_not_linked_is_not_set_beside(store: Store, ann: TestClient) -> None:
    arrived(store)
    put(store, "B-2", "something else entirely")
    assert "entirely" not in seen(ann, f"{URL}?beside=B-2")


@pytest.mark.parametrize(
    "words", ["يبيع السجائر من شاحنة بيضاء " * 4, "x" * 10_000, "a <script>alert(1)</script> van"]
)
def test_any_narrative_is_shown_whole_and_as_text(
    store: Store, ann: TestClient, words: str
) -> None:
    put(store, "B-1", words)
    text = seen(ann)
    assert words.replace("<", "&lt;").replace(">", "&gt;") in text
    assert '<div class="app-narrative" dir="auto">' in text


def test_each_opening_is_logged(store: Store, ann: TestClient) -> None:
    arrived(store)
    seen(ann)
    seen(ann)
    with store.reading() as unit:
        read = [one for one in unit.audit.every() if one.action == "read allegation"]
    assert len(read) == 2


def test_answers_are_told_in_words(store: Store, ann: TestClient) -> None:
    arrived(store, fields={"children_involved": "dont_know", "timing": "ongoing", "age": "35_44"})
    text = seen(ann)
    for words in ("Are children involved?", "Don’t know", "Ongoing", "35 to 44"):
        assert words in text


def test_what_does_not_fit_in_the_message_is_told_and_no_more_of_it(
    store: Store, ann: TestClient
) -> None:
    number = put(store, "B-1", "a van")
    defect = {"field": "dob", "rule": "impossible_date", "words": "No such day.", "where": "/3"}
    sent = NewMessage("f" * 64, "eform", '{"dob": "31/02/1980"}', (defect,), ({"name": "x.jpg"},))
    with store.writing() as unit:
        unit.messages.add(sent, number, now=datetime.now(UTC))
    text = seen(ann)
    assert "dob: No such day." in text
    assert "Files with it" in text
    assert "31/02/1980" not in text


def test_an_erased_record_says_so_and_asks_nothing(store: Store, ann: TestClient) -> None:
    number = put(store, "B-1", "gone")
    with store.writing() as unit:
        unit.cases.change(number, erased_at=datetime.now(UTC))
    text = seen(ann)
    assert "was erased" in text
    assert "<form" not in text.split("<main")[1]
