"""One answer of the form: what it means, and what about it does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from serving.eform.form import Form, Question
from serving.eform.tree import Number

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d")
_NATIONALITY = re.compile(r"NatList\.[A-Z]{3}|Nationality-.+")
AGES: Final = ("0-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "74+", "75+")
FREE_MOST: Final = 1_200
NOTE_MOST: Final = 50

Reading = tuple[str | None, tuple[str, ...]]
"""What an answer means (``None``: nothing that could be used) and the rules it breaks."""


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


def meaning(form: Form, question: Question, value: object) -> Reading:
    """Read the answer to a question.

    Parameters
    ----------
    form
        The form.
    question
        The question.
    value
        What was sent.
    """
    if question.kind == "tick":
        return _tick(value)
    text, rules = scalar(value)
    if not text:
        return text, rules
    if question.kind in form.answers:
        meant, more = _chosen(form, question.kind, text)
        return meant, (*rules, *more)
    check = _RULES.get(question.kind)
    return text, (*rules, *(check(text) if check else ()))


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


def _free(text: str) -> tuple[str, ...]:
    return ("free_text_too_long",) if len(text) > FREE_MOST else ()


def _note(text: str) -> tuple[str, ...]:
    return ("note_too_long",) if len(text) > NOTE_MOST else ()


def _date(text: str) -> tuple[str, ...]:
    if not _ISO.fullmatch(text):
        return ("not_a_date",)
    day = as_day(text)
    return ("impossible_date",) if day is None or not 1900 <= day.year <= 2100 else ()


def _time(text: str) -> tuple[str, ...]:
    return () if _TIME.fullmatch(text) else ("impossible_time",)


def _age(text: str) -> tuple[str, ...]:
    if text not in AGES:
        return ("words_for_answer",)
    return ("age_band_unclear",) if text.endswith("+") else ()


def _nationality(text: str) -> tuple[str, ...]:
    known = _NATIONALITY.fullmatch(text) is not None
    return ("nationality_unreliable",) if known else ("words_for_answer", "nationality_unreliable")


_RULES: Final[Mapping[str, Callable[[str], tuple[str, ...]]]] = {
    "free": _free, "note": _note, "date": _date, "time": _time, "age": _age,
    "nationality": _nationality,
}  # fmt: skip


def as_day(text: str | None) -> date | None:
    """Return the day that a text names, or ``None``."""
    try:
        return date.fromisoformat(text) if text and _ISO.fullmatch(text) else None
    except ValueError:
        return None
