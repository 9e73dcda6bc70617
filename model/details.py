"""The investigable facts in a narrative.

A spaCy pipeline built from a blank English one, so that nothing is downloaded: its tokeniser,
then three components that propose facts (by the shape of characters, by words, by names) and one
that settles which stand. Where two overlap the longer stands; of two as long, the kind that comes
first in ``KINDS``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any, Final

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from model.codes import Found, find_codes
from model.text import Span, mask_spans
from model.types import Detail
from model.wording import wording

KINDS: Final = (
    "postcode", "phone", "vehicle_registration", "date", "time", "amount", "address", "business",
    "person",
)  # fmt: skip
"""The kinds of fact, the most certain first."""

_FOUND: Final = "facts"
MOST_WORDS: Final = 200_000
_BATCH: Final = 1000


def find_details(text: str) -> tuple[Detail, ...]:
    """Find the facts of one narrative, in order and without overlap.

    Parameters
    ----------
    text
        Any text; offsets refer to it as it stands.
    """
    return _details(_pipeline()(text))


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
    found: list[tuple[Detail, ...]] = []
    for batch in _batches(texts):
        nlp = _pipeline()
        found += [_details(doc) for doc in nlp.pipe(batch)]
        if len(nlp.vocab) > MOST_WORDS:
            _pipeline.cache_clear()
    return found


def _batches(texts: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(texts)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _details(doc: Doc) -> tuple[Detail, ...]:
    text = doc.text
    return tuple(
        Detail(kind=kind, text=text[start:end], start=start, end=end)
        for start, end, kind in doc.user_data[_FOUND]
    )


@cache
def _pipeline() -> Language:
    nlp = spacy.blank("en")
    nlp.max_length = 1_000_000_000
    for name in ("fact_shapes", "fact_words", "fact_names", "fact_choice"):
        nlp.add_pipe(name)
    return nlp


def _proposes(find: Callable[[Doc], Iterable[Found]]) -> Callable[[Doc], Doc]:
    def component(doc: Doc) -> Doc:
        doc.user_data.setdefault(_FOUND, []).extend(find(doc))
        return doc

    return component


@Language.factory("fact_shapes")  # type: ignore[untyped-decorator]
def _shapes(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001
    return _proposes(lambda doc: find_codes(doc.text))


@Language.factory("fact_words")  # type: ignore[untyped-decorator]
def _words(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001
    return _proposes(wording(nlp))


@Language.factory("fact_names")  # type: ignore[untyped-decorator]
def _names(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001
    return _proposes(lambda doc: _people(doc.text))


@Language.factory("fact_choice")  # type: ignore[untyped-decorator]
def _choice(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001
    def component(doc: Doc) -> Doc:
        doc.user_data[_FOUND] = _settled(doc.user_data[_FOUND])
        return doc

    return component


def _people(text: str) -> Iterator[Found]:
    title: Span | None = None
    for span in mask_spans(text):
        if span.placeholder == "xxname":
            titled = title is not None and text[title.end : span.start] in {" ", ". "}
            yield (title.start if title and titled else span.start), span.end, "person"
        title = span if span.placeholder == "xxtitle" else None


def _settled(found: list[Found]) -> list[Found]:
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
