"""Whether a narrative may tell who reported: their own details in it, and how they speak of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Final

from serving.eform.values import as_day
from serving.source_handling import Reporter, speaks_as_close

_WORD = re.compile(r"\w+")
_DIGITS_BETWEEN: Final = r"[\s().\-/]{0,3}"
_SPACE_BETWEEN: Final = r"[\s-]{0,2}"
_HOUSE = re.compile(r"\d+[a-z]?[,\s]+[^\W\d][^,\n]+")
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec"
_TO_THEM: Final = (
    r"wife|husband|partner|girlfriend|boyfriend|ex|neighbou?r|land(?:lord|lady)|tenant|manager|boss"
    r"|employe[er]|colleague|co-?worker|teacher|nurse|doctor|driver|cleaner|accountant|solicitor"
    r"|mother|father|sister|brother|daughter|son|cousin|uncle|aunt|friend|(?:flat|house)mate"
)
_GIVES_A_NAME: Final = r"\bmy (?:full |real |first )?name(?:'s| is)\b|\bi am called\b"
_CONTACT: Final = (
    r"\b(?:call|ring|phone|text|e-?mail|contact|reach|whatsapp|message) me\b"
    r"|\bmy (?:(?:tele)?phone|mobile|cell|number|e-?mail)(?: address| number)? ?(?:is|:|=)"
)
_I_AM: Final = (
    r"\bi(?: am|'m)(?: also| actually| just| only)? (?:his|her|their|one of (?:his|her|their)|the"
    rf"|a) (?:\w+ ){{0,2}}?(?:{_TO_THEM})\b"
)
_LIVES: Final = (
    r"\bi(?: also| still| used to)? (?:live|lived|stay|rent) (?:\w+ ){0,2}?(?:at|in|on|next"
    r"|opposite|above|below|with|near|across|behind)\b|\bmy (?:address|house|flat|home) is\b"
)
_SIGNED: Final = (
    r"\b(?:yours (?:sincerely|faithfully|truly)|(?:kind|best|warm) regards|signed)\b[\s,:.]*"
    r"(?!(?:an?|anon\w*|concerned|one)\b)\w"
)
_PHRASES: Final = (
    (_GIVES_A_NAME, "gives a name"),
    (_CONTACT, "asks to be contacted, or says how"),
    (_I_AM, "says who the reporter is to them"),
    (_LIVES, "says where the reporter lives"),
    (_SIGNED, "is signed"),
)


def identifying(narrative: str, reporter: Reporter) -> tuple[str, ...]:
    """Return why a narrative may tell who reported, in words that quote nothing.

    Parameters
    ----------
    narrative
        The narrative.
    reporter
        The reporter, whose own details are looked for however they are written.

    Examples
    --------
    >>> identifying("Ring me on 07700 900123", Reporter(phone="+44 7700 900123"))
    ('holds the telephone number of the reporter', 'asks to be contacted, or says how')
    """
    text = _folded(narrative)
    own = [f"holds the {what} of the reporter" for what in _own_details(text, reporter)]
    told = [words for pattern, words in _PHRASES if re.search(pattern, text)]
    if speaks_as_close(narrative):
        told.append("speaks of the reporter's own family, home or work")
    return (*own, *told)


def _own_details(text: str, reporter: Reporter) -> Iterator[str]:
    words = _WORD.findall(text)
    names = [name for name in (reporter.first_name, reporter.surname) if name]
    if any(_stands(words, _folded(name)) for name in (*names, " ".join(names))):
        yield "name"
    if _holds_phone(text, reporter.phone or ""):
        yield "telephone number"
    mail = _folded(reporter.email)
    if "@" in mail and mail in text:
        yield "e-mail address"
    born = as_day(reporter.date_of_birth)
    if born is not None and _birth(born).search(text):
        yield "date of birth"
    house = _HOUSE.search(_folded(reporter.address))
    if house is not None and _stands(words, house.group()):
        yield "address"
    if _holds_code(text, reporter.postcode or ""):
        yield "postcode"


def _stands(words: list[str], wanted: str) -> bool:
    """Whether words stand in a text, as a whole and in order."""
    sought = " ".join(_WORD.findall(wanted))
    return len(sought) >= 3 and f" {sought} " in f" {' '.join(words)} "


def _holds_phone(text: str, phone: str) -> bool:
    digits = re.sub(r"\D", "", phone)[-9:]
    return len(digits) == 9 and bool(re.search(_DIGITS_BETWEEN.join(digits), text))


def _holds_code(text: str, postcode: str) -> bool:
    code = re.sub(r"[^a-z0-9]", "", _folded(postcode))
    return len(code) >= 5 and bool(re.search(rf"\b{_SPACE_BETWEEN.join(code)}\b", text))


def _birth(born: date) -> re.Pattern[str]:
    year = rf"(?:{born.year}|{born.year % 100:02})"
    month = rf"(?:0?{born.month}|{_MONTHS.split()[born.month - 1]}[a-z]*)"
    day, sign = rf"0?{born.day}(?:st|nd|rd|th)?", r"[\s./,-]{1,3}(?:of\s)?"
    return re.compile(
        rf"\b(?:{born.year}{sign}{month}{sign}{day}|{day}{sign}{month}{sign}{year}"
        rf"|{month}{sign}{day}{sign}{year})\b"
    )


def _folded(text: str | None) -> str:
    """Small letters without accents, and one kind of apostrophe."""
    apart = unicodedata.normalize("NFKD", (text or "").replace("’", "'"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()
