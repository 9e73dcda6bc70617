"""What a message of the intake form becomes: frozen parts, kept apart by who may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from serving.source_handling import Reporter

PERSON: Final = "person"
ADDITIONAL_PERSON: Final = "additional_person"
ORGANISATION: Final = "organisation"
JOURNEY: Final = "journey"


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


@dataclass(frozen=True, slots=True)
class Received:
    """A message of the intake form, taken apart.

    Parameters
    ----------
    fingerprint
        SHA-256 of the message's canonical form: a message sent again has the same.
    narrative
        What the free-text fields say, in the order of ``form.toml``. Never blank.
    narrative_made
        Whether there was no free text, so that the narrative only states what was ticked. Such
        narratives are much alike: no ground for a link.
    categories
        Codes of the taxonomy's categories that were ticked.
    fields
        Structured answers for the model and the rules: nothing of the reporter, no name, date of
        birth, gender or nationality. "Don't know" is ``dont_know``; what was left blank is absent.
    people
        Persons, organisation and journey.
    reporter
        Who reported, and the questions about how they know.
    attachments
        The files.
    timing
        When it happens.
    defects
        What does not fit, in the order of the message, then across fields.
    unread
        What has no place above: to be kept as restricted as the message itself.
    identifies_reporter
        Why the narrative may tell who reported, in words that quote nothing.
    channel
        Always ``web_form``.
    """

    fingerprint: str
    narrative: str = field(repr=False)
    narrative_made: bool
    categories: tuple[str, ...]
    fields: Mapping[str, str] = field(repr=False)
    people: tuple[Subject, ...]
    reporter: Reporter
    attachments: tuple[Attachment, ...]
    timing: Timing
    defects: tuple[Defect, ...]
    unread: tuple[Unread, ...]
    identifies_reporter: tuple[str, ...]
    channel: str = "web_form"

    @property
    def rule_answers(self) -> dict[str, str]:
        """The answers for the urgency and safeguarding rules, the reporter's risk among them.

        The rules see what the value model must not: whether the reporter fears for somebody.
        """
        answers = dict(self.fields)
        if self.reporter.risk_if_used is not None:
            answers["risk_if_acted_on"] = self.reporter.risk_if_used
        if self.timing.imminent:
            answers["timing_future"] = "next_24_hours"
        return answers

    @property
    def linkable(self) -> tuple[Mapping[str, str], ...]:
        """The answers that `serving.linking.fact_keys` takes: of the form and of its subjects."""
        return (self.fields, *(subject.details for subject in self.people))
