"""Replay: what the maker of a decision was shown, reproduced from the decision's number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from serving.actors import Actor
from serving.errors import NotFound
from serving.store.audit import canonical, sha256
from serving.store.database import Store
from serving.store.records import AuditEntry, AuditQuery, StoredAllegation
from serving.store.records_reviewing import Exhibit

Kind = Literal["decision", "assessment"]
ROWS = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """One exhibit, checked against its digests.

    Parameters
    ----------
    content_holds, narrative_holds
        Whether what is kept still has the digest taken when it was shown.
    """

    exhibit: Exhibit
    content_holds: bool
    narrative_holds: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision with all that its maker was shown.

    Parameters
    ----------
    facts
        The decision as kept: codes, times, versions and numbers, with its note.
    shown
        In the order in which it was shown: what preceded the decision, then what it revealed.
    trail
        Rows of the audit log about the record, oldest first.
    """

    kind: Kind
    number: int
    allegation: StoredAllegation
    facts: Mapping[str, Any]
    shown: tuple[Shown, ...]
    trail: tuple[AuditEntry, ...]

    @property
    def holds(self) -> bool:
        """Whether everything shown is still there, exactly."""
        return all(one.content_holds and one.narrative_holds for one in self.shown)


def replay(store: Store, actor: Actor, kind: Kind, number: int) -> Replay:
    """Reproduce what the maker of a decision or an assessment was shown.

    Raises
    ------
    NotFound
        When there is none of that number.
    """
    with store.writing() as unit:
        facts = unit.replays.facts(kind, number)
        if facts is None:
            raise NotFound(f"there is no {kind} of that number")
        allegation = unit.allegations.by_ids([facts["allegation_id"]])[0]
        maker = facts["account_id"]
        exhibits = [one for one in unit.exhibits.of(allegation.id) if one.account_id == maker]
        trail = unit.audit.find(AuditQuery(subject=allegation.key, limit=ROWS))
        unit.audit.append(actor, f"replayed {kind}", allegation.key, {kind: number})
    shown = tuple(_shown(one, allegation) for one in exhibits)
    return Replay(kind, number, allegation, facts, shown, tuple(reversed(trail)))


def _shown(exhibit: Exhibit, allegation: StoredAllegation) -> Shown:
    content = exhibit.content
    return Shown(
        exhibit=exhibit,
        content_holds=content is not None and sha256(canonical(content)) == exhibit.content_sha256,
        narrative_holds=sha256(allegation.narrative) == exhibit.narrative_sha256,
    )
