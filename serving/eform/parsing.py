"""Taking a message of the intake form apart: from the bytes to what the record is made of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from data.taxonomy import load_taxonomy
from serving.eform.collecting import Answers, collect
from serving.eform.conflicts import check_across
from serving.eform.findings import Findings
from serving.eform.form import Form, load_form
from serving.eform.identifying import identifying
from serving.eform.message import Message, read_message
from serving.eform.narrative import made_narrative, narrative
from serving.eform.outer import read_attachments, report_strays
from serving.eform.people import read_people
from serving.eform.received import Received
from serving.eform.types import ADDITIONAL_PERSON, ROLES, Attachment, Subject, Timing
from serving.eform.values import as_day
from serving.source_handling import Reporter


def parse(body: bytes, on: date | None = None) -> Received:
    """Take a message of the Home Office form apart, exactly as it is sent.

    What does not fit is reported with the record and never mended: see `Received.defects`.

    Parameters
    ----------
    body
        The message.
    on
        The day of receipt, by which ages and dates are checked; today where it is not given.

    Raises
    ------
    BadMessage
        If the body is no JSON object with a list ``EformFields`` of ``{FieldName, FieldValue}``,
        or is too large, too deep, or holds characters that cannot be stored.
    """
    message, form = read_message(body), load_form()
    found = Findings(on or datetime.now(UTC).date())
    answers = collect(message.items, form, found)
    people = _people(message, answers, form, found)
    attachments = read_attachments(message, found)
    report_strays(message, found)
    check_across(answers, people, form, found)
    return _received(message, answers, people, attachments, form, found)


def _received(
    message: Message,
    answers: Answers,
    people: tuple[Subject, ...],
    attachments: tuple[Attachment, ...],
    form: Form,
    found: Findings,
) -> Received:
    categories = tuple(one.to for one in answers.ticked if one.part == "categories")
    fields = _fields(answers)
    told = narrative(answers.told, form)
    if not told:
        found.report("EformFields", "no_free_text", "/EformFields")
    reporter = Reporter(**answers.parts["reporter"])
    return Received(
        fingerprint=message.fingerprint,
        narrative=told or made_narrative([_title(code) for code in categories], fields),
        narrative_made=not told,
        categories=categories,
        fields=fields,
        people=people,
        reporter=reporter,
        attachments=attachments,
        timing=_timing(fields, found.on),
        defects=tuple(found.defects),
        unread=tuple(found.unread),
        identifies_reporter=identifying(told, reporter),
    )


def _title(code: str) -> str:
    return load_taxonomy().title(code).lower()


def _fields(answers: Answers) -> dict[str, str]:
    means = sorted(one.to for one in answers.ticked if one.part == "transport")
    return {**answers.parts["fields"], **({"transport": "|".join(means)} if means else {})}


def _timing(fields: Mapping[str, str], on: date) -> Timing:
    day, future = as_day(fields.get("timing_date")), fields.get("timing_future")
    near = day is not None and on <= day <= on + timedelta(days=1)
    return Timing(
        when=fields.get("timing"),
        future=future,
        day=day,
        time=fields.get("timing_time"),
        imminent=future == "next_24_hours" or near,
    )


def _people(
    message: Message, answers: Answers, form: Form, found: Findings
) -> tuple[Subject, ...]:
    own = [Subject(role, answers.parts[role]) for role in ROLES if answers.parts[role]]
    outer = message.outer.get("AdditionalPeople")
    more = read_people(outer, "/AdditionalPeople", form, found)
    sources = (answers.parts[ADDITIONAL_PERSON], answers.listed, more)
    if sum(bool(source) for source in sources) > 1:
        found.report("AdditionalPeople", "people_twice", "/AdditionalPeople")
    distinct: list[Subject] = []
    for subject in (*own, *answers.listed, *more):
        if subject not in distinct:
            distinct.append(subject)
    return tuple(distinct)
