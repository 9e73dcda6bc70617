"""The pages of recording an allegation: the form with its hints, and what was noticed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.checks import NARRATIVE_LIMIT
from data.schema import DONT_KNOW
from data.taxonomy import Taxonomy
from serving.hinting import Hint
from serving.parts.answers import CategoryQuestion, Choice, Note, Question
from serving.parts.records import KINDS, Fact, RecordHeader, Tag
from serving.recording import Answers
from serving.store.records_intake import Flag, Linked
from serving.views import moment
from serving.views_records import clock_tag, urgency_tags
from serving.worklist import Read

NOT_RECORDED = frozenset({"web_form"})
YES_NO = {"yes": "Yes", "no": "No", DONT_KNOW: "Don’t know"}
ANSWERS = {
    **YES_NO,
    "now": "Now",
    "ongoing": "It goes on",
    "already": "Already happened",
    "not_yet": "Not yet",
    "next_24_hours": "In the next 24 hours",
    "later_date": "Later",
}
NOT_ASKED = Choice("", "Not asked")
STATES = {"there": "There", "missing": "Missing", "mind": "Mind"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text to fill in.

    Parameters
    ----------
    name
        Field of the form, and identifier of its element.
    label
        What to write.
    text
        What is written already.
    hint
        What helps to answer, or empty.
    error
        What to do about it, or empty.
    width
        Class of GOV.UK Frontend for its width, or empty for all there is.
    """

    name: str
    label: str
    text: str = ""
    hint: str = ""
    error: str = ""
    width: str = ""


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """Context of ``record_new.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    once
        Goes with the form, so that sending it twice records one allegation.
    narrative
        What is alleged, in the words of who reports it.
    channel
        How it came.
    received
        Day, month, year and time of receipt.
    questions
        The structured questions.
    categories
        What it is about.
    person, organisation
        Whom it speaks of.
    reporter_questions, reporter
        About who reported: kept apart from everything else.
    hints_told
        How much of what is asked for is there, in words.
    hints
        What would make it investigable.
    """

    title: str
    once: str
    narrative: Note
    channel: Question
    received: tuple[Line, ...]
    questions: tuple[Question, ...]
    categories: CategoryQuestion
    person: tuple[Line, ...]
    organisation: tuple[Line, ...]
    reporter_questions: tuple[Question, ...]
    reporter: tuple[Line, ...]
    hints_told: str
    hints: tuple[HintView, ...]


@dataclass(frozen=True, slots=True)
class HintView:
    """A hint, with its state as a tag that says it in words.

    Parameters
    ----------
    about
        What it is about.
    tag
        Whether that is there.
    told
        What was recognised, or what to ask for.
    """

    about: str
    tag: Tag
    told: str


