from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from assessing_factory import NARRATIVE, NO_VALUE, arrived
from starlette.testclient import TestClient

from serving.store.database import Store

BASE = "/api/v1/allegations/B-1"
AsRole = Callable[..., TestClient]


@pytest.fixture
def ann(as_role: AsRole) -> TestClient:
    return as_role("assessor", name="ann")


@pytest.fixture
def bob(as_role: AsRole) -> TestClient:
    return as_role("assessor", name="bob")


def viewed(who: TestClient, value: str = "low", base: str = BASE) -> dict[str, str]:
    """Read a record, give an own view; gives the header that an edit needs."""
    read = who.post(f"{base}/readings")
    assert read.status_code == 201
    sent = {"value": value, "categories": ["drugs"], "reading": read.json()["reading"]}
    assert who.post(f"{base}/own-views", json=sent).status_code == 201
    return {"If-Match": read.headers["ETag"]}


def assessed(who: TestClient, **given: Any) -> Any:
    headers = viewed(who)
    sent = {"value": "medium", "reason": "detail", **given}
    answered = who.post(f"{BASE}/assessments", json=sent, headers=headers)
    assert answered.status_code == 201
    return answered.json()


def refusal(answered: Any) -> tuple[int, list[str]]:
    assert answered.headers["content-type"] == "application/problem+json"
    assert NARRATIVE not in answered.text
    return answered.status_code, [one["field"] for one in answered.json()["errors"]]


def test_a_record_is_read_viewed_and_assessed_over_http(store: Store, ann: TestClient) -> None:
    arrived(store)
    headers = viewed(ann)
    shown = ann.get(f"{BASE}/suggestion").json()
    assert (shown["value"], shown["confidence_percent"]) == ("medium", 81)
    done = ann.post(
        f"{BASE}/assessments",
        json={"value": "medium", "categories": ["drugs"], "reason": "detail"},
        headers=headers,
    )
    assert done.status_code == 201
    body = done.json()
    assert (body["status"], body["own_value"], body["suggested_value"]) == (
        "open",
        "low",
        "medium",
    )
    assert done.headers["ETag"] == f'"{body["version"]}"'


def test_what_a_reader_gets_has_everything_but_the_suggested_value(
    store: Store, ann: TestClient
) -> None:
    arrived(store, flagged=True)
    read = ann.post(f"{BASE}/readings")
    body = read.json()
    assert body["narrative"] == NARRATIVE
    assert body["details"][0]["text"] == "AB12 CDE"
    assert body["suggested_categories"] == [{"category": "cigarettes_tobacco", "probability": 0.9}]
    assert body["flags"]["safeguarding_flags"][0]["rule"] == "child_at_risk"
    assert "medium" not in read.text
    assert "0.81" not in read.text
    assert read.headers["Cache-Control"] == "private, no-store"


def test_no_interface_shows_the_suggested_value_before_an_own_view(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    read = ann.post(f"{BASE}/readings")
    version = {"If-Match": read.headers["ETag"]}
    sent = {"value": "medium", "reason": "detail"}
    answers = [
        read,
        ann.get(f"{BASE}/suggestion"),
        ann.get(f"{BASE}/history"),
        ann.post(f"{BASE}/assessments", json={**sent, "value": "high"}, headers=version),
    ]
    assert [one.status_code for one in answers] == [201, 409, 200, 409]
    assert not any("medium" in one.text for one in answers)


def test_a_closure_asked_for_twice_is_made_once(store: Store, ann: TestClient) -> None:
    arrived(store)
    headers = {**viewed(ann), "Idempotency-Key": "close-1"}
    sent = {"reason": "detail", **NO_VALUE}
    first = ann.post(f"{BASE}/assessments", json=sent, headers=headers)
    again = ann.post(f"{BASE}/assessments", json=sent, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = ann.post(f"{BASE}/assessments", json={**sent, "reason": "lawful"}, headers=headers)
    assert refusal(other) == (422, ["Idempotency-Key"])


def test_an_assessment_without_or_with_an_old_version_is_refused(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    headers = viewed(ann)
    sent = {"value": "medium", "reason": "detail"}
    assert refusal(ann.post(f"{BASE}/assessments", json=sent))[0] == 428
    assert ann.post(f"{BASE}/remarks", json={"text": "Rang twice."}).status_code == 201
    assert refusal(ann.post(f"{BASE}/assessments", json=sent, headers=headers))[0] == 412
    odd = ann.post(f"{BASE}/assessments", json=sent, headers={"If-Match": "*"})
    assert refusal(odd) == (422, ["if-match"])


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"reason": "detail"}, "/value"),
        ({"value": "medium", "reason": "boredom"}, "/reason"),
        ({"value": "gigantic", "reason": "detail"}, "/value"),
        ({"value": "medium", "reason": "other"}, "/note"),
        ({"value": "medium", "reason": "detail", "bulk": True}, "/bulk"),
        ({"value": "no_value", "reason": "detail"}, "/closure_reason"),
        ({"value": "low", "reason": "detail", "closure_reason": "passed_on"}, "/outcome"),
    ],
)
def test_a_refused_assessment_names_its_field(
    store: Store, ann: TestClient, sent: dict[str, Any], field: str
) -> None:
    arrived(store)
    answered = ann.post(f"{BASE}/assessments", json=sent, headers=viewed(ann))
    assert refusal(answered) == (422, [field])


