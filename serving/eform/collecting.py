"""The answers of a message, sorted into the parts to which they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from serving.eform.findings import Findings
from serving.eform.form import PARTS, Form, Question
from serving.eform.message import Item
from serving.eform.people import read_people
from serving.eform.tree import as_json
from serving.eform.types import Subject, Unread
from serving.eform.values import meaning

GRAVEST: Final[Mapping[tuple[str, str], str]] = {
    ("fields", "children_involved"): "yes",
    ("fields", "timing_future"): "next_24_hours",
    ("reporter", "risk_if_used"): "yes",
    ("reporter", "under_18"): "yes",
}
"""Of answers that differ, the one that is used, wherever it stands."""


@dataclass(slots=True)
class Answers:
    """What a message says.

    Parameters
    ----------
    parts
        For each part, what is answered, by its name there; nothing of the narrative and the ticks.
    told
        The texts of each narrative field.
    ticked
        The tick boxes that are ticked, in the order of the message.
    listed
        People from the lists that stand among the fields.
    by_field
        What each field means, by its name on the form, where it could be read.
    taken
        The entry from which each answer of a part was taken.
    """

    parts: dict[str, dict[str, str]] = field(default_factory=lambda: {part: {} for part in PARTS})
    told: dict[str, list[str]] = field(default_factory=dict)
    ticked: list[Question] = field(default_factory=list)
    listed: list[Subject] = field(default_factory=list)
    by_field: dict[str, str] = field(default_factory=dict)
    taken: dict[tuple[str, str], Item] = field(default_factory=dict)


def collect(items: tuple[Item, ...], form: Form, found: Findings) -> Answers:
    """Sort the answers of a message into their parts.

    Parameters
    ----------
    items
        The fields as they came.
    form
        The form.
    found
        Where what does not fit is reported, and what has no place is kept.
    """
    answers = Answers()
    asked = [(item, form.questions.get(item.name.casefold())) for item in items]
    for item, question in asked:
        for key, value in item.extra.items():
            found.report(item.where, "unknown_key", item.where)
            found.unread.append(Unread(item.where, key, as_json(value)))
        if question is None:
            found.report(item.where, "unknown_field", item.where)
            _leave(item, found)
        else:
            if question.field != item.name:
                found.report(question.field, "other_case", item.where)
            _take(question, item, form, found, answers)
    _report_repeats([(item, question) for item, question in asked if question], found)
    return answers


def _take(question: Question, item: Item, form: Form, found: Findings, answers: Answers) -> None:
    if question.kind == "kept":
        _leave(item, found)
        return
    if question.kind == "people":
        answers.listed += read_people(item.value, item.where, form, found)
        if item.value:
            answers.by_field[question.field] = "listed"
        return
    text, rules = meaning(form, question, item.value)
    for rule in rules:
        found.report(question.field, rule, item.where)
    if text is None:
        _leave(item, found)
    elif text:
        _place(question, text, item, found, answers)


def _place(question: Question, text: str, item: Item, found: Findings, answers: Answers) -> None:
    if question.part == "narrative":
        told = answers.told.setdefault(question.field, [])
        if text not in told:
            told.append(text)
    elif question.kind == "tick":
        if question not in answers.ticked:
            answers.ticked.append(question)
    else:
        _settle(question, text, item, found, answers)
    answers.by_field.setdefault(question.field, text)


def _settle(question: Question, text: str, item: Item, found: Findings, answers: Answers) -> None:
    """Put an answer where it belongs, or decide between it and the one that stands there."""
    part, key = answers.parts[question.part], (question.part, question.to)
    standing = part.setdefault(question.to, text)
    before = answers.taken.setdefault(key, item)
    if standing == text:
        return
    if before.name != item.name:
        found.report(question.field, "two_answers", item.where)
    if GRAVEST.get(key) == text:
        part[question.to] = answers.by_field[question.field] = text
        answers.taken[key], item = item, before
    _leave(item, found)


def _report_repeats(asked: list[tuple[Item, Question]], found: Findings) -> None:
    first: dict[str, Item] = {}
    for item, question in asked:
        before = first.setdefault(question.field, item)
        if before is not item:
            same = as_json(before.value) == as_json(item.value)
            differs = "repeated_text" if question.part == "narrative" else "repeated_differs"
            found.report(question.field, "repeated_same" if same else differs, item.where)


def _leave(item: Item, found: Findings) -> None:
    found.unread.append(Unread(item.where, item.name, as_json(item.value)))
