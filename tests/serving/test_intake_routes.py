from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from factories import write_csv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.intake import import_file
from serving.store.database import Store

Client = Callable[..., TestClient]
ROOT = Path(__file__).parents[2]
FORMS = Path(os.environ.get("SECONDLOOK_SHARED", ROOT.parent / "shared")) / "intake"
MESSAGES = sorted(FORMS.glob("*.json"))
needs_forms = pytest.mark.skipif(not MESSAGES, reason="the shared form messages are absent")
SECRET = "zebrafinch"
WORKING = "A man works in the kitchen at Harbour Grill every weekend and is paid cash"


@pytest.fixture
def relay(service_client: Client) -> TestClient:
    """What carries the form's messages: a client that may put allegations in and no more."""
    return service_client("intake")


@pytest.fixture
def assessor(as_role: Client) -> TestClient:
    return as_role("assessor")


def send(client: TestClient, **more: Any) -> Any:
    return client.post("/api/v1/allegations", json={"narrative": WORKING, **more})


def form(*fields: tuple[str, Any]) -> dict[str, Any]:
    return {
        "EformFields": [{"FieldName": name, "FieldValue": value} for name, value in fields],
        "AdditionalPeople": [],
        "Attachments": [],
    }


TOLD = form(
    ("rdcrimetype", "Immigration Crime"),
    ("cbillegwork", 1),
    ("rdchildren", "Idontknow"),
    ("txpermoreinfo", WORKING),
    ("txaboutsurname", SECRET),
    ("txaboutmobile", "07700900123"),
)


