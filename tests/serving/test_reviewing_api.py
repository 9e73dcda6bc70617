from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.ranking import RankingWorker

CLAIMS = "/api/v1/second-looks/claims"
UPHOLD = {"verdict": "uphold", "reason": "detail"}
OVERTURN = {"verdict": "overturn", "value": "medium", "reason": "seriousness"}
HIDDEN = (
    "planted",
    "second_opinion",
    "audit",
    "selection_probability",
    "purpose",
    "doubt",
    "score",
    "position",
)

pytestmark = pytest.mark.sqlite_alone


@pytest.fixture
def reviewing(ranked: RankingWorker, as_role: Callable[..., TestClient]) -> TestClient:
    """A reviewer's browser on a ranked queue."""
    assert ranked
    return as_role("reviewer")


def claimed(client: TestClient, key: str | None = None) -> dict[str, Any]:
    answer = client.post(CLAIMS, json={"key": key} if key else {})
    assert answer.status_code == 200, answer.text
    record: dict[str, Any] = answer.json()["claimed"]
    return record


def test_a_record_is_claimed_decided_and_its_receipt_shown(reviewing: TestClient) -> None:
    record = claimed(reviewing)
    assert [one["claim"] for one in reviewing.get(CLAIMS).json()["claims"]] == [record["claim"]]
    receipt = f"/api/v1/decisions/{record['claim']}/receipt"
    assert reviewing.get(receipt).status_code == 409
    sent = reviewing.post(f"{CLAIMS}/{record['claim']}/decision", json=OVERTURN)
    assert sent.status_code == 201
    assert sent.json()["decision"] == record["claim"]
    shown = reviewing.get(receipt).json()
    assert shown["doubt"] is not None
    assert shown["verdict"] == "overturn"
    assert reviewing.get(CLAIMS).json()["claims"] == []


def test_nothing_that_comes_back_tells_why_a_record_was_given_out(reviewing: TestClient) -> None:
    record = claimed(reviewing)
    answer = reviewing.post(f"{CLAIMS}/{record['claim']}/decision", json=UPHOLD).json()
    assert not set(HIDDEN) & (set(record) | set(answer))


def test_the_same_decision_sent_twice_is_recorded_once(reviewing: TestClient) -> None:
    path = f"{CLAIMS}/{claimed(reviewing)['claim']}/decision"
    key = {"Idempotency-Key": "abc"}
    first = reviewing.post(path, json=UPHOLD, headers=key)
    again = reviewing.post(path, json=UPHOLD, headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert reviewing.post(path, json=UPHOLD).status_code == 409


def test_a_decision_is_taken_back_over_http(reviewing: TestClient) -> None:
    record = claimed(reviewing)
    reviewing.post(f"{CLAIMS}/{record['claim']}/decision", json=UPHOLD)
    again = reviewing.post(f"{CLAIMS}/{record['claim']}/undo", json={})
    assert again.status_code == 200
    assert again.json()["key"] == record["key"]


@pytest.mark.parametrize(("step", "state"), [("skip", "skipped"), ("release", "released")])
def test_a_record_is_skipped_or_given_back(reviewing: TestClient, step: str, state: str) -> None:
    number = claimed(reviewing)["claim"]
    answer = reviewing.post(f"{CLAIMS}/{number}/{step}", json={})
    assert (answer.status_code, answer.json()) == (200, {"claim": number, "state": state})
    assert reviewing.post(f"{CLAIMS}/{number}/{step}", json={}).status_code == 409


def test_a_record_to_discuss_is_listed_and_claimed_by_its_key(
    reviewing: TestClient, as_role: Callable[..., TestClient]
) -> None:
    record = claimed(reviewing)
    path = f"{CLAIMS}/{record['claim']}/unsure"
    assert reviewing.post(path, json={"note": " "}).status_code == 422
    assert reviewing.post(path, json={"note": "is it enough?"}).status_code == 200
    other = as_role("reviewer", name="second")
    [listed] = other.get("/api/v1/second-looks/to-discuss").json()["records"]
    assert (listed["key"], listed["note"]) == (record["key"], "is it enough?")
    assert claimed(other, record["key"])["key"] == record["key"]


def test_more_than_may_be_held_is_refused(reviewing: TestClient) -> None:
    claimed(reviewing)
    claimed(reviewing)
    assert reviewing.post(CLAIMS, json={}).status_code == 409


def test_a_lead_plants_a_record_and_reads_measures_and_agreement(
    ranked: RankingWorker, as_role: Callable[..., TestClient]
) -> None:
    assert ranked
    lead = as_role("lead")
    sent = {"narrative": "sells loose tobacco at the gate of 3 Mill Lane", "true_value": "low"}
    planted = lead.post("/api/v1/plants", json=sent)
    assert planted.status_code == 201
    reviewer = as_role("reviewer")
    record = claimed(reviewer, planted.json()["key"])
    reviewer.post(f"{CLAIMS}/{record['claim']}/decision", json=OVERTURN)
    [measure] = lead.get("/api/v1/plants/measures").json()["reviewers"]
    assert (measure["reviewer"], measure["sensitivity"]["count"]) == ("reviewer", 1)
    assert lead.get("/api/v1/second-looks/agreement").json()["pairs"] == 0


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("assessor", CLAIMS),
        ("lead", CLAIMS),
        ("reviewer", "/api/v1/second-looks/agreement"),
        ("reviewer", "/api/v1/plants/measures"),
        ("data_scientist", "/api/v1/second-looks/to-discuss"),
    ],
)
def test_who_may_not_is_refused(as_role: Callable[..., TestClient], role: str, path: str) -> None:
    assert as_role(role).get(path).status_code == 403
