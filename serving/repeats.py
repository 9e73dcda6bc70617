"""What an incoming allegation is linked to in the store, and what it repeats.

It *repeats* an earlier one where it says nearly the same (``linking.THRESHOLD``), names the same
vehicle, telephone or e-mail address, or shares two kinds of fact, such as a business and its
postcode. One shared postcode, address or business alone links and no more: neighbours share them.

A repeat may be escalation and not noise. It takes over the highest urgency and every safeguarding
flag of what it repeats, and what was closed of it goes back to the assessors: however it had been
closed, and whether or not somebody took a second look at it since. Of very many copies of one text
the five most alike and newest go back, so that a form letter does not bury the assessors; it is
linked to the others. Nothing is merged or dropped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving import linking
from serving.noticing import Noticed
from serving.store.database import Unit
from serving.store.records_intake import Candidate, Flag, NewLink

WORDS: Final = "words"
IDENTIFYING: Final = frozenset({"vehicle_registration", "phone", "email"})
SEVERAL: Final = 2
REOPENED_AT_ONCE: Final = 5
"""How many closed records one repeat sends back to the assessors."""


@dataclass(frozen=True, slots=True)
class Kinship:
    """How an incoming allegation belongs with an earlier one.

    Parameters
    ----------
    kinds
        Kinds of shared fact; ``words`` where the narratives are nearly the same.
    similarity
        Of the narratives, where they are.
    """

    other: Candidate
    kinds: tuple[str, ...]
    similarity: float | None

    @property
    def repeats(self) -> bool:
        """Whether it is a repeat, and not only linked."""
        telling = WORDS in self.kinds or not IDENTIFYING.isdisjoint(self.kinds)
        return telling or len(self.kinds) >= SEVERAL

    def links(self) -> list[NewLink]:
        """One link for each kind."""
        return [
            NewLink(self.other.id, kind, self.similarity if kind == WORDS else None)
            for kind in self.kinds
        ]


def find(unit: Unit, narrative: str, noticed: Noticed) -> tuple[Kinship, ...]:
    """Find what an incoming allegation belongs with, the most alike first.

    What is read is bounded whatever the store holds: of a fact or a stock phrase that very many
    share no more rows than tell that they do, and the fifty likeliest narratives.
    """
    shared = _by_facts(unit, noticed.facts)
    likely = _by_bands(unit, noticed.bands)
    known = unit.links.candidates({*shared, *likely})
    alike = {
        one: similar
        for one in likely
        if one in known
        and linking.shared_words(
            similar := linking.similarity(narrative, known[one].narrative)
        ).links
    }
    found = [
        Kinship(
            other,
            (*((WORDS,) if number in alike else ()), *shared.get(number, ())),
            alike.get(number),
        )
        for number, other in known.items()
        if number in alike or number in shared
    ]
    return tuple(sorted(found, key=_nearest))


def reopened_by(kin: Sequence[Kinship]) -> list[Kinship]:
    """Return those of a record's kin, the most alike first, that it sends back."""
    closed = [one for one in kin if one.repeats and one.other.status == "closed"]
    return closed[:REOPENED_AT_ONCE]


def taken_over(own: Sequence[Flag], others: Iterable[tuple[str, Sequence[Flag]]]) -> list[Flag]:
    """Return flags with those of other records that are not among them, saying whose they were.

    Parameters
    ----------
    own
        The record's own.
    others
        Key and flags of each of the others.
    """
    found: list[Flag] = list(own)
    there = {flag["rule"] for flag in own}
    for key, flags in others:
        for flag in flags:
            if flag["rule"] not in there:
                there.add(flag["rule"])
                found.append({**flag, "start": None, "end": None, "from": flag.get("from", key)})
    return found


def flags_of(other: Candidate) -> tuple[Sequence[Flag], Sequence[Flag]]:
    """Return urgency and safeguarding flags; one stands in where only the mark is kept."""
    urgency: Sequence[Flag] = other.urgency_flags
    safeguarding: Sequence[Flag] = other.safeguarding_flags
    if other.urgency and not urgency:
        name = "next_24_hours" if other.urgency > 1 else "linked_urgency"
        urgency = [_standing_in(name, "An allegation that it repeats is time-critical.")]
    if other.safeguarding and not safeguarding:
        told = "An allegation that it repeats is flagged for safeguarding."
        safeguarding = [_standing_in("linked_safeguarding", told)]
    return urgency, safeguarding


def _nearest(one: Kinship) -> tuple[float, int, int]:
    return -(one.similarity or 0), -len(one.kinds), -one.other.id


def _standing_in(rule: str, because: str) -> dict[str, Any]:
    return {"rule": rule, "because": because, "start": None, "end": None}


def _by_facts(unit: Unit, facts: Sequence[tuple[str, str]]) -> dict[int, list[str]]:
    holders = unit.links.holders(facts, at_most=linking.HUB + 1)
    shared: dict[int, list[str]] = defaultdict(list)
    for (kind, _), numbers in holders.items():
        if linking.shared_fact(kind, len(numbers) + 1).links:
            for number in numbers:
                if kind not in shared[number]:
                    shared[number].append(kind)
    order = linking.KINDS.index
    return {number: sorted(kinds, key=order) for number, kinds in shared.items()}


def _by_bands(unit: Unit, hashes: Sequence[int]) -> tuple[int, ...]:
    sharing = unit.links.sharing_bands(hashes, at_most=linking.CROWD + 1)
    telling = [numbers for numbers in sharing.values() if len(numbers) <= linking.CROWD]
    chosen = telling or list(sharing.values())
    return linking.most_shared(Counter(number for numbers in chosen for number in numbers))
