"""The protected terms as one table, read once from the word lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from data.terms import fold, table, terms

NAME: Final = "xxname"
NATIONALITY: Final = "xxnat"
RELIGION: Final = "xxrel"
AGE: Final = "xxage"
CUE: Final = "cue"

SURE, WORDY, WEAK, DUAL = range(4)
"""How far a word alone decides: alone; with a capital; beside a name; either of two kinds."""

Entry = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the lists say about words.

    Parameters
    ----------
    words
        Single words, with their placeholder and how far the word alone decides.
    phrases
        By first word: the words that follow and the placeholder, longest first.
    ordinary, titles, particles, verbs, suffixes, streets, things
        Words that steer the rules for names.
    before, after
        By word: neighbours that make it an ordinary word.
    name_phrases
        Word sequences that a name follows.
    """

    words: dict[str, Entry]
    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    ordinary: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    verbs: frozenset[str]
    suffixes: frozenset[str]
    streets: frozenset[str]
    things: frozenset[str]
    before: dict[str, frozenset[str]]
    after: dict[str, frozenset[str]]


@cache
def lexicon() -> Lexicon:
    """Read the lists; the first call takes some milliseconds, the rest nothing."""
    rules = table("rules")
    ordinary = frozenset(terms("ordinary"))
    words: dict[str, Entry] = dict.fromkeys(rules["cues"], (CUE, SURE)) | _names(ordinary)
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    known = frozenset(words)
    for term, placeholder in _others(known):
        _add(term, placeholder, words, phrases)
    for cue in rules["name_of"]:
        phrases.setdefault(cue[0], []).append((tuple(cue[1:]), CUE))
    for following in phrases.values():
        following.sort(key=lambda found: -len(found[0]))
    return Lexicon(
        words=words,
        phrases=phrases,
        ordinary=ordinary,
        titles=frozenset(rules["titles"]),
        particles=frozenset(rules["particles"]),
        verbs=frozenset(rules["verbs"]),
        suffixes=frozenset(rules["suffixes"]),
        streets=frozenset(rules["streets"]),
        things=frozenset(rules["things"]),
        before={word: frozenset(near) for word, near in rules["ordinary_before"].items()},
        after={word: frozenset(near) for word, near in rules["ordinary_after"].items()},
    )


def _names(ordinary: frozenset[str]) -> dict[str, Entry]:
    wordy = {term.rstrip("_") for term in terms("names_that_are_words")}
    found: dict[str, Entry] = {}
    for term in terms("given_names") + terms("surnames"):
        name = term.rstrip("_")
        if term != name and name not in wordy:
            found[name] = (NAME, WEAK)
        elif name in wordy or name in ordinary:
            found[name] = (NAME, WEAK if name in ordinary else WORDY)
        else:
            found.setdefault(name, (NAME, SURE))
    for name in wordy:
        found[name] = (NAME, WEAK if name in ordinary else WORDY)
    return {name: entry for name, entry in found.items() if " " not in name}


def _others(names: frozenset[str]) -> list[tuple[str, str]]:
    gender = table("gender")
    found = [(term, AGE) for term in gender["ages"]["words"]]
    for name, placeholder in (
        ("cities", NATIONALITY), ("peoples", NATIONALITY), ("nationalities", NATIONALITY),
        ("religions", RELIGION),
    ):  # fmt: skip
        plurals = (_plural(term) for term in terms(name))
        found += [(term, placeholder) for term in terms(name)]
        found += [(plural, placeholder) for plural in plurals if plural not in names]
    found += [(name, NAME) for name in terms("surnames") if " " in name or "-" in name]
    found += [
        (f"the {term}", NATIONALITY) for term in terms("nationalities") if _has_article(term)
    ]
    for placeholder, listed in gender["placeholders"].items():
        found += [(fold(term), placeholder) for term in listed]
    return found


def _has_article(term: str) -> bool:
    kinds = {"republic", "islands", "emirates", "states", "coast", "federation", "isle", "island"}
    return not kinds.isdisjoint(term.split()) or term in {"congo", "drc", "uae", "usa", "ussr"}


def _plural(term: str) -> str:
    if term.endswith(("ese", "ish", "s", "ss")) and not term.endswith("us"):
        return term
    return term[:-1] + "ies" if term.endswith("ty") else f"{term}s"


def _add(
    term: str,
    placeholder: str,
    words: dict[str, Entry],
    phrases: dict[str, list[tuple[tuple[str, ...], str]]],
) -> None:
    first, *rest = term.replace("-", " ").replace("'s ", " ").split()
    if rest:
        phrases.setdefault(first, []).append((tuple(rest), placeholder))
        return
    known = words.get(first, ("", SURE))
    dual = known[0] == NAME and placeholder in {NATIONALITY, RELIGION}
    words[first] = (placeholder, DUAL if dual else SURE)