def refused(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert SECRET not in response.text
    body: dict[str, Any] = response.json()
    return body


def logged(store: Store, *actions: str) -> list[tuple[str, str, str | None]]:
    with store.reading() as unit:
        return [
            (one.actor, one.action, one.subject)
            for one in unit.audit.every()
            if one.action in actions
        ]


def test_an_allegation_is_taken_in_and_the_answer_says_what_was_noticed(
    relay: TestClient,
) -> None:
    response = send(relay, narrative=f"{WORKING}. They fly out tonight", channel="letter")
    assert response.status_code == 201
    body = response.json()
    assert response.headers["Location"] == f"/api/v1/allegations/{body['key']}"
    assert body["urgency"] == "within_24_hours"
    assert body["urgency_flags"][0]["because"]
    assert body["repeated"] is False
    assert "value" not in body


def test_with_a_model_categories_are_suggested_and_the_value_is_told_nowhere(
    relay: TestClient, assessor: TestClient, promote: Callable[[str], Path]
) -> None:
    promote("v3")
    receipt = send(relay).json()
    read = assessor.get(f"/api/v1/allegations/{receipt['key']}").json()
    assert receipt["suggested_categories"] == read["suggested_categories"] != []
    listed = assessor.get("/api/v1/allegations").json()["allegations"][0]
    for told in (receipt, read, listed):
        words = json.dumps(told)
        assert not any(
            one in words for one in ("confidence", "value_probabilities", "unsure", "towards")
        )
    assert read["value"] is None


def test_the_same_body_again_makes_nothing_new_and_says_so(relay: TestClient) -> None:
    first, again = send(relay), send(relay)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["repeated"] is True
    assert again.json()["key"] == first.json()["key"]


def test_an_idempotency_key_comes_with_one_body_only(relay: TestClient) -> None:
    relay.headers["Idempotency-Key"] = "one"
    assert send(relay).status_code == 201
    assert send(relay).status_code == 200
    body = refused(send(relay, narrative=f"{SECRET} sells vodka"), 422)
    assert body["errors"][0]["field"] == "Idempotency-Key"


def test_the_same_key_of_another_client_is_another_key(
    relay: TestClient, assessor: TestClient
) -> None:
    for client in (relay, assessor):
        client.headers["Idempotency-Key"] = "one"
    assert send(relay).status_code == 201
    assert send(assessor, narrative="Somebody else sells vodka from a garage").status_code == 201


def test_a_reference_that_is_taken_is_a_conflict(relay: TestClient) -> None:
    send(relay, reference="R-1")
    refused(send(relay, narrative=f"{SECRET} again", reference="R-1"), 409)


LATER = (datetime.now(UTC) + timedelta(days=2)).isoformat()


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"narrative": " "}, "/narrative"),
        ({"narrative": f"{SECRET}\x00"}, "/narrative"),
        ({"channel": SECRET}, "/channel"),
        ({"categories": ["drugs", SECRET]}, "/categories/1"),
        ({"received_at": LATER}, "/received_at"),
        ({"received_at": "2026-11-23T10:00:00"}, "/received_at"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "/received_at"),
        ({"received_at": "9999-12-31T23:59:59-12:00"}, "/received_at"),
        ({"received_at": "2026-02-30T10:00:00Z"}, "/received_at"),
        ({"people": [{"part": SECRET, "details": {"name": "x"}}]}, "/people/0/part"),
        ({"people": [{"part": "witness", "details": {}}]}, "/people/0/details"),
        ({"reporter": {"surname": ""}}, "/reporter/surname"),
        ({"reporter": {"shoe_size": SECRET}}, "/reporter/shoe_size"),
        ({"reporter": {"under_18": SECRET}}, "/reporter/under_18"),
        ({"value": "high"}, "/value"),
        ({"fields": {"children_involved": f"{SECRET}\x00"}}, "/fields/children_involved"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_and_not_repeated(
    relay: TestClient, sent: dict[str, Any], field: str
) -> None:
    errors = refused(send(relay, **sent), 422)["errors"]
    assert field in [one["field"] for one in errors]
    assert all(one["rule"] for one in errors)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_a_body_in_another_encoding_is_refused(relay: TestClient, encoding: str) -> None:
    body = json.dumps({"narrative": "sold at the café"}, ensure_ascii=False).encode(encoding)
    headers = {"content-type": "application/json"}
    refused(relay.post("/api/v1/allegations", content=body, headers=headers), 400)


def test_an_answer_that_its_question_does_not_know_is_a_defect_and_is_kept(
    relay: TestClient, assessor: TestClient
) -> None:
    fields = {"children_involved": "perhaps", "my_own_question": "yes"}
    receipt = send(relay, fields=fields).json()
    assert [(one["field"], one["rule"]) for one in receipt["defects"]] == [
        ("children_involved", "unknown_code")
    ]
    assert assessor.get(receipt["links"]["self"]).json()["fields"] == fields


def test_dont_know_is_a_value_and_blank_is_not(relay: TestClient, assessor: TestClient) -> None:
    receipt = send(relay, fields={"children_involved": "dont_know"}).json()
    assert receipt["defects"] == []
    fields = assessor.get(receipt["links"]["self"]).json()["fields"]
    assert fields == {"children_involved": "dont_know"}


def test_who_may_put_in_may_not_read(relay: TestClient) -> None:
    key = send(relay).json()["key"]
    for path in ("", f"/{key}", f"/{key}/message"):
        assert relay.get(f"/api/v1/allegations{path}").status_code == 403


def test_who_reported_is_read_by_source_handlers_alone_and_each_reading_is_logged(
    relay: TestClient, as_role: Client, store: Store
) -> None:
    receipt = send(relay, reporter={"surname": SECRET, "relationship": "my cousin"}).json()
    assert {"close_relationship"} <= {one["code"] for one in receipt["source_alerts"]}
    assert SECRET not in json.dumps(receipt)
    read = as_role("assessor").get(receipt["links"]["self"])
    assert SECRET not in read.text
    reference = read.json()["reporter_reference"]
    address = f"/api/v1/reporters/{reference}"
    message = read.json()["links"]["message"]
    for role in ("assessor", "reviewer", "lead", "inspector", "data_scientist"):
        assert as_role(role).get(address).status_code == 403
        assert as_role(role).get(message).status_code == 403
    handler = as_role("source_handler")
    told = handler.get(address).json()
    assert told["details"]["surname"] == SECRET
    assert told["allegation"] == receipt["key"]
    assert SECRET in handler.get(message).json()["body"]
    assert logged(store, "read reporter", "read message") == [
        ("source_handler", "read reporter", receipt["key"]),
        ("source_handler", "read message", receipt["key"]),
    ]


def test_each_reading_of_a_record_is_logged_and_its_version_is_the_tag(
    relay: TestClient, assessor: TestClient, store: Store
) -> None:
    key = send(relay).json()["key"]
    response = assessor.get(f"/api/v1/allegations/{key}")
    assert response.headers["ETag"] == '"1"'
    assert logged(store, "read allegation") == [("assessor", "read allegation", key)]


def test_what_is_not_there_is_not_found(as_role: Client) -> None:
    handler = as_role("source_handler", "assessor")
    for path in ("allegations/A-1", "allegations/A-1/message", f"reporters/{'x' * 32}"):
        refused(handler.get(f"/api/v1/{path}"), 404)


def test_an_imported_record_has_no_message(as_role: Client, store: Store, tmp_path: Path) -> None:
    columns = {"reference": ["R-1"], "narrative": [WORKING], "value": ["low"]}
    import_file(store, write_csv(tmp_path / "a.csv", columns))
    client = as_role("source_handler", "assessor")
    assert client.get("/api/v1/allegations/R-1").json()["message"] is None
    refused(client.get("/api/v1/allegations/R-1/message"), 404)


def test_linked_records_are_told_with_a_reopened_one(
    relay: TestClient, assessor: TestClient, store: Store, tmp_path: Path
) -> None:
    columns = {"reference": ["R-1"], "narrative": [WORKING], "value": ["no_value"]}
    import_file(store, write_csv(tmp_path / "a.csv", columns))
    receipt = send(relay, narrative=f"{WORKING}!").json()
    (linked,) = receipt["linked"]
    assert (linked["key"], linked["repeats"], linked["reopened"]) == ("R-1", True, True)
    old = assessor.get("/api/v1/allegations/R-1").json()
    assert (old["status"], old["cycle"]) == ("unassessed", 2)
    assert [one["key"] for one in old["linked"]] == [receipt["key"]]
    keys = [one["key"] for one in assessor.get("/api/v1/allegations").json()["allegations"]]
    assert sorted(keys) == sorted(["R-1", receipt["key"]])


def test_a_form_message_is_taken_as_it_is_sent_and_again_says_repeated(
    relay: TestClient, assessor: TestClient, as_role: Client
) -> None:
    body = json.dumps(TOLD, indent=3).encode()
    headers = {"content-type": "application/json"}
    first = relay.post("/api/v1/intake/eform", content=body, headers=headers)
    again = relay.post("/api/v1/intake/eform", json=TOLD)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["repeated"] is True
    assert again.json()["key"] == first.json()["key"]
    read = assessor.get(first.headers["Location"]).json()
    assert (read["origin"], read["channel"]) == ("eform", "web_form")
    assert read["narrative"] == WORKING
    assert read["categories"] == ["illegal_working"]
    assert read["fields"]["children_involved"] == "dont_know"
    assert read["message"]["deliveries"] == 2
    assert SECRET not in json.dumps(read)
    kept = as_role("source_handler").get(read["links"]["message"]).json()["body"]
    assert kept.encode() == body


def test_what_does_not_fit_a_form_message_is_told_with_the_record(
    relay: TestClient, assessor: TestClient
) -> None:
    odd = form(*(("rdcrimetype", "Immigration Crime"), ("rdchildren", "Perhaps")))
    receipt = relay.post("/api/v1/intake/eform", json=odd).json()
    assert "rdchildren" in {one["field"] for one in receipt["defects"]}
    read = assessor.get(receipt["links"]["self"]).json()
    assert read["message"]["defects"] == receipt["defects"]


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "/"),
        (b"not json", "/"),
        (b"[]", "/"),
        (b"{}", "/EformFields"),
        (b'{"EformFields": {"zebrafinch": 1}}', "/EformFields"),
        (b'{"EformFields": ["zebrafinch"]}', "/EformFields/0"),
        (b'{"EformFields": [{"FieldName": "zebrafinch"}]}', "/EformFields/0/FieldValue"),
        (b'{"EformFields": [{"FieldName": 1, "FieldValue": 1}]}', "/EformFields/0/FieldName"),
        (b'{"EformFields": [], "x": "\xff"}', "/"),
        (b'{"EformFields": [], "zebrafinch": "\\u0000"}', "/(name)"),
    ],
)
def test_a_form_message_that_cannot_be_read_is_refused_naming_field_and_rule(
    relay: TestClient, body: bytes, field: str, store: Store
) -> None:
    headers = {"content-type": "application/json"}
    response = relay.post("/api/v1/intake/eform", content=body, headers=headers)
    assert [one["field"] for one in refused(response, 400)["errors"]] == [field]
    assert logged(store, "received allegation") == []


