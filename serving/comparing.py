"""What promoting the challenger would change: suggestions that flip, by group."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model.predictor import Predictor
from serving.catalogue import CHALLENGER, pointed
from serving.intake import QUEUE
from serving.promoted import CURRENT
from serving.store.database import Store
from serving.store.records import StoredAllegation

COMPARED = 2000


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


class Comparisons:
    """Keeps the last comparison until there is another model or another record.

    Asking two models about some thousand records takes seconds, and the answer stays the same
    from one load of a page to the next. One thread works it out; others wait for its answer.

    Parameters
    ----------
    store
        Where the records are.
    directory
        Folder of the models.
    """

    def __init__(self, store: Store, directory: Path) -> None:
        self._store = store
        self._directory = directory
        self._working = threading.Lock()
        self._of: tuple[str, str, int | None] | None = None
        self._kept: Comparison | None = None

    def current(self) -> Comparison | None:
        """Say what would change now; ``None`` where there is no challenger."""
        named = _named(self._directory)
        if named is None:
            return None
        with self._working:
            with self._store.reading() as unit:
                asked = (*named, unit.figures.newest_number(QUEUE))
            if asked != self._of:
                self._kept = _between(self._store, self._directory, named, COMPARED)
                self._of = asked
            return self._kept


def compare(store: Store, directory: Path, *, limit: int = COMPARED) -> Comparison | None:
    """Say what would change if the challenger were promoted; ``None`` where there is none.

    Parameters
    ----------
    limit
        How many of the newest records both are asked about.
    """
    named = _named(directory)
    return _between(store, directory, named, limit) if named else None


def _between(store: Store, directory: Path, named: tuple[str, str], limit: int) -> Comparison:
    with store.reading() as unit:
        records = unit.figures.newest(QUEUE, limit=limit)
    before, after = (_values(Predictor.load(directory / one), records) for one in named)
    changed = [a != b for a, b in zip(before, after, strict=True)]
    examples = [one.key for one, flip in zip(records, changed, strict=True) if flip]
    return Comparison(*named, len(records), _flips(records, before, after), tuple(examples[:50]))


def _named(directory: Path) -> tuple[str, str] | None:
    champion, challenger = (pointed(directory, one) for one in (CURRENT, CHALLENGER))
    if champion is None or challenger is None or champion == challenger:
        return None
    return champion, challenger


def _values(predictor: Predictor, records: Sequence[StoredAllegation]) -> list[int]:
    asked = [one.as_allegation() for one in records]
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
