from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from data.schema import Allegation
from model.predictor import Predictor
from serving.ranking import RankingWorker
from serving.settings import Settings

pytestmark = pytest.mark.sqlite_alone

SECRET = "zebrafinch"
Promote = Callable[[str], Path]


@pytest.fixture
def ready(client: TestClient, promote: Promote) -> TestClient:
    promote("v3")
    return client


def refused(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["title"]
    assert SECRET not in response.text
    return body


def test_one_allegation_gets_one_suggestion(
    ready: TestClient, an_allegation: dict[str, Any], predictor: Predictor
) -> None:
    body = ready.post("/api/v1/suggestions", json=an_allegation).json()
    expected = predictor.suggest([Allegation("B-1", an_allegation["narrative"])])[0]
    assert body["model_version"] == predictor.version
    (suggestion,) = body["suggestions"]
    assert suggestion["reference"] == "B-1"
    assert suggestion["value"] == expected.value
    assert suggestion["confidence"] == pytest.approx(expected.confidence)
    assert list(suggestion["value_probabilities"]) == ["no_value", "low", "medium", "high"]
    assert sum(suggestion["value_probabilities"].values()) == pytest.approx(1)
    assert "postcode" in {one["kind"] for one in suggestion["details"]}
    assert suggestion["reasons"]


def test_a_list_is_answered_in_its_order_and_missing_references_are_made_up(
    ready: TestClient,
) -> None:
    sent = [{"narrative": f"a man works at {n}"} for n in range(3)]
    sent[1]["reference"] = "mine"
    answers = ready.post("/api/v1/suggestions", json=sent).json()["suggestions"]
    assert [one["reference"] for one in answers] == ["item-1", "mine", "item-3"]


def test_a_thousand_are_taken_and_one_more_is_refused(
    ready: TestClient, an_allegation: dict[str, Any]
) -> None:
    assert ready.post("/api/v1/suggestions", json=[an_allegation] * 1000).status_code == 200
    body = refused(ready.post("/api/v1/suggestions", json=[an_allegation] * 1001), 422)
    assert "1000" in body["errors"][0]["rule"]


def test_before_the_first_promotion_suggestions_are_refused_as_not_ready(
    client: TestClient, an_allegation: dict[str, Any]
) -> None:
    response = client.post("/api/v1/suggestions", json=an_allegation)
    assert "no model" in refused(response, 503)["detail"]


@pytest.mark.parametrize(
    ("sent", "field", "rule"),
    [
        ({"narrative": ""}, "/narrative", "at least 1"),
        ({"narrative": " \u200b "}, "/narrative", "blank"),
        ({"narrative": f"{SECRET}\x00"}, "/narrative", "NUL"),
        ({"narrative": SECRET * 10_000}, "/narrative", "at most 50000"),
        ({"narrative": 7}, "/narrative", "string"),
        ({}, "/narrative", "required"),
        ({"narrative": "x", "reference": "r" * 201}, "/reference", "200"),
        ({"narrative": "x", "received_at": SECRET}, "/received_at", "datetime"),
        ({"narrative": "x", "valeu": SECRET}, "/valeu", "not permitted"),
        ({"narrative": "x", SECRET + " and more": 1}, "/(name)", "not permitted"),
        ({"narrative": "x", "fields": {"a": [SECRET]}}, "/fields/a", "string"),
        ([{"narrative": "x"}, {"narrative": ""}], "/1/narrative", "at least 1"),
        ([], "/body", "at least 1"),
        (SECRET, "/body", ""),
        (None, "/body", ""),
    ],
)
def test_a_broken_allegation_is_refused_by_field_and_rule_without_an_echo(
    ready: TestClient, sent: Any, field: str, rule: str
) -> None:
    raw, headers = json.dumps(sent), {"content-type": "application/json"}
    response = ready.post("/api/v1/suggestions", content=raw, headers=headers)
    errors = refused(response, 422)["errors"]
    assert (errors[0]["field"] or "/body").strip("/") == field.strip("/")
    assert rule in errors[0]["rule"]


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"narrative": "' + SECRET.encode() + b'\xff\xfe"}',
        b'{"narrative": NaN}x',
        b"[" * 100_000,
        b"",
        SECRET.encode(),
    ],
)
def test_a_body_that_is_not_json_in_utf_8_is_refused(ready: TestClient, raw: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = ready.post("/api/v1/suggestions", content=raw, headers=headers)
    assert response.status_code in {400, 422}
    refused(response, response.status_code)


def test_half_a_surrogate_pair_is_refused(ready: TestClient) -> None:
    raw = b'{"narrative": "a man \\ud800 works"}'
    headers = {"content-type": "application/json"}
    refused(ready.post("/api/v1/suggestions", content=raw, headers=headers), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_than_json_is_refused(ready: TestClient, kind: str) -> None:
    headers = {"content-type": kind}
    refused(ready.post("/api/v1/suggestions", content=b"{}", headers=headers), 415)


def test_a_body_too_large_is_refused_unread(ready: TestClient, settings: Settings) -> None:
    raw = b" " * (settings.max_body_bytes + 1)
    headers = {"content-type": "application/json"}
    refused(ready.post("/api/v1/suggestions", content=raw, headers=headers), 413)


def test_a_body_that_grows_beyond_the_limit_without_a_length_is_refused(
    ready: TestClient, settings: Settings
) -> None:
    def growing() -> Any:
        for _ in range(settings.max_body_bytes // 1_000_000 + 1):
            yield b" " * 1_000_000

    headers = {"content-type": "application/json"}
    refused(ready.post("/api/v1/suggestions", content=growing(), headers=headers), 413)


def test_another_host_name_is_refused(ready: TestClient) -> None:
    refused(ready.get("/api/v1/second-looks", headers={"host": "evil.example"}), 421)


def test_an_unknown_address_and_a_wrong_method_are_problems_too(ready: TestClient) -> None:
    refused(ready.get("/api/v1/nothing"), 404)
    refused(ready.get("/api/v1/suggestions"), 405)


def test_a_dismissed_telling_record_is_doubted_more_than_a_plain_one(
    ready: TestClient, an_allegation: dict[str, Any]
) -> None:
    plain = {"narrative": "they never put the bins out", "value": "no_value"}
    telling = {**an_allegation, "value": "no_value"}
    body = ready.post("/api/v1/flags", json=[plain, telling]).json()
    low, high = body["flags"]
    assert low["doubt"] < 0.5 < high["doubt"]
    assert high["recorded_value"] == "no_value"
    assert high["reasons"]
    assert all(one["flagged"] == (one["doubt"] >= body["threshold"]) for one in body["flags"])


def test_the_threshold_follows_what_it_is_chosen_for(
    ready: TestClient, an_allegation: dict[str, Any], predictor: Predictor
) -> None:
    sent = {**an_allegation, "value": "no_value"}
    drawn = {
        query: ready.post(f"/api/v1/flags?{query}", json=sent).json()
        for query in ("precision=0.9", "capacity=0.02", "capacity=0.5", "threshold=0.25", "")
    }
    assert drawn["precision=0.9"]["threshold"] == predictor.threshold(precision=0.9)
    assert drawn["capacity=0.02"]["threshold"] > drawn["capacity=0.5"]["threshold"]
    assert drawn["threshold=0.25"]["threshold"] == 0.25
    assert drawn[""]["threshold_chosen_for"] == "capacity 0.1"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("precision=0", "precision"),
        ("capacity=1.5", "capacity"),
        ("capacity=many", "capacity"),
        ("threshold=-1", "threshold"),
        ("precision=nan", "precision"),
        ("precision=0.5&capacity=0.5", "precision"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(
    ready: TestClient, an_allegation: dict[str, Any], query: str, field: str
) -> None:
    sent = {**an_allegation, "value": "no_value"}
    body = refused(ready.post(f"/api/v1/flags?{query}", json=sent), 422)
    assert body["errors"][0]["field"] == field


def test_a_recorded_value_that_the_model_does_not_know_is_refused_by_its_place(
    ready: TestClient, an_allegation: dict[str, Any]
) -> None:
    sent = [{**an_allegation, "value": "low"}, {**an_allegation, "value": SECRET}]
    body = refused(ready.post("/api/v1/flags", json=sent), 422)
    assert body["errors"] == [
        {"field": "/1/value", "rule": "must be one of no_value, low, medium, high"}
    ]


def test_second_looks_come_page_by_page_most_doubtful_first(served: TestClient) -> None:
    first = served.get("/api/v1/second-looks?limit=100").json()
    rest = served.get(f"/api/v1/second-looks?limit=100&cursor={first['next_cursor']}").json()
    assert len(first["second_looks"]) == 100
    assert len(rest["second_looks"]) == 32
    assert rest["next_cursor"] is None
    assert first["queued"] == 132
    top = first["second_looks"][0]
    assert top["first_value"] == "no_value"
    assert top["links"]["decisions"] == f"/api/v1/second-looks/{top['key']}/decisions"


def test_an_unchanged_page_is_not_sent_again(served: TestClient) -> None:
    first = served.get("/api/v1/second-looks")
    tag = {"If-None-Match": first.headers["etag"]}
    again = served.get("/api/v1/second-looks", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    path = first.json()["second_looks"][0]["links"]["decisions"]
    served.post(path, json={"verdict": "uphold", "reason": "detail"})
    assert served.get("/api/v1/second-looks", headers=tag).status_code == 200


def test_an_empty_store_lists_nothing(client: TestClient) -> None:
    body = client.get("/api/v1/second-looks").json()
    assert (body["second_looks"], body["ranking_version"]) == ([], None)


def test_a_made_up_cursor_is_refused_by_name(served: TestClient) -> None:
    body = refused(served.get(f"/api/v1/second-looks?cursor={SECRET}"), 422)
    assert body["errors"][0]["field"] == "cursor"


def test_a_decision_is_created_once_under_its_key(served: TestClient) -> None:
    path = served.get("/api/v1/second-looks").json()["second_looks"][0]["links"]["decisions"]
    sent = {"verdict": "overturn", "value": "high", "reason": "seriousness"}
    key = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
    first = served.post(path, json=sent, headers=key)
    again = served.post(path, json=sent, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    told = {"decision", "reference", "key", "verdict", "value", "reason", "decided_at"}
    assert set(first.json()) == told
    refused(served.post(path, json=sent), 409)
    other = {**sent, "value": "low"}
    refused(served.post(path, json=other, headers=key), 422)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"verdict": "delete", "reason": "detail"}, "/verdict"),
        ({"verdict": "uphold"}, "/reason"),
        ({"verdict": "uphold", "reason": SECRET}, "/reason"),
        ({"verdict": "overturn", "reason": "detail"}, "/value"),
        ({"verdict": "uphold", "reason": "detail", "note": "n" * 2001}, "/note"),
        ({"verdict": "uphold", "reason": "detail", "note": "\x00"}, "/note"),
        ({"verdict": "uphold", "reason": "detail", "reviewer": "r.c"}, "/reviewer"),
    ],
)
def test_a_broken_decision_is_refused_by_field(
    served: TestClient, sent: dict[str, Any], field: str
) -> None:
    path = "/api/v1/second-looks/A-0001/decisions"
    assert refused(served.post(path, json=sent), 422)["errors"][0]["field"] == field


def test_progress_says_what_was_found(served: TestClient) -> None:
    served.post(
        "/api/v1/second-looks/A-0020/decisions",
        json={"verdict": "overturn", "value": "high", "reason": "detail"},
    )
    body = served.get("/api/v1/second-looks/progress").json()
    assert (body["reviewed"], body["found"], body["dismissed"]) == (1, 1, 132)
    assert 0 < body["draws_to_certify"] <= body["waiting"]


def test_a_reference_unsafe_in_an_address_is_decided_under_its_key(
    ranked: RankingWorker, client: TestClient, settings: Settings
) -> None:
    from serving.store.database import Store
    from serving.store.records import NewAllegation

    assert ranked
    store = Store(settings.database_url)
    with store.writing() as unit:
        odd = NewAllegation("J. Smith / 7", "a man works at 12 Mill Lane", "no_value", True)
        unit.allegations.add_many("second_look", [odd])
    ranked.step()
    store.close()
    looks = client.get("/api/v1/second-looks?limit=200").json()["second_looks"]
    look = next(one for one in looks if one["reference"] == "J. Smith / 7")
    assert look["key"].startswith("sl-")
    sent = {"verdict": "uphold", "reason": "detail"}
    assert client.post(look["links"]["decisions"], json=sent).status_code == 201


def test_narratives_stay_out_of_the_log(
    ready: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ready.post("/api/v1/suggestions", json={"narrative": f"a {SECRET} at 12 Mill Lane"})
    ready.post("/api/v1/suggestions", json={"narrative": f"{SECRET}\x00"})
    ready.get(f"/api/v1/second-looks?cursor={SECRET}")
    ready.get(f"/{SECRET}")
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore"))]
    assert any(one.name == "serving.requests" for one in ours)
    assert all(SECRET not in one.getMessage() for one in ours)


def test_a_failure_inside_tells_nothing_outside_and_no_narrative_in_the_log(
    ready: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError(f"cannot handle {SECRET}")

    monkeypatch.setattr(Predictor, "suggest", failing)
    response = ready.post("/api/v1/suggestions", json={"narrative": SECRET})
    refused(response, 500)
    assert "RuntimeError" in caplog.text
    assert SECRET not in caplog.text


def test_the_openapi_has_examples_and_problem_details_for_every_operation(
    client: TestClient,
) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert "HTTPValidationError" not in json.dumps(described)
    for path, operations in described["paths"].items():
        if not path.startswith("/api/"):
            continue
        for operation in operations.values():
            assert operation["summary"]
            told = operation["responses"]["422"]["content"]["application/problem+json"]
            assert told["schema"]["$ref"] == "#/components/schemas/ProblemDetails"
    for name in ("AllegationIn", "AssessedIn", "DecisionIn", "ProblemDetails"):
        assert described["components"]["schemas"][name]["examples"]