@dataclass(frozen=True, slots=True)
class NoticedView:
    """What was noticed under one heading.

    Parameters
    ----------
    title
        The heading.
    lines
        What was noticed, one to a line.
    otherwise
        What to say where there is nothing.
    """

    title: str
    lines: tuple[Fact, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """Context of ``record_new_done.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    header
        The allegation, with its reference and tags.
    noticed
        Urgency, safeguarding, source handling and links. Never what it is worth.
    url
        The allegation's own page.
    """

    title: str
    header: RecordHeader
    noticed: tuple[NoticedView, ...]
    url: str


def recording_page(
    answers: Answers,
    found: Sequence[Hint],
    taxonomy: Taxonomy,
    errors: Mapping[str, str],
    once: str,
) -> RecordingPage:
    """Make the context of the form, with whatever was answered already."""
    return RecordingPage(
        title="Record an allegation",
        once=answers.of("once") or once,
        narrative=_narrative(answers, errors),
        channel=_channel(answers, taxonomy, errors),
        received=_received(answers, errors),
        questions=tuple(
            _question(one.code, one.title, one.answers, answers) for one in taxonomy.questions
        ),
        categories=_categories(answers, taxonomy),
        person=tuple(_person(answers, errors)),
        organisation=tuple(_organisation(answers, errors)),
        reporter_questions=tuple(_asked_of_reporter(answers)),
        reporter=tuple(_reporter(answers, errors)),
        hints_told=_told(found),
        hints=tuple(HintView(one.about, _state(one), one.told) for one in found),
    )


def recorded_page(found: Read, now: datetime) -> RecordedPage:
    """Make the context of the confirmation."""
    case = found.case
    tags = [*urgency_tags(case.urgency)]
    if case.due_at is not None:
        tags.append(clock_tag(case.due_at, now))
    facts = (Fact("Received", moment(case.received_at)),) if case.received_at else ()
    return RecordedPage(
        title=f"Recorded: {case.reference}",
        header=RecordHeader(case.reference, "Recorded", tuple(tags), facts),
        noticed=(
            _flagged("Urgency", case.urgency_flags, "Nothing says that it cannot wait."),
            _flagged("Safeguarding", case.safeguarding_flags, "No rule fired."),
            NoticedView(
                "Source handling",
                tuple(Fact("", one["words"]) for one in case.source_alerts),
                "Nothing to mind about who reported.",
            ),
            NoticedView(
                "Similar to",
                tuple(map(_linked, found.links)),
                "Nothing recorded so far is linked to it.",
            ),
        ),
        url=f"/records/{case.key}",
    )


def _narrative(answers: Answers, errors: Mapping[str, str]) -> Note:
    return Note(
        "narrative",
        "What is alleged?",
        answers.given.get("narrative", ""),
        "In the reporter’s own words. Leave out who reports it: that has its own place below.",
        errors.get("narrative", ""),
        NARRATIVE_LIMIT,
        12,
    )


def _channel(answers: Answers, taxonomy: Taxonomy, errors: Mapping[str, str]) -> Question:
    chosen = answers.of("channel")
    ways = [one for one in taxonomy.channels if one.code not in NOT_RECORDED]
    choices = tuple(Choice(one.code, one.title, chosen=one.code == chosen) for one in ways)
    return Question("channel", "How did it come?", choices, error=errors.get("channel", ""))


def _received(answers: Answers, errors: Mapping[str, str]) -> tuple[Line, ...]:
    wrong = errors.get("received-day", "")
    parts = (("day", "Day", "2"), ("month", "Month", "2"), ("year", "Year", "4"))
    return (
        *(
            Line(
                f"received-{name}",
                label,
                answers.of(f"received-{name}"),
                error=wrong,
                width=f"govuk-input--width-{width}",
            )
            for name, label, width in parts
        ),
        Line(
            "received-time",
            "Time",
            answers.of("received-time"),
            error=wrong,
            width="govuk-input--width-5",
        ),
    )


def _question(code: str, title: str, codes: Sequence[str], answers: Answers) -> Question:
    said = answers.given.get(code)
    choices = [Choice(one, ANSWERS.get(one, one), chosen=one == said) for one in codes]
    blank = Choice("", NOT_ASKED.text, chosen=said == "")
    return Question(code, title, (*choices, blank), inline=True)


def _categories(answers: Answers, taxonomy: Taxonomy) -> CategoryQuestion:
    ticked = set(answers.categories)
    others = [
        Choice(one.code, one.title, chosen=one.code in ticked) for one in taxonomy.categories
    ]
    return CategoryQuestion(
        "categories", "What is it about?", (), tuple(others), "As the reporter has it."
    )


def _lines(
    answers: Answers, errors: Mapping[str, str], asked: Sequence[tuple[str, str, str, str]]
) -> Iterator[Line]:
    for name, label, hint, width in asked:
        classes = f"govuk-input--width-{width}" if width else ""
        yield Line(name, label, answers.of(name), hint, errors.get(name, ""), classes)


def _person(answers: Answers, errors: Mapping[str, str]) -> Iterator[Line]:
    asked = (
        ("person_name", "Name or nickname", "", ""),
        ("person_description", "What they look like and do", "", ""),
        ("person_address", "Address", "", ""),
        ("person_postcode", "Postcode", "", "10"),
        ("person_phone", "Telephone number", "", "20"),
        ("person_vehicle_registration", "Vehicle registration", "", "10"),
    )
    return _lines(answers, errors, asked)


def _organisation(answers: Answers, errors: Mapping[str, str]) -> Iterator[Line]:
    asked = (
        ("organisation_company", "Name", "", ""),
        ("organisation_address", "Address", "", ""),
        ("organisation_postcode", "Postcode", "", "10"),
    )
    return _lines(answers, errors, asked)


def _asked_of_reporter(answers: Answers) -> Iterator[Question]:
    asked = (
        ("reporter_reported_before", "Have they reported before?"),
        ("reporter_risk_if_used", "Would acting on it put anyone at risk?"),
        ("reporter_under_18", "Are they under 18?"),
        ("reporter_may_contact", "May they be contacted?"),
    )
    for name, title in asked:
        yield _question(name, title, tuple(YES_NO), answers)


def _reporter(answers: Answers, errors: Mapping[str, str]) -> Iterator[Line]:
    asked = (
        ("reporter_how_found_out", "How do they know?", "Seen it themselves, or told by whom", ""),
        ("reporter_relationship", "Who are they to the person reported?", "", ""),
        ("reporter_contact_time", "When may they be contacted?", "", "20"),
        ("reporter_first_name", "First name", "", "20"),
        ("reporter_surname", "Surname", "", "20"),
        ("reporter_phone", "Telephone number", "", "20"),
        ("reporter_email", "E-mail address", "", ""),
        ("reporter_address", "Address", "", ""),
        ("reporter_postcode", "Postcode", "", "10"),
    )
    return _lines(answers, errors, asked)


def _told(found: Sequence[Hint]) -> str:
    asked = [one.state for one in found if one.state != "mind"]
    mind = len(found) - len(asked)
    told = f"{asked.count('there')} of {len(asked)} there"
    return f"{told}, {mind} to mind." if mind else f"{told}."


def _state(one: Hint) -> Tag:
    if one.state == "mind":
        return Tag(STATES[one.state], "safeguarding" if one.about != "Urgent" else "urgent")
    return Tag(STATES[one.state], "new" if one.state == "there" else "due")


def _flagged(title: str, flags: Sequence[Flag], otherwise: str) -> NoticedView:
    told = dict.fromkeys(str(one["because"]) for one in flags)
    return NoticedView(title, tuple(Fact("", one) for one in told), otherwise)


def _linked(one: Linked) -> Fact:
    shared = [
        "nearly the same words" if kind == "words" else f"the same {KINDS.get(kind, kind).lower()}"
        for kind in one.kinds
    ]
    reopened = "; it waits for its assessment" if one.status == "unassessed" else ""
    return Fact(one.reference, f"{', '.join(shared)}{reopened}", f"/records/{one.key}")
