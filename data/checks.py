"""Every rule that a record must pass; each check returns all offences, none raises early."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from data.errors import BadRecords, Problem
from data.toml import closest

if TYPE_CHECKING:
    from data.table import AllegationTable

NARRATIVE_LIMIT: Final = 50_000
"""Characters. The intake form stops at 1,200; the longest report seen elsewhere has 30,000."""

REFERENCE_LIMIT: Final = 200
_INVISIBLE: Final = " \t\r\n\f\v\u00a0\u00ad\u200b\u200c\u200d\u2060\u3000\ufeff"
_QUOTED: Final = 40
_QUOTED_WORDS: Final = 4
_NOTATION: Final = re.compile(r"True|False|-?\d+\.0+")

Offence = tuple[str, str]
"""A rule that is broken, and the remedy."""

Where = Callable[[int], str]
"""The place of a cell, given its position in the column."""


def narrative_offence(text: str) -> Offence | None:
    """Return what is wrong with a narrative, or ``None``; the text is never quoted."""
    if is_blank(text):
        return "the narrative is blank", "fill it in, or have the mapping leave such rows out"
    if len(text) > NARRATIVE_LIMIT:
        rule = f"the narrative has {len(text):,} characters; at most {NARRATIVE_LIMIT:,} are read"
        return rule, "shorten it, or move attachments out of it"
    return text_offence(text)


def is_blank(text: str) -> bool:
    """Return whether a text shows nothing: empty, white space, or characters without width."""
    return not text.strip(_INVISIBLE)


def spelled(label: str, allowed: Collection[str]) -> str:
    """Return a label as ``allowed`` spells it where only the notation of a number differs.

    Tables that hold whole numbers beside blanks are written with ``1.0`` for 1, and truth as
    ``True``; nothing else is changed.
    """
    if label in allowed:
        return label
    for other in (label.lower(), label.partition(".")[0]):
        if _NOTATION.fullmatch(label) and other in allowed:
            return other
    return label


def text_offence(text: str) -> Offence | None:
    """Return what makes a text unfit to be kept: NUL, bytes that are not UTF-8."""
    if "\0" in text:
        rule = f"holds a NUL at character {text.index(chr(0)) + 1}"
        return rule, "take it out: it is not text"
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as broken:
        code, place = ord(text[broken.start]), broken.start + 1
        if 0xDC80 <= code <= 0xDCFF:
            rule = f"byte 0x{code - 0xDC00:02X} at character {place} is not UTF-8"
            return rule, "save the file as UTF-8"
        return f"half a surrogate pair at character {place} is not text", "write it as UTF-8"
    return None


def check_texts(cells: Sequence[str], where: Where) -> list[Problem]:
    """Check that a column's cells can be kept as text."""
    joined = "".join(cells)
    if text_offence(joined) is None:
        return []
    return _told(((at, text_offence(cell)) for at, cell in enumerate(cells)), where)


def check_narratives(cells: Sequence[str], where: Where) -> list[Problem]:
    """Check narratives: not blank, not too long, text throughout."""
    return _told(((at, narrative_offence(cell)) for at, cell in enumerate(cells)), where)


def check_references(
    cells: Sequence[str], rows: Sequence[int], seen: dict[str, int], where: Where
) -> list[Problem]:
    """Check that references are there, short and unlike any in ``seen``, which grows."""
    return _told(
        (
            (at, _reference_offence(cell, rows[at], seen.setdefault(cell, rows[at])))
            for at, cell in enumerate(cells)
        ),
        where,
    )


def check_labels(
    cells: Sequence[str], allowed: Collection[str], where: Where, *, blank_allowed: bool
) -> list[Problem]:
    """Check that each label is one of ``allowed``, or blank where that is allowed."""
    known = {*allowed, ""} if blank_allowed else set(allowed)
    if known.issuperset(cells):
        return []
    return _told(
        ((at, label_offence(cell, allowed)) for at, cell in enumerate(cells) if cell not in known),
        where,
    )


def check_categories(
    cells: Sequence[tuple[str, ...]], allowed: Collection[str] | None, where: Where
) -> list[Problem]:
    """Check that no category stands twice in a cell and each is one of ``allowed``, if given."""
    offence = partial(_category_offence, allowed=None if allowed is None else frozenset(allowed))
    verdicts = {labels: offence(labels) for labels in dict.fromkeys(cells)}
    return _told(((at, verdicts[labels]) for at, labels in enumerate(cells)), where)


def label_offence(label: str, allowed: Collection[str]) -> Offence:
    """Return what to say of a label that is not among those allowed.

    One that could be a sentence is not quoted: the wrong column may have been mapped.
    """
    if not label:
        return "the label is missing", "fill it in, or have the mapping leave such rows out"
    if len(label) > _QUOTED or len(label.split()) > _QUOTED_WORDS:
        return f"a label of {len(label):,} characters is not one that is known", ""
    return f"{label!r} is not a label that is known", closest(label, allowed)


def require_classes(table: AllegationTable) -> None:
    """Refuse a table from whose values nothing can be learnt.

    Raises
    ------
    BadRecords
        If fewer than two different values are present.
    """
    counts = Counter(str(value) for value in table.frame["value"].dropna())
    if len(counts) < 2:
        held = f"only {next(iter(counts))!r}" if counts else "none"
        problem = Problem(
            f"column {table.mapping.value or 'value'}",
            f"at least two different values are needed to learn from; there is {held}",
            "hand in records of several values",
        )
        raise BadRecords(f"{table.source}: nothing can be learnt from one value", [problem])


def rare_categories(table: AllegationTable, *, at_least: int = 2) -> tuple[str, ...]:
    """Return the categories with fewer than ``at_least`` examples, declared ones included.

    Training leaves them out, with a warning that names them.
    """
    counts = Counter(label for labels in table.frame["categories"] for label in labels)
    return tuple(label for label in table.category_labels if counts[label] < at_least)


def _reference_offence(reference: str, row: int, first: int) -> Offence | None:
    if not reference:
        return "the reference is blank", "give every record its own"
    if len(reference) > REFERENCE_LIMIT:
        return f"the reference has more than {REFERENCE_LIMIT} characters", ""
    if first != row:
        return f"the reference is already that of row {first}", "give every record its own"
    return None


def _category_offence(labels: tuple[str, ...], allowed: frozenset[str] | None) -> Offence | None:
    for place, label in enumerate(labels):
        if label in labels[:place]:
            return "a category stands twice in one cell", "name each once"
        if allowed is not None and label not in allowed:
            return label_offence(label, sorted(allowed))
    return None


def _told(offences: Iterable[tuple[int, Offence | None]], where: Where) -> list[Problem]:
    return [Problem(where(at), *offence) for at, offence in offences if offence is not None]
