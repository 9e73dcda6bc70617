"""The vocabulary of a service: values, categories, channels, outcomes and closure reasons.

The one for immigration and customs is packaged beside this module; another organisation's is
loaded from a TOML file of the same shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from data.errors import BadTaxonomy, Problem
from data.toml import read_toml, unknown_keys

_PACKAGED: Final = Path(__file__).with_name("taxonomy.toml")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_TEXT_KEYS: Final = ("code", "title", "description")


@dataclass(frozen=True, slots=True)
class Label:
    """A code as stored, the title that people read, and what it means."""

    code: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Category(Label):
    """A kind of allegation; ``group`` is what it is listed under, such as ``smuggling``."""

    group: str = ""


@dataclass(frozen=True, slots=True)
class ClosureReason(Label):
    """Why a record was closed; ``second_look`` marks the "no value" closures."""

    second_look: bool = False


@dataclass(frozen=True, slots=True)
class Question(Label):
    """A structured question and the codes of its answers, "don't know" among them."""

    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Everything that a record may be called.

    Parameters
    ----------
    name
        What the taxonomy is known by; an artefact remembers it.
    values
        Value levels, lowest first. The first one is "no value".
    categories
        Kinds of allegation; a record may have several.
    channels
        Ways in which an allegation arrives.
    outcomes
        What came of an allegation.
    closure_reasons
        Why a record was closed: kept apart from outcomes, and from each other.
    questions
        Structured questions with their answers; may be empty.
    """

    name: str
    values: tuple[Label, ...]
    categories: tuple[Category, ...]
    channels: tuple[Label, ...]
    outcomes: tuple[Label, ...]
    closure_reasons: tuple[ClosureReason, ...]
    questions: tuple[Question, ...] = ()

    @property
    def value_codes(self) -> tuple[str, ...]:
        """The codes of the values, lowest first."""
        return _codes(self.values)

    @property
    def category_codes(self) -> tuple[str, ...]:
        """The codes of the categories, in the taxonomy's order."""
        return _codes(self.categories)

    @property
    def channel_codes(self) -> tuple[str, ...]:
        """The codes of the channels."""
        return _codes(self.channels)

    @property
    def outcome_codes(self) -> tuple[str, ...]:
        """The codes of the outcomes."""
        return _codes(self.outcomes)

    @property
    def closure_codes(self) -> tuple[str, ...]:
        """The codes of the closure reasons."""
        return _codes(self.closure_reasons)

    @property
    def second_look_codes(self) -> tuple[str, ...]:
        """The codes of the closure reasons that a second look is taken at."""
        return tuple(reason.code for reason in self.closure_reasons if reason.second_look)

    def title(self, code: str) -> str:
        """Return what people read for a code of any list, or the code itself if unknown."""
        for label in (
            *self.values,
            *self.categories,
            *self.channels,
            *self.outcomes,
            *self.closure_reasons,
            *self.questions,
        ):
            if label.code == code:
                return label.title
        return code


@dataclass(frozen=True, slots=True)
class _Section:
    """What a list of the file may hold and must hold."""

    kind: type[Label]
    at_least: int
    extra: tuple[str, ...] = ()
    required: tuple[str, ...] = ("code", "title")


_SECTIONS: Final[Mapping[str, _Section]] = {
    "values": _Section(Label, 2),
    "categories": _Section(Category, 1, ("group",), ("code", "title", "group")),
    "channels": _Section(Label, 1),
    "outcomes": _Section(Label, 1),
    "closure_reasons": _Section(ClosureReason, 1, ("second_look",)),
    "questions": _Section(Question, 0, ("answers",), ("code", "title", "answers")),
}

