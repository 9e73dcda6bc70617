"""Links in the store: by which facts and hashes allegations find each other, and what was found.

A fact or hash that very many records hold is looked up no further than the caller's bound, so
that a car park's postcode or a form letter costs no more than anything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from serving.store.records_intake import Candidate, Linked, NewLink
from serving.store.tables import allegations
from serving.store.tables_intake import bands, fact_keys, links

Fact = tuple[str, str]
# PostgreSQL: any number will do, as long as every intake takes the same one
TAKING_IN = 0x5EC0_4D11
LONGEST = 120


class LinkRepository:
    """Facts, hashes and links over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def one_at_a_time(self) -> None:
        """Let one intake at a time look for what it repeats, until the transaction ends.

        Two copies that arrive together would otherwise not see each other. SQLite's writers are
        alone anyway.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(TAKING_IN)))

    def holders(self, facts: Sequence[Fact], *, at_most: int) -> dict[Fact, tuple[int, ...]]:
        """Allegations that hold each of these facts, no more than ``at_most`` of each."""
        if not facts:
            return {}
        asked: dict[str, object] = {"at_most": at_most}
        for at, (kind, value) in enumerate(facts):
            asked |= {f"kind_{at}": kind, f"value_{at}": value[:LONGEST]}
        found: dict[Fact, list[int]] = defaultdict(list)
        for kind, value, number in self._connection.execute(_by_fact(len(facts)), asked):
            found[kind, value].append(number)
        return {fact: tuple(numbers) for fact, numbers in found.items()}

    def sharing_bands(self, hashes: Sequence[int], *, at_most: int) -> dict[int, tuple[int, ...]]:
        """Allegations under each of these hashes, no more than ``at_most`` of each."""
        if not hashes:
            return {}
        asked = {"at_most": at_most} | {f"hash_{at}": one for at, one in enumerate(hashes)}
        found: dict[int, list[int]] = defaultdict(list)
        for one, number in self._connection.execute(_by_hash(len(hashes)), asked):
            found[one].append(number)
        return {one: tuple(numbers) for one, numbers in found.items()}

    def candidates(self, numbers: Iterable[int]) -> dict[int, Candidate]:
        """Allegations by number, as the linking looks at them; erased and planted ones are not."""
        wanted = sorted(set(numbers))
        found: dict[int, Candidate] = {}
        for start in range(0, len(wanted), 500):
            rows = self._connection.execute(
                sa.select(*(allegations.c[name] for name in Candidate.__dataclass_fields__)).where(
                    allegations.c.id.in_(wanted[start : start + 500]),
                    allegations.c.erased_at.is_(None),
                    allegations.c.planted.is_(False),
                )
            )
            found.update((row.id, _candidate(row)) for row in rows)
        return found

    def add_keys(self, held: Mapping[int, tuple[Sequence[Fact], Sequence[int]]]) -> None:
        """Keep by which facts and hashes allegations are found."""
        facts = [
            {"allegation_id": number, "kind": kind, "value": value}
            for number, (some, _) in held.items()
            for kind, value in sorted({(kind, value[:LONGEST]) for kind, value in some})
        ]
        hashes = [
            {"allegation_id": number, "band": band, "hash": one}
            for number, (_, some) in held.items()
            for band, one in enumerate(some)
        ]
        if facts:
            self._connection.execute(sa.insert(fact_keys), facts)
        if hashes:
            self._connection.execute(sa.insert(bands), hashes)

    def add(self, allegation_id: int, found: Sequence[NewLink], *, now: datetime) -> None:
        """Link an allegation to earlier ones."""
        rows = [
            {
                "allegation_id": allegation_id,
                "other_id": one.other_id,
                "kind": one.kind,
                "similarity": one.similarity,
                "found_at": now,
            }
            for one in found
        ]
        if rows:
            self._connection.execute(sa.insert(links), rows)

    def among(self, numbers: Sequence[int]) -> frozenset[int]:
        """Those of these allegations that are linked to any."""
        if not numbers:
            return frozenset()
        pairs = self._connection.execute(
            sa.select(links.c.allegation_id, links.c.other_id).where(
                links.c.allegation_id.in_(numbers) | links.c.other_id.in_(numbers)
            )
        )
        return frozenset(number for pair in pairs for number in pair) & frozenset(numbers)

    def of(self, allegation_id: int) -> list[Linked]:
        """Allegations linked to one, earlier and later, those that say the most alike first."""
        other = sa.case(
            (links.c.allegation_id == allegation_id, links.c.other_id),
            else_=links.c.allegation_id,
        )
        rows = self._connection.execute(
            sa.select(
                allegations.c.id,
                allegations.c.key,
                allegations.c.reference,
                allegations.c.status,
                allegations.c.urgency,
                allegations.c.safeguarding,
                allegations.c.closure_reason,
                allegations.c.received_at,
                links.c.kind,
                links.c.similarity,
            )
            .join(allegations, allegations.c.id == other)
            .where((links.c.allegation_id == allegation_id) | (links.c.other_id == allegation_id))
            .order_by(allegations.c.id.desc(), links.c.kind)
        ).all()
        together: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
        for row in rows:
            together[row.id].append(row)
        found = [_linked(several) for several in together.values()]
        return sorted(found, key=lambda one: (-(one.similarity or 0), -len(one.kinds), -one.id))


# Putting these together takes longer than the database needs to answer them, so they are kept.
@cache
def _by_fact(count: int) -> sa.CompoundSelect[Any]:
    return _together(
        sa.select(fact_keys.c.kind, fact_keys.c.value, fact_keys.c.allegation_id).where(
            fact_keys.c.kind == sa.bindparam(f"kind_{at}"),
            fact_keys.c.value == sa.bindparam(f"value_{at}"),
        )
        for at in range(count)
    )


@cache
def _by_hash(count: int) -> sa.CompoundSelect[Any]:
    return _together(
        sa.select(bands.c.hash, bands.c.allegation_id).where(
            bands.c.hash == sa.bindparam(f"hash_{at}")
        )
        for at in range(count)
    )


def _together(parts: Iterable[sa.Select[Any]]) -> sa.CompoundSelect[Any]:
    bounded = (part.limit(sa.bindparam("at_most", type_=sa.Integer)) for part in parts)
    return sa.union_all(*(sa.select(part.subquery()) for part in bounded))


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's columns
    for name in ("urgency_flags", "safeguarding_flags"):
        values[name] = tuple(values[name])
    return Candidate(**values)


def _linked(rows: Sequence[Row[*tuple[Any, ...]]]) -> Linked:
    values = dict(rows[0]._mapping)  # noqa: SLF001 - the documented way to a row's columns
    values.pop("kind")
    values["similarity"] = max((row.similarity for row in rows if row.similarity), default=None)
    return Linked(kinds=tuple(row.kind for row in rows), **values)
