"""The real program, started as an operator starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest
from factories import first_assessed, write_csv

from serving.store.database import Store

ROOT = Path(__file__).parents[2]
PASSWORD = "teal-anvil-41-orchard"
Promote = Callable[[str], Path]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SECONDLOOK_DATABASE_URL": f"sqlite:///{tmp_path / 'secondlook.db'}",
        "SECONDLOOK_MODELS_DIR": str(tmp_path / "models"),
        "SECONDLOOK_RANKING_POLL_SECONDS": "0.1",
        "SECONDLOOK_LOG_LEVEL": "INFO",
        "SECONDLOOK_PASSWORD_COST": "cheapest",
        "COLUMNS": "200",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def secondlook(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "secondlook", *words],
            cwd=tmp_path,
            env=environment,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    return secondlook


@contextmanager
def started(
    words: list[str], environment: dict[str, str], tmp_path: Path
) -> Iterator[subprocess.Popen[str]]:
    with (tmp_path / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "secondlook", *words],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    return found[0]


def csrf_token(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return found[1]


def until_ranked(store: Store, process: subprocess.Popen[str], newer_than: int = 0) -> int:
    while process.poll() is None:
        with store.reading() as unit:
            current = unit.rankings.current("second_look")
        if current and current.id > newer_than:
            return current.id
    raise AssertionError("the process ended before it had ranked")


def test_import_then_serve_ranks_and_answers(
    run: Run, environment: dict[str, str], tmp_path: Path, promote: Promote
) -> None:
    promote("v3")
    file = write_csv(tmp_path / "first.csv", first_assessed())
    done = run("import", str(file), "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    assert "240 added, 132 of them waiting" in done.stdout
    assert json.loads((tmp_path / "figures.json").read_text())["added"] == 240
    store = Store(environment["SECONDLOOK_DATABASE_URL"])
    people = ["--role", "reviewer", "--role", "lead", "--password-stdin"]
    assert run("user", "add", "rita", *people, said=PASSWORD).returncode == 0
    key = run("key", "add", "dashboard", "--scope", "read_queue").stdout.strip()
    with started(["serve", "--port", "0"], environment, tmp_path) as process:
        url = address(process)
        until_ranked(store, process)
        with httpx.Client(base_url=url, follow_redirects=True) as client:
            assert client.get("/readyz").json()["ready"] is True
            assert client.get("/api/v1/second-looks").status_code == 401
            bearer = {"Authorization": f"Bearer {key}"}
            looks = client.get("/api/v1/second-looks", headers=bearer).json()["second_looks"]
            form = {"csrf_token": csrf_token(client.get("/sign-in").text), "username": "rita"}
            client.post("/sign-in", data={**form, "password": PASSWORD})
            page = client.get("/second-looks")
            assert page.text.count("<article") == 20
            sent = {"verdict": "uphold", "reason": "detail"}
            headers = {"X-CSRF-Token": csrf_token(page.text)}
            decided = client.post(looks[0]["links"]["decisions"], json=sent, headers=headers)
            assert decided.status_code == 201
            until_ranked(store, process, newer_than=1)
            again = client.get("/api/v1/second-looks").json()
    assert process.returncode in {0, -signal.SIGTERM}
    assert looks[0]["key"] not in {one["key"] for one in again["second_looks"]}
    log = (tmp_path / "log.txt").read_text()
    assert "GET /api/v1/second-looks 200" in log
    assert "Mill Lane" not in log
    store.close()


def test_a_killed_worker_is_followed_by_another_that_goes_on(
    run: Run, environment: dict[str, str], tmp_path: Path, promote: Promote
) -> None:
    promote("v3")
    run("import", str(write_csv(tmp_path / "first.csv", first_assessed())))
    store = Store(environment["SECONDLOOK_DATABASE_URL"])
    quick = {**environment, "SECONDLOOK_LEASE_SECONDS": "2"}
    with started(["work"], quick, tmp_path) as process:
        first = until_ranked(store, process)
        process.kill()
    more = first_assessed(40, seed=9)
    more["reference"] = [f"B{one}" for one in more["reference"]]
    run("import", str(write_csv(tmp_path / "more.csv", more)))
    with started(["work"], quick, tmp_path) as process:
        assert until_ranked(store, process, newer_than=first) > first
    store.close()


def test_a_broken_file_ends_with_status_2_and_keeps_nothing(
    run: Run, environment: dict[str, str], tmp_path: Path
) -> None:
    columns = {"reference": ["1", "1"], "narrative": ["x", "zebrafinch"], "value": ["high", "?"]}
    done = run("import", str(write_csv(tmp_path / "bad.csv", columns)))
    assert done.returncode == 2
    assert "row 2" in done.stderr
    assert "zebrafinch" not in done.stderr
    assert not (tmp_path / "secondlook.db").exists()
    assert environment


def test_serving_to_others_is_refused_without_a_secret_key(run: Run) -> None:
    done = run("serve", "--host", "0.0.0.0")  # noqa: S104
    assert done.returncode == 2
    assert "SECONDLOOK_SECRET_KEY" in done.stderr
