"""Facts by which allegations are linked: spelt so that equal ones are equal, hubs kept apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from model.types import Detail

HUB: Final = 25
"""A fact that more allegations than this share links nothing."""

HUB_NAMED: Final = 8
"""The same for a business, whose name is often a kind of business."""

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
