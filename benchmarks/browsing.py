"""A reviewer in a real browser: how long from deciding one record to seeing the next.

    python benchmarks/browsing.py [--records 100000] [--decisions 200] [--reading 1.0]
                                  [--on sqlite postgresql]

Fills a store with generated dismissed records, starts the service as an operator would (server
and ranking worker in processes of their own), and lets a reviewer decide in Chromium with the
keyboard alone. Timed inside the page: from the key S on a filled-in decision to the receipt being
painted, and from the key N, pressed at once, to the next record being painted. Prints the Markdown
of docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browsing import WIDE, chromium  # noqa: E402

from benchmarks.casework import DATABASES, SERVERS, Service  # noqa: E402
from benchmarks.casework_clients import Person, percentile  # noqa: E402
from benchmarks.casework_store import fill, make_model, sign_in_all  # noqa: E402
from serving.store.database import Store  # noqa: E402

TARGET_MS = 150
SHARES = (0.5, 0.95, 0.99)
TIMER = """
window.times = [];
addEventListener("keydown", (event) => { window.pressed = event.timeStamp; }, true);
document.addEventListener("secondlook:arrived", () => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    window.times.push(performance.now() - window.pressed);
    window.onTime?.();
  };
  channel.port2.postMessage(0);
}));
"""
"""Notes for each change of the page how long after the last key its frame was painted."""

ARRIVED = """count => new Promise((done) => {
  window.onTime = () => { if (window.times.length >= count) done(); };
  window.onTime();
})"""
"""Waits for so many changes of the page; its policy forbids Playwright's own way of waiting."""


@dataclass(frozen=True)
class Turn:
    """Milliseconds of one decision: from S to the receipt, and from N to the next record."""

    decide: float
    onward: float


@contextmanager
def working(kind: str, models: Path, records: int) -> Iterator[tuple[Service, Person]]:
    """A filled store, a running service, and a reviewer who is signed in."""
    folder = Path(tempfile.mkdtemp(prefix="secondlook-br-"))
    folder.chmod(0o755)
    database = DATABASES[kind](folder)
    store = Store(database.url)
    store.migrate()
    fill(store, models, records, records)
    [person] = sign_in_all(store, 1)
    store.close()
    service = Service(database.url, models, SERVERS[kind], folder)
    try:
        service.start()
        yield service, person
    finally:
        service.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def decide(page: Page, number: int, reading: float) -> Turn:
    """Decide the record on the page, and go on to the next."""
    page.wait_for_timeout(reading * 1000)
    press = page.keyboard.press
    if number % 10:
        press("u")
    else:
        press("o")
        page.locator("input[name=value]").first.check()
    press("1")
    page.evaluate("window.times = []")
    press("s")
    page.evaluate(ARRIVED, 1)
    press("n")
    page.evaluate(ARRIVED, 2)
    return Turn(*page.evaluate("window.times"))


def measured(kind: str, models: Path, asked: argparse.Namespace) -> list[Turn]:
    """Let the reviewer work; the first few decisions warm the processes up and are not counted."""
    with working(kind, models, asked.records) as (service, person), sync_playwright() as play:
        base = f"http://127.0.0.1:{service.port}"
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        context = browser.new_context(viewport=WIDE)
        context.set_default_timeout(60_000)
        name, _, value = person.cookie.partition("=")
        context.add_cookies([{"name": name, "value": value, "url": base}])
        context.add_init_script(TIMER)
        page = context.new_page()
        page.goto(f"{base}/second-look")
        page.keyboard.press("n")
        page.evaluate(ARRIVED, 1)
        turns = [decide(page, number, asked.reading) for number in range(asked.decisions + 5)]
        browser.close()
    return turns[5:]


def row(kind: str, turns: list[Turn]) -> str:
    columns = (
        [one.decide for one in turns],
        [one.onward for one in turns],
        [one.decide + one.onward for one in turns],
    )
    cells = [f"{percentile(times, share):.0f}" for times in columns for share in SHARES]
    met = percentile(columns[-1], 0.95) < TARGET_MS
    return f"| {kind} | {len(turns)} | {' | '.join(cells)} | {'yes' if met else '**no**'} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--decisions", type=int, default=200)
    parser.add_argument("--reading", type=float, default=1.0, help="seconds before each decision")
    parser.add_argument("--on", nargs="+", default=list(DATABASES), choices=list(DATABASES))
    asked = parser.parse_args()
    if chromium() is None:
        print("There is no Chromium here: nothing was measured.")
        return
    print(
        f"{asked.records:,} dismissed records; one reviewer in Chromium who reads for "
        f"{asked.reading:g} s, decides with the keyboard and goes on at once. Milliseconds from "
        f"the key to the painted page; asked is a p95 of both below {TARGET_MS}.\n"
    )
    heads = " | ".join(
        f"{what} p50 | p95 | p99" for what in ("S to receipt", "N to next record", "both")
    )
    print(f"| store | decisions | {heads} | met |\n|---|---:|{'---:|' * 9}---|")
    with tempfile.TemporaryDirectory() as folder:
        models = make_model(Path(folder))
        for kind in asked.on:
            print(row(kind, measured(kind, models, asked)), flush=True)


if __name__ == "__main__":
    main()
