"""Peers run for real on the same records, in a Python environment of their own.

ASReview needs an older pandas than Second Look, so the two cannot share an environment:
``training/peer_replay.py`` runs with the other one's interpreter. Records go to it and orders
come back as JSON in a temporary folder that only this user can read.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from data.errors import BadInput
from training.backlog import Backlog, Ints
from training.policies import Policy, Reviewed

VARIABLE = "SECONDLOOK_PEERS"
ENVIRONMENT = Path(__file__).resolve().parents[1] / ".venv-peers" / "bin" / "python"
SCRIPT = Path(__file__).with_name("peer_replay.py")
LEFT_OUT = (
    "The peers (cleanlab, ASReview) were left out: run 'make peers' in a checkout, or let "
    f"{VARIABLE} name the Python of an environment that holds them."
)


def installed_peers(tell: Callable[[str], None] = lambda _: None) -> dict[str, Policy]:
    """Return the peers that can be run here, by name.

    Parameters
    ----------
    tell
        Takes a line that says how to get the peers, where there are none.

    Raises
    ------
    BadInput
        When ``SECONDLOOK_PEERS`` names something that is no Python interpreter.
    """
    python = _interpreter()
    names = [] if python is None else _names(python)
    if not names:
        tell(LEFT_OUT)
    return {name: _policy(str(python), name) for name in names}


def _interpreter() -> Path | None:
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    return ENVIRONMENT if ENVIRONMENT.exists() else None


def _names(python: Path) -> list[str]:
    try:
        return list(json.loads(_run(str(python))))
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        rule = "is not the Python of an environment that can be run"
        raise BadInput(f"The interpreter for the peers ({VARIABLE} or .venv-peers) {rule}.") from (
            error
        )


def _policy(python: str, name: str) -> Policy:
    def policy(backlog: Backlog, reviews: int, seed: int) -> Reviewed:
        with tempfile.TemporaryDirectory(prefix="secondlook-") as folder:
            asked = _asked(name, backlog, reviews, seed)
            Path(folder, "backlog.json").write_text(json.dumps(asked), encoding="utf-8")
            try:
                _run(python, folder)
            except subprocess.CalledProcessError as error:
                raise BadInput(f"The peer {name} failed; what it said stands above.") from error
            told = json.loads(Path(folder, "reviewed.json").read_text(encoding="utf-8"))
        order = _completed(np.array(told["order"], np.int64), backlog)
        return Reviewed(order, told["per_ranking"], told["cpu_seconds"])

    return policy


def _run(python: str, *folder: str) -> str:
    """Run our script, apart from this process's modules and paths; its working files go away."""
    command = [python, "-I", str(SCRIPT), *folder]
    place = folder[0] if folder else None
    done = subprocess.run(command, cwd=place, stdout=subprocess.PIPE, check=True, text=True)  # noqa: S603
    return done.stdout


def _asked(name: str, backlog: Backlog, reviews: int, seed: int) -> dict[str, Any]:
    return {
        "peer": name,
        "texts": backlog.texts,
        "known": backlog.known.tolist(),
        "missed": backlog.missed.tolist(),
        "opening": _opening(backlog, seed),
        "least_reviews": reviews,
        "least_found": backlog.until * int(backlog.missed.sum()),
        "seed": seed,
    }


def _opening(backlog: Backlog, seed: int) -> list[int]:
    """Return records at random until there is one of each class; those valued at first count."""
    order = np.random.default_rng(seed).permutation(backlog.dismissed)
    answers = backlog.missed[order]
    firsts = [np.flatnonzero(~answers)]
    if not backlog.known.any():
        firsts.append(np.flatnonzero(answers))
    last = max((int(rows[0]) for rows in firsts if len(rows)), default=0)
    return [int(row) for row in order[: last + 1]]


def _completed(order: Ints, backlog: Backlog) -> Ints:
    """Let the records that the budget did not reach follow."""
    return np.concatenate([order, np.setdiff1d(backlog.dismissed, order)])
