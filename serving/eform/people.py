"""Further people, whose list comes in several shapes.

A person is a list of pairs, an object of answers, or a line "Person Added IS =…"; a pair goes by
``FieldName`` and ``FieldValue``, ``Key`` and ``StringValue``, or ``field`` and ``value``. People
may be listed straight away or inside an object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from serving.eform.findings import Findings
from serving.eform.form import Form
from serving.eform.tree import as_json
from serving.eform.types import ADDITIONAL_PERSON, Subject, Unread
from serving.eform.values import meaning

_SHAPES: Final = (("FieldName", "FieldValue"), ("Key", "StringValue"), ("field", "value"))
_LINE: Final = "Person Added IS ="
_OUTER: Final = frozenset({"anotherPerson", "aggregatedValues", "fields"})
_SHOWN: Final = frozenset({"parsed", "showInSummary"})

Pairs = list[tuple[str, Any]]


def read_people(value: object, where: str, form: Form, found: Findings) -> tuple[Subject, ...]:
    """Return the people listed in a value, in order.

    Parameters
    ----------
    value
        What was sent, in any of the shapes.
    where
        JSON pointer to it.
    form
        The form.
    found
        Where what does not fit is reported, and what is no person is kept.
    """
    people = [_person(pairs, where, form, found) for pairs in _walk(value, where, form, found)]
    listed = tuple(Subject(ADDITIONAL_PERSON, details) for details in people if details)
    if _lists_nothing(value) and not listed:
        found.report("AdditionalPeople", "people_empty", where)
    return listed


def _lists_nothing(value: object) -> bool:
    """Whether there is a list of people, though an empty one: entries that are null."""
    if isinstance(value, dict):
        return any(map(_lists_nothing, value.values()))
    return isinstance(value, list) and any(
        one is None or _lists_nothing(one) for one in value if not isinstance(one, str)
    )


def _walk(value: object, where: str, form: Form, found: Findings) -> Iterator[Pairs]:
    if value is None or value in ("", [], {}):
        return
    if isinstance(value, str):
        yield from _of_line(value, where, form, found)
    elif isinstance(value, list):
        if pairs := [pair for one in value if (pair := _pair(one))]:
            yield pairs
        for one in value:
            if not _pair(one):
                yield from _walk(one, where, form, found)
    elif isinstance(value, dict):
        yield from _of_object(value, where, form, found)
    else:
        _keep("", value, where, found)


def _pair(value: object) -> tuple[str, Any] | None:
    if isinstance(value, dict):
        for name, said in _SHAPES:
            if isinstance(value.get(name), str) and set(value) - _SHOWN == {name, said}:
                return value[name], value[said]
    return None


def _of_object(
    value: Mapping[str, Any], where: str, form: Form, found: Findings
) -> Iterator[Pairs]:
    if pair := _pair(value):
        yield [pair]
        return
    direct = [(key, said) for key, said in value.items() if key in form.people]
    if direct:
        yield direct
    for key, inner in value.items():
        if key in _OUTER:
            yield from _walk(inner, where, form, found)
        elif key not in form.people:
            _keep(key, inner, where, found)


def _of_line(line: str, where: str, form: Form, found: Findings) -> Iterator[Pairs]:
    """Read "Person Added IS =name:value, name:value", whose values may hold commas."""
    names = "|".join(name for name in form.people if name.startswith("personAdd"))
    marks = list(re.finditer(rf"(?:^|,\s*)({names}):", line.removeprefix(_LINE)))
    if not (line.startswith(_LINE) and marks and marks[0].start() == 0):
        _keep("", line, where, found)
        return
    said = line.removeprefix(_LINE)
    ends = [*(mark.start() for mark in marks[1:]), len(said)]
    yield [(mark.group(1), said[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]


def _person(pairs: Pairs, where: str, form: Form, found: Findings) -> dict[str, str]:
    details: dict[str, str] = {}
    for key, value in pairs:
        question = form.people.get(key)
        if question is None:
            _keep(key, value, where, found)
            continue
        text, rules = meaning(form, question, value)
        for rule in rules:
            found.report(key, rule, where)
        if text is None or (text and details.get(question.to, text) != text):
            if text is not None:
                found.report(key, "repeated_differs", where)
            found.unread.append(Unread(where, key, as_json(value)))
        elif text:
            details[question.to] = text
    return details


def _keep(name: str, value: object, where: str, found: Findings) -> None:
    if not name and value in (None, "", [], {}):
        return
    found.report("AdditionalPeople", "people_unread", where)
    found.unread.append(Unread(where, name, as_json(value)))
