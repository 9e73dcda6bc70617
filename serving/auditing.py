"""Checking the audit log, and reading it."""

from __future__ import annotations

from dataclasses import dataclass

from serving.actors import Actor
from serving.store.audit import FIRST, row_hash
from serving.store.database import Store
from serving.store.records import AuditEntry, AuditQuery

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where the log is not what was written.

    Parameters
    ----------
    seq
        Number of the row at which it shows.
    kind
        ``altered``, ``removed`` or ``reordered``.
    told
        The same in words.
    """

    seq: int
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the audit log found.

    Parameters
    ----------
    rows
        How many rows were read.
    head
        Hash of the last row: kept elsewhere, it proves later that nothing before it changed.
    faults
        The first of them, in the order of the rows.
    """

    rows: int
    head: str
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Whether the log is as it was written."""
        return not self.faults


def verify(store: Store, *, expected_head: str | None = None) -> Verdict:
    """Recompute every hash of the audit log.

    Whoever can write to the database can rewrite the whole chain and its head. That shows only
    against a head noted elsewhere earlier: give it as ``expected_head``.

    Parameters
    ----------
    expected_head
        A hash that an earlier check gave; some row must still have it.
    """
    with store.reading() as unit:
        seq, head = unit.audit.head()
        checked = _Chain(expected_head)
        for entry in unit.audit.every():
            checked.read(entry)
    checked.end(seq, head)
    return Verdict(checked.rows, checked.previous, tuple(checked.faults[:SHOWN]))


class _Chain:
    """Follows the chain and notes what does not fit."""

    def __init__(self, expected_head: str | None) -> None:
        self.rows = 0
        self.previous = FIRST
        self.faults: list[Fault] = []
        self._seq = 0
        self._expected = expected_head

    def read(self, entry: AuditEntry) -> None:
        self.rows += 1
        missing = entry.seq - self._seq - 1
        if missing:
            rows = "1 row is" if missing == 1 else f"{missing} rows are"
            self._fault(entry.seq, "removed", f"{rows} missing before row {entry.seq}")
        elif entry.previous_hash != self.previous:
            self._fault(entry.seq, "reordered", f"row {entry.seq} does not follow the row before")
        if row_hash(entry) != entry.hash:
            self._fault(entry.seq, "altered", f"row {entry.seq} was altered after it was written")
        self._expected = None if entry.hash == self._expected else self._expected
        self._seq, self.previous = entry.seq, entry.hash

    def end(self, seq: int, head: str) -> None:
        if seq != self._seq:
            told = f"the log ends at row {self._seq}, its head says {seq}: rows are missing"
            self._fault(self._seq, "removed", told)
        elif head != self.previous:
            self._fault(self._seq, "altered", "the last row is not the one that the head names")
        if self._expected:
            told = "no row has the hash that was expected: the log was rewritten or cut off"
            self._fault(self._seq, "altered", told)

    def _fault(self, seq: int, kind: str, told: str) -> None:
        self.faults.append(Fault(seq, kind, told))


def search(store: Store, actor: Actor, query: AuditQuery) -> list[AuditEntry]:
    """Read the audit log, newest first; the reading is itself recorded."""
    with store.writing() as unit:
        found = unit.audit.find(query)
        unit.audit.append(actor, "read audit log", None, {"rows": len(found)})
    return found
