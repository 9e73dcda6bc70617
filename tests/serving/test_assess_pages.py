from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from assessing_factory import NO_VALUE, SUGGESTED, arrived, assessed
from factories import VALUES
from starlette.testclient import TestClient

from serving.actors import Actor
from serving.claiming import ReviewRules, claim_one
from serving.deciding import Answer, decide
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records_intake import NewLink, NewMessage, NewRecord

pytestmark = pytest.mark.sqlite_alone

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
Person = Callable[..., Actor]
URL = "/records/B-1"
SETTLED = {"value": "medium", "reason": "detail", "closing": "open"}
CLOSED = {
    "value": "no_value",
    "reason": "detail",
    "closing": "close",
    "closure_reason": "no_value_insufficient_information",
    "outcome": "no_action",
}
SAYS = ("Confident", "81 in 100", "Suggested value", "white van</q>", "<meter")


@pytest.fixture
def ann(as_role: AsRole) -> TestClient:
    return as_role("assessor", name="ann")


def seen(client: TestClient, url: str = URL) -> str:
    answer = client.get(url, headers=PAGE)
    assert answer.status_code == 200, answer.text[:400]
    return answer.text


def field(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def send(client: TestClient, path: str, **form: Any) -> tuple[int, str]:
    """Send a form as a browser does; gives the status and where it leads, or the page."""
    token = field(seen(client, "/account/password"), "csrf_token")
    answer = client.post(
        path, data={"csrf_token": token, **form}, headers=PAGE, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def view(client: TestClient, url: str = URL, **form: Any) -> tuple[int, str]:
    reading = field(seen(client, url), "reading")
    return send(client, f"{url}/own-view", **{"value": "low", "reading": reading, **form})


def settle(client: TestClient, url: str = URL, **form: Any) -> tuple[int, str]:
    version = field(seen(client, url), "version")
    return send(client, f"{url}/assessment", **{"version": version, **form})


def put(store: Store, key: str, narrative: str, **more: Any) -> int:
    """Put an unassessed allegation with these words into the store; gives its number."""
    new = NewRecord("api", narrative, content_sha256="0" * 64, reference=key, **more)
    with store.writing() as unit:
        if unit.allegations.value_order(QUEUE) is None:
            unit.allegations.open_queue(QUEUE, VALUES)
        number, _ = unit.intake.add(QUEUE, new, now=datetime.now(UTC))
    return number


def test_the_suggestion_is_nowhere_in_the_page_before_the_own_view(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    text = seen(ann)
    assert not [one for one in SAYS if one in text]
    assert "Your own view" in text
    assert "Cigarettes or tobacco" in text.split("All others")[0]


def test_nothing_is_chosen_before_the_own_view(store: Store, ann: TestClient) -> None:
    arrived(store)
    text = seen(ann)
    assert 'type="radio"' in text
    assert " checked" not in text
    assert " selected" not in text


def test_after_the_own_view_the_suggestion_shows_and_the_view_is_filled_in(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    assert view(ann, categories="drugs") == (303, f"{URL}#assess")
    text = seen(ann)
    assert not [one for one in SAYS if one not in text]
    assert "Your view is <strong>Low</strong>" in text
    chosen = re.findall(r'value="(\w+)" checked', text)
    assert sorted(chosen) == ["drugs", "low"]


def test_a_structured_answer_that_moved_the_suggestion_is_told_in_words(
    store: Store, ann: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {"phrase": "owner_knows: dont_know", "contribution": 0.9, "towards": "medium"}
    monkeypatch.setitem(SUGGESTED, "reasons", [answered])
    arrived(store)
    view(ann)
    text = seen(ann)
    assert "<q>Owner knows: don’t know</q>" in text
    assert "owner_knows: dont_know" not in text


def test_a_structured_answer_is_told_in_words_in_the_replay_too(
    store: Store, ann: TestClient, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {"phrase": "owner_knows: no", "contribution": 0.9, "towards": "medium"}
    monkeypatch.setitem(SUGGESTED, "reasons", [answered])
    arrived(store)
    view(ann)
    seen(ann)
    assert settle(ann, **SETTLED)[0] == 303
    text = seen(as_role("inspector"), "/audit/replays/assessment/1")
    assert "Owner knows: no (+0.90)" in text


def test_an_unsure_suggestion_is_said_to_be_unsure(
    store: Store, ann: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SUGGESTED, "unsure", True)
    arrived(store)
    view(ann)
    text = seen(ann)
    assert "Unsure" in text
    assert "<meter" not in text


def test_an_own_view_without_a_value_comes_back_with_what_was_ticked(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    status, text = view(ann, value="", categories=["drugs", "cash"])
    assert status == 422
    assert 'href="#value"' in text
    assert re.findall(r'value="(\w+)" checked', text) == ["drugs", "cash"]
    assert not [one for one in SAYS if one in text]


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


def test_an_inspector_sees_everything_and_is_asked_nothing(
    store: Store, a_person: Person, as_role: AsRole
) -> None:
    arrived(store, flagged=True)
    assessed(store, a_person("ann", "assessor"), **NO_VALUE)
    text = seen(as_role("inspector")).split("<main")[1]
    assert "white van" in text
    assert "awaits a second person" in text
    assert "<form" not in text
    assert "Undo" not in text


@pytest.mark.parametrize("role", ["data_scientist", "source_handler"])
def test_who_may_not_read_records_does_not_see_one(
    store: Store, as_role: AsRole, role: str
) -> None:
    arrived(store)
    assert as_role(role).get(URL, headers=PAGE).status_code == 403


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


def test_neither_narrative_nor_note_is_ever_in_an_address(store: Store, ann: TestClient) -> None:
    arrived(store)
    view(ann)
    _, url = settle(ann, **SETTLED, note="the van is known")
    assert "van" not in url
    assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', seen(ann)) if "van" in one]


def test_each_opening_is_logged(store: Store, ann: TestClient) -> None:
    arrived(store)
    seen(ann)
    seen(ann)
    with store.reading() as unit:
        read = [one for one in unit.audit.every() if one.action == "read allegation"]
    assert len(read) == 2


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
