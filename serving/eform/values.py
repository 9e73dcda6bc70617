"""One answer of the form: what it means, and what about it does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from serving.eform.form import Form, Question
from serving.eform.message import Number
from serving.eform.types import Defect, Unread

WORDS: Final[Mapping[str, str]] = {
    "unknown_field": "the form is not known to have a field of this name; kept unread",
    "other_case": "the name is written in other capital and small letters than the form's",
    "unknown_key": "not a part of the message that is known; kept unread",
    "repeated_same": "sent more than once, with the same answer",
    "repeated_differs": "sent more than once, with different answers; the first is used, or the "
    "graver where one is, and the others are kept unread",
    "repeated_text": "sent more than once, with different texts; all of them are in the narrative",
    "two_answers": "another field answers the same question differently; the first is used, or "
    "the graver where one is, and the other is kept unread",
    "no_value": "holds nothing, not even an empty text",
    "number_for_text": "a number where a text is expected",
    "list_for_text": "a list where one text is expected",
    "not_a_text": "neither a text nor a number; kept unread",
    "tick_as_text": "a tick box sent as text",
    "tick_not_one": "a tick box that holds something other than 1; not counted as ticked",
    "unknown_code": "not among the answers that the form offers; kept unread",
    "words_for_answer": "words where the form offers answers to choose from",
    "free_text_too_long": "free text of more than 1,200 characters; taken whole",
    "note_too_long": "a timing note of more than 50 characters; taken whole",
    "not_a_date": "not a date as the form writes it (YYYY-MM-DD); taken as it stands",
    "impossible_date": "a day that does not exist or that this cannot be; taken as it stands",
    "impossible_time": "not a time of day (HH:MM); taken as it stands",
    "nationality_unreliable": "the form's stored nationality codes are known to slip by a row: "
    "do not rely on it",
    "age_band_unclear": "the form sends 74+ as 75+ beside a band of 65–74: an age of 74 may be "
    "meant by either",
    "age_and_birth_disagree": "the age and the date of birth disagree",
    "conflict": "says something different from another answer",
    "missing_crime_type": "the type of crime is missing; the form asks for it always",
    "missing_tick": "no kind of crime is ticked; the form asks for at least one",
    "missing_children": "whether children are involved is missing; the form asks for it always",
    "no_free_text": "there is no free text; the narrative only states what was ticked",
    "people_unread": "a further person is listed in a way that is not known; kept unread",
    "people_empty": "further people are listed without anything about them",
    "people_twice": "further people are listed in two places; the same person may stand twice",
    "attachment_unread": "an attachment without a text for name, type or number; kept unread",
    "attachments_many": "more than three attachments; the form takes three",
    "misspelt_attachments": "an older spelling of Attachments; taken as such",
}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d")
_NATIONALITY = re.compile(r"NatList\.[A-Z]{3}|Nationality-.+")
AGES: Final = ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "74+", "75+")
FREE_MOST: Final = 1_200
NOTE_MOST: Final = 50

Reading = tuple[str | None, tuple[str, ...]]
"""What an answer means (``None``: nothing that could be used) and the rules it breaks."""


@dataclass(slots=True)
class Findings:
    """What is found on the way through a message.

    Parameters
    ----------
    on
        The day of receipt.
    """

    on: date
    defects: list[Defect] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def report(self, name: str, rule: str, where: str, more: str = "") -> None:
        """Report a rule that is broken; ``more`` completes its words and quotes nothing."""
        self.defects.append(Defect(name, rule, WORDS[rule] + more, where))


def scalar(value: object) -> Reading:
    """Return the text of a value; an empty one where it is blank."""
    if isinstance(value, Number):
        return str(value), ("number_for_text",)
    if isinstance(value, str):
        return value.strip(), ()
    if value is None:
        return "", ("no_value",)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(one.strip() for one in value).strip(), ("list_for_text",)
    return None, ("not_a_text",)


def meaning(form: Form, question: Question, value: object, on: date) -> Reading:
    """Read the answer to a question.

    Parameters
    ----------
    form
        The form.
    question
        The question.
    value
        What was sent.
    on
        The day of receipt.
    """
    if question.kind == "tick":
        return _tick(value)
    text, rules = scalar(value)
    if not text:
        return text, rules
    if question.kind in form.answers:
        meant, more = _chosen(form, question.kind, text)
    else:
        meant, more = text, _RULES.get(question.kind, _fits)(text, on)
    return meant, (*rules, *more)


def _tick(value: object) -> Reading:
    text, rules = scalar(value)
    if text == "1":
        return text, () if isinstance(value, Number) else ("tick_as_text",)
    if text == "":
        return text, rules
    return None, ("tick_not_one",)


def _chosen(form: Form, kind: str, text: str) -> Reading:
    meant = form.meaning(kind, text)
    if meant is not None:
        return meant, ()
    if kind == "said_yes_no":
        return text, ()
    return (text, ("words_for_answer",)) if kind == "asked_without" else (None, ("unknown_code",))


def _fits(_text: str, _on: date) -> tuple[str, ...]:
    return ()


def _free(text: str, _on: date) -> tuple[str, ...]:
    return ("free_text_too_long",) if len(text) > FREE_MOST else ()


def _note(text: str, _on: date) -> tuple[str, ...]:
    return ("note_too_long",) if len(text) > NOTE_MOST else ()


def _date(text: str, _on: date) -> tuple[str, ...]:
    if not _ISO.fullmatch(text):
        return ("not_a_date",)
    day = as_day(text)
    return ("impossible_date",) if day is None or not 1900 <= day.year <= 2100 else ()


def _time(text: str, _on: date) -> tuple[str, ...]:
    return () if _TIME.fullmatch(text) else ("impossible_time",)


def _age(text: str, _on: date) -> tuple[str, ...]:
    if text not in AGES:
        return ("words_for_answer",)
    return ("age_band_unclear",) if text.endswith("+") else ()


def _nationality(text: str, _on: date) -> tuple[str, ...]:
    known = _NATIONALITY.fullmatch(text) is not None
    return ("nationality_unreliable",) if known else ("words_for_answer", "nationality_unreliable")


_RULES: Final[Mapping[str, Callable[[str, date], tuple[str, ...]]]] = {
    "free": _free, "note": _note, "date": _date, "time": _time, "age": _age,
    "nationality": _nationality,
}  # fmt: skip


def as_day(text: str | None) -> date | None:
    """Return the day that a text names, or ``None``."""
    try:
        return date.fromisoformat(text) if text and _ISO.fullmatch(text) else None
    except ValueError:
        return None
