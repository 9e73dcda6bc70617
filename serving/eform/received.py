"""A message of the intake form, taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from serving.eform.types import Attachment, Defect, Subject, Timing, Unread
from serving.reporter import Reporter


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
