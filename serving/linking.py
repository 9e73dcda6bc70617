"""Links between an allegation that comes in and those in the store: by words and by facts.

``model.similar`` compares a whole collection at once; here one text at a time is turned into keys
that an indexed table can hold, so that a store of any size is asked with a few look-ups. Texts are
cut as in ``data.near_duplicates``, into words and word pairs, and found by banded MinHash [1]_.
Each text's keys depend on that text alone. What the keys find is a candidate; ``similarity``
decides.

References
----------
.. [1] J. Leskovec, A. Rajaraman, J. Ullman, "Mining of Massive Datasets", 3rd edition, 2020,
   section 3.4.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.near_duplicates import BANDS, CONTAINED_FROM, ROWS, words_of
from model.types import Detail

THRESHOLD: Final = 0.6
"""Similarity from which two narratives count as near-duplicates, as in `data.near_duplicates`."""

CANDIDATES: Final = 50
"""How many candidates, those that share most bands first, are worth comparing exactly."""

HUB: Final = 25
"""A fact that more allegations than this share links nothing."""

HUB_NAMED: Final = 8
"""The same for a business, whose name is often a kind of business."""

CROWD: Final = 200
"""A band that more allegations than this share is a stock phrase and worth no look-up."""

MOST_UNEQUAL: Final = 0.99
"""What the similarity of narratives in which a word differs never exceeds by containment."""

LONGEST: Final = 200
"""A text of more characters than this is no fact."""

KINDS: Final = ("vehicle_registration", "phone", "email", "postcode", "address", "business")
"""The kinds of fact that link two allegations, the most telling first."""

_NAMES: Final[Mapping[str, str]] = {
    "vehicle_registration": "vehicle registration",
    "phone": "phone number",
    "email": "e-mail address",
    "address": "number and street, perhaps of another town",
}
_ENDINGS: Final = (
    ("postcode", "postcode"), ("vehicle_registration", "vehicle_registration"),
    ("phone", "phone"), ("mobile", "phone"), ("email", "email"), ("address", "address"),
    ("business", "business"), ("company", "business"), ("organisation", "business"),
    ("institution", "business"),
)  # fmt: skip
_WORD = re.compile(r"\w+")
_NOT_CODE = re.compile(r"[^a-z0-9]+")
_BRITAIN = re.compile(r"^(?:0044|44)0?(?=\d{9,10}$)")
_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LEGAL_FORM = re.compile(r"(?:\s+(?:ltd|limited|plc|llp|llc|inc|co|uk))+$|^the\s+")
_ADDRESS = re.compile(
    r"\b\d+[a-z]?(?: [^\W\d]\w*){1,3}? (?:street|road|lane|avenue|crescent|terrace|st|rd|ave|ln"
    r"|mews|gardens|grove|drive|close|way|court|place|square|park|hill|green|row|walk|rise|view|quay"
    r"|wharf|gate|parade|mount|bridge|broadway|circus|end|yard)\b"
)
_ABBREVIATED: Final = {"st": "street", "rd": "road", "ave": "avenue", "ln": "lane"}
_NOTHING_SAID: Final = frozenset(
    {"", "unknown", "dont know", "don t know", "dont_know", "i dont know", "not known", "n a",
     "na", "none", "no", "yes", "x", "xx", "xxx", "test", "various", "tbc"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class FactKey:
    """A fact spelt so that equal ones are equal.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    value
        Such as ``ne14st``, or ``07700900123`` for "+44 (0)7700 900-123".
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What it means that some allegations share a fact or nearly the same words.

    Parameters
    ----------
    links
        Whether it links them.
    words
        Why, or why not, for people.
    """

    links: bool
    words: str


def fact_keys(details: Sequence[Detail] = (), *answers: Mapping[str, str]) -> tuple[FactKey, ...]:
    """Return the facts by which an allegation links to others, sorted, each once.

    Parameters
    ----------
    details
        Facts found in the narrative.
    answers
        Structured answers. A name's ending tells the kind: ``person_postcode`` and ``postcode``
        are postcodes. Answers that say nothing ("unknown") and values that cannot be what they
        are called (a telephone number of five digits, half a postcode, an address without number
        and street) give no key.
    """
    found = [(detail.kind, detail.text) for detail in details if detail.kind in KINDS]
    for given in answers:
        found += ((kind, text) for name, text in given.items() if (kind := _kind_of(name)))
    keys = ((kind, normalised(kind, text)) for kind, text in found)
    return tuple(sorted({FactKey(kind, value) for kind, value in keys if value}))


def normalised(kind: str, text: str) -> str:
    """Spell a fact so that equal ones are equal; empty where it is none that could link."""
    if len(text) > LONGEST:
        return ""
    words = " ".join(_WORD.findall(text.casefold()))
    if words in _NOTHING_SAID:
        return ""
    plain = _NOT_CODE.sub("", text.casefold())
    if kind == "phone":
        number = _BRITAIN.sub("0", re.sub(r"\(0\)|\D", "", text))
        return number if 9 <= len(number) <= 15 and len(set(number)) > 2 else ""
    if kind == "postcode":
        return plain if _POSTCODE.fullmatch(plain) else ""
    if kind == "vehicle_registration":
        return plain if _has_both(plain) and 4 <= len(plain) <= 8 else ""
    if kind == "email":
        return text.strip().casefold() if _MAIL.fullmatch(text.strip()) else ""
    if kind == "address":
        return _street(words)
    return _LEGAL_FORM.sub("", words)


def shared_fact(kind: str, holders: int) -> Shared:
    """Say whether a fact that a number of allegations share links them.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    holders
        How many allegations hold the fact, the new one included. The count may stop at
        ``HUB + 1``.
    """
    name, most = _NAMES.get(kind, kind), HUB_NAMED if kind == "business" else HUB
    if holders <= most:
        return Shared(True, f"same {name}")
    return Shared(
        False,
        f"same {name}, but more than {most} allegations share it: too common to link by itself",
    )


def shared_words(similar: float) -> Shared:
    """Say whether narratives of this `similarity` link, and how nearly they agree."""
    if similar >= 1:
        return Shared(True, "the same words")
    return Shared(similar >= THRESHOLD, f"nearly the same words: {min(int(similar * 100), 99)}%")


def bands(narrative: str) -> tuple[int, ...]:
    """Return the keys under which a narrative is found by what says nearly the same.

    Two texts whose `similarity` is 0.6 share at least one of the keys with a probability of
    .999, at 0.5 with .98. The same text has the same keys on every machine.

    Parameters
    ----------
    narrative
        The narrative; case, punctuation and spacing are ignored.

    Returns
    -------
    tuple of int
        ``BANDS`` signed 64-bit numbers, or none where the text has no word. The number of the
        band is part of each key, so that one indexed column holds them all.
    """
    marks = _shingles(narrative)
    if not len(marks):
        return ()
    multipliers, shifts = _hashes()
    hashed = marks[:, None] * multipliers + shifts
    hashed ^= hashed >> np.uint64(29)
    least = (hashed * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(16)).min(axis=0)
    key = np.arange(BANDS, dtype=np.uint64) + np.uint64(1)
    for row in least.reshape(BANDS, ROWS).T:
        key = (key ^ row) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(31)
    return tuple(key.astype(np.int64).tolist())


def most_shared(counts: Mapping[int, int], at_most: int = CANDIDATES) -> tuple[int, ...]:
    """Return the candidates worth comparing: those that share most bands, the newest first.

    Parameters
    ----------
    counts
        How many bands each candidate, by its number in the store, shares with the text. Bands
        held by more than ``CROWD`` allegations should be left out where others are left.
    at_most
        How many to return.
    """
    return tuple(sorted(counts, key=lambda one: (-counts[one], -one))[:at_most])


def similarity(a: str, b: str) -> float:
    """Return how far two narratives agree: exact, 0 to 1, and 1 for equal words.

    Jaccard similarity of their words and word pairs. Where one holds nearly all of another that
    is at least half as long, what counts is the share of the shorter that the longer holds, as in
    `data.near_duplicates`; unlike there, every shingle weighs the same, because an intake sees
    one text at a time and knows no frequencies.
    """
    one, other = _shingles(a), _shingles(b)
    if not len(one) or not len(other):
        return 0.0
    common = len(np.intersect1d(one, other, assume_unique=True))
    small, large = sorted((len(one), len(other)))
    long = small >= CONTAINED_FROM and 2 * small >= large
    if long and common < large and common / small >= (1 + THRESHOLD) / 2:
        return min(common / small, MOST_UNEQUAL)
    return common / (small + large - common)


def _kind_of(name: str) -> str | None:
    return next((kind for ending, kind in _ENDINGS if name.endswith(ending)), None)


def _street(words: str) -> str:
    """Return number and street: flats, towns and abbreviations are written too differently."""
    found = _ADDRESS.search(words)
    if found is None:
        return ""
    *told, street = found.group().split()
    return " ".join([*told, _ABBREVIATED.get(street, street)])


def _has_both(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _shingles(text: str) -> NDArray[np.uint64]:
    """One number for each distinct word and word pair."""
    words = words_of(text)
    marks = np.fromiter((_mark(word) for word in words), np.uint64, len(words))
    pairs = (marks[:-1] + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) ^ marks[1:]
    return np.unique(np.concatenate([marks, pairs]))


def _mark(word: str) -> int:
    return zlib.crc32(word.encode("utf-8", "surrogatepass"))


@cache
def _hashes() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    # written out rather than drawn from numpy, whose generators may change with its version
    state, drawn = 20140523, []
    for _ in range(2 * BANDS * ROWS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        drawn.append(state ^ state >> 31)
    numbers = np.array(drawn, dtype=np.uint64)
    return numbers[::2] | np.uint64(1), numbers[1::2]
