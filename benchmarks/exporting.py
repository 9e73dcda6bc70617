"""How long it takes to export 20,000 decided records over HTTP, whole and as the first bytes come.

The rows are put into the store directly; what is timed is a request to the running service with
a service key, from sending it to having the last byte.
"""

from __future__ import annotations

import argparse
import csv
import io
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from benchmarks.casework import DATABASES, SERVERS, Service
from benchmarks.casework_store import fill, make_model
from serving.accounts import issue_key
from serving.actors import SYSTEM
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.tables import allegations, decisions

TARGET = 2.0


def decide_all(store: Store, limit: int | None = None) -> None:
    """Give every dismissed record, or the first so many of them, a standing decision."""
    with store.engine.begin() as connection:
        numbers = connection.scalars(
            sa.select(allegations.c.id)
            .where(allegations.c.dismissed.is_(True))
            .order_by(allegations.c.id)
            .limit(limit)
        ).all()
        rows = [
            {
                "id": place,
                "allegation_id": number,
                "queue": QUEUE,
                "verdict": "overturn" if place % 8 == 0 else "uphold",
                "value": "medium" if place % 8 == 0 else "no_value",
                "reason": "detail",
                "reviewer": "r.mead",
                "decided_at": datetime.now(UTC),
                "selection_probability": 1.0,
                "score": 0.5,
                "doubt": 0.4,
                "audit": place % 10 == 0,
            }
            for place, number in enumerate(numbers, start=1)
        ]
        connection.execute(sa.insert(decisions), rows)


def measured(kind: str, models: Path, records: int, times: int) -> str:
    """Export so many times and say how long it took."""
    with tempfile.TemporaryDirectory(prefix="secondlook-ex-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        database = DATABASES[kind](folder)
        store = Store(database.url)
        store.migrate()
        fill(store, models, records, records)
        decide_all(store)
        key = issue_key(store, SYSTEM, "export", ["export"])
        store.close()
        service = Service(database.url, models, SERVERS[kind], folder, ranking=False)
        try:
            service.start()
            took = [one_export(service.port, key, records) for _ in range(times)]
        finally:
            service.stop()
            database.stop()
    first = statistics.median(one[0] for one in took)
    whole = [one[1] for one in took]
    met = "yes" if max(whole) < TARGET else "**no**"
    size = took[0][2] / 1e6
    return (
        f"| {kind} | {records:,} | {size:.1f} | {first:.2f} | {statistics.median(whole):.2f} "
        f"| {max(whole):.2f} | {met} |"
    )


def one_export(port: int, key: str, records: int) -> tuple[float, float, int]:
    """Give seconds to the first byte and to the last, and the number of bytes."""
    url = f"http://127.0.0.1:{port}/api/v1/exports/decisions"
    began = time.perf_counter()
    taken = io.BytesIO()
    first = 0.0
    with httpx.stream(
        "GET", url, headers={"authorization": f"Bearer {key}"}, timeout=120
    ) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_bytes():
            first = first or time.perf_counter() - began
            taken.write(chunk)
    whole = time.perf_counter() - began
    rows = sum(1 for _ in csv.reader(io.StringIO(taken.getvalue().decode()))) - 1
    if rows != records:
        raise SystemExit(f"{rows:,} rows came instead of {records:,}")
    return first, whole, taken.tell()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--on", nargs="+", default=list(DATABASES), choices=list(DATABASES))
    asked = parser.parse_args()
    print(
        "Seconds; asked: less than 2 for the whole.\n\n"
        "| store | decided records | MB | first byte | whole, median | worst | met |\n"
        "|---|---:|---:|---:|---:|---:|---|"
    )
    with tempfile.TemporaryDirectory() as name:
        models = make_model(Path(name))
        for kind in asked.on:
            print(measured(kind, models, asked.records, asked.times), flush=True)


if __name__ == "__main__":
    main()
