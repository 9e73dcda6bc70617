"""What a page shows of an allegation: its header, its narrative with details marked, its links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

TagKind = Literal[
    "urgent", "overdue", "due", "safeguarding", "source", "linked", "closed", "new", "plain"
]
Change = Literal["", "here", "there"]

# The letter stands in the text after each detail, so that no kind is told by its looks alone.
LETTERS: Mapping[str, str] = {
    "postcode": "C",
    "phone": "T",
    "vehicle_registration": "V",
    "date": "D",
    "time": "H",
    "person": "P",
    "business": "B",
    "address": "A",
    "amount": "£",
}

KINDS: Mapping[str, str] = {
    "postcode": "Postcode",
    "phone": "Telephone number",
    "vehicle_registration": "Vehicle registration",
    "date": "Date",
    "time": "Time",
    "person": "Person",
    "business": "Business",
    "address": "Address",
    "amount": "Amount",
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A short label on a record.

    Parameters
    ----------
    text
        Its words, which say all without the colour: "Due in 3 hours", "Safeguarding: children".
    kind
        What it is about; decides the colour.
    """

    text: str
    kind: TagKind = "plain"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about a record.

    Parameters
    ----------
    term
        What it is.
    text
        The fact; may be somebody's own words.
    url
        Where it leads, or empty.
    """

    term: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The head of an allegation's page.

    Parameters
    ----------
    reference
        As it was imported or given.
    caption
        What the reader is doing with it, such as "Second look".
    tags
        Urgency, clock, safeguarding and source handling, most pressing first.
    facts
        When it came, how, and the like; a few.
    url
        Its own page where the header stands in a list; empty on its own page.
    """

    reference: str
    caption: str = ""
    tags: tuple[Tag, ...] = ()
    facts: tuple[Fact, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of narrative.

    Parameters
    ----------
    text
        The words.
    kind
        Title of the investigable detail that they are, or empty for plain text.
    code
        Code of that kind, which decides its underline.
    letter
        The mark that stands after it.
    """

    text: str
    kind: str = ""
    code: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A kind of detail that a narrative holds.

    Parameters
    ----------
    letter, kind, code
        As in the text.
    count
        How many of them there are.
    """

    letter: str
    kind: str
    code: str
    count: int


@dataclass(frozen=True, slots=True)
class Narrative:
    """An allegation's own words.

    Parameters
    ----------
    segments
        The text in stretches, investigable details marked.
    legend
        The kinds that are marked, in order of first appearance.
    cut
        Whether it goes on beyond what is shown.
    searched
        Whether details were looked for, so that none marked means none found.
    """

    segments: tuple[Segment, ...]
    legend: tuple[LegendEntry, ...] = ()
    cut: bool = False
    searched: bool = True


@dataclass(frozen=True, slots=True)
class Compared:
    """A stretch of one of two narratives set side by side.

    Parameters
    ----------
    text
        The words.
    change
        ``here`` for words that only this allegation has, ``there`` for those only the other has,
        empty for what both say.
    """

    text: str
    change: Change = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a record.

    Parameters
    ----------
    title
        What happened, such as "Upheld".
    at
        When, in words.
    by
        Who did it, or empty.
    text
        What they wrote, or empty; may be somebody's own words.
    url
        What its maker was shown, or empty.
    """

    title: str
    at: str
    by: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class LinkedPair:
    """An allegation beside one that is linked to it.

    Parameters
    ----------
    this, other
        Headers of both.
    this_text, other_text
        Both narratives, with what only one of them says marked.
    shared
        Why they are linked, such as "Same vehicle registration".
    likeness
        How alike they are, in words.
    """

    this: RecordHeader
    other: RecordHeader
    this_text: tuple[Compared, ...]
    other_text: tuple[Compared, ...]
    shared: tuple[str, ...] = ()
    likeness: str = ""


def narrative(
    text: str, details: Sequence[Mapping[str, Any]] | None, limit: int | None = None
) -> Narrative:
    """Mark the details of a narrative.

    Parameters
    ----------
    text
        As it was received.
    details
        Each with ``kind``, ``start`` and ``end``; where two overlap the first is marked. ``None``
        where nobody looked for them.
    limit
        Number of characters after which it is cut, at a space where there is one.
    """
    parts = segments(text, details or (), limit)
    counts = Counter(one.code for one in parts if one.code)
    legend = tuple(
        LegendEntry(letter_of(code), KINDS.get(code, code), code, count)
        for code, count in counts.items()
    )
    cut = limit is not None and len(text) > limit
    return Narrative(parts, legend, cut, searched=details is not None)


def segments(
    text: str, details: Sequence[Mapping[str, Any]], limit: int | None
) -> tuple[Segment, ...]:
    """Cut a narrative into plain stretches and marked ones, up to about ``limit`` characters."""
    end = len(text) if limit is None or len(text) <= limit else text.rfind(" ", 0, limit)
    end = end if end > 0 else limit or len(text)
    cut: list[Segment] = []
    at = 0
    for one in sorted(details, key=lambda one: (one["start"], -one["end"])):
        if one["start"] < at or one["end"] > end:
            continue
        cut.append(Segment(text[at : one["start"]]))
        code = one["kind"]
        words = text[one["start"] : one["end"]]
        cut.append(Segment(words, KINDS.get(code, code), code, letter_of(code)))
        at = one["end"]
    return tuple(one for one in (*cut, Segment(text[at:end])) if one.text)


def letter_of(code: str) -> str:
    """Give the mark of a kind of detail."""
    return LETTERS.get(code, code[:1].upper())


def compare(this: str, other: str) -> tuple[tuple[Compared, ...], tuple[Compared, ...]]:
    """Set two narratives side by side, word by word, case and spacing aside.

    Returns
    -------
    tuple
        The stretches of the first, then of the second.
    """
    here, there = _words(this), _words(other)
    matcher = SequenceMatcher(None, _plain(here), _plain(there), autojunk=False)
    codes = matcher.get_opcodes()
    first = ((here[a:b], tag != "equal") for tag, a, b, _, _ in codes)
    second = ((there[a:b], tag != "equal") for tag, _, _, a, b in codes)
    return (
        tuple(_stretches(first, "here")),
        tuple(_stretches(second, "there")),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*", text)


def _plain(words: Sequence[str]) -> list[str]:
    return [word.strip().strip(".,;:!?").casefold() for word in words]


def _stretches(
    parts: Iterator[tuple[list[str], bool]], change: Literal["here", "there"]
) -> Iterator[Compared]:
    for words, odd in parts:
        text = "".join(words)
        core = text.rstrip() if odd else ""
        if core:
            yield Compared(core, change)
        if text[len(core) :]:
            yield Compared(text[len(core) :])
