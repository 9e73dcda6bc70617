"""Time and memory of re-ranking a large backlog after each decision.

    python benchmarks/backlog.py [--rows 1000000] [--decisions 2000] [--timed 30]

Generates word-like features of dismissed records on disk (Zipf-like columns, rows of length 1) and
maps them into memory. The truth can be learned: records of value hold words of one of four
matters, two of which the first look always missed. Decisions follow the queue, in batches at
first; then each is taken alone and what it costs until the next pick is known is timed. Prints the
Markdown of docs/benchmarks.md; the same seed gives the same records.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from model.second_look import SecondLookRanker

COLUMNS = 1 << 18
PER_ROW = 120
CHUNK = 50_000
MATTERS, MATTER_WORDS, TELLING = 4, 400, 12
VALUED, MISSABLE = 0.06, 2
SMALL = 10_000
BATCH = 100
AUDIT = 0.1
SECONDS, SMALL_SECONDS, GIB = 2.0, 0.1, 6.0


@dataclass(frozen=True)
class Records:
    """Generated records: which of them were valued at first, and which should have been."""

    features: sparse.csr_array
    known: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    doubt: NDArray[np.float64]


@dataclass(frozen=True)
class Cost:
    """What ranking so many dismissed records cost; seconds but for the memory."""

    dismissed: int
    decisions: int
    found: int
    start: float
    spent: tuple[float, ...]
    peak: float


def generate(folder: Path, rows: int) -> Records:
    """Write the features of so many records and map them."""
    rng = np.random.default_rng(0)
    matter = np.where(rng.random(rows) < VALUED, rng.integers(0, MATTERS, rows), -1)
    size = (rows * PER_ROW,)
    data = np.lib.format.open_memmap(folder / "data.npy", "w+", np.float32, size)
    indices = np.lib.format.open_memmap(folder / "indices.npy", "w+", np.int32, size)
    for first in range(0, rows, CHUNK):
        columns = _columns(matter[first : first + CHUNK], rng)
        part = slice(first * PER_ROW, first * PER_ROW + columns.size)
        indices[part] = columns.ravel()
        data[part] = np.float32(PER_ROW**-0.5)
    data.flush()
    indices.flush()
    known = (matter >= MISSABLE) & (rng.random(rows) < 0.5)
    missed = (matter >= 0) & ~known
    doubt = np.clip(rng.normal(0.1 + 0.1 * missed, 0.1), 0, 1)
    return Records(_mapped(folder, rows), known, missed, doubt)


def _columns(matter: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int32]:
    """Columns of each record: common words often, and a few of its matter."""
    columns = ((COLUMNS - PER_ROW) * rng.random((len(matter), PER_ROW)) ** 4).astype(np.int32)
    telling = np.flatnonzero(matter >= 0)
    words = rng.integers(0, MATTER_WORDS, (len(telling), TELLING))
    columns[telling, :TELLING] = COLUMNS // 2 + matter[telling, None] * MATTER_WORDS + words
    # No row names a column twice: one that would takes the next that is free.
    taken = np.arange(PER_ROW, dtype=np.int32)
    return np.maximum.accumulate(np.sort(columns, axis=1) - taken, axis=1) + taken


def _mapped(folder: Path, rows: int) -> sparse.csr_array:
    data, indices = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("data", "indices"))
    bounds = np.arange(0, rows * PER_ROW + 1, PER_ROW, dtype=np.int32)
    return sparse.csr_array((data, indices, bounds), shape=(rows, COLUMNS), copy=False)


def measure(rows: int, decisions: int, timed: int) -> Cost:
    """Decide ``decisions`` records as the queue gives them, the last ``timed`` one at a time."""
    with tempfile.TemporaryDirectory() as name:
        records = generate(Path(name), rows)
        started = time.perf_counter()
        ranker = SecondLookRanker().fit(records.features, records.known, records.doubt)
        ranker.rank()
        start = time.perf_counter() - started
        for first in range(0, decisions - timed, BATCH):
            _decide(ranker, records, min(BATCH, decisions - timed - first))
        ranker.next_batch(1, AUDIT)
        spent = tuple(_timed(ranker, records) for _ in range(timed))
        dismissed = int((~records.known).sum())
        found = int(ranker.ledger_.missed.sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return Cost(dismissed, len(ranker.ledger_.decided), found, start, spent, peak)


def _decide(ranker: SecondLookRanker, records: Records, count: int) -> None:
    picks = ranker.next_batch(count, AUDIT)
    ranker.update([(pick.index, bool(records.missed[pick.index])) for pick in picks])


def _timed(ranker: SecondLookRanker, records: Records) -> float:
    """Time a decision until the whole backlog is in its new order and the next pick known."""
    (pick,) = ranker.next_batch(1, AUDIT)
    started = time.perf_counter()
    ranker.decide(pick.index, missed=bool(records.missed[pick.index]))
    ranker.rank()
    ranker.next_batch(1, AUDIT)
    return time.perf_counter() - started


def row(cost: Cost) -> str:
    median, worst = np.median(cost.spent), max(cost.spent)
    return (
        f"| {cost.dismissed:,} | {cost.decisions:,} | {cost.found:,} | {cost.start:.1f} "
        f"| {median:.3f} | {worst:.3f} | {cost.peak:.1f} |"
    )


def verdicts(small: Cost, large: Cost) -> list[str]:
    quick, slow = float(np.median(small.spent)), max(large.spent)
    return [
        _verdict(f"{large.dismissed:,} records, the slowest re-ranking", slow, SECONDS, "s"),
        _verdict(f"{large.dismissed:,} records, peak memory", large.peak, GIB, "GiB"),
        _verdict(f"{small.dismissed:,} records, the median re-ranking", quick, SMALL_SECONDS, "s"),
    ]


def _verdict(what: str, reached: float, most: float, unit: str) -> str:
    said = "met" if reached <= most else "not met"
    return f"- {what}: {reached:.2f} {unit}, at most {most:g} {unit} asked: {said}."


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="dismissed, about")
    parser.add_argument("--decisions", type=int, default=2_000)
    parser.add_argument("--timed", type=int, default=30, help="decisions taken one at a time")
    asked = parser.parse_args()
    # Some of the records are valued at first; these are the dismissed ones and those together.
    known = VALUED * (MATTERS - MISSABLE) / MATTERS / 2
    small, large = (
        measure(int(rows / (1 - known)) + 200, asked.decisions, asked.timed)
        for rows in (SMALL, asked.rows)
    )
    print(
        f"Generated features on disk, {PER_ROW} a record, mapped into memory; the memory counts "
        f"the mapped pages. The last {asked.timed} decisions are taken one at a time and timed "
        f"until the backlog is in its new order and the next pick is drawn ({AUDIT:.0%} audit).\n"
    )
    print("| dismissed | decisions | found | s to start | median s | worst s | peak GiB |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join([row(small), row(large), "", *verdicts(small, large)]))


if __name__ == "__main__":
    main()
