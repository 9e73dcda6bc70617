"""How fast the model is, beside the plain pipeline in the same run.

    python benchmarks/speed.py [--records 8000] [--data sample|disaster_sms]

CPU-seconds are those of one process with one thread each; wall times say so.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from data.schema import Allegation  # noqa: E402
from model import artifact  # noqa: E402
from model.classifier import TriageClassifier  # noqa: E402
from model.predictor import Predictor  # noqa: E402

ORDER = ("no_value", "low", "medium", "high")
Rows = tuple[list[str], list[str], list[tuple[str, ...]]]


def read(name: str) -> Rows:
    """Return narratives, values and categories of the sample or of the real data."""
    if name == "sample":
        table = pd.read_csv(ROOT / "data/sample/allegations.csv", keep_default_na=False, dtype=str)
        columns = ("narrative", "value", "categories")
    else:
        shared = Path(os.environ.get("SECONDLOOK_SHARED", ROOT.parent / "shared"))
        path = shared / "datasets/disaster_sms.csv.gz"
        table = pd.read_csv(path, keep_default_na=False, dtype=str)
        columns = ("text", "value_derived", "category_derived")
    texts, values, kinds = (table[column].astype(object).tolist() for column in columns)
    several = [tuple(c for c in kind.split("|") if c not in {"", "none"}) for kind in kinds]
    return texts, values, several


def rate(work: Callable[[], Any], records: int) -> float:
    """Return records per CPU-second, the best of five."""
    best = float("inf")
    for _ in range(5):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return records / best


def bulk(predictor: Predictor, rows: Rows) -> Iterator[tuple[str, float]]:
    """Yield suggestions per CPU-second, ours and the plain pipeline's."""
    texts, values, kinds = rows
    allegations = [Allegation(str(k), text) for k, text in enumerate(texts)]
    plain = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=5))
    plain.fit(texts, values)
    labels = np.array([[c in found for c in predictor.category_codes] for found in kinds])
    both = OneVsRestClassifier(LogisticRegression(solver="liblinear", C=5))
    both.fit(plain[0].transform(texts), labels.astype(int))
    yield "plain pipeline, value only", rate(lambda: plain.predict_proba(texts), len(texts))

    def value_and_categories() -> None:
        features = plain[0].transform(texts)
        plain[1].predict_proba(features)
        both.predict_proba(features)

    yield "plain pipeline, value and categories", rate(value_and_categories, len(texts))
    model = predictor.model

    def arrays(*, mask: bool) -> None:
        model.mask = mask
        for start in range(0, len(texts), 1000):
            model.score(*model.describe(texts[start : start + 1000]))

    yield "ours, arrays, no masking", rate(lambda: arrays(mask=False), len(texts))
    yield "ours, arrays, masked", rate(lambda: arrays(mask=True), len(texts))
    model.mask = False
    switches = {"explain": False, "details": False, "rules": False}
    for name, change in (
        ("ours, suggestions, no masking, nothing else", {}),
        ("ours, suggestions, explained, no masking", {"explain": True}),
    ):
        kept = switches | change
        yield name, rate(lambda kept=kept: predictor.suggest(allegations, **kept), len(texts))
    model.mask = True
    kept = {"explain": True, "details": True, "rules": False}
    yield (
        "ours, suggestions, masked, explained, details",
        rate(lambda: predictor.suggest(allegations, **kept), len(texts)),
    )
    yield "ours, everything", rate(lambda: predictor.suggest(allegations), len(texts))


def one_at_a_time(predictor: Predictor, texts: list[str]) -> float:
    """Return the median wall time in ms of one suggestion with everything."""
    found = []
    for k, text in enumerate(texts[:400]):
        start = time.perf_counter()
        predictor.suggest([Allegation(str(k), text)])
        found.append(time.perf_counter() - start)
    return float(np.median(found) * 1000)


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="disaster_sms", choices=["sample", "disaster_sms"])
    parser.add_argument("--records", type=int, default=10**9)
    asked = parser.parse_args()
    texts, values, kinds = (part[: asked.records] for part in read(asked.data))
    start = time.perf_counter()
    model = TriageClassifier(value_order=ORDER, n_jobs=2).fit(texts, values, kinds)
    print(f"training on {len(texts):,} records, 2 processes: {time.perf_counter() - start:.1f} s")
    with tempfile.TemporaryDirectory() as folder:
        artifact.save(model, Path(folder, "model"))
        start = time.perf_counter()
        predictor = Predictor.load(Path(folder, "model"))
        seconds = time.perf_counter() - start
    print(f"loading {len(model.value_coef_):,} features: {seconds:.2f} s")
    print(f"one suggestion, median: {one_at_a_time(predictor, texts):.2f} ms")
    for name, value in bulk(predictor, (texts, values, kinds)):
        print(f"{name:48s} {value:10,.0f} records per CPU-second", flush=True)
    many = (texts * (100_000 // len(texts) + 1))[:100_000]
    for start_at in range(0, len(many), 5000):
        batch = [
            Allegation(str(k), text) for k, text in enumerate(many[start_at : start_at + 5000])
        ]
        predictor.suggest(batch, explain=True, details=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this whole run, training included: {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
