"""Who reported: kept apart from what they reported, and never printed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

from serving.facts import normalised


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reported, and how they know: of the web form and of the JSON interface alike.

    A blank answer is ``None``; "don't know" is ``dont_know``. Nothing of it is shown when the
    object is printed.

    Parameters
    ----------
    how_found_out, who_else_knows
        In the reporter's words.
    reported_before
        ``yes``, ``no``, ``dont_know`` or the reporter's words.
    relationship
        To the person reported, in the reporter's words.
    risk_if_used
        Whether using the information puts anyone at risk: ``yes``, ``no``, ``dont_know`` or the
        reporter's words. The web form asks the opposite ("can it be used without risk?"), so its
        "No" is a ``yes`` here.
    under_18
        ``yes``, ``no`` or ``dont_know``. The web form asks whether they are 18 or over.
    may_contact, contact_time
        Whether they may be contacted, and when.
    first_name, surname, date_of_birth, nationality, gender, phone, email, address, postcode
        Identity: for those alone whose role needs it.
    """

    how_found_out: str | None = field(default=None, repr=False)
    who_else_knows: str | None = field(default=None, repr=False)
    reported_before: str | None = field(default=None, repr=False)
    relationship: str | None = field(default=None, repr=False)
    risk_if_used: str | None = field(default=None, repr=False)
    under_18: str | None = field(default=None, repr=False)
    may_contact: str | None = field(default=None, repr=False)
    contact_time: str | None = field(default=None, repr=False)
    first_name: str | None = field(default=None, repr=False)
    surname: str | None = field(default=None, repr=False)
    date_of_birth: str | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)
    gender: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    postcode: str | None = field(default=None, repr=False)

    def given(self) -> dict[str, str]:
        """Return what was answered, by name."""
        named = ((one.name, getattr(self, one.name)) for one in fields(self))
        return {name: value for name, value in named if value is not None}

    def contact_keys(self) -> tuple[tuple[str, str], ...]:
        """Return kind and normalised value of each way to reach them, to recognise a repeat."""
        said = (("phone", self.phone or ""), ("email", self.email or ""))
        keys = ((kind, normalised(kind, text)) for kind, text in said)
        return tuple((kind, value) for kind, value in keys if value)


NOBODY: Final = Reporter()
"""A reporter who said nothing about themselves."""
