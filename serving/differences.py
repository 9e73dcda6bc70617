"""Two narratives side by side: which words both have and which only one of them.

Ratcliff and Obershelp's matching ("Pattern matching: the Gestalt approach", 1988) as in
`difflib`, over words; over sentences where texts repeat themselves so much that words would take
too long. What both start and end with is set aside first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Final

MOST_MATCHES: Final = 400_000
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"[^.!?\n]*\w[^.!?\n]*")


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch of two texts, by character offsets, ends exclusive.

    Parameters
    ----------
    same
        Whether the words of both stretches are equal; case, punctuation and spacing may differ.
    left_start, left_end, right_start, right_end
        Where it stands; empty on the side that lacks it.
    """

    same: bool
    left_start: int
    left_end: int
    right_start: int
    right_end: int


@dataclass(frozen=True, slots=True)
class _Piece:
    said: str
    start: int
    end: int


def differences(a: str, b: str) -> tuple[Difference, ...]:
    """Cut two texts into stretches that are the same and stretches that differ, in order.

    The stretches of a side together are its whole text. The time is bounded: texts of 10,000
    characters that repeat a few words over and over are compared sentence by sentence, and, where
    even that would take too long, as one stretch that differs.

    Parameters
    ----------
    a, b
        The texts, left and right.

    Examples
    --------
    >>> for one in differences("He sells visas.", "He sells fake visas."):
    ...     print(one.same, one.left_start, one.left_end, one.right_start, one.right_end)
    True 0 9 0 9
    False 9 9 9 14
    True 9 15 14 20
    """
    for pattern in (_WORD, _SENTENCE):
        left, right = _pieces(pattern, a), _pieces(pattern, b)
        head, tail = _alike_at_the_ends(left, right)
        inner = left[head : len(left) - tail], right[head : len(right) - tail]
        if _matches(*inner) <= MOST_MATCHES:
            blocks = [(head + i, head + j, n) for i, j, n in _blocks(*inner)]
            break
    else:
        blocks = []
    ends = [(0, 0, head), *blocks, (len(left) - tail, len(right) - tail, tail)]
    return tuple(_stretches(a, b, left, right, [block for block in ends if block[2]]))


def _pieces(pattern: re.Pattern[str], text: str) -> list[_Piece]:
    return [
        _Piece(" ".join(_WORD.findall(found.group().casefold())), *found.span())
        for found in pattern.finditer(text)
    ]


def _alike_at_the_ends(left: Sequence[_Piece], right: Sequence[_Piece]) -> tuple[int, int]:
    head = _run(zip(left, right, strict=False))
    most = min(len(left), len(right)) - head
    tail = _run(zip(reversed(left), reversed(right), strict=False))
    return head, min(tail, most)


def _run(pairs: Iterator[tuple[_Piece, _Piece]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0].said == pair[1].said, pairs))


def _matches(left: Sequence[_Piece], right: Sequence[_Piece]) -> int:
    """How many pairs of equal pieces the matching would look at."""
    there = Counter(piece.said for piece in right)
    return sum(count * there[said] for said, count in Counter(p.said for p in left).items())


def _blocks(left: Sequence[_Piece], right: Sequence[_Piece]) -> Iterator[tuple[int, int, int]]:
    said = [piece.said for piece in left], [piece.said for piece in right]
    for block in SequenceMatcher(None, *said, autojunk=False).get_matching_blocks():
        yield block.a, block.b, block.size


def _stretches(
    a: str,
    b: str,
    left: Sequence[_Piece],
    right: Sequence[_Piece],
    blocks: Sequence[tuple[int, int, int]],
) -> Iterator[Difference]:
    """Stretches of whole texts; what stands between words goes with what comes before it."""
    at_left = at_right = 0
    joined: list[list[int]] = []
    for i, j, n in blocks:
        if joined and joined[-1][0] + joined[-1][2] == i and joined[-1][1] + joined[-1][2] == j:
            joined[-1][2] += n
        else:
            joined.append([i, j, n])
    for i, j, n in joined:
        starts = _starts(left, i), _starts(right, j)
        if starts != (at_left, at_right):
            yield Difference(False, at_left, starts[0], at_right, starts[1])
        at_left = _starts(left, i + n, len(a))
        at_right = _starts(right, j + n, len(b))
        yield Difference(True, starts[0], at_left, starts[1], at_right)
    if (at_left, at_right) != (len(a), len(b)):
        yield Difference(False, at_left, len(a), at_right, len(b))


def _starts(pieces: Sequence[_Piece], place: int, end: int = 0) -> int:
    """Where a piece starts; the first at the beginning of its text, one too many at `end`."""
    if place >= len(pieces):
        return end
    return pieces[place].start if place else 0
