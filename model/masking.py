"""Which words of a text are protected terms: the rules of :mod:`model.text`, word by word."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from data.terms import fold
from model.lexicon import CUE, DUAL, NAME, SURE, WORDY, Lexicon, lexicon

_ENDS = frozenset('.!?:;"\n([•')
_MOST_NAMES = 4


class Run(NamedTuple):
    """Pieces of a split text that one placeholder stands for.

    Parameters
    ----------
    first, last
        Positions in the pieces, both included.
    length
        How many characters of the last piece belong to it; a possessive ending does not.
    placeholder
        What stands for it.
    """

    first: int
    last: int
    length: int
    placeholder: str


def find_runs(pieces: list[str]) -> list[Run]:
    """Find the protected runs in a text split into separators and words.

    Parameters
    ----------
    pieces
        Separator, word, separator, …, separator: what ``re.split`` gives with a group.
    """
    words = [word.lower() if word.isascii() else fold(word) for word in pieces[1::2]]
    known = lexicon()
    table, phrases = known.words, known.phrases
    for k, word in enumerate(words):
        if word not in table and len(word) > 2 and ("'" in word or "’" in word):
            words[k] = _base(word)
    pairs = _openings()
    after = (*words[1:], "")
    hits = [
        k
        for k, word in enumerate(words)
        if word in table
        or (word in phrases and ((word, after[k]) in pairs or (word, "") in pairs))
    ]
    return _Reading(pieces, words, known).runs(hits) if hits else []


@cache
def _openings() -> frozenset[tuple[str, str]]:
    """Return the first two words of every phrase; of those of one word, that and nothing."""
    phrases = lexicon().phrases
    return frozenset(
        (word, "".join(rest[:1])) for word, found in phrases.items() for rest, _ in found
    )


def _base(word: str) -> str:
    known, word = lexicon(), word.replace("’", "'")
    base, _, suffix = word.rpartition("'")
    return base if suffix in known.suffixes and word not in known.words else word


class _Reading:
    """One text being read: what each word has been found to be."""

    __slots__ = ("_kinds", "_known", "_pieces", "_shouted", "_words")

    def __init__(self, pieces: list[str], words: list[str], known: Lexicon) -> None:
        self._pieces = pieces
        self._words = words
        self._known = known
        self._kinds: dict[int, str] = {}
        capitals = sum(map(str.isupper, pieces[1::2]))
        self._shouted = 2 * capitals > len(words)

    def runs(self, hits: list[int]) -> list[Run]:
        """Decide the hits, those that stand on their own first."""
        unsure: list[int] = []
        cues = [k for k in hits if self._words[k] in self._known.titles]
        for k in hits:
            if k not in self._kinds and not self._is_code(k) and not self._phrase(k, cues):
                self._look_up(k, unsure, cues)
        for k in cues:
            self._follow(k)
        for k in unsure:
            self._settle(k)
        for k in [k for k, kind in self._kinds.items() if kind == NAME]:
            self._extend(k)
        return self._joined()

    def _look_up(self, k: int, unsure: list[int], cues: list[int]) -> None:
        placeholder, strength = self._known.words.get(self._words[k], ("", SURE))
        if placeholder == CUE:
            cues.append(k)
        elif strength != SURE:
            unsure.append(k)
        elif placeholder and not self._is_ordinary(k):
            self._kinds[k] = placeholder

    def _phrase(self, k: int, cues: list[int]) -> bool:
        for rest, placeholder in self._known.phrases.get(self._words[k], ()):
            end = k + 1 + len(rest)
            if tuple(self._words[k + 1 : end]) != rest:
                continue
            if not all(self._adjoins(j) for j in range(k, end - 1)):
                continue
            if placeholder == CUE:
                cues.append(end - 1)
            else:
                self._kinds.update(dict.fromkeys(range(k, end), placeholder))
            return True
        return False

    def _is_ordinary(self, k: int) -> bool:
        word, words, known = self._words[k], self._words, self._known
        if word in known.before and k and words[k - 1] in known.before[word]:
            return not self._is_capital(k) or self._starts_sentence(k)
        if word in known.after and k + 1 < len(words):
            return words[k + 1] in known.after[word]
        return False

    def _settle(self, k: int) -> None:
        placeholder, strength = self._known.words[self._words[k]]
        beside = self._kinds.get(k - 1) == NAME and self._adjoins(k - 1)
        beside = beside or (self._is_name(k + 1) and self._adjoins(k))
        if strength == DUAL:
            if beside:
                self._kinds[k] = NAME
            elif not self._is_ordinary(k):
                self._kinds[k] = placeholder
        elif self._kinds.get(k) == NAME:
            return
        elif self._is_capital(k):
            if beside or (strength == WORDY and self._stands_as_name(k)):
                self._kinds[k] = NAME
        elif beside and self._words[k] not in self._known.ordinary and len(self._words[k]) > 2:
            self._kinds[k] = NAME

    def _stands_as_name(self, k: int) -> bool:
        """Whether a capital tells: inside a sentence, or before a verb that people do."""
        if not self._starts_sentence(k):
            return True
        return k + 1 < len(self._words) and self._words[k + 1] in self._known.verbs

    def _is_name(self, k: int) -> bool:
        if self._kinds.get(k) == NAME:
            return True
        if k >= len(self._words) or not self._is_capital(k):
            return False
        return self._known.words.get(self._words[k], ("",))[0] == NAME

    def _follow(self, k: int) -> None:
        """Take the words after a cue or a title for a name."""
        words = self._words
        if self._kinds.get(k) is None and k and words[k - 1] in self._known.things:
            return
        capital = k + 1 < len(words) and self._is_capital(k + 1)
        for j in range(k + 1, min(k + 1 + (_MOST_NAMES if capital else 2), len(words))):
            if not self._adjoins(j - 1) or not self._may_be_name(j):
                return
            if capital and not self._is_capital(j) and words[j] not in self._known.particles:
                return
            self._kinds[j] = NAME

    def _may_be_name(self, j: int) -> bool:
        word = self._words[j]
        kind, strength = self._known.words.get(word, (NAME, SURE))
        if kind == NAME and strength == WORDY and self._is_capital(j):
            return True
        if self._is_code(j):
            return False
        allowed = kind == NAME or strength == DUAL
        return allowed and word not in self._known.ordinary and self._kinds.get(j, NAME) == NAME

    def _extend(self, k: int) -> None:
        """Take capitalised unknown words, and particles before them, into a name."""
        words, j = self._words, k + 1
        while j < len(words) and self._adjoins(j - 1) and j not in self._kinds:
            if words[j] in self._known.particles and j + 1 < len(words) and self._adjoins(j):
                if self._kinds.get(j + 1) != NAME and not self._is_unknown_capital(j + 1):
                    return
            elif not self._is_unknown_capital(j):
                return
            self._kinds[j] = NAME
            j += 1

    def _is_unknown_capital(self, j: int) -> bool:
        word = self._words[j]
        unknown = word not in self._known.ordinary and word not in self._known.words
        return unknown and self._is_capital(j) and not self._is_code(j)

    def _joined(self) -> list[Run]:
        """Join neighbours of one kind, and leave out names that are streets."""
        found: list[list[int]] = []
        for k in sorted(self._kinds):
            same = self._kinds.get(k - 1) == self._kinds[k] and self._adjoins(k - 1)
            if same:
                found[-1].append(k)
            else:
                found.append([k])
        return [self._run(run) for run in found if not self._is_street(run)]

    def _is_street(self, run: list[int]) -> bool:
        if self._kinds[run[0]] != NAME or run[-1] + 1 >= len(self._words):
            return False
        possessive = self._run(run).length < len(self._pieces[2 * run[-1] + 1])
        titled = possessive or (run[0] and self._words[run[0] - 1] in self._known.titles)
        named_after = self._words[run[-1] + 1] in self._known.streets
        return named_after and not titled and self._adjoins(run[-1])

    def _run(self, run: list[int]) -> Run:
        last = self._pieces[2 * run[-1] + 1]
        length = len(last)
        if "'" in last or "’" in last:
            whole = fold(last) == self._words[run[-1]]
            length = length if whole else max(i for i, c in enumerate(last) if c in "'’")
        return Run(2 * run[0] + 1, 2 * run[-1] + 1, length, self._kinds[run[0]])

    def _adjoins(self, k: int) -> bool:
        """Whether only a space or a hyphen stands between a word and the next."""
        between = self._pieces[2 * k + 2]
        return between in {" ", "-"} or (between.isspace() and "\n\n" not in between)

    def _is_code(self, k: int) -> bool:
        """Whether digits touch the word, as in a postcode."""
        before, after = self._pieces[2 * k], self._pieces[2 * k + 2]
        return before[-1:].isdigit() or after[:1].isdigit()

    def _is_capital(self, k: int) -> bool:
        return not self._shouted and self._pieces[2 * k + 1][0].isupper()

    def _starts_sentence(self, k: int) -> bool:
        return k == 0 or not _ENDS.isdisjoint(self._pieces[2 * k])