LabelT = TypeVar("LabelT", bound=Label)


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Load a taxonomy from a TOML file, or the packaged one where ``path`` is ``None``.

    Raises
    ------
    BadTaxonomy
        If the file is missing, is not TOML, or breaks any rule: all of them are listed.
    """
    return _default() if path is None else _parse(path)


@cache
def _default() -> Taxonomy:
    return _parse(_PACKAGED)


def _parse(path: Path) -> Taxonomy:
    document = read_toml(path, BadTaxonomy)
    problems = unknown_keys(document, ("name", *_SECTIONS), where="top level")
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        problems.append(Problem("name", "must be a text that is not blank"))
    for section in _SECTIONS:
        problems.extend(_section_problems(document, section))
    if problems:
        raise BadTaxonomy(f"{path.name} is not a taxonomy", problems)
    return Taxonomy(
        name=str(name),
        values=_labels(document, "values", Label),
        categories=_labels(document, "categories", Category),
        channels=_labels(document, "channels", Label),
        outcomes=_labels(document, "outcomes", Label),
        closure_reasons=_labels(document, "closure_reasons", ClosureReason),
        questions=_labels(document, "questions", Question),
    )


def _codes(labels: Sequence[Label]) -> tuple[str, ...]:
    return tuple(label.code for label in labels)


def _labels(document: Mapping[str, Any], section: str, kind: type[LabelT]) -> tuple[LabelT, ...]:
    return tuple(kind(**_frozen(entry)) for entry in document.get(section, []))


def _frozen(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(given) if isinstance(given, list) else given for key, given in entry.items()
    }


def _section_problems(document: Mapping[str, Any], section: str) -> list[Problem]:
    rules = _SECTIONS[section]
    entries = document.get(section, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [Problem(section, "must be a list of tables", f"write [[{section}]] before each")]
    if len(entries) < rules.at_least:
        need = "entry is" if rules.at_least == 1 else "entries are"
        return [Problem(section, f"at least {rules.at_least} {need} needed")]
    problems = [
        problem
        for number, entry in enumerate(entries, start=1)
        for problem in _entry_problems(entry, rules, f"{section}, entry {number}")
    ]
    return [*problems, *_repeated(entries, section), *_second_look_problems(entries, section)]


def _entry_problems(entry: Mapping[str, Any], rules: _Section, where: str) -> list[Problem]:
    problems = unknown_keys(entry, (*_TEXT_KEYS, *rules.extra), where=where)
    for key in rules.required:
        if key not in entry:
            problems.append(Problem(where, f"{key} is missing"))
    for key, given in entry.items():
        fault = _fault(key, given)
        if fault:
            problems.append(Problem(where, f"{key} {fault}"))
    return problems


def _fault(key: str, given: object) -> str | None:
    if key == "second_look":
        return None if isinstance(given, bool) else "must be true or false"
    if key == "answers":
        answers = given if isinstance(given, list) else []
        right = bool(answers) and all(isinstance(one, str) and one.strip() for one in answers)
        repeated = right and len(set(answers)) < len(answers)
        return "holds an answer twice" if repeated else None if right else "must list texts"
    if not isinstance(given, str) or (key in ("code", "title", "group") and not given.strip()):
        return "must be a text" if key == "description" else "must be a text that is not blank"
    if key == "code" and not _CODE.fullmatch(given):
        return f"{given[:64]!r} may hold only letters, digits, '_', '.' and '-', at most 64"
    return None


def _repeated(entries: Sequence[Mapping[str, Any]], section: str) -> list[Problem]:
    problems = []
    first: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        code = entry.get("code")
        if isinstance(code, str) and first.setdefault(code, number) != number:
            rule = f"code {code!r} is already that of entry {first[code]}"
            problems.append(Problem(f"{section}, entry {number}", rule))
    return problems


def _second_look_problems(entries: Sequence[Mapping[str, Any]], section: str) -> list[Problem]:
    if section != "closure_reasons" or any(entry.get("second_look") is True for entry in entries):
        return []
    rule = "no reason has second_look = true, so nothing would ever be looked at again"
    return [Problem(section, rule, "mark the reasons that mean no value")]
