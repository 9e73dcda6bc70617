"""Speed and memory of suggestions, beside the plain pipeline and spaCy's text categoriser.

    python benchmarks/speed.py [--only sample|disaster_sms] [--score 100000]

Rates are records per CPU-second of one process with one thread; contenders take turns, and each
figure is the median of its turns. Times that are wall times say so.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import spacy
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from spacy.language import Language
from spacy.training import Example
from spacy.util import minibatch
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from data.schema import Allegation  # noqa: E402
from data.synthetic import generate  # noqa: E402
from model import artifact  # noqa: E402
from model.classifier import TriageClassifier  # noqa: E402
from model.features import NgramVectoriser  # noqa: E402
from model.predictor import Predictor  # noqa: E402

ORDER = ("no_value", "low", "medium", "high")
TURNS, EPOCHS, TRAINED, BATCH = 3, 5, 8500, 1000
PLAIN, OBJECTS = "plain TF-IDF + logistic regression, value only", "ours: suggestions"
WITH_ALL, SPACY = "ours: masked, explained, with details", "spaCy bag-of-words categoriser"
NOTHING = {"explain": False, "details": False, "rules": False}
MEASURED = (
    "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, "
    "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)
Records = tuple[list[str], list[str], list[tuple[str, ...]]]
Line = tuple[str, str, str, bool | None]


def read(name: str) -> Records | None:
    """Return narratives, values and categories; ``None`` where the data is absent."""
    shared = Path(os.environ.get("SECONDLOOK_SHARED", ROOT.parent / "shared"))
    path, *columns = {
        "sample": (ROOT / "data/sample/allegations.csv", "narrative", "value", "categories"),
        "disaster_sms": (
            shared / "datasets/disaster_sms.csv.gz", "text", "value_derived", "category_derived",
        ),
    }[name]  # fmt: skip
    if not Path(path).exists():
        return None
    return records(pd.read_csv(path, keep_default_na=False, dtype=str), columns)


def records(table: pd.DataFrame, columns: list[str]) -> Records:
    texts, values, kinds = (table[column].astype(object).tolist() for column in columns)
    several = [tuple(c for c in kind.split("|") if c not in {"", "none"}) for kind in kinds]
    return texts, values, several


def spacy_categoriser(texts: list[str], values: list[str]) -> Language:
    """Train a blank English pipeline with a bag-of-words text categoriser."""
    nlp = spacy.blank("en")
    bow = {
        "@architectures": "spacy.TextCatBOW.v3", "exclusive_classes": True, "length": 262144,
        "ngram_size": 1, "no_output_layer": False,
    }  # fmt: skip
    categoriser = nlp.add_pipe("textcat", config={"model": bow})
    for label in ORDER:
        categoriser.add_label(label)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {label: label == value for label in ORDER}})
        for text, value in zip(texts, values, strict=True)
    ]
    nlp.initialize(lambda: examples[:500])
    random = np.random.default_rng(0)
    for _ in range(EPOCHS):
        shuffled = [examples[k] for k in random.permutation(len(examples))]
        for batch in minibatch(shuffled, 64):
            nlp.update(batch)
    return nlp


def spacy_values(nlp: Language, texts: list[str]) -> list[str]:
    return [max(doc.cats, key=doc.cats.__getitem__) for doc in nlp.pipe(texts, batch_size=BATCH)]


def contenders(
    predictor: Predictor, plain: Pipeline, nlp: Language, texts: list[str]
) -> Mapping[str, Callable[[], object]]:
    """Return what to run for each line of the table, on all the texts."""
    allegations = [Allegation(str(k), text) for k, text in enumerate(texts)]
    model = predictor.model

    def arrays() -> None:
        model.mask = False
        for start in range(0, len(texts), BATCH):
            model.score(*model.describe(texts[start : start + BATCH]))

    def suggest(*, mask: bool, **switches: bool) -> None:
        model.mask = mask
        predictor.suggest(allegations, **{**NOTHING, **switches})

    return {
        PLAIN: lambda: plain.predict_proba(texts),
        SPACY: lambda: spacy_values(nlp, texts),
        "ours: arrays of probabilities": arrays,
        OBJECTS: lambda: suggest(mask=False),
        "ours: masked": lambda: suggest(mask=True),
        "ours: masked, explained": lambda: suggest(mask=True, explain=True),
        WITH_ALL: lambda: suggest(mask=True, explain=True, details=True),
        "ours: the same, and rules": lambda: suggest(
            mask=True, explain=True, details=True, rules=True
        ),
    }


def rates(work: Mapping[str, Callable[[], object]], count: int) -> dict[str, float]:
    """Return records per CPU-second: the median of the turns, which all take one by one."""
    spent: dict[str, list[float]] = {name: [] for name in work}
    for run in work.values():
        run()
    for _ in range(TURNS):
        for name, run in work.items():
            start = time.process_time()
            run()
            spent[name].append(time.process_time() - start)
    return {name: count / median(each) for name, each in spent.items()}


def one_at_a_time(predictor: Predictor, texts: list[str]) -> tuple[float, float]:
    """Return the median wall and CPU time in ms of one suggestion with everything."""
    found = []
    for k, text in enumerate(texts[:400]):
        start = time.perf_counter(), time.process_time()
        predictor.suggest([Allegation(str(k), text)])
        found.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, cpu = zip(*found, strict=True)
    return median(wall) * 1000, median(cpu) * 1000


def trained(given: Records, seconds: list[float] | None = None) -> TriageClassifier:
    start = time.perf_counter()
    model = TriageClassifier(value_order=ORDER, n_jobs=2).fit(*given)
    if seconds is not None:
        seconds.append(time.perf_counter() - start)
    return model


def side_by_side(given: Records) -> tuple[TriageClassifier, Iterator[Line]]:
    """Train each on four fifths, then measure how well and how fast each is."""
    texts, values, _ = given
    train, test = next(StratifiedKFold(5, shuffle=True, random_state=0).split(texts, values))

    def part(rows: np.ndarray) -> Records:
        return tuple([column[row] for row in rows] for column in given)

    model = trained(part(train))
    plain = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression(C=5, max_iter=1000)
    )
    plain.fit(*part(train)[:2])
    nlp = spacy_categoriser(*part(train)[:2])
    held_out, truth, _ = part(test)
    f1 = {
        PLAIN: f1_score(truth, plain.predict(held_out), average="macro"),
        SPACY: f1_score(truth, spacy_values(nlp, held_out), average="macro"),
        "ours: masked": f1_score(truth, model.predict(held_out).tolist(), average="macro"),
    }
    predictor = Predictor(model)
    found = rates(contenders(predictor, plain, nlp, texts), len(texts))
    return model, _told(found, f1, one_at_a_time(predictor, texts))


def _told(
    found: Mapping[str, float], f1: Mapping[str, float], one: tuple[float, float]
) -> Iterator[Line]:
    targets = {
        OBJECTS: (found[PLAIN], "as fast as the plain pipeline: {:,.0f}"),
        WITH_ALL: (found[PLAIN] / 3, "a third of the plain pipeline: {:,.0f}"),
    }
    for name, rate in found.items():
        least, wording = targets.get(name, (0.0, ""))
        says = f", macro-F1 {f1[name]:.3f}" if name in f1 else ""
        met = rate >= least if wording else None
        yield name, f"{rate:,.0f} per CPU-second{says}", wording.format(least), met
    wall, cpu = one
    taken = f"{wall:.2f} ms (CPU {cpu:.2f} ms)"
    yield "one suggestion with everything, median wall time", taken, "3 ms", wall < 3


def training_time(name: str, given: Records) -> Line:
    """Return the wall time of training on 8,500 records with two processes."""
    if name == "sample":
        given = records(
            generate(rows=TRAINED, seed=1).allegations.astype(str),
            ["narrative", "value", "categories"],
        )
    seconds: list[float] = []
    trained(tuple(column[:TRAINED] for column in given), seconds)
    taken = f"{seconds[0]:.1f} s"
    return (
        f"training on {TRAINED:,} records, two processes, wall time",
        taken,
        "60 s",
        (seconds[0] < 60),
    )


def load_time(model: TriageClassifier, folder: Path) -> Line:
    """Return the median wall time of loading a model of 400,000 features."""
    random = np.random.default_rng(0)
    letters = random.choice(list("abcdefghijklmnopqrstuvwxyz"), size=(18_000, 7))
    words = np.array(["".join(word) for word in letters])
    texts = [" ".join(text) for text in random.choice(words, size=(25_000, 10))]
    vectoriser = NgramVectoriser(min_df=1, char_min_df=1, max_features=200_000).fit(texts)
    arrays, meta = model.get_state()
    width = len(vectoriser.idf_) + len(model.field_encoder_.names)
    arrays |= {f"text.{name}": array for name, array in vectoriser.get_state().items()}
    for head in ("value.coef", "category.coef"):
        shape = (width, arrays[head].shape[1])
        arrays[head] = random.normal(size=shape).astype(np.float32)
    meta = {**meta, "vectoriser": vectoriser.get_params()}
    artifact.save(TriageClassifier.from_state(arrays, meta), folder)
    seconds = []
    for _ in range(TURNS):
        start = time.perf_counter()
        Predictor.load(folder)
        seconds.append(time.perf_counter() - start)
    found = median(seconds)
    return f"loading a model of {width:,} features, wall time", f"{found:.2f} s", "1 s", found < 1


def peak_memory(model: TriageClassifier, texts: list[str], rows: int, folder: Path) -> Line:
    """Return the peak resident memory of ``secondlook score`` with explanations and details."""
    artifact.save(model, folder / "model")
    many = pd.DataFrame(
        {"reference": [f"R{k}" for k in range(rows)], "narrative": np.resize(texts, rows)}
    )
    many.to_csv(folder / "many.csv", index=False)
    asked = ["score", "many.csv", "--out", "out.jsonl", "--model", "model"]
    command = [sys.executable, str(ROOT / "secondlook.py"), *asked]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], cwd=folder, check=True,
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    peak = int(done.stdout) / 1024
    name = f"peak memory of `secondlook score` on {rows:,} records"
    took = time.perf_counter() - start
    return name, f"{peak:,.0f} MiB ({took:,.0f} s wall)", "1,000 MiB", peak < 1000


def show(line: Line) -> None:
    name, found, target, met = line
    print(
        f"| {name} | {found} | {target} | {'' if met is None else 'met' if met else 'not met'} |"
    )
    sys.stdout.flush()


def main() -> None:
    """Print a table for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["sample", "disaster_sms"])
    parser.add_argument("--score", type=int, default=100_000, metavar="RECORDS")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)  # categories with a single example are left out
    threadpool_limits(1)
    for name in [asked.only] if asked.only else ["sample", "disaster_sms"]:
        given = read(name)
        if given is None:
            print(f"\n`{name}` is absent: not measured.")
            continue
        print(f"\n### {name}: {len(given[0]):,} records\n")
        print("| | measured | target | |\n|---|---|---|---|")
        model, lines = side_by_side(given)
        for line in lines:
            show(line)
        show(training_time(name, given))
        with tempfile.TemporaryDirectory() as folder:
            if name == "sample":
                show(load_time(model, Path(folder, "large")))
                show(peak_memory(model, given[0], asked.score, Path(folder)))


if __name__ == "__main__":
    main()
