"""Which kinds of fact a text can hold, told from its words alone: cheap, and never too few.

A pattern of ``model.wording`` needs certain words. Where a text has none of the sets of words
below, no pattern of the kind can match, so the text is not split into spaCy tokens for it. A
token is a run of letters here, or holds one: what is compared are runs of letters.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from typing import Final

from data.terms import table

_runs = re.compile(r"[^\W\d_]+").findall
_plain_runs = re.compile(r"[a-z]+").findall
_has_digit = re.compile(r"\d").search
_TITLED: Final = " titled"
_COUNT: Final = " count"
_PLACED: Final = " placed"

Needs = dict[str, tuple[tuple[frozenset[str], ...], ...]]


@cache
def needs() -> Needs:
    """For each kind, alternatives: sets of words of each of which the text has to hold one."""
    facts = {name: frozenset(words) for name, words in table("facts").items()}
    letters = {name: frozenset(_letters(word) for word in words) for name, words in facts.items()}
    month = letters["month"] | {"mayn", "maynt", "mayntve"}  # spaCy cuts "mayn't" after "may"
    count = frozenset({_COUNT})
    return {
        "date": (
            (letters["weekday"] | letters["relative"] | letters["month_sure"],),
            (month, count),
            (letters["period"] | letters["periods"], letters["which"] | {"in", "ago"}),
            (frozenset({"after"}), frozenset({"day"})),
        ),
        "time": (
            (letters["moment"],),
            (letters["hour_word"], count),
            (letters["part"], frozenset({"in", "at", "early", "late", "middle"})),
        ),
        "address": (
            (letters["street_sure"],),
            (letters["street_maybe"], count | {_TITLED}),
            (letters["premises"], count),
            (letters["estate"], frozenset({"industrial", "trading", "business", "retail"})),
        ),
        "business": (
            (letters["company"] | letters["business_sure"],),
            (letters["business"], frozenset({_TITLED, _PLACED, "called", "named"})),
        ),
        "amount": ((letters["unit"], count),),
    }


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    facts = table("facts")
    first = frozenset().union(*(options[0] for kind in needs().values() for options in kind))
    return first, frozenset(facts["number"]), frozenset(facts["business"]), frozenset(facts["at"])


def possible_kinds(text: str) -> frozenset[str]:
    """Return the kinds of fact of ``model.wording`` that a text can hold.

    Parameters
    ----------
    text
        Any text.
    """
    runs = (_plain_runs if text.isascii() else _runs)(text.lower())
    first, numbers, businesses, places = _words()
    if first.isdisjoint(runs):
        return frozenset()
    words = set(runs)
    here = words & first
    if _has_digit(text) or not numbers.isdisjoint(words):
        words.add(_COUNT)
    if any(run.title() in text for run in here):
        words.add(_TITLED)
    if not businesses.isdisjoint(here) and _placed(runs, businesses, places):
        words.add(_PLACED)
    found = []
    for kind, options in needs().items():
        for first_need, *others in options:
            if not here.isdisjoint(first_need) and (not others or not words.isdisjoint(others[0])):
                found.append(kind)
                break
    return frozenset(found)


def _placed(runs: list[str], businesses: frozenset[str], places: frozenset[str]) -> bool:
    """Whether a word for a business stands right before one that says where."""
    return any(after in places and run in businesses for run, after in pairwise(runs))


def _letters(word: str) -> str:
    """Return the longest run of letters of a word, such as ``clock`` of ``o'clock``."""
    found: list[str] = _runs(word)
    return max(found, key=len)