def test_several_records_cannot_be_assessed_at_once(store: Store, ann: TestClient) -> None:
    arrived(store)
    headers = viewed(ann)
    several = [{"value": "medium", "reason": "detail"}] * 2
    assert refusal(ann.post(f"{BASE}/assessments", json=several, headers=headers))[0] == 422
    assert refusal(ann.post("/api/v1/assessments", json=several))[0] in {404, 405}


def test_a_second_person_closes_a_flagged_record_over_http(
    store: Store, ann: TestClient, bob: TestClient
) -> None:
    arrived(store, flagged=True)
    made = assessed(ann, **NO_VALUE)
    assert (made["status"], made["awaits_second_person"]) == ("unassessed", True)
    assert ann.get("/api/v1/assessments/awaiting-second-person").json() == []
    (listed,) = bob.get("/api/v1/assessments/awaiting-second-person").json()
    assert (listed["key"], listed["assessment"]) == ("B-1", made["assessment"])
    sent = {"assessment": made["assessment"], "agree": True, "note": "Read it."}
    own = ann.post(f"{BASE}/countersignatures", json=sent)
    assert refusal(own)[0] == 403
    unread = bob.post(f"{BASE}/countersignatures", json=sent)
    assert refusal(unread)[0] == 409
    assert bob.post(f"{BASE}/readings").json()["standing"]["number"] == made["assessment"]
    done = bob.post(f"{BASE}/countersignatures", json=sent)
    assert (done.status_code, done.json()["status"]) == (201, "closed")
    assert "suggested_value" not in done.json()


def test_a_countersignature_is_of_the_record_in_its_address(
    store: Store, ann: TestClient, bob: TestClient
) -> None:
    arrived(store, flagged=True)
    arrived(store, "B-2", flagged=True)
    made = assessed(ann, **NO_VALUE)
    sent = {"assessment": made["assessment"], "agree": True, "note": "Read it."}
    other = bob.post("/api/v1/allegations/B-2/countersignatures", json=sent)
    assert refusal(other)[0] == 404


def test_an_assessment_is_taken_back_and_the_record_taken_up_again(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    assessed(ann)
    back = ann.delete(f"{BASE}/assessments/current")
    assert back.status_code == 200
    again = ann.post(
        f"{BASE}/assessments",
        json={"value": "high", "reason": "seriousness"},
        headers={"If-Match": back.headers["ETag"]},
    )
    assert again.status_code == 201
    up = ann.post(f"{BASE}/cycles", headers={"If-Match": again.headers["ETag"]})
    assert (up.status_code, ann.post(f"{BASE}/readings").json()["cycle"]) == (201, 2)
    states = [one["state"] for one in ann.get("/api/v1/assessments/mine").json()]
    assert states == ["standing", "withdrawn"]


def test_grades_outcomes_and_remarks_are_added_and_read_back(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    assessed(ann)
    for what, sent in (
        ("gradings", {"source": 2, "information": "D", "handling": "C", "conditions": "police"}),
        ("outcomes", {"outcome": "visit", "note": "Two officers."}),
        ("remarks", {"text": "Photograph asked for."}),
    ):
        assert ann.post(f"{BASE}/{what}", json=sent).status_code == 201
    body = ann.post(f"{BASE}/readings").json()
    assert (body["outcome"], body["gradings"][0]["information"]) == ("visit", "D")
    told = [one["what"] for one in ann.get(f"{BASE}/history").json()["events"]]
    assert told == ["received", "own_view", "assessment", "grading", "outcome", "remark"]


@pytest.mark.parametrize(
    ("what", "sent", "field"),
    [
        ("own-views", {"value": "low", "reading": 0}, "/reading"),
        ("own-views", {"value": "low", "reading": 99}, "/reading"),
        ("gradings", {"source": 4, "information": "A", "handling": "P"}, "/source"),
        ("gradings", {"source": 1, "information": "F", "handling": "P"}, "/information"),
        ("gradings", {"source": 1, "information": "A", "handling": "C"}, "/conditions"),
        ("remarks", {"text": "  "}, "/text"),
        ("countersignatures", {"assessment": 1, "agree": "perhaps", "note": ""}, "/agree"),
    ],
)
def test_every_refusal_names_the_field(
    store: Store, ann: TestClient, what: str, sent: dict[str, Any], field: str
) -> None:
    arrived(store)
    assert refusal(ann.post(f"{BASE}/{what}", json=sent)) == (422, [field])


@pytest.mark.parametrize("what", ["readings", "own-views", "assessments", "gradings", "remarks"])
def test_there_is_nothing_to_work_on_under_an_unknown_key(ann: TestClient, what: str) -> None:
    sent = {
        "readings": None,
        "own-views": {"value": "low", "reading": 1},
        "assessments": {"value": "low", "reason": "detail"},
        "gradings": {"source": 1, "information": "A", "handling": "P"},
        "remarks": {"text": "Hm."},
    }[what]
    answered = ann.post(f"/api/v1/allegations/B-99/{what}", json=sent, headers={"If-Match": '"1"'})
    assert refusal(answered)[0] == 404


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        (("reviewer",), {"readings", "history"}),
        (("inspector",), {"readings", "history", "agreement"}),
        (("lead",), {"readings", "history", "agreement", "remarks", "awaiting-second-person"}),
        (("data_scientist",), set()),
        (("source_handler",), set()),
    ],
)
@pytest.mark.sqlite_alone
def test_each_role_may_do_what_it_needs_and_no_more(
    store: Store, as_role: AsRole, roles: tuple[str, ...], allowed: set[str]
) -> None:
    arrived(store)
    who = as_role(*roles)
    period = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}
    answers = {
        "readings": who.post(f"{BASE}/readings"),
        "history": who.get(f"{BASE}/history"),
        "suggestion": who.get(f"{BASE}/suggestion"),
        "remarks": who.post(f"{BASE}/remarks", json={"text": "Hm."}),
        "assessments": who.post(f"{BASE}/assessments", json={"value": "low", "reason": "detail"}),
        "awaiting-second-person": who.get("/api/v1/assessments/awaiting-second-person"),
        "agreement": who.get("/api/v1/assessments/agreement", params=period),
    }
    assert {name for name, one in answers.items() if one.status_code != 403} == allowed


