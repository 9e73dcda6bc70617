from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from starlette.testclient import TestClient

from serving.actors import SYSTEM
from serving.noticing import NewCase
from serving.receiving import receive
from serving.store.database import Store
from serving.store.records_intake import Case
from serving.worklist import counts

pytestmark = pytest.mark.sqlite_alone

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
SAID = "Sells cigarettes from a white van AB12 CDE outside 14 Mill Lane NE1 4ST every friday"
FORM = {"narrative": SAID, "channel": "phone_hotline"}
REPORTER = {
    "reporter_first_name": "Zebedee",
    "reporter_surname": "Quill",
    "reporter_phone": "07700 900123",
    "reporter_reported_before": "yes",
    "reporter_risk_if_used": "dont_know",
}


@pytest.fixture
def assessor(store: Store, as_role: AsRole) -> TestClient:
    assert store
    return as_role("assessor")


def send(client: TestClient, path: str = "/records/new", **form: object) -> tuple[int, str, str]:
    """Send the form; gives the status, where that leads and the page."""
    answer = client.post(path, data=form, headers=PAGE)
    return answer.status_code, answer.url.path, unescape(answer.text)


def the_record(store: Store, path: str) -> Case:
    with store.reading() as unit:
        case = unit.intake.by_key("second_look", path.rpartition("/")[2])
    assert case
    return case


def hint(text: str, about: str) -> str:
    """The state and the words of a hint."""
    found = re.search(
        rf'<strong>{about}</strong>(.*?)(?=<li class="app-hints|</ul>\s*</div>)', text, re.DOTALL
    )
    assert found, about
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def test_what_is_recorded_gets_a_reference_and_says_what_was_noticed(
    assessor: TestClient, store: Store
) -> None:
    status, path, text = send(
        assessor, **{**FORM, "narrative": SAID + ". A child is kept there."}, timing="now"
    )
    assert status == 200
    assert path.startswith("/records/new/")
    case = the_record(store, path)
    assert case.reference in text
    assert case.channel == "phone_hotline"
    assert case.origin == "staff"
    assert case.fields == {"timing": "now"}
    assert "A child may be at risk or used." in text
    assert "Due in 4" in text


def test_the_confirmation_says_nothing_of_the_value(
    assessor: TestClient, promote: Callable[[str], object]
) -> None:
    promote("v3")
    _, _, text = send(assessor, **FORM)
    main = re.sub(r"<[^>]+>", "", text[text.index("<main") : text.index("</main>")])
    assert not re.search(r"value|doubt|suggest|confiden", main, re.IGNORECASE)


def test_the_confirmation_names_what_it_repeats(assessor: TestClient, store: Store) -> None:
    first = receive(store, SYSTEM, NewCase("api", SAID))
    _, _, text = send(assessor, **{**FORM, "narrative": SAID + ". And again today."})
    assert f'href="/records/{first.key}"' in text
    assert "the same vehicle registration" in text


def test_who_reported_is_kept_apart_and_on_no_page(assessor: TestClient, store: Store) -> None:
    _, path, text = send(assessor, **FORM, **REPORTER)
    case = the_record(store, path)
    assert case.fields == {}
    assert not [one for one in REPORTER.values() if one in case.narrative]
    assert "The reporter has reported before." in text
    assert "does not say clearly whether" in text
    for url in (path, "/records", f"/records/{case.key}"):
        shown = assessor.get(url, headers=PAGE).text
        assert not [one for one in ("Zebedee", "Quill", "900123") if one in shown], url
    with store.reading() as unit:
        kept = unit.intake.reporter(case.reporter_reference)
        about = unit.intake.subjects(case.id)
    assert kept
    assert kept.details["first_name"] == "Zebedee"
    assert kept.details["risk_if_used"] == "dont_know"
    assert "under_18" not in kept.details
    assert about == []


def test_dont_know_is_an_answer_and_what_was_not_asked_is_none(
    assessor: TestClient, store: Store
) -> None:
    _, path, _ = send(assessor, **FORM, children_involved="dont_know", timing="")
    assert the_record(store, path).fields == {"children_involved": "dont_know"}


def test_no_answer_is_chosen_beforehand(assessor: TestClient) -> None:
    text = assessor.get("/records/new", headers=PAGE).text
    assert 'type="radio"' in text
    assert " checked" not in text


