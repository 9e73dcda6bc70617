"""The queue that learns beside its peers, on records whose truth is known.

    python benchmarks/second_look.py [--table bugs --table sample --table news] [--orders 5]

Replays each second look with every policy over several orders of the records (the same seeds give
the same orders) and prints Markdown. Two replays run at a time, one thread each; the CPU-seconds
side by side and the receipts are measured alone. The real data lies in
``$SECONDLOOK_SHARED/datasets`` or beside the repository in ``shared/datasets``; without it those
tables say so. The peers run in an environment of their own, which ``make bench`` makes.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, parallel_config
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import LinearSVC

from data.mapping import ColumnMapping, load_mapping
from data.reading import read_allegations
from model.features import NgramVectoriser
from training.backlog import Backlog
from training.peers import LEFT_OUT, installed_peers
from training.policies import (
    Policy,
    Reviewed,
    at_random,
    first_doubt,
    informed_ranker,
    learning,
    receipts_held,
    static_doubt,
)
from training.simulate import PolicyFigures, Spread, replay

ROOT = Path(__file__).resolve().parents[1]
DATASETS = Path(os.environ.get("SECONDLOOK_SHARED", ROOT.parent / "shared")) / "datasets"
SHARES = ("0.05", "0.1", "0.15", "0.2", "0.3")
BUDGET = 0.3
OURS, AUDITED, ELAS = "ours", "ours, 10% audit", "asreview_elas_u4"
TOLD, KNOWN_WEIGHT = "told", 0.2
OWN = (OURS, AUDITED, TOLD)
TITLES = {
    "random": "random",
    "static doubt": "static doubt",
    "cleanlab": "cleanlab 2.9, static",
    ELAS: "ASReview 2.2 ELAS u4",
    OURS: "**ours**",
    AUDITED: "**ours**, 10% audit",
    TOLD: "*linear SVM told nine tenths of the answers*",
}
TARGETS = dict(zip((*SHARES, "400"), (0.52, 0.75, 0.86, 0.92, 0.96, 110), strict=True))
REVIEWS, TIMED_ORDERS = 700, 2
QUEUE, HOLDS = 60, 0.8
HEAD = (
    "| policy | orders | 5% | 10% | 15% | 20% | 30% | found in 400 | WSS@95 "
    "| CPU-seconds a replay | ms a re-ranking |\n|---|---|---|---|---|---|---|---|---|---|---|"
)


@dataclass(frozen=True)
class Table:
    """Records to replay, how many orders of them, and how many for the slow ELAS u4."""

    name: str
    title: str
    path: Path
    mapping: ColumnMapping
    orders: int
    slow_orders: int

    def backlog(self) -> Backlog:
        return Backlog.of(read_allegations(self.path, self.mapping))

    def orders_of(self, policy: str, most: int | None) -> int:
        orders = self.slow_orders if policy == ELAS else self.orders
        return min(orders, most or orders)


def tables() -> list[Table]:
    bugs = ColumnMapping(
        narrative="text",
        value="first_label",
        reviewed_value="verified_label",
        value_order=("0", "1"),
    )
    sample = ROOT / "data" / "sample"
    return [
        Table("bugs", "Apache bug reports", DATASETS / "security_bug_reports.csv.gz", bugs, 10, 2),
        Table(
            "sample",
            "The generated sample",
            sample / "replay.csv",
            load_mapping(sample / "mapping.toml"),
            5,
            1,
        ),
        *(_news(topic) for topic in ("Business", "Sci/Tech", "Sports", "World")),
    ]


def _news(topic: str) -> Table:
    others = sorted({"Business", "Sci/Tech", "Sports", "World"} - {topic})
    mapping = ColumnMapping(
        narrative="text",
        value="noisy_label",
        reviewed_value="gold_label",
        value_order=(topic, *others),
    )
    path = DATASETS / "noisy_agnews.csv.gz"
    return Table("news", f"News, {topic} as “no value”", path, mapping, 5, 1)


def policies() -> dict[str, Policy]:
    own = {"random": at_random, "static doubt": static_doubt}
    ours = {OURS: learning(0.0), AUDITED: learning(0.1)}
    return own | installed_peers() | ours | {TOLD: told_the_answers}


def told_the_answers(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
    """Review by what a machine says that knows the true answer of nine records in ten.

    No queue can have this knowledge at its start; what it still places low is told by no word.
    """
    del reviews
    words = NgramVectoriser().fit_transform(backlog.texts)
    weights = np.where(backlog.known, KNOWN_WEIGHT, 1.0)
    said = cross_val_predict(
        LinearSVC(random_state=seed),
        words,
        backlog.known | backlog.missed,
        cv=StratifiedKFold(10, shuffle=True, random_state=seed),
        method="decision_function",
        params={"sample_weight": weights},
    )
    return Reviewed(backlog.dismissed[np.argsort(-said[backlog.dismissed], kind="stable")])


def measured(table: Table, policy: str, orders: int) -> PolicyFigures:
    return replay(policies()[policy], table.backlog(), BUDGET, orders)


def replays(
    asked: Sequence[Table], most: int | None
) -> Iterator[tuple[Table, dict[str, PolicyFigures]]]:
    """Replay two at a time; tables come in order, each once all its policies are through."""
    if not asked:
        return
    names = list(policies())
    jobs = [(table, name, table.orders_of(name, most)) for table in asked for name in names]
    with parallel_config("loky", inner_max_num_threads=1):
        done = Parallel(n_jobs=2, return_as="generator")(delayed(measured)(*job) for job in jobs)
        for table in asked:
            yield table, {name: next(done) for name in names}


def row(name: str, orders: int, figures: PolicyFigures) -> str:
    several = orders > 1
    recalls = [_told(figures.recall_at[share], 2, several) for share in SHARES]
    ranking = figures.seconds_per_ranking
    cells = [
        TITLES[name],
        str(orders),
        *recalls,
        _told(figures.found_in["400"], 1, several),
        _told(figures.work_saved_at_95, 2, several),
        f"{figures.cpu_seconds:.1f}",
        f"{ranking * 1000:.0f}" if ranking else "–",
    ]
    return f"| {' | '.join(cells)} |"


def _told(spread: Spread, digits: int, several: bool) -> str:
    mean = _short(spread.mean, digits)
    return f"{mean} ± {_short(spread.sd, digits)}" if several else mean


def _short(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{digits}f}"


def section(table: Table, found: Mapping[str, PolicyFigures], most: int | None) -> str:
    backlog = table.backlog()
    missed, known = int(backlog.missed.sum()), int(backlog.known.sum())
    whole = f"{missed:,} of {len(backlog.dismissed):,} dismissed were missed"
    lines = [
        f"### {table.title}",
        "",
        f"{whole}; {known:,} were valued at first.",
        "",
        HEAD,
        *(row(name, table.orders_of(name, most), each) for name, each in found.items()),
    ]
    if table.name == "bugs":
        told = " | ".join(_short(TARGETS[key], 2) for key in SHARES)
        lines.append(f"| *to reach* | | {told} | {TARGETS['400']:.0f} | | | |")
    return "\n".join([*lines, "", *verdicts(table, found)])


def verdicts(table: Table, found: Mapping[str, PolicyFigures]) -> list[str]:
    """Say in sentences what was reached, with the share of audit draws and without."""
    lines = []
    peers = {name: _means(each) for name, each in found.items() if name not in OWN}
    best = {key: max(means[key] for means in peers.values()) for key in TARGETS}
    for name in (OURS, AUDITED):
        means = _means(found[name])
        if table.name == "bugs":
            lines.append(_verdict(name, "the figures to reach", means, TARGETS))
        lines.append(_verdict(name, "the best of the others", means, best))
    return lines


def _verdict(name: str, what: str, means: Mapping[str, float], least: Mapping[str, float]) -> str:
    below = [key for key in least if round(means[key], 2) < round(least[key], 2)]
    said = "at least as good everywhere" if not below else f"below it at {_places(below)}"
    return f"- {TITLES[name]} against {what}: {said}."


def _places(keys: Sequence[str]) -> str:
    return ", ".join("400 reviews" if key == "400" else f"{float(key):.0%}" for key in keys)


def _means(figures: PolicyFigures) -> dict[str, float]:
    spreads = {**{key: figures.recall_at[key] for key in SHARES}, "400": figures.found_in["400"]}
    return {key: spread.mean for key, spread in spreads.items()}


def side_by_side(backlog: Backlog, reviews: int = REVIEWS) -> str:
    """CPU-seconds of a whole replay of so many single-record reviews, features included."""
    known = policies()
    told = (
        f"Apache bug reports, {TIMED_ORDERS} orders, one after the other; making the features is "
        "included, starting the process and reading the file are not."
    )
    head = "| policy | CPU-seconds | each |\n|---|---|---|"
    lines = [f"### CPU-seconds of a replay of {reviews} single-record reviews", "", told, "", head]
    means = {}
    for name in (OURS, AUDITED, ELAS):
        if name in known:
            spent = [_cpu(known[name], backlog, reviews, seed) for seed in range(TIMED_ORDERS)]
            means[name] = float(np.mean(spent))
            each = ", ".join(f"{x:.1f}" for x in spent)
            lines.append(f"| {TITLES[name]} | {means[name]:.1f} | {each} |")
    started = time.process_time()
    first_doubt(backlog, 0)
    doubt = time.process_time() - started
    lines += ["", f"Of ours, {doubt:.1f} go into the value model's doubt, out of fold."]
    if ELAS in means:
        lines[-1] += f" Fewer than ELAS u4: {_met(means[OURS] < means[ELAS])}."
    return "\n".join(lines)


def _cpu(policy: Policy, backlog: Backlog, reviews: int, seed: int) -> float:
    shuffled = replace(backlog.shuffled(seed), until=0.0)
    started = time.process_time()
    done = policy(shuffled, reviews, seed)
    return time.process_time() - started if done.cpu_seconds is None else done.cpu_seconds


def receipts(backlog: Backlog) -> str:
    """Delete the words that the receipts of the queue's head cite, half-way through a replay."""
    ranker, decided = informed_ranker(backlog, 0), []
    for _ in range(int(BUDGET / 2 * len(backlog.dismissed))):
        (pick,) = ranker.next_batch(1, 0.0)
        ranker.decide(pick.index, missed=bool(backlog.missed[pick.index]))
        decided.append(pick.index)
    head = [int(place) for place in ranker.rank()[:QUEUE]]
    held = receipts_held(backlog, decided, head)
    return (
        f"### Receipts\n\nAfter reviewing {BUDGET / 2:.0%} of the Apache bug reports, the words "
        f"that the receipts cite are deleted from the {len(head)} records at the head of the "
        "queue, and features, doubt, near-duplicates and ranking are made again from the "
        f"shortened narratives. The whole score falls in {held.cited:.0%} of them (at least "
        f"{HOLDS:.0%} asked: {_met(held.cited >= HOLDS)}). When as many other words are deleted "
        f"at random it falls in {held.at_random:.0%}; in {held.further:.0%} it falls further by "
        f"the cited words. A receipt cites {held.words:.1f} words in the mean."
    )


