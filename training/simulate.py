"""Replaying a second look on records whose truth is known: policy against policies."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress
from rich.table import Table

from data.errors import BadInput
from data.mapping import load_mapping
from data.reading import read_allegations
from data.terminal import terminal
from training.backlog import COUNTS, SHARES, Backlog, figures_of, recall_curve
from training.peers import installed_peers
from training.policies import Policy, at_random, learning, static_doubt
from training.recall_plot import draw_recall

OURS, STATIC = "second_look", "static_doubt"


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, standard deviation, lowest and highest over the seeds."""

    mean: float
    sd: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """Summarise one figure of several seeds."""
        x = np.array(values)
        return cls(float(x.mean()), float(x.std()), float(x.min()), float(x.max()))


@dataclass(frozen=True, slots=True)
class PolicyFigures:
    """What one policy reached, over the seeds."""

    recall_at: Mapping[str, Spread]
    found_in: Mapping[str, Spread]
    work_saved_at_95: Spread
    seconds_per_ranking: float
    cpu_seconds: float
    curves: NDArray[np.float64]


def simulate(
    file: Path,
    mapping: Path | None = None,
    *,
    budget: float = 0.3,
    seeds: int = 5,
    audit: float = 0.0,
    peers: bool = True,
    json_file: Path | None = None,
    plot: Path | None = None,
) -> dict[str, Any]:
    """Replay a file's second look with every policy, tell the figures and return them.

    Parameters
    ----------
    file, mapping
        A table with first and reviewed values, and how its columns are read.
    budget
        Share of the dismissed records that each policy may review; 400 at least where there are
        as many. A replay goes on until 95% of the missed are found, to tell the work saved.
    seeds
        How many orders of the records, each with its own seeds.
    audit
        Share of our reviews that are a random audit sample.
    peers
        Whether to run the peers that are installed too.
    json_file, plot
        Where to write the figures and an SVG of the recall curves.

    Raises
    ------
    BadInput
        When the file is broken or holds no wrong dismissal, or a number is out of range.
    """
    if not 0 < budget <= 1 or not 0 <= audit < 1 or seeds < 1:
        raise BadInput("The budget lies above 0 and up to 1, audit from 0 to below 1, seeds >= 1.")
    started = time.perf_counter()
    needs = frozenset({"value", "reviewed_value"})
    backlog = Backlog.of(
        read_allegations(file, load_mapping(mapping), needs=needs - {"reviewed_value"})
    )
    policies = {"random": at_random, STATIC: static_doubt, OURS: learning(audit)}
    policies |= installed_peers(_tell) if peers else {}
    with Progress(transient=True, console=terminal(errors=True)) as progress:
        task = progress.add_task("Replaying", total=len(policies) * seeds)
        found = {
            name: replay(policy, backlog, budget, seeds, lambda: progress.advance(task))
            for name, policy in policies.items()
        }
    told = report(backlog, found, audit, seeds, time.perf_counter() - started)
    _print(told)
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if plot is not None:
        draw_recall(plot, {name: figures.curves for name, figures in found.items()})
    return told


def replay(
    policy: Policy,
    backlog: Backlog,
    budget: float,
    seeds: int,
    advance: Callable[[], None] = lambda: None,
) -> PolicyFigures:
    """Replay one policy over several orders of the records."""
    dismissed = len(backlog.dismissed)
    reviews = min(max(int(np.ceil(budget * dismissed)), max(COUNTS)), dismissed)
    figures, curves, per_ranking, cpu = [], [], [], []
    for seed in range(seeds):
        shuffled = backlog.shuffled(seed)
        started = time.process_time()
        done = policy(shuffled, reviews, seed)
        spent = time.process_time() - started
        cpu.append(spent if done.cpu_seconds is None else done.cpu_seconds)
        figures.append(figures_of(done.order, shuffled))
        curves.append(recall_curve(done.order, shuffled))
        per_ranking.append(done.per_ranking)
        advance()
    return PolicyFigures(
        _spreads([f["recall_at"] for f in figures]),
        _spreads([f["found_in"] for f in figures]),
        Spread.of([f["work_saved_at_95"] for f in figures]),
        float(np.mean(per_ranking)),
        float(np.mean(cpu)),
        np.array(curves),
    )


def report(
    backlog: Backlog,
    found: Mapping[str, PolicyFigures],
    audit: float,
    seeds: int,
    seconds: float,
) -> dict[str, Any]:
    """Return the figures as they are written: ours and the static ones plainly, then all."""
    ours, static = found[OURS], found[STATIC]
    return {
        "dismissed": len(backlog.dismissed),
        "missed": int(backlog.missed.sum()),
        "known": int(backlog.known.sum()),
        "left_out_without_review": backlog.left_out,
        "recall_at": {share: spread.mean for share, spread in ours.recall_at.items()},
        "found_in": {count: spread.mean for count, spread in ours.found_in.items()},
        "static_recall_at": {share: spread.mean for share, spread in static.recall_at.items()},
        "work_saved_at_95": ours.work_saved_at_95.mean,
        "seconds_per_ranking": ours.seconds_per_ranking,
        "audit": audit,
        "seeds": seeds,
        "policies": {name: _plain(figures) for name, figures in found.items()},
        "seconds": seconds,
    }


def _tell(line: str) -> None:
    terminal(errors=True, soft_wrap=True).print(line)


def _plain(figures: PolicyFigures) -> dict[str, Any]:
    return {
        "recall_at": {key: asdict(spread) for key, spread in figures.recall_at.items()},
        "found_in": {key: asdict(spread) for key, spread in figures.found_in.items()},
        "work_saved_at_95": asdict(figures.work_saved_at_95),
        "seconds_per_ranking": figures.seconds_per_ranking,
        "cpu_seconds_per_replay": figures.cpu_seconds,
    }


def _spreads(rows: list[dict[str, float]]) -> dict[str, Spread]:
    return {key: Spread.of([row[key] for row in rows]) for key in rows[0]}


def _print(told: Mapping[str, Any]) -> None:
    title = f"{told['missed']} missed among {told['dismissed']} dismissed"
    table = Table("policy", *(f"{float(s):.0%}" for s in SHARES), "in 400", "WSS@95", title=title)
    for name, figures in told["policies"].items():
        recalls = [f"{figures['recall_at'][str(share)]['mean']:.2f}" for share in SHARES]
        found, saved = figures["found_in"]["400"]["mean"], figures["work_saved_at_95"]["mean"]
        table.add_row(name, *recalls, f"{found:.1f}", f"{saved:.2f}")
    terminal().print(table)
