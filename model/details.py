"""The investigable facts in a narrative.

Three ways propose facts: the shape of characters, words, and names. Words are matched on the
tokens of a spaCy pipeline built from a blank English one, so that nothing is downloaded; texts
without the words that a pattern needs are left out of it. Where two facts overlap the longer
stands; of two as long, the kind that comes first in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Final

import spacy
from spacy.language import Language

from model.codes import Found, find_codes
from model.text import Span, mask_spans
from model.triggers import possible_kinds
from model.types import Detail
from model.wording import Finder, wording

KINDS: Final = (
    "postcode", "phone", "vehicle_registration", "date", "time", "amount", "address", "business",
    "person",
)  # fmt: skip
"""The kinds of fact, the most certain first."""

MOST_WORDS: Final = 200_000


def find_details(text: str) -> tuple[Detail, ...]:
    """Find the facts of one narrative, in order and without overlap.

    Parameters
    ----------
    text
        Any text; offsets refer to it as it stands.
    """
    return find_details_many([text])[0]


def find_details_many(texts: Iterable[str]) -> list[tuple[Detail, ...]]:
    """Find the facts of each narrative.

    Parameters
    ----------
    texts
        Any number of texts.

    Notes
    -----
    The pipeline is built afresh once it has met ``MOST_WORDS`` distinct words, so that a service
    that runs for months does not grow with every telephone number it reads.
    """
    return [_details(text, possible_kinds(text)) for text in texts]


def _details(text: str, kinds: frozenset[str]) -> tuple[Detail, ...]:
    found = [*find_codes(text), *_people(text)]
    if kinds:
        found += _by_words(text, kinds)
    return tuple(Detail(kind, text[start:end], start, end) for start, end, kind in _settled(found))


def _by_words(text: str, kinds: frozenset[str]) -> list[Found]:
    nlp, find = _pipeline()
    found = list(find(nlp.make_doc(text), kinds))
    if len(nlp.vocab) > MOST_WORDS:
        _pipeline.cache_clear()
    return found


@cache
def _pipeline() -> tuple[Language, Finder]:
    nlp = spacy.blank("en")
    nlp.max_length = 1_000_000_000
    return nlp, wording(nlp)


def _people(text: str) -> Iterator[Found]:
    title: Span | None = None
    for span in mask_spans(text):
        if span.placeholder == "xxname":
            titled = title is not None and text[title.end : span.start] in {" ", ". "}
            yield (title.start if title and titled else span.start), span.end, "person"
        title = span if span.placeholder == "xxtitle" else None


def _settled(found: list[Found]) -> list[Found]:
    if len(found) < 2:
        return found
    stands: list[Found] = []
    taken: set[int] = set()
    for start, end, kind in sorted(set(found), key=_rank):
        if taken.isdisjoint(range(start, end)):
            stands.append((start, end, kind))
            taken.update(range(start, end))
    return sorted(stands)


def _rank(found: Found) -> tuple[Any, ...]:
    start, end, kind = found
    return start - end, KINDS.index(kind), start
