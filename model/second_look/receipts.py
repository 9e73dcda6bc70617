"""Receipts for doubt: named parts, the words that carry it and the nearest precedents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from model.reasons import readable
from model.second_look.exploring import Lift
from model.second_look.ledger import Ints, Ledger
from model.second_look.picks import DoubtReceipt, EvidenceWord, Part, Precedent
from model.second_look.side import DOUBT
from model.second_look.teacher import Teacher
from model.tokens import tokenise

MEANING, TELLING = "what it is about", "telling words"
MEASURED_AT_ONCE = 32

Floats = NDArray[np.float64]
Says = Callable[[list[str]], NDArray[np.float64]]
"""Tells what texts add to the score by their words."""


def write_receipts(
    indices: Sequence[int],
    texts: Sequence[str] | None,
    says: Says | None,
    teacher: Teacher,
    ledger: Ledger,
    words: int,
    precedents: int,
    scores: Floats,
    lifted: Lift | None,
) -> list[DoubtReceipt]:
    """Collect the reasons for some records' scores."""
    nearest = _precedents(indices, teacher, ledger, precedents)
    return [
        DoubtReceipt(
            index=index,
            score=float(scores[index]),
            reasons=_parts(index, float(scores[index]), teacher, lifted),
            words=() if texts is None or says is None else _words(texts[index], says, words),
            precedents_for=near,
            precedents_against=far,
        )
        for index, (near, far) in zip(indices, nearest, strict=True)
    ]


def _parts(index: int, score: float, teacher: Teacher, lifted: Lift | None) -> tuple[Part, ...]:
    side = teacher.side.table[index] * teacher.side_weights
    parts = [Part(name, float(x)) for name, x in zip(teacher.side.names, side, strict=True)]
    if lifted is not None and lifted.row == index:
        parts.append(Part(lifted.way, lifted.by))
    experts = teacher.experts
    _, gist, told, doubt = experts.trust
    if teacher.side.doubt is not None:
        parts.append(Part(DOUBT, float(doubt * experts.doubt[index])))
    if experts.meanings is not None:
        parts.append(Part(MEANING, float(gist * experts.gist[index])))
    if experts.words is not None:
        parts.append(Part(TELLING, float(told * experts.told[index])))
    parts.append(Part("starting point", teacher.intercept))
    parts.append(Part("words", score - sum(part.contribution for part in parts)))
    return tuple(sorted(parts, key=lambda part: (-abs(part.contribution), part.name)))


def _words(text: str, says: Says, most: int) -> tuple[EvidenceWord, ...]:
    """Take each word out in turn and see by how much the score falls."""
    tokens = tokenise([text])
    sequence = [tokens.words[number] for number in tokens.numbers]
    distinct = sorted(set(sequence))
    without = [" ".join(w for w in sequence if w != word) for word in distinct]
    scores = says([" ".join(sequence), *without])
    falls = scores[0] - scores[1:]
    order = np.argsort(-falls, kind="stable")[:most]
    return tuple(
        EvidenceWord(readable(distinct[k]), float(falls[k])) for k in order if falls[k] > 0
    )


def _precedents(
    indices: Sequence[int], teacher: Teacher, ledger: Ledger, most: int
) -> Iterator[tuple[tuple[Precedent, ...], tuple[Precedent, ...]]]:
    """Give the nearest that speak for each record, and the nearest that speak against it."""
    decided, missed = ledger.decided, ledger.missed
    groups = {"overturned": decided[missed], "valued": ledger.known, "upheld": decided[~missed]}
    rows = np.concatenate(list(groups.values()))
    kinds = np.repeat(list(groups), [len(members) for members in groups.values()])
    against = len(rows) - len(groups["upheld"])
    for first in range(0, len(indices), MEASURED_AT_ONCE):
        some = np.array(indices[first : first + MEASURED_AT_ONCE], np.int64)
        for index, alike in zip(some, teacher.similarities(some, rows), strict=True):
            like = np.where(rows == index, 0.0, alike)
            halves = (slice(0, against), slice(against, len(rows)))
            near, far = (_nearest(rows[half], like[half], kinds[half], most) for half in halves)
            yield near, far


def _nearest(
    rows: Ints, similarities: Floats, kinds: NDArray[np.str_], most: int
) -> tuple[Precedent, ...]:
    least = np.partition(similarities, -most)[-most] if most < len(rows) else 0.0
    near = np.flatnonzero(similarities >= max(least, np.finfo(float).tiny))
    order = near[np.argsort(-similarities[near], kind="stable")][:most]
    return tuple(Precedent(int(rows[k]), float(similarities[k]), str(kinds[k])) for k in order)
