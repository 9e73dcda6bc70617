"""What a message of the intake form becomes: frozen parts, kept apart by who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

ADDITIONAL_PERSON: Final = "additional_person"
ROLES: Final = ("person", ADDITIONAL_PERSON, "organisation", "journey")


@dataclass(frozen=True, slots=True)
class Defect:
    """Something in a message that does not fit; it is reported with the record, never mended.

    Parameters
    ----------
    field
        The form's name of the field, or the place in the message where it has none that is known.
    rule
        A code for the rule, such as ``unknown_code``.
    words
        The rule for people. Nothing that was sent is quoted.
    where
        JSON pointer into the message.
    """

    field: str
    rule: str
    words: str
    where: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that has no place in the record, as JSON; like the message it may identify anyone.

    Parameters
    ----------
    where
        JSON pointer into the message.
    name
        The field's name as it was sent.
    value
        What was sent, as JSON.
    """

    where: str
    name: str = field(repr=False)
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom or what an allegation is about: for people and for links, never for the value model.

    Parameters
    ----------
    role
        ``person``, ``additional_person``, ``organisation``, or ``journey``: countries, foreign
        ports, airlines and flights, which stand in for a nationality.
    details
        Names, dates of birth, addresses and the like, by plain names.
    """

    role: str
    details: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the form. Where it lies is told by the message alone."""

    name: str = field(repr=False)
    mimetype: str
    id: str


@dataclass(frozen=True, slots=True)
class Timing:
    """When it happens.

    Parameters
    ----------
    when
        ``now``, ``ongoing``, ``already``, ``not_yet``, ``dont_know`` or ``None``.
    future
        ``next_24_hours``, ``later_date``, ``dont_know`` or ``None``.
    day, time
        The date and the time given for it.
    imminent
        Whether the answer, or the date, puts it within 24 hours of the day of receipt.
    """

    when: str | None = None
    future: str | None = None
    day: date | None = None
    time: str | None = None
    imminent: bool = False
