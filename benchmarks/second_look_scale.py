"""Time and memory of re-ranking a large backlog after each decision.

Generates word-like features of many dismissed records on disk (Zipf-distributed columns, rows of
length 1), maps them into memory, decides 2,000 of them and times what one more decision costs
until the next picks are known.

    python benchmarks/second_look_scale.py --rows 1000000 --decisions 2000
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from scipy import sparse

from model.second_look import SecondLookRanker

COLUMNS = 1 << 18
PER_ROW = 120
CHUNK = 50_000


def write_features(folder: Path, rows: int) -> None:
    rng = np.random.default_rng(0)
    size = rows * PER_ROW
    maps = {
        "data": np.lib.format.open_memmap(folder / "data.npy", "w+", np.float32, (size,)),
        "indices": np.lib.format.open_memmap(folder / "indices.npy", "w+", np.int32, (size,)),
    }
    for first in range(0, rows, CHUNK):
        count = min(CHUNK, rows - first)
        part = slice(first * PER_ROW, (first + count) * PER_ROW)
        columns = (COLUMNS * rng.random((count, PER_ROW)) ** 4).astype(np.int32)
        maps["indices"][part] = np.sort(columns, axis=1).ravel()
        maps["data"][part] = np.float32(PER_ROW**-0.5)
    for table in maps.values():
        table.flush()


def mapped(folder: Path, rows: int) -> sparse.csr_array:
    data, indices = (np.load(folder / f"{n}.npy", mmap_mode="r") for n in ("data", "indices"))
    bounds = np.arange(0, rows * PER_ROW + 1, PER_ROW, dtype=np.int32)
    return sparse.csr_array((data, indices, bounds), shape=(rows, COLUMNS), copy=False)


def measure(rows: int, decisions: int, repeats: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        write_features(Path(name), rows)
        features = mapped(Path(name), rows)
        known = np.arange(rows) < rows // 100
        started = time.perf_counter()
        ranker = SecondLookRanker().fit(features, known)
        first = ranker.next_batch(decisions, 0.1)
        fitting = time.perf_counter() - started
        weights = np.random.default_rng(1).standard_normal(COLUMNS).astype(np.float32)
        rows_ = np.array([pick.index for pick in first])
        missed = features[rows_] @ weights > 0.5
        ranker.update([(p.index, bool(m)) for p, m in zip(first, missed, strict=True)])
        ranker.next_batch(10, 0.1)
        spent = []
        for number in range(repeats):
            started = time.perf_counter()
            pick = ranker.next_batch(1, 0.1)[0]
            ranker.decide(pick.index, missed=number % 3 == 0)  # one in three a surprise
            ranker.rank()
            spent.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return {
        "dismissed": int((~known).sum()),
        "decisions": decisions,
        "seconds_to_start": fitting,
        "seconds_per_decision_median": float(np.median(spent)),
        "seconds_per_decision_worst": max(spent),
        "peak_memory_gib": peak,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_010_000)
    parser.add_argument("--decisions", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=10)
    given = parser.parse_args()
    print(json.dumps(measure(given.rows, given.decisions, given.repeats), indent=1))


if __name__ == "__main__":
    main()