def _met(reached: bool) -> str:
    return "met" if reached else "not met"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="append", choices=["bugs", "sample", "news"])
    parser.add_argument("--orders", type=int, help="at most so many orders of each")
    asked = parser.parse_args()
    wanted = [table for table in tables() if not asked.table or table.name in asked.table]
    here = [table for table in wanted if table.path.exists()]
    print(
        "Recall of the missed after reviewing a share of the dismissed, mean ± standard deviation "
        "over orders of the records. Each replay goes on until 95% are found; WSS@95 is the work "
        "saved over reading at random. ELAS u4 is slow and so is run on fewer orders. The last "
        "row of each table is no policy: a machine on our features that knows the true answer of "
        "nine records in ten says what the words can tell of the tenth, in ten folds."
    )
    if len(here) < len(wanted):
        print("\nThe shared real data are not here: their tables are left out.")
    if ELAS not in policies():
        print(f"\n{LEFT_OUT}")
    for table, found in replays(here, asked.orders):
        print("\n" + section(table, found, asked.orders), flush=True)
    for table in here:
        if table.name == "bugs":
            backlog = table.backlog()
            print("\n" + side_by_side(backlog), flush=True)
            print("\n" + receipts(backlog.shuffled(0)), flush=True)


if __name__ == "__main__":
    main()
