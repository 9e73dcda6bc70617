"""The models that were handed over: figures, history, and what promoting one would change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import SecondLookError
from model import artifact
from serving.promoted import CURRENT, VERSION

CHALLENGER = "CHALLENGER"
MISSED = ("of", "share", "others", "low", "high")
HISTORY = "HISTORY.jsonl"
MANIFEST = "manifest.json"
FIGURES = ("macro_f1", "no_value_auc", "log_loss", "ece", "moved")


@dataclass(frozen=True, slots=True)
class GroupMissed:
    """How often a model misses what is of value in one group of records, and in the others.

    Parameters
    ----------
    group
        Which group.
    records
        Records of value in it.
    share, others
        Share of them suggested to be of no value, and the same among the others.
    low, high
        95% interval of the difference.
    """

    group: str
    records: int
    share: float
    others: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """One model that was handed over.

    Parameters
    ----------
    name
        Its folder.
    version
        Digest of the whole artefact.
    standing
        ``champion``, ``challenger`` or ``earlier``.
    figures
        Cross-validated figures of value, by name, and the share of narratives that moved when
        they told of somebody else.
    facts
        What it was trained on and with, by name.
    trouble
        Why it cannot be read, or empty.
    groups
        How it does on groups, the widest gap first.
    """

    name: str
    version: str
    standing: str
    figures: Mapping[str, float]
    facts: Mapping[str, str]
    trouble: str = ""
    groups: tuple[GroupMissed, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: what happened to which model, by whom, and why."""

    at: datetime
    by: str
    event: str
    name: str
    version: str
    because: str


def models(directory: Path) -> tuple[ModelFacts, ...]:
    """Describe every model in the folder, the champion first."""
    named = {pointed(directory, CURRENT): "champion"}
    named[pointed(directory, CHALLENGER)] = named.get(pointed(directory, CHALLENGER), "challenger")
    found = [
        _facts(path.parent, named.get(path.parent.name, "earlier"))
        for path in directory.glob(f"*/{MANIFEST}")
    ]
    order = ("champion", "challenger", "earlier")
    return tuple(sorted(found, key=lambda one: (order.index(one.standing), one.name)))


def history(directory: Path) -> tuple[Event, ...]:
    """Read who put which model in force, newest first; a torn line is left out."""
    try:
        lines = (directory / HISTORY).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    events = (_event(line) for line in reversed(lines))
    return tuple(one for one in events if one is not None)


def pointed(directory: Path, pointer: str) -> str | None:
    """Name the model that a pointer names, or ``None``."""
    try:
        name = (directory / pointer).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return name if VERSION.fullmatch(name) else None


def _facts(folder: Path, standing: str) -> ModelFacts:
    try:
        manifest = artifact.verify(folder)
    except SecondLookError as problem:
        return ModelFacts(folder.name, "", standing, {}, {}, str(problem))
    extra = manifest.extra
    measured: Mapping[str, Any] = extra.get("figures", {})
    value = {**measured.get("value", {}), **measured.get("swapped", {})}
    figures = {one: float(value[one]) for one in FIGURES if one in value}
    facts = {
        **{f"data: {key}": str(value) for key, value in extra.get("data", {}).items()},
        **{f"library: {key}": str(value) for key, value in manifest.libraries.items()},
    }
    groups = _groups(measured.get("fairness", []))
    return ModelFacts(folder.name, manifest.version, standing, figures, facts, groups=groups)


def _groups(told: Sequence[Mapping[str, Any]]) -> tuple[GroupMissed, ...]:
    found = [
        GroupMissed(
            f"{one['attribute']}: {one['group']}", *(one["missed"][name] for name in MISSED)
        )
        for one in told
        if one["missed"] is not None
    ]
    return tuple(sorted(found, key=lambda one: -one.low))


def _event(line: str) -> Event | None:
    try:
        told = json.loads(line)
        return Event(
            datetime.fromisoformat(told["at"]),
            told["by"],
            told["event"],
            told["folder"],
            told["version"],
            told["because"],
        )
    except (ValueError, KeyError, TypeError):
        return None