@pytest.mark.sqlite_alone
def test_service_clients_and_strangers_assess_nothing(
    store: Store, service_client: Callable[..., TestClient], anonymous: TestClient
) -> None:
    arrived(store)
    sent = {"value": "low", "reason": "detail"}
    client = service_client("intake", "export")
    assert refusal(client.post(f"{BASE}/assessments", json=sent))[0] == 403
    assert refusal(client.post(f"{BASE}/readings"))[0] == 403
    assert refusal(anonymous.post(f"{BASE}/readings"))[0] == 401


@pytest.mark.sqlite_alone
def test_what_an_assessor_typed_is_in_no_refusal(store: Store, ann: TestClient) -> None:
    arrived(store)
    sent = {"value": "Mrs Whitlock", "reason": "detail", "note": "Mrs Whitlock rang"}
    answered = ann.post(f"{BASE}/assessments", json=sent, headers=viewed(ann))
    assert refusal(answered) == (422, ["/value"])
    assert "Whitlock" not in json.dumps(answered.json())


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    "since", ["yesterday", "2026-01-01T00:00:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00Z"]
)
def test_a_period_without_a_zone_or_out_of_the_world_is_refused(
    as_role: AsRole, since: str
) -> None:
    asked = {"since": since, "until": "2026-02-01T00:00:00Z"}
    answered = as_role("lead").get("/api/v1/assessments/agreement", params=asked)
    assert refusal(answered) == (422, ["since"])


def test_what_came_in_over_http_is_assessed_closed_and_reopened_by_a_repeat(
    ann: TestClient, promote: Callable[[str], Any]
) -> None:
    promote("v3")
    text = "works without papers at Golden Fry, 31 Mill Lane NE1 4ST, every friday 6pm"
    came = ann.post("/api/v1/allegations", json={"narrative": text, "reference": "C-1"})
    assert came.status_code == 201
    base = f"/api/v1/allegations/{came.json()['key']}"
    headers = viewed(ann, "no_value", base)
    shown = ann.get(f"{base}/suggestion").json()
    assert shown["suggested"]
    assert shown["value"] in ("no_value", "low", "medium", "high")
    closed = ann.post(
        f"{base}/assessments", json={"reason": "detail", **NO_VALUE}, headers=headers
    )
    assert closed.json()["status"] == "closed"
    ann.post("/api/v1/allegations", json={"narrative": f"{text}. Again.", "reference": "C-2"})
    again = ann.post(f"{base}/readings")
    assert (again.json()["status"], again.json()["cycle"]) == ("unassessed", 2)
    assert again.json()["own_view"] is None
    assert again.json()["links"][0]["key"] == "C-2"
    assert ann.get(f"{base}/suggestion").status_code == 409
    sent = {"value": "medium", "reason": "linked"}
    early = ann.post(f"{base}/assessments", json=sent, headers={"If-Match": again.headers["ETag"]})
    assert early.status_code == 409
    headers = viewed(ann, "low", base)
    done = ann.post(f"{base}/assessments", json=sent, headers=headers)
    assert (done.status_code, done.json()["status"]) == (201, "open")