def test_whom_it_speaks_of_is_recorded_by_part(assessor: TestClient, store: Store) -> None:
    form = {**FORM, "person_name": "Robin", "organisation_company": "Harbour Grill"}
    _, path, _ = send(assessor, **form, categories=["drugs", "cash"])
    case = the_record(store, path)
    with store.reading() as unit:
        found = {one.part: dict(one.details) for one in unit.intake.subjects(case.id)}
    assert found == {
        "alleged_offender": {"name": "Robin"},
        "organisation": {"company": "Harbour Grill"},
    }
    assert set(case.categories) == {"drugs", "cash"}


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"narrative": "  "}, "narrative"),
        ({"channel": ""}, "channel"),
        ({"channel": "pigeon"}, "channel"),
        ({"received-day": "31", "received-month": "2", "received-year": "2026"}, "received-day"),
        ({"received-day": "1"}, "received-day"),
        ({"received-day": "1", "received-month": "1", "received-year": "2999"}, "received-day"),
        ({"received-day": "1", "received-month": "1", "received-year": "1912"}, "received-day"),
        (
            {
                "received-day": "1",
                "received-month": "2",
                "received-year": "2026",
                "received-time": "25:00",
            },
            "received-day",
        ),
        ({"person_name": "x" * 1001}, "person_name"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_everything_that_was_written(
    assessor: TestClient, store: Store, form: dict[str, str], field: str
) -> None:
    whole = {**FORM, **REPORTER, "person_address": "9 Quay", "categories": "drugs", **form}
    status, path, text = send(assessor, **whole)
    assert (status, path) == (422, "/records/new")
    assert f'href="#{field}"' in text
    assert f'id="{field}"' in text
    for name, said in whole.items():
        assert said.strip() in text or said == "pigeon", name
    assert re.search(r'value="drugs" checked', text)
    assert counts(store).unassessed == 0


def test_an_earlier_day_starts_the_clock_at_its_beginning(
    assessor: TestClient, store: Store
) -> None:
    day = {"received-day": "3", "received-month": "2", "received-year": "2026"}
    _, path, _ = send(assessor, **FORM, **day)
    assert the_record(store, path).received_at.isoformat() == "2026-02-03T00:00:00+00:00"
    day = {**day, "received-month": "7", "received-time": "14:30"}
    _, path, _ = send(assessor, **{**FORM, "narrative": "Another matter"}, **day)
    # summer time
    assert the_record(store, path).received_at.isoformat() == "2026-07-03T13:30:00+00:00"


def test_the_same_form_sent_twice_makes_one_record(assessor: TestClient, store: Store) -> None:
    first, again = (send(assessor, **FORM, once="a-token")[1] for _ in range(2))
    assert first == again
    status, _, text = send(assessor, **{**FORM, "narrative": "Other words"}, once="a-token")
    assert status == 422
    assert "was sent before" in text
    assert "Other words" in text
    assert counts(store).unassessed == 1


def test_two_calls_that_say_the_same_are_two_records(assessor: TestClient) -> None:
    first, second = (send(assessor, **FORM, once=one)[1] for one in ("one", "two"))
    assert first != second


def test_hints_say_what_is_there_and_what_to_ask_for(assessor: TestClient) -> None:
    blank = unescape(assessor.get("/records/new", headers=PAGE).text)
    assert hint(blank, "Where") == "Missing Ask for an address, a postcode, or what is next to it."
    status, path, text = send(assessor, "/records/new/check", narrative=SAID, **REPORTER)
    assert (status, path) == (200, "/records/new/check")
    assert hint(text, "Where").startswith("There Recognised: address, postcode")
    assert hint(text, "Something to trace") == "There Recognised: vehicle registration."
    assert hint(text, "Who").startswith("Missing")
    assert hint(text, "How they know").startswith("Missing")
    assert SAID in text
    assert "Zebedee" in text


def test_hints_mind_urgency_and_a_text_that_says_who_reports(assessor: TestClient) -> None:
    text_of = "Goods come by boat tonight. Ring me on 07700 900123"
    _, _, text = send(assessor, "/records/new/check", narrative=text_of, **REPORTER)
    assert hint(text, "Urgent").startswith("Mind")
    assert "holds the telephone number of the reporter" in text


def test_checking_records_nothing_and_leaves_no_word_in_an_address_or_the_log(
    assessor: TestClient, store: Store
) -> None:
    _, path, text = send(assessor, "/records/new/check", **FORM)
    assert "van" not in path
    assert not re.findall(r'(?:href|action)="[^"]*(?:van|cigar)', text)
    assert counts(store).unassessed == 0
    with store.reading() as unit:
        assert not [one for one in unit.audit.every() if "van" in one.details_text]


def test_markup_in_what_was_written_stays_text(assessor: TestClient) -> None:
    attack = "<script>alert(1)</script>"
    answer = assessor.post(
        "/records/new/check",
        data={"narrative": attack, "person_name": attack, "once": attack},
        headers=PAGE,
    )
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("role", ["reviewer", "inspector", "source_handler"])
def test_who_may_not_take_in_is_offered_no_form(store: Store, as_role: AsRole, role: str) -> None:
    assert store
    assert as_role(role).get("/records/new", headers=PAGE).status_code == 403


def test_a_relay_with_a_key_has_no_use_for_the_form(
    store: Store, service_client: Callable[..., TestClient]
) -> None:
    assert store
    assert service_client("intake").get("/records/new", headers=PAGE).status_code == 403
