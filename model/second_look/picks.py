"""What the ranker answers: picks for review and the receipt for a doubt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """A record chosen for review.

    Parameters
    ----------
    index
        Row of the record.
    selection_probability
        Chance that this draw chose the record: the audit's, equal for every record of the
        backlog, where ``audit`` is set, and 1 where its rank chose it.
    audit
        Whether it belongs to the random audit sample. Never shown to the reviewer before the
        decision.
    """

    index: int
    selection_probability: float
    audit: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of a score; positive parts speak for a second look.

    Parameters
    ----------
    name
        ``words``, ``what it is about``, ``telling words``, ``model doubt``, ``starting point``,
        by what the record was lifted above the others, or the name of a piece of evidence.
    contribution
        What it adds to the score. All the parts of a record sum to its score.
    """

    name: str
    contribution: float


@dataclass(frozen=True, slots=True)
class EvidenceWord:
    """A word whose removal from the narrative lowers the score by ``contribution``."""

    word: str
    contribution: float


@dataclass(frozen=True, slots=True)
class Precedent:
    """A record that resembles another one and whose answer is known.

    Parameters
    ----------
    index
        Row of the record.
    similarity
        Cosine of the two records' features, between 0 and 1.
    kind
        ``overturned`` or ``upheld`` on a second look, or ``valued`` at first.
    """

    index: int
    similarity: float
    kind: str


@dataclass(frozen=True, slots=True)
class DoubtReceipt:
    """Why a record stands where it stands in the queue.

    Parameters
    ----------
    index
        Row of the record.
    score
        Its score: the sum of ``reasons``.
    reasons
        Named parts of the score, largest in size first.
    words
        Words that raise the score most, by what removing each one would take away.
    precedents_for
        Most similar records that were overturned, or valued at first.
    precedents_against
        Most similar records that were upheld.
    """

    index: int
    score: float
    reasons: tuple[Part, ...]
    words: tuple[EvidenceWord, ...]
    precedents_for: tuple[Precedent, ...]
    precedents_against: tuple[Precedent, ...]
