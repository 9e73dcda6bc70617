"""The real service over real HTTP, killed while reviewers work; the benchmark does it at large."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from factories import write_csv

from benchmarks.casework_clients import Client, Deed, run_clients
from benchmarks.casework_store import KEY, look_through, sign_in_all
from serving.intake import import_file
from serving.settings import Settings
from serving.store.database import Store

ROOT = Path(__file__).resolve().parents[2]
RECORDS, CLIENTS, KILLS = 200, 8, 3

pytestmark = pytest.mark.slow


class Service:
    """`secondlook serve` on a port of its own; killed and started as often as wanted."""

    def __init__(self, settings: Settings, folder: Path, workers: int = 1) -> None:
        self._workers = str(workers)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._env = {
            **os.environ,
            "SECONDLOOK_DATABASE_URL": settings.database_url,
            "SECONDLOOK_MODELS_DIR": str(folder / "models"),
            "SECONDLOOK_SECRET_KEY": KEY,
            "SECONDLOOK_RANKING_WORKER": "false",
            "SECONDLOOK_LOG_LEVEL": "ERROR",
        }
        self._process = self._started()

    @property
    def number(self) -> int:
        """Of its process."""
        return self._process.pid

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def start(self) -> None:
        self._process = self._started()

    def wait(self) -> None:
        """Wait until it answers; a minute is more than a start takes on a busy machine."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
        raise AssertionError("the service did not start")

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "secondlook.py"), "serve"]
        command += ["--port", str(self.port), "--workers", self._workers]
        return subprocess.Popen(command, env=self._env, start_new_session=True)


@pytest.fixture
def queued(store: Store, tmp_path: Path) -> Store:
    """A store with 200 dismissed records and one that was not."""
    texts = [f"somebody parks badly at number {number}" for number in range(RECORDS)]
    columns = {
        "reference": [f"A-{number:04d}" for number in range(RECORDS + 1)],
        "narrative": [*texts, "works without papers at 3 Mill Lane NE1 4ST"],
        "value": ["no_value"] * RECORDS + ["low"],
        "categories": ["illegal_working"] * (RECORDS + 1),
    }
    import_file(store, write_csv(tmp_path / "queued.csv", columns))
    return store


@pytest.fixture
def service(queued: Store, settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """The service over these records."""
    assert queued
    service = Service(settings, tmp_path)
    service.wait()
    yield service
    service.kill()


@pytest.fixture
def clients(queued: Store, service: Service) -> list[Client]:
    """Reviewers who are signed in."""
    return [Client(service.port, one) for one in sign_in_all(queued, CLIENTS)]


def emptied(clients: list[Client], beside: Callable[[], None] | None = None) -> list[Deed]:
    """Let all work until the queue is empty, something else going on meanwhile."""
    made: list[Deed] = []
    if beside is not None:
        made += asyncio.run(run_clients(clients, pace=0, beside=asyncio.to_thread(beside)))
    return made + asyncio.run(run_clients(clients, pace=0))


def test_reviewers_at_once_over_http_decide_each_record_once(
    queued: Store, clients: list[Client]
) -> None:
    deeds = emptied(clients)
    found = look_through(queued, deeds)
    assert (found.lost, found.twice, found.unaudited, found.waiting) == (0, 0, 0, 0)
    assert found.sound
    assert len({one.claim for one in deeds}) == len(deeds) >= RECORDS


def test_what_was_acknowledged_outlives_kills_of_the_server_and_the_queue_goes_on(
    queued: Store, service: Service, clients: list[Client]
) -> None:
    chance = random.Random(3)

    look_again = threading.Event()

    def kill_at_random_moments() -> None:
        for _ in range(KILLS):
            goal = sum(one.done for one in clients) + chance.randint(5, 25)
            while sum(one.done for one in clients) < goal:
                look_again.wait(0.01)
            service.kill()
            service.start()
            service.wait()

    deeds = emptied(clients, kill_at_random_moments)
    found = look_through(queued, deeds)
    assert (found.lost, found.twice, found.unaudited, found.waiting) == (0, 0, 0, 0)
    assert found.sound


def children_of(process: int) -> set[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    command = [(int(one), Path(f"/proc/{one}/cmdline").read_bytes()) for one in listed]
    return {number for number, said in command if b"spawn_main" in said}


@pytest.mark.sqlite_alone
def test_a_server_process_that_dies_is_started_again_and_the_others_end_with_their_parent(
    queued: Store, settings: Settings, tmp_path: Path
) -> None:
    assert queued
    look_again = threading.Event()
    service = Service(settings, tmp_path, workers=2)
    try:
        parent = service.number
        while len(first := children_of(parent)) < 2:
            look_again.wait(0.05)
        killed = min(first)
        os.kill(killed, signal.SIGKILL)
        while len(children_of(parent) - {killed}) < 2:
            look_again.wait(0.05)
        left = children_of(parent)
        service.wait()
        os.kill(parent, signal.SIGKILL)
        while any(Path(f"/proc/{one}/status").exists() and not ended(one) for one in left):
            look_again.wait(0.05)
    finally:
        service.kill()


def ended(process: int) -> bool:
    """Whether a process has ended, fetched by its parent or not."""
    try:
        return "State:\tZ" in Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
