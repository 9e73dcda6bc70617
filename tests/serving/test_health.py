from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from starlette.testclient import TestClient

from serving.app import create_app
from serving.promoted import CURRENT
from serving.settings import Settings

Promote = Callable[[str], Path]


def test_a_process_that_is_up_says_so_even_without_a_model(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "up"}


def test_it_is_not_ready_before_the_first_promotion(client: TestClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["model"]["detail"] == "no model has been promoted yet"
    assert response.json()["checks"]["store"]["ready"] is True


def test_it_is_ready_with_a_model_and_a_store(client: TestClient, promote: Promote) -> None:
    promote("v3")
    body = client.get("/readyz").json()
    assert body["ready"] is True
    assert body["checks"]["model"]["version"]


def test_it_is_not_ready_with_a_store_of_another_version(
    settings: Settings, promote: Promote, new_database: Callable[..., str]
) -> None:
    promote("v3")
    bare = new_database(migrated=False)
    unmigrated = settings.model_copy(update={"migrate_on_start": False, "database_url": bare})
    with TestClient(create_app(unmigrated), base_url="http://localhost") as client:
        response = client.get("/readyz")
        key = {"Authorization": f"Bearer sl_{'0' * 12}_{'x' * 43}"}
        looks = client.get("/api/v1/second-looks", headers=key)
    assert response.status_code == 503
    assert "another version" in response.json()["checks"]["store"]["detail"]
    assert looks.status_code == 503
    assert looks.headers["retry-after"]


def test_it_is_not_ready_when_the_store_cannot_be_reached(
    settings: Settings, promote: Promote, tmp_path: Path
) -> None:
    promote("v3")
    folder = tmp_path / "folder.db"
    folder.mkdir()
    away = settings.model_copy(
        update={"database_url": f"sqlite:///{folder}", "migrate_on_start": False}
    )
    with TestClient(create_app(away), base_url="http://localhost") as client:
        response = client.get("/readyz")
    assert response.status_code == 503
    assert "cannot be reached" in response.json()["checks"]["store"]["detail"]


def test_a_newly_promoted_model_answers_the_next_request(
    client: TestClient, promote: Promote
) -> None:
    promote("v3")
    first = client.get("/readyz").json()["checks"]["model"]["version"]
    promote("v4")
    second = client.post("/api/v1/suggestions", json={"narrative": "x"}).json()["model_version"]
    assert first != second


def test_a_tampered_new_model_is_refused_while_the_old_one_serves_on(
    client: TestClient, promote: Promote
) -> None:
    promote("v3")
    old = client.get("/readyz").json()["checks"]["model"]["version"]
    folder = promote("v4")
    arrays = folder / "arrays.safetensors"
    arrays.write_bytes(arrays.read_bytes()[:-1] + b"\xff")
    (folder.parent / CURRENT).touch()
    told = client.get("/readyz").json()
    assert told["ready"] is True
    assert told["checks"]["model"]["version"] == old
    assert "altered" in told["checks"]["model"]["detail"]


def test_a_pointer_out_of_the_folder_is_refused(client: TestClient, promote: Promote) -> None:
    folder = promote("v3").parent
    (folder / CURRENT).write_text("../v3")
    told = client.get("/readyz").json()["checks"]["model"]
    assert told == {
        "ready": False,
        "version": None,
        "detail": "CURRENT does not name a folder beside it",
    }


def test_metrics_count_by_route_and_hold_nothing_of_a_record(served: TestClient) -> None:
    sent = {"verdict": "overturn", "value": "high", "reason": "detail"}
    served.post("/api/v1/second-looks/A-0020/decisions", json=sent)
    served.get("/second-looks/A-0021")
    served.get("/no/such/page")
    text = served.get("/metrics").text
    assert (
        'secondlook_requests_total{method="POST",'
        'route="/api/v1/second-looks/{reference}/decisions",status="201"} 1.0' in text
    )
    assert 'secondlook_decisions_total{verdict="overturn"} 1.0' in text
    assert "secondlook_second_looks_waiting 131.0" in text
    assert "secondlook_model_loaded 1.0" in text
    assert not re.search(r"A-00|no/such", text)
