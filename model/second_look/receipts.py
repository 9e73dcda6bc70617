"""Receipts for doubt: named parts, the words that carry it and the nearest precedents."""

from __future__ import annotations

import numpy as np

from model.features import NgramVectoriser
from model.reasons import readable
from model.second_look.ledger import Ints, Ledger
from model.second_look.picks import DoubtReceipt, EvidenceWord, Part, Precedent
from model.second_look.side import DOUBT
from model.second_look.teacher import Teacher
from model.tokens import tokenise


def write_receipt(
    index: int,
    score: float,
    text: str | None,
    vectoriser: NgramVectoriser | None,
    teacher: Teacher,
    ledger: Ledger,
    words: int,
    precedents: int,
) -> DoubtReceipt:
    """Collect the reasons for one record's score."""
    named = () if text is None or vectoriser is None else _words(text, vectoriser, teacher, words)
    decided, missed = ledger.decided, ledger.missed
    overturned, upheld = decided[missed], decided[~missed]
    return DoubtReceipt(
        index=index,
        score=score,
        reasons=_parts(index, score, teacher),
        words=named,
        precedents_for=_nearest(
            index, {"overturned": overturned, "valued": ledger.known}, teacher, precedents
        ),
        precedents_against=_nearest(index, {"upheld": upheld}, teacher, precedents),
    )


def _parts(index: int, score: float, teacher: Teacher) -> tuple[Part, ...]:
    side = teacher.side.table[index] * teacher.side_weights
    parts = [Part(name, float(x)) for name, x in zip(teacher.side.names, side, strict=True)]
    if teacher.side.doubt is not None:
        parts.append(Part(DOUBT, float(teacher.doubt_weight * teacher.doubt[index])))
    parts.append(Part("starting point", teacher.intercept))
    parts.append(Part("words", score - sum(part.contribution for part in parts)))
    return tuple(sorted(parts, key=lambda part: (-abs(part.contribution), part.name)))


def _words(
    text: str, vectoriser: NgramVectoriser, teacher: Teacher, most: int
) -> tuple[EvidenceWord, ...]:
    """Take each word out in turn and see by how much the score falls."""
    tokens = tokenise([text])
    sequence = [tokens.words[number] for number in tokens.numbers]
    distinct = sorted(set(sequence))
    without = [" ".join(w for w in sequence if w != word) for word in distinct]
    scores = teacher.score_of(vectoriser.transform([" ".join(sequence), *without]))
    falls = scores[0] - scores[1:]
    order = np.argsort(-falls, kind="stable")[:most]
    return tuple(
        EvidenceWord(readable(distinct[k]), float(falls[k])) for k in order if falls[k] > 0
    )


def _nearest(
    index: int, groups: dict[str, Ints], teacher: Teacher, most: int
) -> tuple[Precedent, ...]:
    rows = np.concatenate(list(groups.values()))
    if not len(rows):
        return ()
    kinds = np.repeat(list(groups), [len(members) for members in groups.values()])
    similarities = np.where(rows == index, 0.0, teacher.similarities(index, rows))
    least = np.partition(similarities, -most)[-most] if most < len(rows) else 0.0
    near = np.flatnonzero(similarities >= max(least, np.finfo(float).tiny))
    order = near[np.argsort(-similarities[near], kind="stable")][:most]
    return tuple(Precedent(int(rows[k]), float(similarities[k]), str(kinds[k])) for k in order)
