"""Peers that run in an environment of their own."""

from __future__ import annotations

import json
import venv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.errors import BadInput
from training.backlog import Backlog
from training.peer_replay import Stopper
from training.peers import ENVIRONMENT, LEFT_OUT, installed_peers

PEERS = ("cleanlab", "asreview_elas_u4")
needs_peers = pytest.mark.skipif(
    not ENVIRONMENT.exists(), reason="the peers' environment is not here; 'make peers' makes it"
)


def backlog_of(known: int = 12, missed: int = 12, upheld: int = 60, until: float = 0.0) -> Backlog:
    """Records of which those of value speak of a lorry, in a fixed disorder."""
    rng = np.random.default_rng(0)
    count = known + missed + upheld
    valued = np.arange(count) < known + missed
    words = [["lorry", "hidden", "border"] if v else ["noise", "bins", "street"] for v in valued]
    texts = [f"{rng.choice(w)} {rng.choice(w)} number{i % 7}" for i, w in enumerate(words)]
    first = np.arange(count) < known
    return Backlog(texts, first, valued & ~first, until=until).shuffled(1)


@pytest.fixture
def _stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that answers as it is told: it knows cleanlab and fails at everything."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\n[ $# -lt 3 ] && echo '[\"cleanlab\"]' && exit\nexit 3\n")
    script.chmod(0o755)
    monkeypatch.setenv("SECONDLOOK_PEERS", str(script))


def test_an_environment_without_peers_is_told_with_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path)
    monkeypatch.setenv("SECONDLOOK_PEERS", str(tmp_path / "bin" / "python"))
    told: list[str] = []
    assert installed_peers(told.append) == {}
    assert told == [LEFT_OUT]
    assert "make peers" in LEFT_OUT
    assert "\n" not in LEFT_OUT


@pytest.mark.parametrize("named", ["nowhere/bin/python", "/bin/false", "/bin/echo"])
def test_a_variable_that_names_no_python_is_refused(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("SECONDLOOK_PEERS", named)
    with pytest.raises(BadInput, match="SECONDLOOK_PEERS"):
        installed_peers()


@pytest.mark.usefixtures("_stand_in")
def test_a_peer_that_fails_is_told_by_name() -> None:
    with pytest.raises(BadInput, match="cleanlab failed"):
        installed_peers()["cleanlab"](backlog_of(), 10, 0)


def test_a_simulation_ends_when_budget_and_finds_are_both_reached() -> None:
    stopper = Stopper({"known": [True, True, False], "least_reviews": 3, "least_found": 1.9})

    def ends(labels: list[int]) -> bool:
        return stopper.stop(pd.DataFrame({"label": [1, 1, *labels]}), None)

    assert [ends([1, 1]), ends([1, 0, 0, 0]), ends([0, 1, 1])] == [False, False, True]


@needs_peers
@pytest.mark.slow
@pytest.mark.parametrize("name", PEERS)
def test_a_peer_reviews_every_dismissed_record_once_and_the_same_each_time(name: str) -> None:
    backlog, peer = backlog_of(), installed_peers()[name]
    done = peer(backlog, 30, 3)
    assert sorted(done.order.tolist()) == backlog.dismissed.tolist()
    assert done.order.tolist() == peer(backlog, 30, 3).order.tolist()
    assert done.cpu_seconds is not None
    assert done.cpu_seconds > 0


@needs_peers
@pytest.mark.slow
def test_elas_learns_what_was_missed_with_and_without_records_valued_at_first() -> None:
    elas = installed_peers()["asreview_elas_u4"]
    for known in (12, 0):
        backlog = backlog_of(known=known)
        found = backlog.missed[elas(backlog, 30, 0).order[:30]]
        assert found.sum() >= 10


@pytest.mark.usefixtures("_stand_in")
def test_no_narrative_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(BadInput):
        installed_peers()["cleanlab"](backlog_of(), 10, 0)
    assert [path.name for path in tmp_path.iterdir()] == ["python"]


def test_the_peers_are_pinned_to_the_versions_that_are_named() -> None:
    pins = (ENVIRONMENT.parents[2] / "benchmarks" / "peers.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in pins if not line.startswith("#"))
    assert pinned["asreview"].startswith("2.2")
    assert pinned["cleanlab"].startswith("2.9")
    assert json.dumps(pinned).count("/") == 0
