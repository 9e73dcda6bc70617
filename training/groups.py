"""Whom a record is about, for the fairness figures alone: groups that no model ever sees.

Here they come from what a narrative itself says: the terms that are masked before any feature is
made. Who is in which group is worked out where it is needed and never kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from data.terms import fold, table, term_lines
from model.text import mask_spans
from training.figures import Bools, Ints

Groups = Mapping[str, Mapping[str, tuple[Bools, Bools]]]
"""By attribute and group: which records belong to it, and which others it is compared with."""

NAMED = {
    "xxnat": "names a nationality or people",
    "xxrel": "names a religion",
    "xxage": "tells an age",
    "xxname": "names a person",
}
WOMEN, MEN = "tells of women alone", "tells of men alone"
NARRATIVE, NATIONALITY = "narrative", "nationality in the narrative"
LEAST = 50
"""A group of fewer is not told: it would say little, or say it of somebody."""


def groups_in(narratives: Sequence[str]) -> Groups:
    """Group records by what their narratives say.

    Parameters
    ----------
    narratives
        As they were told, not masked.
    """
    told = [_told_by(text) for text in narratives]
    counts = Counter(name for one in told for name in one)
    named = [name for name, count in counts.items() if count >= LEAST]
    found: dict[str, dict[str, tuple[Bools, Bools]]] = {NARRATIVE: {}, NATIONALITY: {}}
    for name in sorted(named):
        attribute = NARRATIVE if name in {*NAMED.values(), WOMEN, MEN} else NATIONALITY
        here = np.array([name in one for one in told], dtype=np.bool_)
        found[attribute][name] = here, ~here
    return found


def _told_by(text: str) -> frozenset[str]:
    found: set[str] = set()
    genders: set[str] = set()
    for span in mask_spans(text):
        term = fold(text[span.start : span.end])
        if span.placeholder in NAMED:
            found.add(NAMED[span.placeholder])
        if span.placeholder == "xxnat":
            found.update(_countries_of(term))
        genders.update(_genders().get(word, "") for word in (term, *term.split()))
    alone = genders & {WOMEN, MEN}
    return frozenset(found | alone if len(alone) == 1 else found)


def _countries_of(term: str) -> set[str]:
    """Return the first name on the line of each nationality that a run of terms holds."""
    parts = (term, *term.split())
    forms = (form for part in parts for form in (part, part.removesuffix("s")))
    return {_countries()[form] for form in forms if form in _countries()}


@cache
def _countries() -> dict[str, str]:
    return {term: line[0] for line in reversed(term_lines("nationalities")) for term in line}


@cache
def _genders() -> dict[str, str]:
    pairs = table("gender")["genders"]
    return dict.fromkeys(pairs["women"], WOMEN) | dict.fromkeys(pairs["men"], MEN)


def within(groups: Groups, rows: Ints) -> Groups:
    """Look at some records alone."""
    return {
        attribute: {group: (here[rows], others[rows]) for group, (here, others) in of.items()}
        for attribute, of in groups.items()
    }
