"""Whom a record is about, for the fairness figures alone: groups that no model ever sees.

They come from two places: what a narrative itself says (the terms that are masked before any
feature is made), and sensitive attributes that are held apart, in a file of their own. Who is in
which group is worked out where it is needed and never kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from data.errors import BadRecords, Problem
from data.table import AllegationTable
from data.terms import fold, table, term_lines
from model.text import mask_spans
from training.config import SENSITIVE
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
MOST_SHOWN = 5


def groups_in(narratives: Sequence[str]) -> Groups:
    """Group records by what their narratives say.

    Parameters
    ----------
    narratives
        As they were told, not masked.
    """
    told = [_told_by(text) for text in narratives]
    named = {name for one in told for name in one}
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


def sensitive_groups(path: Path, records: AllegationTable) -> Groups:
    """Group records by sensitive attributes that are held apart from them.

    Parameters
    ----------
    path
        A CSV with the column ``reference`` and one or more columns named like a sensitive
        attribute; other columns are not read. An empty cell means that it is not known.
    records
        The records it speaks of; it may speak of others too.

    Raises
    ------
    BadRecords
        When the file cannot be read, has no such columns, or speaks of a record twice.
    """
    attributes = _read(path)
    doubled = attributes.index[attributes.index.duplicated()].unique()
    if len(doubled):
        problems = [Problem(str(name), "stands there twice") for name in doubled[:MOST_SHOWN]]
        raise BadRecords(f"{path.name}: a reference must be unique", problems)
    here = attributes.reindex(records.frame["reference"].astype(str))
    if here.isna().all(axis=None):
        raise BadRecords(f"{path.name}: none of its references is in {records.source}.")
    return {str(name): _groups_of(column) for name, column in here.items()}


def _groups_of(column: pd.Series[str]) -> dict[str, tuple[Bools, Bools]]:
    """Compare each group with the others of whom it is known; an empty cell is neither."""
    known, cells = column.notna().to_numpy(), column.fillna("").to_numpy(dtype=object)
    groups = sorted(set(cells[known]))
    return {str(group): (cells == group, known & (cells != group)) for group in groups}


def _read(path: Path) -> pd.DataFrame:
    wanted = {"reference", *SENSITIVE}
    try:
        frame = pd.read_csv(path, dtype=str, usecols=lambda name: name.strip().lower() in wanted)
    except (OSError, UnicodeDecodeError, ValueError) as problem:
        raise BadRecords(f"{path.name} cannot be read ({type(problem).__name__}).") from None
    frame.columns = frame.columns.str.strip().str.lower()
    if "reference" not in frame.columns or len(frame.columns) < 2:
        where = Problem("columns", "no reference, or no sensitive attribute beside it")
        raise BadRecords(f"{path.name}: name columns {', '.join(SENSITIVE)}", [where])
    return frame.set_index("reference")
