"""Facts known by their words: dates, times, addresses, businesses, quantities (spaCy matcher)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Any, Final, Protocol

from numpy.typing import NDArray
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from data.terms import fold, table, terms
from model.codes import Found
from model.lexicon import NAME, lexicon

_TRIGGERS = {
    "date": ("weekday", "periods", "period", "relative", "month"),
    "time": ("moment", "hour_word", "part"),
    "address": ("street_sure", "street_maybe", "premises", "estate"),
    "business": ("business", "company"),
    "amount": ("unit",),
}
"""The words one of which every pattern of a kind holds."""

REACH: Final = 8
"""How many words away from such a word a fact can begin or end; numbers before it come on top."""

Pattern = list[dict[Any, Any]]


class Finder(Protocol):
    """Where the facts of some kinds stand in a document."""

    def __call__(self, doc: Doc, kinds: Container[str], reach: int = ...) -> Iterator[Found]:
        """Look around triggers, ``reach`` words to each side."""


def wording(nlp: Language) -> Finder:
    """Build the matcher on a pipeline's vocabulary.

    Parameters
    ----------
    nlp
        The pipeline. Word lists become flags of its vocabulary: a flag is worked out once for
        each distinct word, where a list in a pattern would be looked at for each token.

    Returns
    -------
    Finder
        Given a document and the kinds to look for, where they stand.
    """
    flags = _flags(nlp)
    matchers: dict[str, Matcher] = {}
    cuts: dict[int, tuple[str, int, int]] = {}
    for name, kind, cut, patterns in _patterns(flags):
        matcher = matchers.setdefault(kind, Matcher(nlp.vocab, validate=False))
        matcher.add(name, patterns)
        cuts[nlp.vocab.strings[name]] = (kind, *cut)

    columns = [*(flags[f"may be {kind}"] for kind in matchers), flags["count"]]

    def find(doc: Doc, kinds: Container[str], reach: int = REACH) -> Iterator[Found]:
        seen = doc.to_array(columns)
        for column, (wanted, matcher) in enumerate(matchers.items()):
            if wanted in kinds:
                for window in _windows(seen[:, column], seen[:, -1], reach):
                    for key, start, end in matcher(doc[window]):
                        kind, skip, drop = cuts[key]
                        start, end = start + window.start, end + window.start
                        first, last = doc[start + skip], doc[_last(doc, start, end, drop)]
                        yield first.idx, last.idx + len(last), kind

    return find


def _windows(triggers: NDArray[Any], counts: NDArray[Any], reach: int) -> list[slice]:
    """Return the stretches around triggers, apart from each other: the matcher is slow."""
    found: list[slice] = []
    numbers, total = counts.tolist(), len(counts)
    for place in triggers.nonzero()[0].tolist():
        start, stop = max(0, place - reach), min(total, place + reach + 1)
        while start and numbers[start]:
            start -= 1
        while found and start <= found[-1].stop:
            start = min(found.pop().start, start)
        found.append(slice(start, stop))
    return found


def _last(doc: Doc, start: int, end: int, drop: int) -> int:
    """Last token of a match; ``drop`` 1 ends it before the word that says where."""
    if not drop:
        return end - 1
    places = frozenset(table("facts")["at"])
    return next(i for i in range(start + 1, end) if doc[i].lower_ in places) - 1


def _flags(nlp: Language) -> dict[str, int]:
    facts = table("facts")
    known, stops = lexicon(), frozenset(facts["stops"])
    ordinary = frozenset(terms("ordinary"))

    def is_word(text: str) -> bool:
        return text[:1].isalpha() and fold(text) not in stops

    def is_rare(text: str) -> bool:
        word = fold(text)
        kind = known.words.get(word, (NAME, 0))[0]
        return len(text) > 2 and is_word(text) and word not in ordinary and kind == NAME

    tests: dict[str, Callable[[str], bool]] = {
        "word": is_word,
        "rare": is_rare,
        "capital": lambda text: text[:1].isupper() and is_word(text),
        "day_number": lambda text: text.rstrip("stndrh").isdecimal() and len(text) < 5,
        "year": lambda text: text.isdecimal() and len(text) == 4 and text[:2] in {"19", "20"},
        "house_number": lambda text: text[:1].isdecimal() and len(text) < 6 and text.isalnum(),
        "count": lambda text: text.replace(",", "").isdecimal() or text.lower() in facts["number"],
    }
    for kind, lists in _TRIGGERS.items():
        near = frozenset(word for listed in lists for word in facts[listed])
        tests[f"may be {kind}"] = near.__contains__
    for name, words in facts.items():
        tests.setdefault(name, frozenset(words).__contains__)
    return {name: nlp.vocab.add_flag(_lowered(name, test)) for name, test in tests.items()}


def _lowered(name: str, test: Callable[[str], bool]) -> Callable[[str], bool]:
    keeps_case = name in {"capital", "word", "rare"}
    return test if keeps_case else lambda text: test(text.lower())


def _patterns(flags: dict[str, int]) -> list[tuple[str, str, tuple[int, int], list[Pattern]]]:
    def has(name: str, op: str = "{1}", **more: object) -> dict[Any, Any]:
        return {flags[name]: True, "OP": op, **more}

    def said(word: str, op: str = "{1}") -> dict[Any, Any]:
        return {"LOWER": word, "OP": op}

    dates = [
        [has("weekday_sure"), has("part", "?")],
        [has("which"), has("weekday"), has("part", "?")],
        [has("weekday"), said("-"), has("weekday")],
        [has("weekday"), said("to"), has("weekday")],
        [has("which"), has("period")],
        [has("which"), said("few", "?"), has("count", "?"), has("periods")],
        [has("relative"), has("part", "?")],
        [said("day"), said("after"), said("tomorrow")],
        [said("in"), said("a", "?"), has("count", "?"), said("of", "?"), has("periods"),
         said("time", "?")],
        [said("a", "?"), has("count", "?"), has("periods"), said("ago")],
        [said("the", "?"), has("day_number"), said("of", "?"), has("month"), has("year", "?")],
        [has("month"), has("day_number"), said(",", "?"), has("year", "?")],
        [has("month"), has("year")],
        [has("month_sure")],
    ]  # fmt: skip
    times = [
        [has("moment_sure")],
        [has("count"), has("hour_word")],
        [has("day_number"), has("hour_word")],
        [said("half"), said("past", "?"), has("count")],
        [said("quarter"), said("past"), has("count")],
        [said("quarter"), said("to"), has("count")],
        [said("in"), said("the"), has("part")],
        [said("at"), said("night")],
        [said("early"), has("part")],
        [said("late"), has("part")],
        [said("middle"), said("of"), said("the"), said("night")],
    ]
    addresses = [
        [has("house_number"), said(",", "?"), has("word"), has("word", "?"), has("street_sure")],
        [has("house_number"), said(",", "?"), has("word"), has("word", "?"), has("street_maybe")],
        [has("word"), has("street_sure")],
        [has("capital"), has("capital"), has("street_sure")],
        [has("capital"), has("street_maybe", IS_TITLE=True)],
        [has("premises"), said("number", "?"), has("house_number")],
        [has("premises"), has("house_number"), said(",", "?"), has("house_number", "?"),
         has("word"), has("word", "?"), has("street_sure")],
        [has("premises"), has("house_number"), said(",", "?"), has("house_number"),
         has("word"), has("word", "?"), has("street_maybe")],
        [has("premises"), has("house_number"), said(",", "?"), has("word", "?"), has("word", "?"),
         has("word", "?"), has("estate")],
        [has("word"), has("word", "?"), said("industrial"), said("estate")],
        [has("word"), has("word", "?"), said("trading"), said("estate")],
        [has("word"), has("word", "?"), said("business"), said("park")],
        [has("word"), has("word", "?"), said("retail"), said("park")],
    ]  # fmt: skip
    businesses = [
        [has("capital"), has("capital", "?"), has("capital", "?"), has("company")],
        [has("rare"), has("word", "?"), has("company")],
        [has("capital", IS_SENT_START=None), has("business", "+", IS_TITLE=True)],
        [has("capital"), said("'s"), has("capital", "?"), has("business", "+", IS_TITLE=True)],
        [has("capital"), has("capital"), has("business", "+", IS_TITLE=True)],
        [has("rare"), has("business_sure")],
        [has("rare"), said("'s"), has("business_sure")],
    ]
    for pattern in businesses:
        for token in pattern:
            token.pop("IS_SENT_START", None)
    located = [
        [has("trade", "?"), has("business", "+"), has("at"), said("the", "?"), has("word", "?"),
         has("word"), has("street_sure")],
        [has("trade", "?"), has("business", "+"), has("at"), has("capital")],
    ]  # fmt: skip
    named = [
        [has("business"), said(verb), said("the", "?"), has("word"), has("rare", "?")]
        for verb in ("called", "named")
    ]
    amounts = [
        [has("count", "+"), said("of", "?"), has("unit")],
        [has("count"), said("to"), has("count"), has("unit")],
        [has("count"), said("or"), has("count"), has("unit")],
        [has("count"), has("word"), has("unit")],
    ]
    return [
        ("date", "date", (0, 0), dates),
        ("time", "time", (0, 0), times),
        ("address", "address", (0, 0), addresses),
        ("business", "business", (0, 0), businesses),
        ("business where", "business", (0, 1), located),
        ("business named", "business", (2, 0), named),
        ("amount", "amount", (0, 0), amounts),
    ]
