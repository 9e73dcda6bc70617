"""Fragments of text, and how a fragment becomes one of its many wordings.

A fragment is a line such as ``{subj} [works|is working] at {biz}``: ``[a|b]`` offers
alternatives (which may nest), ``{name}`` is filled from the facts of one report. Fragments live
in plain text files under ``fragments/``; a line ``@name`` starts the list of that name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import TypeVar

T = TypeVar("T")

PHRASE_FILES = (
    "offences_immigration",
    "offences_smuggling",
    "facts_own",
    "facts_noted",
    "talk",
    "nothing_to_pursue",
    "subjects",
)
_TOKENS = re.compile(r"[\[\]|]|\{\w+\}|[^\[\]|{}]+")


def pick(items: Sequence[T], rng: Random) -> T:
    """Return one of the items, each equally likely."""
    return items[int(rng.random() * len(items))]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a fragment that the facts of a report fill."""

    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, of which a wording takes one."""

    options: tuple[Template, ...]


Template = tuple[str | Slot | Choice, ...]


def parse(line: str) -> Template:
    """Read one fragment.

    Raises
    ------
    ValueError
        When its brackets do not pair.
    """
    tokens = _TOKENS.findall(line)
    options, end = _alternatives(tokens, 0)
    if end != len(tokens) or len(options) != 1 or "".join(tokens) != line:
        raise ValueError(f"brackets do not pair in the fragment {line!r}")
    return options[0]


def _alternatives(tokens: Sequence[str], at: int) -> tuple[tuple[Template, ...], int]:
    options: list[Template] = []
    parts: list[str | Slot | Choice] = []
    while at < len(tokens) and tokens[at] != "]":
        piece = tokens[at]
        if piece == "[":
            inner, at = _alternatives(tokens, at + 1)
            parts.append(Choice(inner))
        elif piece == "|":
            options.append(tuple(parts))
            parts = []
        else:
            parts.append(Slot(piece[1:-1]) if piece.startswith("{") else piece)
        at += 1
    options.append(tuple(parts))
    return tuple(options), at


def wording(template: Template, slots: Mapping[str, str], rng: Random) -> str:
    """Return one wording of the fragment, its slots filled."""
    out: list[str] = []
    _append(template, slots, rng, out)
    return "".join(out)


def _append(template: Template, slots: Mapping[str, str], rng: Random, out: list[str]) -> None:
    for part in template:
        if type(part) is str:
            out.append(part)
        elif type(part) is Slot:
            out.append(slots[part.name])
        elif type(part) is Choice:
            _append(pick(part.options, rng), slots, rng, out)


def read_lists(name: str) -> dict[str, tuple[str, ...]]:
    """Return the named lists of one file of ``fragments/``."""
    text = files(__package__).joinpath("fragments", f"{name}.txt").read_text("utf-8")
    lists: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("@"):
            current = lists.setdefault(line[1:], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return {key: tuple(lines) for key, lines in lists.items()}


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, tuple[Template, ...]]:
    """Return every list of fragments, parsed, by name.

    Lists named ``claim.x`` and ``indirect.x`` have a twin ``noted:claim.x`` without the lines
    in the first person, for what an official wrote down.
    """
    lists = {key: lines for name in PHRASE_FILES for key, lines in read_lists(name).items()}
    for key in [k for k in lists if k.startswith(("claim.", "indirect."))]:
        lists[f"noted:{key}"] = tuple(
            line for line in lists[key] if not re.search(r"\b(i|my|me|you)\b", line)
        )
    return {key: tuple(parse(line) for line in lines) for key, lines in lists.items()}
