"""Facts known by the shape of their characters: postcodes, telephones, plates, money, clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.terms import terms

Found = tuple[int, int, str]
"""Start, end and kind of a fact."""

_POSTCODE = re.compile(
    r"\b[a-z]{1,2}\d[a-z\d]?[ \u00a0]{0,2}\d[abd-hjlnp-uw-z]{2}\b", re.IGNORECASE
)
_OUTWARD = re.compile(r"\bpost ?code\s+(?:is\s+)?([a-z]{1,2}\d[a-z\d]?)\b", re.IGNORECASE)
_ORDINAL = re.compile(r"\s\d(?:st|nd|rd|th)$")
_PHONE = re.compile(
    r"(?<![\w£$€.])(?:(?:\+44|0044)[\s-]?(?:\(0\))?[\s-]?\d|\(?0\d)(?:[\s().-]{0,2}\d){8,9}(?!\w)"
    r"|(?<!\w)\+[1-9](?:[\s().-]{0,2}\d){8,13}(?!\w)"
)
_PLATE = re.compile(r"\b[a-z]{2}\d{2}\s?([a-z]{3})\b", re.IGNORECASE)
_OLD_PLATE = re.compile(
    r"\b(?:([a-z])\d{1,3}\s?([a-z]{3})|([a-z]{3})\s?\d{1,3}[a-z]|[a-z]{1,3}\s?\d{3,4})\b",
    re.IGNORECASE,
)
_PLATE_CUE = re.compile(
    r"\b(?:reg|regs|registration|plate|plates|numberplate|vrm|vrn)\b", re.IGNORECASE
)
_MONEY = re.compile(
    r"(?:[£$€]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m|bn|million|thousand|grand)\b)?"
    r"|\b\d[\d,]*(?:\.\d+)?k?\s?(?:pounds?|quid|grand|euros?|dollars?|gbp|usd)\b)"
    r"(?:\s(?:an?|per|each|every)\s(?:hour|day|week|month|year|night|person|head|shift))?",
    re.IGNORECASE,
)
_WEIGHT = re.compile(
    r"\b\d[\d,]*(?:\.\d+)?\s?(?:kgs?|kilos?|grams?|g|oz|lbs?|litres?|ml|l)\b", re.IGNORECASE
)
_CLOCK = re.compile(
    r"\b(?:\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|a\.m\.?|p\.m\.?)(?!\w)|(?:[01]?\d|2[0-3]):[0-5]\d\b(?!:)"
    r"|[0-2]\d[0-5]\d\s?(?:hrs|hours)\b|\d{1,2}\s?o['’]?clock\b|\d{1,2}ish\b)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:(?:0?[1-9]|[12]\d|3[01])([/.-])(?:0?[1-9]|1[0-2])\1(?:\d{4}|\d{2})"
    r"|\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?!24/7)(?:0?[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2]))\b(?![/\d])"
)
_DIGIT = re.compile(r"\d")
_WORDS = frozenset(terms("ordinary"))
_PLAIN = (
    (_PHONE, "phone"), (_MONEY, "amount"), (_WEIGHT, "amount"), (_CLOCK, "time"), (_DATE, "date"),
)  # fmt: skip


def find_codes(text: str) -> Iterator[Found]:
    """Find facts by shape; they may overlap.

    Parameters
    ----------
    text
        Any text.
    """
    if not _DIGIT.search(text):
        return
    for pattern, kind in _PLAIN:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), kind
    yield from _postcodes(text)
    yield from _plates(text)


def _postcodes(text: str) -> Iterator[Found]:
    for match in _POSTCODE.finditer(text):
        if not _ORDINAL.search(match.group()):
            yield match.start(), match.end(), "postcode"
    for match in _OUTWARD.finditer(text):
        yield match.start(1), match.end(1), "postcode"


def _plates(text: str) -> Iterator[Found]:
    for match in _PLATE.finditer(text):
        if match.group(1).lower() not in _WORDS:
            yield match.start(), match.end(), "vehicle_registration"
    for cue in _PLATE_CUE.finditer(text):
        near = _OLD_PLATE.search(text, cue.end(), cue.end() + 30)
        if near and not _WORDS.intersection(part.lower() for part in near.groups() if part):
            yield near.start(), near.end(), "vehicle_registration"
