"""Normalising narratives and masking the terms that say who somebody is.

Nationality, people and language, religion, names, gender and age are replaced by one placeholder
per kind before any feature is made, so that a score cannot depend on them. Masking is one split
of the text into words and one table look-up per word; only the words found are looked at twice.

The rules, in words:

* A run of terms of one kind becomes one placeholder: ``Mohammed Ali`` and ``Ann`` look the same.
* ``a`` and ``an`` before a placeholder become ``a``: the article would give the word away.
* A name that is also a word (*Will*, *Grace*) is a name inside a sentence with a capital, or
  beside another name or title; a street is no person; *to polish* is a verb.
* After ``called``, ``named``, ``name is`` or a title, unknown words are a name too.
* Kinship keeps its meaning and loses its gender: *wife* and *husband* are both a partner.
* ``child`` stays: it is a fact about harm that the intake form asks for, and not who is accused.
* Words of scripts other than Latin are left alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import accumulate

from model.masking import find_runs

_WORD = re.compile(r"([A-Za-z\u00c0-\u02af\u0300-\u036f\u1e00-\u1eff]+"
                   r"(?:['’][A-Za-z\u00c0-\u02af\u0300-\u036f\u1e00-\u1eff]+)*)")  # fmt: skip
_AN = re.compile(r"(?<![A-Za-z\u00c0-\u02af\u0300-\u036f\u1e00-\u1eff'’])([Aa])[Nn](\s+)$")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_QUOTES = str.maketrans(
    {"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "‑": "-", "–": "-",
     "—": "-"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A protected term in a text.

    Parameters
    ----------
    start, end
        Character offsets, end exclusive.
    placeholder
        What stands for it, such as ``xxname``.
    """

    start: int
    end: int
    placeholder: str


_READ: ContextVar[dict[str, tuple[Span, ...]] | None] = ContextVar("read", default=None)


def normalise(text: str) -> str:
    """Bring a narrative into one form of Unicode with plain quotes and single spaces.

    Parameters
    ----------
    text
        Any text. Invisible control and direction characters are dropped.
    """
    if not (text.isascii() and text.isprintable()):
        text = _CONTROLS.sub("", unicodedata.normalize("NFC", text)).translate(_QUOTES)
    return " ".join(text.split())


@contextmanager
def read_once() -> Iterator[None]:
    """Keep what ``mask_spans`` finds until the end of the block, so that no text is read twice."""
    token = _READ.set({})
    try:
        yield
    finally:
        _READ.reset(token)


def mask_spans(text: str) -> tuple[Span, ...]:
    """Find the protected terms of a text, in order and without overlap.

    Parameters
    ----------
    text
        Any text; offsets refer to it as it stands.
    """
    read = _READ.get()
    if read is None:
        return _spans(text)
    found = read.get(text)
    if found is None:
        found = read[text] = _spans(text)
    return found


def _spans(text: str) -> tuple[Span, ...]:
    pieces = _WORD.split(text)
    runs = find_runs(pieces)
    if not runs:
        return ()
    starts = [0, *accumulate(map(len, pieces))]
    return tuple(
        Span(starts[run.first], starts[run.last] + run.length, run.placeholder) for run in runs
    )


def mask(text: str) -> str:
    """Replace the protected terms of a text by placeholders.

    Parameters
    ----------
    text
        Any text.
    """
    done = 0
    kept: list[str] = []
    for span in mask_spans(text):
        before = text[done : span.start]
        kept += (_AN.sub(r"\1\2", before) if before[-1:].isspace() else before, span.placeholder)
        done = span.end
    return "".join(kept) + text[done:] if kept else text


def mask_many(texts: Iterable[str]) -> list[str]:
    """Mask each text.

    Parameters
    ----------
    texts
        Any number of texts.
    """
    return [mask(text) for text in texts]
