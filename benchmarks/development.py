"""Backlogs to develop the queue on: ``python benchmarks/development.py [--against FILE]``.

None of them is reported in docs/benchmarks.md. Misses are planted in real texts: most of a few
kinds (clusters of texts, categories, events) or a few of everything are dismissed. The reports of
Ambari, with real misses, and generated allegations of other seeds stand beside them; ``--nested``
adds all bug reports in orders that the benchmark does not use. Texts that stand in a benchmark's
table may stand here too, with other labels: only the generated ones are unseen there.

``--json FILE`` keeps the figures; measure before a change, then ``--against FILE`` after it, and
the difference is told with its standard error over the backlogs. Two replays run at a time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.second_look import DATASETS, tables
from data.mapping import load_mapping
from data.reading import read_allegations
from data.synthetic import write_sample
from training.backlog import SHARES, Backlog, figures_of
from training.policies import learning

Bools = NDArray[np.bool_]
Valued = Callable[[], tuple[list[str], Bools]]
"""Gives texts, and which of them are of value."""

Chosen = tuple[list[str], Bools, Bools]
"""Texts, which of them are of value, and which of those are of the kinds that are missed."""

SMS, POLICE, TWEETS, NEWS = "disaster_sms", "police_complaints", "crisislex_t6", "noisy_agnews"
JUDGED = ("no_value", "medium", "high")
VIOLENCE = ("PHYSICAL ABUSE", "CRIMINAL ALLEGATION", "VERBAL ABUSE", "CIVIL RIGHTS COMPLAINT")
CONDUCT = ("DEPARTMENTAL VIOLATIONS", "HARASSMENT", "UNPROFESSIONAL CONDUCT", "DRUGS")
EVENTS = ("2013_Alberta_Floods", "2012_Sandy_Hurricane", "2013_Boston_Bombings")

FIRST_ORDER = 100
MOST_DISMISSED, MOST_KNOWN = 1800, 1100
SOME_TWEETS, GENERATED = 12_000, 3_500
IN_400 = "in 400"
BUGS = "bug reports, nested"


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(DATASETS / f"{name}.csv.gz", dtype=str).fillna("")


@dataclass(frozen=True)
class Planted:
    """Dismisses some of what is of value, more often where its kind is missed.

    ``share`` is that of the missed among the dismissed; where there are too few, fewer are taken.
    """

    name: str
    seed: int
    chosen: Callable[[int], Chosen]
    often: float = 0.85
    seldom: float = 0.02
    share: float = 0.06

    def backlog(self) -> Backlog:
        rng = np.random.default_rng(self.seed)
        texts, valued, kinds = self.chosen(self.seed)
        missed = valued & (rng.random(len(texts)) < np.where(kinds, self.often, self.seldom))
        wrongly = _some(np.flatnonzero(missed), int(self.share * MOST_DISMISSED), rng)
        right = int(len(wrongly) / self.share) - len(wrongly)
        rightly = _some(np.flatnonzero(~valued), right, rng)
        known = _some(np.flatnonzero(valued & ~missed), MOST_KNOWN, rng)
        rows = rng.permutation(np.concatenate([rightly, wrongly, known]))
        return Backlog([texts[row] for row in rows], np.isin(rows, known), np.isin(rows, wrongly))


def _some(rows: NDArray[np.int64], most: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.choice(rows, min(len(rows), most), replace=False)


def clustered(some: Valued, clusters: int = 12, missed: int = 3) -> Callable[[int], Chosen]:
    """Take some clusters of what is of value for the kinds that are missed."""

    def chosen(seed: int) -> Chosen:
        texts, valued = some()
        words = TfidfVectorizer(sublinear_tf=True, min_df=3, stop_words="english")
        places = TruncatedSVD(40, random_state=seed).fit_transform(words.fit_transform(texts))
        places /= np.linalg.norm(places, axis=1, keepdims=True) + 1e-9
        rows = np.flatnonzero(valued)
        found = KMeans(clusters, n_init=3, random_state=seed).fit_predict(places[rows])
        sizes = np.bincount(found, minlength=clusters)
        usable = np.flatnonzero((sizes >= 15) & (sizes <= len(rows) / 4))
        taken = _some(usable, missed, np.random.default_rng(seed))
        kinds = np.zeros(len(texts), np.bool_)
        kinds[rows[np.isin(found, taken)]] = True
        return texts, valued, kinds

    return chosen


def at_random(some: Valued) -> Callable[[int], Chosen]:
    """Take no kind for one that is missed."""

    def chosen(seed: int) -> Chosen:
        del seed
        texts, valued = some()
        return texts, valued, np.zeros(len(texts), np.bool_)

    return chosen


def labelled(
    name: str, label: str, valued: Sequence[str], among: Sequence[str] = (), most: int = 0
) -> Valued:
    """Take the texts of a file whose label is one of ``among``; ``valued`` are of value."""

    def some() -> tuple[list[str], Bools]:
        frame = _rows(name, label, among, most)
        return list(frame["text"]), frame[label].isin(valued).to_numpy()

    return some


def kinds_of(some: Valued, kinds: Callable[[], Bools]) -> Callable[[int], Chosen]:
    """Take what carries another label for the kinds that are missed."""

    def chosen(seed: int) -> Chosen:
        del seed
        texts, valued = some()
        return texts, valued, valued & kinds()

    return chosen


def _rows(name: str, label: str, among: Sequence[str], most: int) -> pd.DataFrame:
    frame = _table(name)
    frame = frame[frame[label].isin(among)] if among else frame[frame[label] != ""]
    return frame.drop_duplicates("text").sample(most, random_state=0) if most else frame


def _ticked(columns: Sequence[str]) -> Callable[[], Bools]:
    return lambda: (
        (_rows(SMS, "value_derived", JUDGED, 0)[list(columns)] == "1").any(axis=1).to_numpy()
    )


def _complained_of(categories: Sequence[str]) -> Callable[[], Bools]:
    return lambda: _rows(POLICE, "category", (), 0)["category"].isin(categories).to_numpy()


def _at(events: Sequence[str]) -> Callable[[], Bools]:
    return lambda: _rows(TWEETS, "label", (), SOME_TWEETS)["event"].isin(events).to_numpy()


def _ambari() -> Backlog:
    frame = _table("security_bug_reports")
    frame = frame[frame["project"] == "Ambari"]
    first, truth = (frame[name].to_numpy() == "1" for name in ("first_label", "verified_label"))
    return Backlog(list(frame["text"]), first, truth & ~first)


def _generated(seed: int) -> Backlog:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(folder, rows=GENERATED, seed=seed)
        mapping = load_mapping(folder / "mapping.toml")
        whole = Backlog.of(read_allegations(folder / "replay.csv", mapping))
    known = _some(np.flatnonzero(whole.known), MOST_KNOWN, np.random.default_rng(seed))
    rows = np.sort(np.concatenate([whole.dismissed, known]))
    texts = [whole.texts[row] for row in rows]
    return replace(whole, texts=texts, known=whole.known[rows], missed=whole.missed[rows])


def planted() -> list[Planted]:
    worth = labelled(SMS, "value_derived", ("medium", "high"), JUDGED)
    urgent = labelled(SMS, "value_derived", ("high",))
    crimes = labelled(POLICE, "category", VIOLENCE)
    conduct = labelled(POLICE, "category", CONDUCT)
    sustained = labelled(
        POLICE, "value_derived", ("medium", "high"), ("no_value", "low", "medium", "high")
    )
    tweets = labelled(TWEETS, "label", ("on-topic",), most=SOME_TWEETS)
    business = labelled(NEWS, "gold_label", ("Sci/Tech", "Sports", "World"))
    science = labelled(NEWS, "gold_label", ("Sci/Tech",), ("Business", "Sci/Tech"))
    sports = labelled(NEWS, "gold_label", ("Business", "Sci/Tech", "World"))
    return [
        Planted(
            "messages: health, water", 10, kinds_of(worth, _ticked(("medical_help", "water")))
        ),
        Planted("messages: shelter", 11, kinds_of(worth, _ticked(("shelter", "missing_people")))),
        Planted("messages at random", 12, at_random(worth), seldom=0.05),
        Planted("messages, rare at random", 13, at_random(worth), seldom=0.05, share=0.03),
        Planted("messages, clusters a", 14, clustered(worth), share=0.04),
        Planted("messages, clusters b", 15, clustered(worth), share=0.04),
        Planted("urgent messages a", 16, clustered(urgent, 20, 5), often=0.6, share=0.04),
        Planted("urgent messages b", 17, clustered(urgent, 20, 5), often=0.6, share=0.04),
        Planted(
            "complaints: crimes",
            20,
            kinds_of(crimes, _complained_of(("CRIMINAL ALLEGATION",))),
            share=0.07,
        ),
        Planted(
            "complaints: harassment, drugs",
            21,
            kinds_of(conduct, _complained_of(("HARASSMENT", "DRUGS"))),
            share=0.07,
        ),
        Planted("complaints sustained", 22, at_random(sustained), seldom=0.2, share=0.05),
        Planted("complaints, clusters", 23, clustered(crimes, 15, 4), often=0.5, share=0.05),
        Planted("tweets: one event", 30, kinds_of(tweets, _at(EVENTS[:1])), share=0.05),
        Planted(
            "tweets: two events", 31, kinds_of(tweets, _at(EVENTS[1:])), often=0.4, share=0.04
        ),
        Planted("tweets, clusters", 32, clustered(tweets, 20), share=0.03),
        Planted("news at random", 40, at_random(sports), seldom=0.05),
        Planted("news, clusters", 41, clustered(business, 30), share=0.04),
        Planted("news of one topic a", 42, clustered(science, 20, 5), often=0.5, share=0.04),
        Planted("news of one topic b", 43, clustered(science, 20, 5), often=0.5, share=0.04),
    ]


def backlogs() -> dict[str, Backlog]:
    """Return the development backlogs by name."""
    generated = {f"generated, seed {seed}": _generated(seed) for seed in (21, 22)}
    return {"Ambari": _ambari()} | {one.name: one.backlog() for one in planted()} | generated


def replayed(backlog: Backlog, seed: int, audit: float) -> list[float]:
    """Return the recall after each share of the reviews, and how many were found in 400."""
    shuffled = replace(backlog.shuffled(seed), until=0.0)
    reviews = max(int(np.ceil(0.3 * len(backlog.dismissed))), 400)
    reviews = min(reviews, len(backlog.dismissed))
    found = figures_of(learning(audit)(shuffled, reviews, seed).order, shuffled)
    return [*(found["recall_at"][str(share)] for share in SHARES), found["found_in"]["400"]]


def measured(asked: Mapping[str, tuple[Backlog, int]], audit: float) -> dict[str, list[float]]:
    """Replay every backlog in several orders; return the means."""
    jobs = [
        (name, delayed(replayed)(backlog, FIRST_ORDER + order, audit))
        for name, (backlog, orders) in asked.items()
        for order in range(orders)
    ]
    with parallel_config("loky", inner_max_num_threads=1):
        done = Parallel(n_jobs=2)(job for _, job in jobs)
    told: dict[str, list[list[float]]] = {name: [] for name in asked}
    for (name, _), figures in zip(jobs, done, strict=True):
        told[name].append(figures)
    return {name: np.mean(figures, axis=0).tolist() for name, figures in told.items()}


def report(found: Mapping[str, list[float]], before: Mapping[str, list[float]]) -> str:
    head = ["backlog", *(f"{share:.0%}" for share in SHARES), IN_400]
    rows = [[name, *_cells(figures)] for name, figures in found.items()]
    developed_on = [name for name in found if name != BUGS]
    if developed_on:
        rows.append(["**mean**", *_cells(np.mean([found[name] for name in developed_on], axis=0))])
    both = [name for name in developed_on if name in before]
    if both:
        gain = np.array([np.subtract(found[name], before[name]) for name in both])
        error = gain.std(axis=0) / np.sqrt(len(both))
        rows.append(["difference", *_cells(gain.mean(axis=0), "+")])
        rows.append(["its standard error", *_cells(error)])
    if BUGS in found and BUGS in before:
        rows.append([f"{BUGS}, difference", *_cells(np.subtract(found[BUGS], before[BUGS]), "+")])
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(figures: NDArray[np.float64] | list[float], sign: str = "") -> list[str]:
    return [*(f"{x:{sign}.3f}" for x in figures[:-1]), f"{figures[-1]:{sign}.1f}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=2)
    parser.add_argument("--nested", type=int, default=0, help="orders of all bug reports")
    parser.add_argument("--only-nested", action="store_true")
    parser.add_argument("--audit", type=float, default=0.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--against", type=Path, help="figures of an earlier --json")
    given = parser.parse_args()
    if not DATASETS.exists():
        parser.error("the shared real data are not here: nothing can be planted in them")
    made = {} if given.only_nested else backlogs()
    asked = {name: (backlog, given.orders) for name, backlog in made.items()}
    if given.nested:
        (bugs,) = (table for table in tables() if table.name == "bugs")
        asked[BUGS] = (bugs.backlog(), given.nested)
    found = measured(asked, given.audit)
    before = json.loads(given.against.read_text()) if given.against else {}
    print(report(found, before))
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
