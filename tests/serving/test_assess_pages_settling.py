"""An allegation's page: assessing, undoing, the second person, what comes next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from assessing_factory import NO_VALUE, arrived, assessed
from assessor import CLOSED, PAGE, SAYS, SETTLED, URL, field, put, seen, send, settle, view
from factories import VALUES
from starlette.testclient import TestClient

from serving.actors import Actor
from serving.claiming import ReviewRules, claim_one
from serving.deciding import Answer, decide
from serving.store.database import Store

pytestmark = pytest.mark.sqlite_alone

AsRole = Callable[..., TestClient]
Person = Callable[..., Actor]


def test_an_allegation_of_some_value_stays_open(store: Store, ann: TestClient) -> None:
    arrived(store)
    view(ann)
    assert settle(ann, **SETTLED) == (303, f"{URL}#assess")
    text = seen(ann)
    assert "Medium: open, to be pursued" in text
    assert f'action="{URL}/undo"' in text
    assert "Next allegation" in text


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, ["value", "closing", "reason"]),
        ({"value": "no_value", "reason": "detail", "closing": "open"}, ["closing"]),
        ({"value": "low", "reason": "other", "closing": "open"}, ["note"]),
        ({**SETTLED, "closing": "close"}, ["closure_reason", "outcome"]),
        ({**CLOSED, "value": "medium"}, ["closure_reason"]),
        ({**CLOSED, "closure_reason": "suspected_false"}, ["note"]),
        ({**SETTLED, "note": "x" * 2001}, ["note"]),
        ({**SETTLED, "value": "enormous"}, ["value"]),
        ({**SETTLED, "categories": ["soup"]}, ["categories"]),
    ],
)
def test_an_assessment_that_lacks_something_comes_back_with_every_answer(
    store: Store, ann: TestClient, form: dict[str, Any], fields: list[str]
) -> None:
    arrived(store)
    view(ann)
    status, text = settle(ann, **{"value": "", **form})
    assert status == 422
    assert re.findall(r'<li><a href="#(\w+)">', text) == fields
    for name, given in form.items():
        if name == "note":
            assert given in text
        elif name not in {"value", "categories"} or given in VALUES:
            assert re.search(rf'value="{given}" (checked|selected)', text), name
    assert seen(ann).count("Awaits") == 0
    assert "What the computer suggests" in seen(ann)


def test_closing_gives_reason_and_outcome_and_can_be_undone(store: Store, ann: TestClient) -> None:
    arrived(store)
    view(ann)
    assert settle(ann, **CLOSED, note="nothing to go on")[0] == 303
    text = seen(ann)
    assert "No value: closed" in text
    assert "No value: insufficient information" in text
    assert "nothing to go on" in text
    assert send(ann, f"{URL}/undo") == (303, f"{URL}?told=undone")
    again = seen(ann, f"{URL}?told=undone")
    assert "taken back" in again
    assert "Your assessment" in again


def test_an_assessment_is_not_undone_when_its_time_is_over(
    store: Store, ann: TestClient, a_person: Person
) -> None:
    arrived(store)
    assessed(store, a_person("ann", "assessor"))
    assert "Undo" not in seen(ann)
    status, text = send(ann, f"{URL}/undo")
    assert status == 422
    assert "10 minutes" in text


def test_a_change_meanwhile_is_told_and_nothing_typed_is_lost(
    store: Store, ann: TestClient, as_role: AsRole
) -> None:
    arrived(store)
    view(ann)
    version = field(seen(ann), "version")
    bob = as_role("assessor", name="bob")
    assert send(bob, f"{URL}/remark", text="seen there again") == (303, f"{URL}?told=remark")
    status, text = send(ann, f"{URL}/assessment", version=version, **SETTLED, note="my words")
    assert status == 422
    assert "changed while you worked on it" in text
    assert "my words" in text
    assert 'value="medium" checked' in text
    assert field(text, "version") != version
    assert "seen there again" in text
    assert send(ann, f"{URL}/assessment", version=field(text, "version"), **SETTLED)[0] == 303


def test_who_comes_second_sees_the_first_assessment_and_keeps_what_they_wrote(
    store: Store, ann: TestClient, as_role: AsRole
) -> None:
    arrived(store)
    view(ann)
    version = field(seen(ann), "version")
    bob = as_role("assessor", name="bob")
    view(bob)
    settle(bob, **SETTLED)
    status, text = send(ann, f"{URL}/assessment", version=version, **CLOSED, note="my long words")
    assert status == 422
    assert "What you wrote" in text
    assert "my long words" in text
    assert "Medium: open, to be pursued" in text
    assert "Undo" not in text


def test_closing_a_flagged_record_takes_a_second_person_who_has_read_it(
    store: Store, ann: TestClient, as_role: AsRole
) -> None:
    arrived(store, flagged=True)
    view(ann)
    assert "second person" in seen(ann)
    settle(ann, **CLOSED, note="the child is grown up")
    mine = seen(ann)
    assert "awaits a second person" in mine
    assert "You are the second person" not in mine
    assert URL not in seen(ann, "/second-person").split("<main")[1]
    lead = as_role("lead", name="lea")
    assert URL in seen(lead, "/second-person")
    text = seen(lead)
    assert "the child is grown up" in text
    assert not [one for one in SAYS if one in text]
    number = field(text, "assessment")
    said = {"assessment": number, "agree": "yes"}
    status, again = send(lead, f"{URL}/second-person", **said)
    assert status == 422
    assert 'value="yes" checked' in again
    status, url = send(lead, f"{URL}/second-person", **said, note="I rang the school")
    assert (status, url) == (303, f"{URL}?told=agreed")
    assert "No value: closed" in seen(lead)


def test_a_second_person_who_disagrees_sends_it_back(
    store: Store, ann: TestClient, as_role: AsRole
) -> None:
    arrived(store, flagged=True)
    view(ann)
    settle(ann, **CLOSED)
    lead = as_role("lead", name="lea")
    number = field(seen(lead), "assessment")
    send(lead, f"{URL}/second-person", assessment=number, agree="no", note="there is an address")
    text = seen(ann)
    assert "Second person disagreed" in text
    assert "Your assessment" in text


def test_somebody_who_has_not_opened_it_is_no_second_person(
    store: Store, ann: TestClient, as_role: AsRole, a_person: Person
) -> None:
    arrived(store, flagged=True)
    done = assessed(store, a_person("ann", "assessor"), **NO_VALUE)
    bob = as_role("assessor", name="bob")
    sent = {"assessment": str(done.assessment), "agree": "yes", "note": "yes"}
    status, text = send(bob, f"{URL}/second-person", **sent)
    assert status == 422
    assert "read it first" in text
    assert ann


def test_the_next_allegation_is_the_most_pressing_that_nobody_settled(
    store: Store, ann: TestClient
) -> None:
    arrived(store, "B-1", flagged=True, urgency=2)
    put(store, "B-2", "later")
    put(store, "B-3", "urgent", urgency=1)

    def following(than: str) -> str:
        answer = ann.get(f"/next-allegation?than={than}", headers=PAGE, follow_redirects=False)
        return answer.headers["location"]

    assert following("B-2") == URL
    view(ann)
    settle(ann, **CLOSED)
    assert following("B-2") == "/records/B-3"
    assert following("B-3") == "/records/B-2"


def test_when_nothing_waits_the_next_allegation_is_the_list(store: Store, ann: TestClient) -> None:
    arrived(store)
    answer = ann.get("/next-allegation?than=B-1", headers=PAGE, follow_redirects=False)
    assert answer.headers["location"] == "/records"


def test_an_open_record_is_taken_up_again(store: Store, ann: TestClient, a_person: Person) -> None:
    arrived(store)
    assessed(store, a_person("ann", "assessor"))
    version = field(seen(ann), "version")
    assert send(ann, f"{URL}/take-up", version=version) == (303, f"{URL}?told=taken-up")
    assert "Your own view" in seen(ann)


def test_a_grade_an_outcome_and_a_remark_are_added(store: Store, ann: TestClient) -> None:
    arrived(store)
    view(ann)
    settle(ann, **SETTLED)
    grade = {"source": "2", "information": "C", "handling": "P"}
    assert send(ann, f"{URL}/grade", **grade)[0] == 303
    assert send(ann, f"{URL}/outcome", outcome="visit", note="went on Monday")[0] == 303
    assert send(ann, f"{URL}/remark", text="the van is gone")[0] == 303
    text = seen(ann)
    assert "2CP" in text
    assert "Visit" in text
    assert "went on Monday" in text
    assert "the van is gone" in text


@pytest.mark.parametrize(
    ("path", "form", "fields"),
    [
        ("grade", {}, ["source", "information", "handling"]),
        ("grade", {"source": "2", "information": "C", "handling": "C"}, ["conditions"]),
        ("grade", {"source": "9", "information": "C", "handling": "P"}, ["source"]),
        ("outcome", {}, ["outcome"]),
        ("remark", {"text": " "}, ["text"]),
    ],
)
def test_an_addition_that_lacks_something_is_unfolded_with_what_was_given(
    store: Store, ann: TestClient, path: str, form: dict[str, str], fields: list[str]
) -> None:
    arrived(store)
    view(ann)
    settle(ann, **SETTLED)
    status, text = send(ann, f"{URL}/{path}", **form)
    assert status == 422
    assert re.findall(r'<li><a href="#(\w+)">', text) == fields
    assert text.count('<details class="govuk-details" open>') == 1 or not form


def test_an_overturned_dismissal_waits_for_an_outcome_and_then_leaves_its_list(
    store: Store, ann: TestClient, a_person: Person
) -> None:
    assert "Every overturned allegation has been worked." in seen(ann, "/returned")
    arrived(store)
    assessed(store, a_person("ann", "assessor"), **NO_VALUE)
    rob, rules = a_person("rob", "reviewer"), ReviewRules()
    number = claim_one(store, rob, "B-1", rules=rules).claim
    decide(store, rob, number, Answer("overturn", "high", "detail", None), rules=rules)
    assert URL in seen(ann, "/returned")
    text = seen(ann)
    assert "A second look overturned this closure. Its value is now: High." in text
    assert text.count('<details class="govuk-details" open>') == 1
    assert send(ann, f"{URL}/outcome", outcome="visit")[0] == 303
    assert URL not in seen(ann, "/returned").split("<main")[1]
    assert "overturned this closure" not in seen(ann)
