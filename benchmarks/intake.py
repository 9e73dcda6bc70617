"""How many of the form's messages a minute are taken in, with suggestions and links.

    python benchmarks/intake.py [--records 100000] [--messages 2000] [--only sqlite]

The real server takes them over HTTP from a few clients, into a store that holds generated records
already. One message in ten says nearly what a record in the store says, so that there is something
to link and to reopen. Ranking runs in no process here: it is measured elsewhere.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from data.mapping import load_mapping  # noqa: E402
from data.reading import read_allegations  # noqa: E402
from data.schema import Allegation  # noqa: E402
from data.synthetic import generate  # noqa: E402
from model.artifact import save  # noqa: E402
from model.classifier import TriageClassifier  # noqa: E402
from serving.accounts import issue_key  # noqa: E402
from serving.actors import SYSTEM  # noqa: E402
from serving.intake import import_file  # noqa: E402
from serving.store.database import Store  # noqa: E402

CLIENTS, TARGET, LEARNED_FROM = 4, 1000, 1200


@dataclass(frozen=True)
class Answered:
    """One message's answer."""

    seconds: float
    status: int
    linked: int
    reopened: int
    suggested: bool


def make_model(folder: Path) -> Path:
    """Train a small model on the sample and put it in force."""
    table = read_allegations(
        ROOT / "data/sample/allegations.csv", load_mapping(ROOT / "data/sample/mapping.toml")
    )
    some = table.frame.head(LEARNED_FROM)
    model = TriageClassifier(value_order=table.value_order, folds=3, seed=0)
    model.fit(
        [
            Allegation(reference, text)
            for reference, text in zip(some.reference, some.narrative, strict=True)
        ],
        list(some.value),
        [tuple(one) for one in some.categories],
    )
    save(model, folder / "v1")
    (folder / "CURRENT").write_text("v1\n")
    return folder


def messages(count: int, known: Sequence[str]) -> list[bytes]:
    """Make messages as the form sends them; one in ten says nearly what is known."""
    chance = random.Random(0)
    made = []
    for number, text in enumerate(generate(rows=count, seed=2).allegations["narrative"]):
        said = f"{chance.choice(known)} again" if number % 10 == 0 else str(text)
        fields = {
            "rdcrimetype": "Immigration Crime",
            "cbillegwork": 1,
            "rdchildren": chance.choice(("Yes", "No", "Idontknow")),
            "rdwhen": "Ongoing",
            "rdreportperson": "Yes",
            "personname": f"Person {number}",
            "txperworkcomp": f"Works {number} Ltd",
            "txpermoreinfo": said[:1200],
            "txaboutreported": chance.choice(("Yes", "No")),
            "txaboutmobile": f"07700{number:06d}",
        }
        listed = [{"FieldName": name, "FieldValue": value} for name, value in fields.items()]
        body = {"EformFields": listed, "AdditionalPeople": [], "Attachments": []}
        made.append(json.dumps(body).encode())
    return made


@contextmanager
def databases(asked: str | None, folder: Path) -> Iterator[Iterator[tuple[str, str]]]:
    """Give the databases to measure on, PostgreSQL started for as long as it takes."""

    def every() -> Iterator[tuple[str, str]]:
        if asked in {None, "sqlite"}:
            yield "SQLite", f"sqlite:///{folder / 'intake.db'}"
        if asked in {None, "postgresql"}:
            import postgres

            with postgres.started(durable=True) as server:
                yield "PostgreSQL", server.create("intake")

    yield every()


