"""What does not fit across fields: contradictions, and what the form always asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from data.schema import DONT_KNOW
from serving.eform.collecting import Answers
from serving.eform.findings import Findings
from serving.eform.form import Form
from serving.eform.types import Subject
from serving.eform.values import as_day
from serving.source_handling import years_between

Finding = tuple[str, str, str]
"""The field, the rule, and words that complete the rule's."""


def check_across(answers: Answers, people: Sequence[Subject], form: Form, found: Findings) -> None:
    """Report what contradicts itself and what is missing.

    Parameters
    ----------
    answers
        What the message says.
    people
        Everyone it is about.
    form
        The form.
    found
        Where it is reported; ``found.on`` is the day by which ages are reckoned.
    """
    several = (
        _missing(answers), _other_group(answers, form), _closed(answers, form),
        _transport(answers), _timing(answers, form, found.on), _births(answers, people, found.on),
    )  # fmt: skip
    for findings in several:
        for field, rule, more in findings:
            found.report(field, rule, "/EformFields", more)


def _missing(answers: Answers) -> Iterator[Finding]:
    if "rdcrimetype" not in answers.by_field:
        yield "rdcrimetype", "missing_crime_type", ""
    if not any(question.part == "categories" for question in answers.ticked):
        yield "rdcrimetype", "missing_tick", ""
    if "rdchildren" not in answers.by_field:
        yield "rdchildren", "missing_children", ""


def _other_group(answers: Answers, form: Form) -> Iterator[Finding]:
    kind = answers.by_field.get("rdcrimetype")
    for question in answers.ticked:
        if question.part == "categories" and kind and form.groups[question.to] != kind:
            yield question.field, "conflict", ": a box of the other type of crime is ticked"


def _closed(answers: Answers, form: Form) -> Iterator[Finding]:
    for field, others in form.closes.items():
        if answers.by_field.get(field) in {"no", DONT_KNOW}:
            given = [other for other in others if other in answers.by_field]
            if given:
                yield field, "conflict", f": yet answered are {', '.join(given)}"


def _transport(answers: Answers) -> Iterator[Finding]:
    means = [question.to for question in answers.ticked if question.part == "transport"]
    if DONT_KNOW in means and len(means) > 1:
        yield "tkhowdk", "conflict", ": a means of transport is ticked beside it"


def _timing(answers: Answers, form: Form, on: date) -> Iterator[Finding]:
    when = answers.by_field.get("rdwhen")
    for field, only in form.belongs.items():
        if when and when not in {only, DONT_KNOW} and field in answers.by_field:
            yield field, "conflict", ": it belongs to another answer to rdwhen"
    day, future = (
        as_day(answers.by_field.get("dtwhenhappen")),
        answers.by_field.get("rdwhenhappen"),
    )
    if day is None:
        return
    if day < on:
        yield "dtwhenhappen", "conflict", ": it is to happen, and the day has passed"
    if future == "next_24_hours" and day > on + timedelta(days=1):
        yield "dtwhenhappen", "conflict", ": the day is more than 24 hours ahead of the receipt"
    if future == "later_date" and day <= on:
        yield "dtwhenhappen", "conflict", ": the day is less than 24 hours ahead of the receipt"


def _births(answers: Answers, people: Sequence[Subject], on: date) -> Iterator[Finding]:
    for subject in people:
        name = "persondob" if subject.role == "person" else "AdditionalPeople"
        yield from _birth(name, subject.details.get("date_of_birth"), on)
        yield from _band(name, subject.details, on)
    reporter = answers.parts["reporter"]
    yield from _birth("txaboutdob", reporter.get("date_of_birth"), on)
    born, said = as_day(reporter.get("date_of_birth")), reporter.get("under_18")
    if born and said in {"yes", "no"} and (years_between(born, on) < 18) != (said == "yes"):
        yield "rdabout18", "age_and_birth_disagree", ""


def _birth(name: str, written: str | None, on: date) -> Iterator[Finding]:
    born = as_day(written)
    if born is not None and born > on:
        yield name, "impossible_date", ": a birth after the day of receipt"


def _band(name: str, details: Mapping[str, str], on: date) -> Iterator[Finding]:
    born, band = as_day(details.get("date_of_birth")), details.get("age_band", "")
    low, dash, high = band.removesuffix("+").partition("-")
    if born is None or not low.isdecimal() or (dash and not high.isdecimal()):
        return
    most = int(high) if dash else 200
    if born <= on and not int(low) <= years_between(born, on) <= most:
        yield name, "age_and_birth_disagree", ""