@needs_forms
@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.stem)
def test_the_real_messages_are_taken_in_whole(
    relay: TestClient, assessor: TestClient, as_role: Client, path: Path
) -> None:
    headers = {"content-type": "application/json"}
    response = relay.post("/api/v1/intake/eform", content=path.read_bytes(), headers=headers)
    assert response.status_code == 201
    read = assessor.get(response.headers["Location"]).json()
    assert read["narrative"]
    sent = json.loads(path.read_text())
    assert len(read["message"]["attachments"]) == len(sent["Attachments"])
    kept = as_role("source_handler").get(read["links"]["message"]).json()["body"]
    assert kept == path.read_text()


@needs_forms
def test_the_message_about_the_next_24_hours_goes_to_the_front(
    relay: TestClient, assessor: TestClient
) -> None:
    headers = {"content-type": "application/json"}
    for path in MESSAGES:
        relay.post("/api/v1/intake/eform", content=path.read_bytes(), headers=headers)
    (first, *_) = assessor.get("/api/v1/allegations").json()["allegations"]
    assert first["urgency"] == "within_24_hours"
    assert first["categories"] == ["cigarettes_tobacco"]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def mutilated(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a real message to which something was done."""
    sent = json.loads(draw(st.sampled_from(MESSAGES)).read_text())
    fields = sent["EformFields"]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(fields) - 1))
        done = draw(st.sampled_from(["drop", "repeat", "value", "name", "swap"]))
        if done == "drop" and len(fields) > 1:
            fields.pop(at)
        elif done == "repeat":
            fields.insert(0, {**fields[at], "FieldValue": draw(ANY)})
        elif done == "value":
            fields[at] = {**fields[at], "FieldValue": draw(ANY)}
        elif done == "name":
            fields[at] = {**fields[at], "FieldName": draw(st.text(max_size=30))}
        else:
            other = draw(st.integers(0, len(fields) - 1))
            fields[at], fields[other] = fields[other], fields[at]
    for outer in ("AdditionalPeople", "Attachments"):
        if draw(st.booleans()):
            sent[outer] = draw(ANY)
    return sent


@needs_forms
@pytest.mark.slow
@given(sent=mutilated())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_done_to_a_real_message_it_is_taken_or_refused_in_so_many_words(
    relay: TestClient, sent: dict[str, Any]
) -> None:
    # As text, for infinity and "not a number" can be sent too, though they are no JSON.
    body: dict[str, Any] = {
        "content": json.dumps(sent),
        "headers": {"Content-Type": "application/json"},
    }
    response = relay.post("/api/v1/intake/eform", **body)
    assert response.status_code in {200, 201, 400}, response.text
    if response.status_code == 400:
        (error,) = response.json()["errors"]
        assert error["rule"]
    else:
        again = relay.post("/api/v1/intake/eform", **body)
        assert (again.status_code, again.json()["repeated"]) == (200, True)
        assert again.json()["key"] == response.json()["key"]


@pytest.mark.sqlite_alone
def test_nothing_of_a_message_is_in_the_log(
    relay: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        relay.post("/api/v1/intake/eform", json=TOLD)
        relay.post("/api/v1/intake/eform", json={"EformFields": SECRET})
    assert SECRET not in caplog.text
    assert "Harbour" not in caplog.text


def test_the_list_is_by_urgency_then_by_when_they_are_due(
    relay: TestClient, assessor: TestClient
) -> None:
    now = datetime.now(UTC)
    texts = {
        "late": ("Somebody sells vodka from a garage", now - timedelta(hours=50)),
        "plain": ("A lorry is parked at the docks with its doors open", now),
        "soon": ("His appeal hearing is on friday at the tribunal", now),
        "tonight": ("Goods come over on the boat tonight", now),
    }
    for name, (text, at) in texts.items():
        send(relay, reference=f"R-{name}1", narrative=text, received_at=at.isoformat())
    body = assessor.get("/api/v1/allegations").json()
    order = ["R-tonight1", "R-soon1", "R-late1", "R-plain1"]
    assert [one["key"] for one in body["allegations"]] == order
    assert [one["overdue"] for one in body["allegations"]] == [False, False, True, False]
    assert body["next_cursor"] is None
    paged, cursor = [], None
    while True:
        asked = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = assessor.get("/api/v1/allegations", params=asked).json()
        paged += [one["key"] for one in page["allegations"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == order


def test_the_list_is_narrowed_by_each_filter(
    relay: TestClient, assessor: TestClient, store: Store, tmp_path: Path
) -> None:
    old = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    send(relay, reference="N-1", narrative="They fly out tonight", channel="letter")
    send(relay, reference="N-2", narrative="A child is locked in the shed", received_at=old)
    send(relay, reference="N-3", narrative="Sells vodka", categories=["alcohol", "drugs"])
    columns = {"reference": ["C-1"], "narrative": ["loud music"], "value": ["no_value"]}
    import_file(store, write_csv(tmp_path / "a.csv", columns))

    def keys(**params: Any) -> set[str]:
        body = assessor.get("/api/v1/allegations", params=params).json()
        return {one["key"] for one in body["allegations"]}

    assert keys() == {"N-1", "N-2", "N-3"}
    assert keys(urgency="within_24_hours") == {"N-1"}
    assert keys(urgency="routine") == {"N-2", "N-3"}
    assert keys(overdue=True) == {"N-2"}
    assert keys(safeguarding=True) == {"N-2"}
    assert keys(channel="letter") == {"N-1"}
    assert keys(category="alcohol") == {"N-3"}
    assert keys(category="alcoho_") == set()
    assert keys(status="closed") == {"C-1"}
    assert keys(status="any") == {"N-1", "N-2", "N-3", "C-1"}
    assert keys(mine=True) == set()


def test_words_are_searched_for_in_whatever_form_and_in_no_address(
    relay: TestClient, assessor: TestClient, store: Store
) -> None:
    send(relay, reference="N-1", narrative="He worked at the Harbour Grill for cash")
    send(relay, reference="N-2", narrative="The grill by the harbour smells")

    def keys(words: str) -> set[str]:
        response = assessor.post("/api/v1/allegations/search", json={"search": words})
        assert response.status_code == 200, response.text
        return {one["key"] for one in response.json()["allegations"]}

    assert keys("harbour grill") == {"N-1", "N-2"}
    assert keys('"harbour grill"') == {"N-1"}
    assert keys("works") == {"N-1"}
    assert keys("HARBOUR cash") == {"N-1"}
    assert keys("submarine") == set()
    with store.reading() as unit:
        told = [one.details_text for one in unit.audit.every()]
    assert "submarine" not in "".join(told)
    refused(assessor.post("/api/v1/allegations/search", json={"search": "!?"}), 422)


@pytest.mark.slow
@given(words=st.text(min_size=1, max_size=60) | st.sampled_from(['"', '" OR "', "a AND", "NEAR("]))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_words_break_the_search(relay: TestClient, assessor: TestClient, words: str) -> None:
    assert send(relay).status_code in {200, 201}
    response = assessor.post("/api/v1/allegations/search", json={"search": words})
    assert response.status_code in {200, 422}, response.text


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("cursor", ["x", "3-1-1", "1-1", "1-999999999999999999-1", "1--1-1"])
def test_a_cursor_that_was_never_given_out_is_refused(assessor: TestClient, cursor: str) -> None:
    response = assessor.get("/api/v1/allegations", params={"cursor": cursor})
    assert refused(response, 422)["errors"][0]["field"] == "cursor"
