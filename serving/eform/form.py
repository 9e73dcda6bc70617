"""The form as data: what each field's name means, read once from ``form.toml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from data.errors import BadFile
from data.schema import DONT_KNOW
from data.toml import read_toml
from serving.eform.types import ADDITIONAL_PERSON, ROLES

_FILE: Final = Path(__file__).with_name("form.toml")
_PREFIX = re.compile(r"^[A-Za-z_]+\.")
_PLAIN = re.compile(r"[^a-z0-9+]+")
_DONT_KNOW: Final = frozenset({"idontknow", "dontknow", "unknown", "ukn", "notknown"})
_TICKS: Final = frozenset({"categories", "transport"})
PARTS: Final = (
    "narrative", "categories", "transport", "fields", *ROLES, "reporter", "other",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A field of the form.

    Parameters
    ----------
    field
        Its name on the form.
    part
        Where its answer belongs: one of ``PARTS``.
    to
        Its name there; for the narrative, the words that stand before its text.
    kind
        How its answer is read: see ``form.toml``.
    """

    field: str
    part: str
    to: str
    kind: str


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that is known of the form.

    Parameters
    ----------
    questions
        By the field's name, in small letters.
    groups
        What the tick boxes of categories belong to, by the category's code.
    answers
        For each table of answers: what an answer means, by its `plain` form.
    people
        The fields of a further person, by the key under which they are listed.
    closes
        For a question, the fields that cannot follow its "no".
    belongs
        For a field, the only answer to the question "when" that it can follow.
    """

    questions: Mapping[str, Question]
    groups: Mapping[str, str]
    answers: Mapping[str, Mapping[str, str]]
    people: Mapping[str, Question]
    closes: Mapping[str, tuple[str, ...]]
    belongs: Mapping[str, str]

    def meaning(self, kind: str, answer: str) -> str | None:
        """Return what an answer means in a table of answers, or ``None`` if it has no such."""
        said = plain(answer)
        return self.answers[kind].get(said) or (DONT_KNOW if said in _DONT_KNOW else None)


def plain(answer: str) -> str:
    """Return an answer without its code's prefix, case, spaces and signs."""
    return _PLAIN.sub("", _PREFIX.sub("", answer.strip()).casefold())


@cache
def load_form() -> Form:
    """Return the form that is packaged beside this module."""
    read = read_toml(_FILE, BadFile)
    people = {**_questions(read, ADDITIONAL_PERSON), **_questions(read, "people")}
    listed = (question for part in PARTS for question in _questions(read, part).values())
    return Form(
        questions={question.field.casefold(): question for question in listed},
        groups=dict(read["categories"].values()),
        answers=read["answers"],
        people=people,
        closes={field: tuple(others) for field, others in read["closes"].items()},
        belongs=read["belongs"],
    )


def _questions(read: Mapping[str, Any], part: str) -> dict[str, Question]:
    ticks = part in _TICKS
    return {
        field: Question(field, part, to, "tick" if ticks else kind)
        for field, (to, kind) in read[part].items()
    }
