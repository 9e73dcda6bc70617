"""The models that were handed over: figures, history, and what promoting one would change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from data.errors import SecondLookError
from data.schema import Allegation
from model import artifact
from model.predictor import Predictor
from serving.intake import QUEUE
from serving.promoted import CURRENT, VERSION
from serving.store.database import Store
from serving.store.records import StoredAllegation

CHALLENGER = "CHALLENGER"
HISTORY = "HISTORY.jsonl"
MANIFEST = "manifest.json"
COMPARED = 2000
FIGURES = ("macro_f1", "no_value_auc", "log_loss", "ece")


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
        Cross-validated figures of value, by name.
    facts
        What it was trained on and with, by name.
    trouble
        Why it cannot be read, or empty.
    """

    name: str
    version: str
    standing: str
    figures: Mapping[str, float]
    facts: Mapping[str, str]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the history: what happened to which model, by whom, and why."""

    at: datetime
    by: str
    event: str
    name: str
    version: str
    because: str


@dataclass(frozen=True, slots=True)
class Flip:
    """How many suggestions of a group would change.

    Parameters
    ----------
    group, kind
        Code of a channel or a category, and which of the two it is.
    flipped, of
        Records whose suggested value changes, of so many.
    to_no_value, from_no_value
        Those of them that would newly be suggested as of no value, and no longer.
    """

    kind: str
    group: str
    flipped: int
    of: int
    to_no_value: int
    from_no_value: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Champion and challenger over the newest records of the store.

    Parameters
    ----------
    examples
        Keys of the records whose suggestion changes, newest first.
    """

    champion: str
    challenger: str
    records: int
    flips: tuple[Flip, ...]
    examples: tuple[str, ...]


def models(directory: Path) -> tuple[ModelFacts, ...]:
    """Describe every model in the folder, the champion first."""
    named = {_pointed(directory, CURRENT): "champion"}
    named[_pointed(directory, CHALLENGER)] = named.get(
        _pointed(directory, CHALLENGER), "challenger"
    )
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


def compare(store: Store, directory: Path, *, limit: int = COMPARED) -> Comparison | None:
    """Say what would change if the challenger were promoted; ``None`` where there is none.

    Parameters
    ----------
    limit
        How many of the newest records both are asked about.
    """
    champion, challenger = (_pointed(directory, one) for one in (CURRENT, CHALLENGER))
    if champion is None or challenger is None or champion == challenger:
        return None
    with store.reading() as unit:
        records = unit.figures.newest(QUEUE, limit=limit)
    before, after = (
        _values(Predictor.load(directory / one), records) for one in (champion, challenger)
    )
    changed = [a != b for a, b in zip(before, after, strict=True)]
    examples = [one.key for one, flip in zip(records, changed, strict=True) if flip]
    return Comparison(
        champion, challenger, len(records), _flips(records, before, after), tuple(examples[:50])
    )


def _values(predictor: Predictor, records: Sequence[StoredAllegation]) -> list[int]:
    asked = [
        Allegation(one.reference, one.narrative, one.received_at, one.channel, one.fields)
        for one in records
    ]
    found = predictor.suggest(asked, explain=False, details=False, rules=False)
    return [predictor.value_codes.index(one.value) for one in found]


def _flips(
    records: Sequence[StoredAllegation], before: Sequence[int], after: Sequence[int]
) -> tuple[Flip, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for one, old, new in zip(records, before, after, strict=True):
        groups = [("all", "all"), ("channel", one.channel or "not_known")]
        groups += [("category", code) for code in one.categories]
        for group in groups:
            counts[*group, "of"] += 1
            counts[*group, "flipped"] += old != new
            counts[*group, "to"] += old != 0 and new == 0
            counts[*group, "from"] += old == 0 and new != 0
    groups_seen = sorted({(kind, group) for kind, group, _ in counts})
    return tuple(
        Flip(kind, group, *(counts[kind, group, one] for one in ("flipped", "of", "to", "from")))
        for kind, group in groups_seen
    )


def _pointed(directory: Path, pointer: str) -> str | None:
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
    measured: Mapping[str, Any] = extra.get("figures", {}).get("value", {})
    figures = {one: float(measured[one]) for one in FIGURES if one in measured}
    facts = {
        **{f"data: {key}": str(value) for key, value in extra.get("data", {}).items()},
        **{f"library: {key}": str(value) for key, value in manifest.libraries.items()},
    }
    return ModelFacts(folder.name, manifest.version, standing, figures, facts)


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
