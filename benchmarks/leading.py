"""How long a lead waits for the figures and the home page of a store of 100,000 records.

The rows are put into the store directly, spread over channels, categories and a year of days, so
many of them decided and some not assessed yet; what is timed is a request to the running service
with a session, from sending it to having the first byte and the last.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.casework import DATABASES, SERVERS, Service
from benchmarks.casework_clients import Person
from benchmarks.casework_store import fill, make_model, sign_in_all
from benchmarks.exporting import decide_all
from data.taxonomy import load_taxonomy
from serving.store.database import Store
from serving.store.tables import allegations

TARGET = 1.0
PAGES = {"/lead": "figures", "/": "home"}
LIMIT = timedelta(hours=72)
UNASSESSED = 50
"""One in so many of the records that were not dismissed waits to be assessed."""


def spread(store: Store) -> None:
    """Give the records days, channels and categories of their own, and let some of them wait."""
    wanted = sa.select(allegations.c.id, allegations.c.dismissed).order_by(allegations.c.id)
    with store.engine.begin() as connection:
        rows = list(_changes(connection.execute(wanted).all()))
        kept = (
            "channel",
            "categories",
            "received_at",
            "due_at",
            "assessed_at",
            "status",
            "first_value",
            "urgency",
        )
        connection.execute(
            sa.update(allegations)
            .where(allegations.c.id == sa.bindparam("number"))
            .values({name: sa.bindparam(f"new_{name}") for name in kept}),
            rows,
        )
        if store.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")


def _changes(records: list[Any]) -> Iterator[dict[str, Any]]:
    chance = random.Random(0)
    taxonomy = load_taxonomy()
    channels = [one.code for one in taxonomy.channels]
    categories = list(taxonomy.category_codes)
    now = datetime.now(UTC)
    for number, dismissed in records:
        at = now - timedelta(hours=chance.uniform(0, 24 * 365))
        waits = not dismissed and number % UNASSESSED == 0
        took = timedelta(hours=chance.uniform(0, 90))
        yield {
            "number": number,
            "new_channel": chance.choice(channels),
            "new_categories": sorted(chance.sample(categories, chance.choice((1, 1, 1, 2)))),
            "new_received_at": at,
            "new_due_at": at + LIMIT,
            "new_assessed_at": None if waits else at + took,
            "new_status": "unassessed" if waits else "closed" if dismissed else "open",
            "new_first_value": None if waits else "no_value" if dismissed else "medium",
            "new_urgency": int(number % 20 == 0),
        }


def measured(kind: str, models: Path, asked: argparse.Namespace) -> Iterator[str]:
    """Load each page so many times and say how long it took."""
    with tempfile.TemporaryDirectory(prefix="secondlook-le-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = DATABASES[kind](folder)
        store = Store(database.url)
        store.migrate()
        fill(store, models, asked.records, 2 * asked.decided)
        spread(store)
        decide_all(store, asked.decided)
        [lead] = sign_in_all(store, 1, "lead")
        store.close()
        service = Service(database.url, models, SERVERS[kind], folder, ranking=False)
        try:
            service.start()
            for path in PAGES:
                took = [one_load(service.port, path, lead) for _ in range(asked.times)]
                yield _row(kind, path, took)
        finally:
            service.stop()
            database.stop()


def one_load(port: int, path: str, lead: Person) -> tuple[float, float, int]:
    """Give seconds to the first byte and to the last, and the number of bytes."""
    url = f"http://127.0.0.1:{port}{path}"
    headers = {"cookie": lead.cookie, "accept": "text/html"}
    began = time.perf_counter()
    first = 0.0
    size = 0
    with httpx.stream("GET", url, headers=headers, timeout=120) as answer:
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        for chunk in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(chunk)
    return first, time.perf_counter() - began, size


def _row(kind: str, path: str, took: list[tuple[float, float, int]]) -> str:
    first = statistics.median(one[0] for one in took)
    whole = [one[1] for one in took]
    met = "yes" if max(whole) < TARGET else "**no**"
    return (
        f"| {kind} | {PAGES[path]} | {took[0][2] / 1e3:.0f} | {whole[0]:.2f} | {first:.2f} "
        f"| {statistics.median(whole):.2f} | {max(whole):.2f} | {met} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--decided", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--on", nargs="+", default=list(DATABASES), choices=list(DATABASES))
    asked = parser.parse_args()
    print(
        f"{asked.records:,} records, {2 * asked.decided:,} of them dismissed and "
        f"{asked.decided:,} of those decided. Seconds; asked: less than 1 for the whole.\n\n"
        "| store | page | KB | first load | first byte, median | whole, median | worst | met |\n"
        "|---|---|---:|---:|---:|---:|---:|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        models = make_model(Path(name))
        for kind in asked.on:
            for row in measured(kind, models, asked):
                print(row, flush=True)


if __name__ == "__main__":
    main()
