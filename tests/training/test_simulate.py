"""Replaying a second look: what is counted, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.errors import BadInput, BadRecords
from data.mapping import load_mapping
from data.reading import read_allegations
from training.backlog import Backlog, figures_of
from training.policies import (
    Policy,
    at_random,
    informed_ranker,
    learning,
    receipts_held,
)
from training.simulate import simulate

Paths = tuple[Path, Path]

MAPPING = """[columns]
reference = "id"
narrative = "text"
value = "first"
reviewed_value = "second"
[value]
order = ["0", "1"]
"""


def write(folder: Path, first: list[str], second: list[str]) -> Paths:
    """A file where every record first valued 1 or missed speaks of a lorry."""
    rng = np.random.default_rng(0)
    valued = [a == "1" or b == "1" for a, b in zip(first, second, strict=True)]
    words = [["lorry", "hidden", "border"] if v else ["noise", "bins", "street"] for v in valued]
    texts = [f"{rng.choice(w)} {rng.choice(w)} number{i % 23}" for i, w in enumerate(words)]
    ids = [f"R{i}" for i in range(len(first))]
    table = pd.DataFrame({"id": ids, "text": texts, "first": first, "second": second})
    table.to_csv(folder / "table.csv", index=False)
    (folder / "mapping.toml").write_text(MAPPING)
    return folder / "table.csv", folder / "mapping.toml"


@pytest.fixture
def replayable(tmp_path: Path) -> Paths:
    return write(tmp_path, ["1"] * 10 + ["0"] * 110, ["1"] * 10 + ["1"] * 15 + ["0"] * 95)


def backlog_of(paths: Paths) -> Backlog:
    file, mapping = paths
    return Backlog.of(read_allegations(file, load_mapping(mapping)))


def test_dismissed_missed_and_known_are_told_apart(replayable: Paths) -> None:
    backlog = backlog_of(replayable)
    assert (len(backlog.dismissed), backlog.missed.sum(), backlog.known.sum()) == (110, 15, 10)


def test_dismissed_records_that_nobody_looked_at_again_are_left_out(tmp_path: Path) -> None:
    backlog = backlog_of(write(tmp_path, ["1", "0", "0", "0"], ["", "1", "0", ""]))
    assert (len(backlog.texts), backlog.left_out) == (3, 1)


@pytest.mark.parametrize("second", [["", ""], ["0", "0"]])
def test_a_file_without_a_wrong_dismissal_is_refused(tmp_path: Path, second: list[str]) -> None:
    with pytest.raises(BadRecords, match="replayed"):
        backlog_of(write(tmp_path, ["0", "0"], second))


@pytest.mark.parametrize("wrong", [{"budget": 0.0}, {"budget": 1.1}, {"seeds": 0}, {"audit": 1.0}])
def test_numbers_out_of_range_are_refused(replayable: Paths, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput, match="budget"):
        simulate(*replayable, **wrong)


def test_a_perfect_order_reaches_the_recall_that_arithmetic_says(replayable: Paths) -> None:
    backlog = backlog_of(replayable)
    dismissed = backlog.dismissed
    order = dismissed[np.argsort(~backlog.missed[dismissed], kind="stable")]
    figures = figures_of(order, backlog)
    assert figures["recall_at"]["0.05"] == pytest.approx(5 / 15)
    assert figures["recall_at"]["0.15"] == 1
    assert figures["found_in"] == {"100": 15, "200": 15, "400": 15}
    assert figures["work_saved_at_95"] == pytest.approx(1 - 15 / 110 - 0.05)


@pytest.mark.parametrize("policy", [at_random, learning(), learning(0.3)])
def test_each_policy_reviews_every_dismissed_record_once(
    replayable: Paths, policy: Policy
) -> None:
    backlog = backlog_of(replayable)
    order = policy(backlog, 20, 1).order
    assert sorted(order.tolist()) == backlog.dismissed.tolist()


def test_the_ranker_finds_more_than_chance_and_the_figures_are_written(
    replayable: Paths, tmp_path: Path
) -> None:
    figures, plot = tmp_path / "figures.json", tmp_path / "curves.svg"
    simulate(*replayable, seeds=2, peers=False, json_file=figures, plot=plot)
    told = json.loads(figures.read_text())
    assert (told["dismissed"], told["missed"]) == (110, 15)
    assert set(told["recall_at"]) == {"0.02", "0.05", "0.1", "0.15", "0.2", "0.3"}
    assert set(told["found_in"]) == {"100", "200", "400"}
    assert told["recall_at"]["0.2"] > 0.9
    assert told["policies"]["random"]["recall_at"]["0.2"]["mean"] < 0.5
    assert set(told["static_recall_at"]) == set(told["recall_at"])
    assert "<svg" in plot.read_text()


def test_the_same_seeds_give_the_same_figures(replayable: Paths) -> None:
    def figures() -> dict[str, Any]:
        told = simulate(*replayable, seeds=2, audit=0.2, peers=False)
        return {key: told[key] for key in ("recall_at", "found_in", "static_recall_at")}

    assert figures() == figures()


def test_deleting_the_cited_words_lowers_the_doubt_of_most_records(replayable: Paths) -> None:
    backlog = backlog_of(replayable)
    queue = informed_ranker(backlog, 0).rank().tolist()
    held = receipts_held(backlog, queue[:20], queue[20:50])
    assert held.cited >= 0.8
    assert held.cited > held.at_random
    assert held.words > 0


def test_a_dismissed_record_in_nearly_the_words_of_a_valued_one_is_told_to_the_ranker() -> None:
    text = "three men live above the bakery in Tarn Street and work there at night"
    texts = [text, text + " again", "the bins in our road were never emptied last month"]
    likeness = Backlog(texts, np.array([True, False, False]), np.zeros(3, bool))
    assert likeness.likeness_to_valued()[1] > 0.6
    assert likeness.likeness_to_valued()[2] == 0
