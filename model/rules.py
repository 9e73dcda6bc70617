"""Rules written as phrases in a TOML table, applied to a narrative and its structured answers.

A phrase is words in order: ``a/b`` is either word, ``<group>`` any entry of a group, ``#`` a
number, ``...`` up to six words in between. Evidence never runs over the end of a sentence. A
phrase is looked for only where its rarest word stands, so that most texts cost one set look-up.

Negation is read backwards from the evidence to the start of the clause, over at most four words
("no children", "never had a gun"), and forwards for the few forms that follow it ("children are
not involved"). It stops at a new subject: in "does not care, he will kill her" nothing is denied.
Where it is doubtful whether something is denied, the rule fires.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from data.terms import table
from model.types import RuleFlag

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_GAP: Final = r"[^\w.!?\n]+"
_ANYTHING: Final = rf"(?:{_GAP}[\w'’]+){{0,6}}?"
_PIECE = re.compile(r"\.\.\.|<\w+>|\S+")
_NEGATION = table("negation")
_NOT: Final = frozenset(_NEGATION["not"])
_NOT_ONLY: Final = frozenset(_NEGATION["no_denial_before"])
_NEW_CLAUSE: Final = frozenset(_NEGATION["new_clause"])
_COMMON: Final = frozenset(table("facts")["stops"])
_BACK: Final = 4
_DENIED_INSIDE = re.compile(r"\b(?:not|never|(?:is|are|was|were)n['’]?t)\W+\w+$", re.IGNORECASE)
_DENIED_AFTER = re.compile(
    r"(?:[^\w.!?\n]+(?:is|are|was|were|being|have|has|been)){0,2}"
    r"(?:[^\w.!?\n]+(?:not|never)[^\w.!?\n]+(?:involved|present|there|seen|at risk|in danger|here)"
    r"|[^\w.!?\n]+(?:isnt|isn't|arent|aren't|wasnt|wasn't|werent|weren't)[^\w.!?\n]+"
    r"(?:involved|present|there|here)|\s*[:=?-]\s*(?:no|none|nil|n/a)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of a rule, ready to be looked for.

    Parameters
    ----------
    pattern
        What finds it.
    needs
        Sets of words: the text has to hold one of each for the phrase to be there.
    negated
        Whether the phrase itself starts with a denial ("not allowed to leave").
    """

    pattern: re.Pattern[str]
    needs: tuple[frozenset[str], ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, its reason in words and the structured answers that make it fire."""

    name: str
    because: str
    answers: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Rules:
    """A table of rules.

    Parameters
    ----------
    rules
        In the order of the file.
    phrases
        By a word that has to be in the text: the rule's place and the phrase.
    """

    rules: tuple[Rule, ...]
    phrases: Mapping[str, tuple[tuple[int, Phrase], ...]]


def fire(rules: Rules, text: str, fields: Mapping[str, str]) -> tuple[RuleFlag, ...]:
    """Apply rules: for each, the answer that made it fire and the first evidence in the text.

    Parameters
    ----------
    rules
        The rules.
    text
        The narrative; offsets refer to it as it stands.
    fields
        Structured answers by the name of the question.
    """
    first = _first_evidence(rules, text)
    flags: list[RuleFlag] = []
    for place, rule in enumerate(rules.rules):
        if any(fields.get(field) in answers for field, answers in rule.answers.items()):
            flags.append(RuleFlag(rule.name, rule.because))
        if place in first:
            flags.append(RuleFlag(rule.name, rule.because, *first[place]))
    return tuple(flags)


def _first_evidence(rules: Rules, text: str) -> dict[int, tuple[int, int]]:
    words = set(_WORD.findall(text.replace("’", "'").lower()))
    waiting = {
        phrase.pattern.pattern: (place, phrase)
        for word in sorted(words.intersection(rules.phrases))
        for place, phrase in rules.phrases[word]
        if not any(need.isdisjoint(words) for need in phrase.needs)
    }
    first: dict[int, tuple[int, int]] = {}
    for place, phrase in waiting.values():
        found = _evidence(phrase, text)
        if found and (place not in first or found < first[place]):
            first[place] = found
    return first


def _evidence(phrase: Phrase, text: str) -> tuple[int, int] | None:
    for match in phrase.pattern.finditer(text):
        if phrase.negated or not _is_denied(text, *match.span()):
            return match.span()
    return None


def _is_denied(text: str, start: int, end: int) -> bool:
    if _DENIED_AFTER.match(text, end) or _DENIED_INSIDE.search(text[start:end]):
        return True
    before = re.split(r"[.!?\n,;]", text[max(0, start - 60) : start])[-1]
    words = [word.replace("’", "").replace("'", "").lower() for word in _WORD.findall(before)]
    following = ""
    for word in reversed(words[-_BACK:]):
        if word in _NOT and following not in _NOT_ONLY:
            return True
        if word in _NEW_CLAUSE:
            return False
        following = word
    return False


@cache
def load_rules(name: str) -> Rules:
    """Read a table of rules from the word lists.

    Parameters
    ----------
    name
        Name of the table, such as ``urgency``.

    Raises
    ------
    KeyError
        If a phrase names a group that the table has not.
    """
    read = table(name)
    groups: dict[str, str] = {}
    for group, entries in read["groups"].items():
        groups[group] = _either([_pattern(entry, groups) for entry in entries])
    phrases: dict[str, list[tuple[int, Phrase]]] = {}
    for place, rule in enumerate(read["rule"]):
        for written in rule["phrases"]:
            phrase = Phrase(
                re.compile(rf"(?<!\w){_pattern(written, groups)}(?!\w)", re.IGNORECASE),
                _needs(written, read["groups"]),
                not _NOT.isdisjoint(re.split(r"[ /]", written.replace("'", ""))),
            )
            for word in sorted(_rarest(written, read["groups"])):
                phrases.setdefault(word, []).append((place, phrase))
    return Rules(
        rules=tuple(_rule(rule) for rule in read["rule"]),
        phrases={word: tuple(listed) for word, listed in phrases.items()},
    )


def _rule(rule: Mapping[str, Any]) -> Rule:
    answers = {field: frozenset(values) for field, values in rule.get("answers", {}).items()}
    return Rule(rule["name"], rule["because"], answers)


def _pattern(phrase: str, groups: Mapping[str, str]) -> str:
    made, gap = "", ""
    for piece in _PIECE.findall(phrase):
        if piece == "...":
            made += _ANYTHING
        else:
            made += gap + _piece(piece, groups)
        gap = _GAP
    return made


def _piece(piece: str, groups: Mapping[str, str]) -> str:
    if piece.startswith("<"):
        return groups[piece[1:-1]]
    if piece == "#":
        return r"\d+(?:st|nd|rd|th)?"
    return _either([re.escape(word).replace("'", "['’]") for word in piece.split("/")])


def _either(choices: list[str]) -> str:
    ordered = sorted(dict.fromkeys(choices), key=lambda choice: (-len(choice), choice))
    return f"(?:{'|'.join(ordered)})(?!\\w)"


def _needs(phrase: str, groups: Mapping[str, list[str]]) -> tuple[frozenset[str], ...]:
    options = [_openings(piece, groups) for piece in _PIECE.findall(phrase)]
    return tuple(frozenset(found) for found in options if found)


def _rarest(phrase: str, groups: Mapping[str, list[str]]) -> frozenset[str]:
    """Words of which one has to stand in the text for the phrase to be found."""
    return max(_needs(phrase, groups), key=_rarity)


def _openings(piece: str, groups: Mapping[str, list[str]]) -> frozenset[str]:
    if piece in {"...", "#"}:
        return frozenset()
    if not piece.startswith("<"):
        return frozenset(piece.split("/"))
    found = [_rarest_or_none(entry, groups) for entry in groups[piece[1:-1]]]
    return frozenset().union(*found) if all(found) else frozenset()


def _rarest_or_none(entry: str, groups: Mapping[str, list[str]]) -> frozenset[str]:
    return max(_needs(entry, groups), key=_rarity, default=frozenset())


def _rarity(words: frozenset[str]) -> tuple[float, int]:
    """How seldom texts hold one of the words: few common ones among them, and long ones."""
    common = sum(word in _COMMON for word in words)
    return -common, min(map(len, words))
