"""Reading when something was received: exact forms only, nothing guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_TIME: Final = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp][Mm])?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_YEAR_FIRST: Final = re.compile(
    r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})" + _TIME
)
_YEAR_LAST: Final = re.compile(r"(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<year>\d{4})" + _TIME)
_WEEKDAY: Final = r"(?:[A-Za-z]{3,9},?\s+)?"
_WORDED: Final = (
    re.compile(
        _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<name>[A-Za-z]{3,9})\.?,?[ -]"
        r"(?P<year>\d{4})" + _TIME
    ),
    re.compile(
        _WEEKDAY
        + r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})"
        + _TIME
    ),
)
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_YEARS: Final = range(1900, 2101)


class NotADate(ValueError):  # noqa: N818
    """A text that is no date, or more than one."""


def parse_received(text: str, *, day_first: bool | None = None) -> datetime:
    """Return the moment that a text names, in UTC; a text without a zone is taken as UTC.

    ISO 8601, year-first dates with any of ``/.-``, dates with the month in words and e-mail
    dates are read. A date such as 03/04/2024 is read only where ``day_first`` says how.

    Raises
    ------
    NotADate
        If the text is none of these, could be two days, or names a day that does not exist or
        lies outside the years 1900 to 2100.
    """
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _other_forms(text, day_first)
    if moment.year not in _YEARS:
        raise NotADate("lies outside the years 1900 to 2100")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _other_forms(text: str, day_first: bool | None) -> datetime:
    if found := _YEAR_FIRST.fullmatch(text):
        return _moment(found, int(found["month"]), int(found["day"]))
    if found := _YEAR_LAST.fullmatch(text):
        return _moment(found, *_month_and_day(int(found["a"]), int(found["b"]), day_first))
    for form in _WORDED:
        if found := form.fullmatch(text):
            return _moment(found, _month(found["name"]), int(found["day"]))
    raise NotADate("is not a date that can be read")


def _month_and_day(a: int, b: int, day_first: bool | None) -> tuple[int, int]:
    if day_first is not None:
        return (b, a) if day_first else (a, b)
    if a <= 12 and b <= 12 and a != b:
        raise NotADate("could be two days: day or month first?")
    return (b, a) if a > 12 or a == b else (a, b)


def _month(name: str) -> int:
    for number, month in enumerate(_MONTHS, start=1):
        if name.casefold() in (month, month[:3], month[:4] if number == 9 else month):
            return number
    raise NotADate("names no month")


def _moment(found: re.Match[str], month: int, day: int) -> datetime:
    hour, half = int(found["hour"] or 0), (found["half"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            raise NotADate("names an hour that does not exist")
        hour = hour % 12 + (12 if half == "pm" else 0)
    micro = int((found["part"] or "0")[:6].ljust(6, "0"))
    minute, second = int(found["minute"] or 0), int(found["second"] or 0)
    try:
        zone = _zone(found["zone"])
        return datetime(int(found["year"]), month, day, hour, minute, second, micro, tzinfo=zone)
    except ValueError:
        raise NotADate("names a day or time that does not exist") from None


def _zone(text: str | None) -> timezone:
    if text is None or text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