@dataclass(frozen=True)
class Running:
    """A running server."""

    host: str
    port: int
    process: int

    def cpu_seconds(self) -> float:
        """Processor time that it has taken so far, where the system tells."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(url: str, models: Path) -> Iterator[Running]:
    """Run the server."""
    environment = {
        **os.environ,
        "SECONDLOOK_DATABASE_URL": url,
        "SECONDLOOK_MODELS_DIR": str(models),
        "SECONDLOOK_RANKING_WORKER": "false",
        "SECONDLOOK_PORT": "0",
        "SECONDLOOK_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, str(ROOT / "secondlook.py"), "serve"]
    with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE) as server:
        assert server.stdout
        line = next(one for one in server.stdout if "http://" in one)
        address = urlsplit(line[line.index("http://") :].strip())
        assert address.hostname
        assert address.port
        yield Running(address.hostname, address.port, server.pid)
        server.terminate()


def send(place: Running, key: str, waiting: list[bytes], done: list[Answered]) -> None:
    """Send messages until there are none, each when the one before was answered."""
    connection = HTTPConnection(place.host, place.port, timeout=120)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    while waiting:
        try:
            body = waiting.pop()
        except IndexError:
            break
        start = time.perf_counter()
        connection.request("POST", "/api/v1/intake/eform", body, headers)
        response = connection.getresponse()
        told: dict[str, Any] = json.loads(response.read())
        seconds = time.perf_counter() - start
        linked = told.get("linked", [])
        reopened = sum(one["reopened"] for one in linked)
        suggested = bool(told.get("suggested_categories"))
        done.append(Answered(seconds, response.status, len(linked), reopened, suggested))


def measure(
    place: Running, key: str, sent: Sequence[bytes]
) -> tuple[list[Answered], float, float]:
    """Send everything from several clients; gives answers, seconds, and the server's CPU time."""
    send(place, key, [sent[0].replace(b"Works 0 Ltd", b"Works Ltd")], [])
    waiting, done = list(sent), list[Answered]()
    threads = [
        threading.Thread(target=send, args=(place, key, waiting, done)) for _ in range(CLIENTS)
    ]
    spent, start = place.cpu_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done, time.perf_counter() - start, place.cpu_seconds() - spent


def told(name: str, records: int, done: Sequence[Answered], seconds: float, cpu: float) -> str:
    """One line of the table."""
    times = [one.seconds * 1000 for one in done]
    rate = len(done) / seconds * 60
    met = rate >= TARGET and all(one.status == 201 for one in done)
    return (
        f"| {name} | {records:,} | {len(done):,} | {rate:,.0f} | {median(times):.0f} | "
        f"{quantiles(times, n=20)[-1]:.0f} | {cpu / len(done) * 1000:.0f} | "
        f"{sum(one.suggested for one in done):,} | "
        f"{sum(bool(one.linked) for one in done):,} | {sum(one.reopened for one in done):,} | "
        f"{TARGET:,} per minute | {'yes' if met else '**no**'} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = generate(rows=asked.records, seed=1).allegations
        table[["reference", "narrative", "value"]].to_csv(folder / "records.csv", index=False)
        (folder / "models").mkdir()
        models = make_model(folder / "models")
        sent = messages(asked.messages, [str(text) for text in table["narrative"].head(2_000)])
        print(
            f"{CLIENTS} clients, one server process, {asked.messages:,} messages one after the "
            "other, durable commits. Milliseconds as the client sees them.\n\n"
            "| store | records before | messages | per minute | median ms | p95 ms "
            "| server CPU ms | suggestions | linked | reopened | target | met |\n"
            + "| --- " * 12
            + "|",
            flush=True,
        )
        imports = []
        with databases(asked.only, folder) as every:
            for title, url in every:
                store = Store(url)
                store.migrate()
                start = time.perf_counter()
                import_file(store, folder / "records.csv")
                imports.append(f"{title} {asked.records / (time.perf_counter() - start):,.0f}")
                key = issue_key(store, SYSTEM, "relay", ["intake"])
                store.close()
                with serving(url, models) as place:
                    done, seconds, cpu = measure(place, key, sent)
                print(told(title, asked.records, done, seconds, cpu), flush=True)
        print(
            "\n`secondlook import` of the records before, checked twice over and made findable "
            f"by facts and words, records per second: {', '.join(imports)}."
        )


if __name__ == "__main__":
    main()
