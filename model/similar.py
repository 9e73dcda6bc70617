"""Allegations that belong together: nearly the same words, or the same investigable fact.

A repeat report, a second witness and a contradiction (two near-identical narratives of which one
was valued and the other dismissed) all show up as pairs. Each pair says why it was made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer

from data.near_duplicates import NearDuplicatePairs, near_duplicate_pairs
from model.details import find_details_many
from model.types import Detail

SAME: Mapping[str, str] = MappingProxyType(
    {
        "vehicle_registration": "same vehicle registration",
        "phone": "same phone number",
        "postcode": "same postcode",
        "address": "same address",
        "business": "same business",
    }
)
"""The kinds of fact that link two allegations, the most telling first."""

AT_MOST = 25
AT_MOST_NAMED = 8
CONTRADICTED_FROM = 0.25
_EQUAL = 1 - 1e-6
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_NOT_CODE = re.compile(r"[^a-z0-9]+")
_BRITAIN = re.compile(r"^(?:0044|44)0?(?=\d{9,10}$)")


@dataclass(frozen=True, slots=True)
class Link:
    """Two allegations that belong together.

    Parameters
    ----------
    left, right
        Their positions, ``left < right``.
    similarity
        How far their words agree, 0 where only facts link them.
    reasons
        Why, in words: "same vehicle registration", "nearly the same words: 86%".
    """

    left: int
    right: int
    similarity: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A dismissed allegation that says nearly what a valued one says.

    Parameters
    ----------
    dismissed, valued
        Positions of the two.
    similarity
        How far their words agree.
    reason
        The same in words.
    valued_share
        Share of valued ones among the decided allegations that say nearly the same.
    reviewed
        Whether the dismissed one has had its second look already.
    """

    dismissed: int
    valued: int
    similarity: float
    valued_share: float
    reason: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A decided allegation and how much it resembles the one asked about, 0 to 1."""

    index: int
    similarity: float


@dataclass(frozen=True, slots=True)
class Precedents:
    """The decided allegations nearest to one: those valued, and those dismissed for good."""

    for_value: tuple[Resemblance, ...]
    against: tuple[Resemblance, ...]


def links(
    narratives: Sequence[str],
    details: Sequence[Sequence[Detail]] | None = None,
    *,
    near: NearDuplicatePairs | None = None,
    at_most: int = AT_MOST,
) -> tuple[Link, ...]:
    """Pair the allegations that share words or facts.

    Parameters
    ----------
    narratives
        The narratives.
    details
        The facts found in each; found afresh when absent, which takes far longer than the rest.
    near
        Their near-duplicate pairs, when already known.
    at_most
        A fact shared by more allegations than this (a car park's postcode, the council's
        number) links nothing; nor does a business shared by more than ``AT_MOST_NAMED``, which
        is a kind of business rather than a name; nor an address without a number.

    Returns
    -------
    tuple of Link
        In order of position; at most one a pair. Of narratives that are equal word for word
        only neighbours are paired by their words.

    Raises
    ------
    ValueError
        If ``details`` is not as long as ``narratives``.
    """
    if details is None:
        details = find_details_many(narratives)
    if len(details) != len(narratives):
        raise ValueError(f"{len(narratives)} narratives but the details of {len(details)}")
    shared = _shared_facts(details, at_most)
    pairs = near_duplicate_pairs(narratives) if near is None else near
    alike = dict(_by_pair(pairs))
    return tuple(
        _link(pair, alike.get(pair, 0.0), shared.get(pair, ()))
        for pair in sorted(alike.keys() | shared.keys())
    )


def contradictions(
    narratives: Sequence[str],
    values: Sequence[str | None],
    lowest: str,
    *,
    reviewed_values: Sequence[str | None] | None = None,
    near: NearDuplicatePairs | None = None,
) -> tuple[Contradiction, ...]:
    """Find dismissed allegations that nearly equal one that was valued; they belong on top.

    Parameters
    ----------
    narratives
        The narratives.
    values
        The first assessment of each, ``None`` where there is none yet.
    lowest
        The value that means "no value".
    reviewed_values
        What a second look decided, ``None`` where there was none. It outranks the first
        assessment.
    near
        Their near-duplicate pairs, when already known.

    Returns
    -------
    tuple of Contradiction
        One for each such dismissed allegation, against the valued one most like it, where at
        least ``CONTRADICTED_FROM`` of those that say nearly the same were valued: one stray
        value among fifty dismissals of a stock note speaks against itself. Those not yet
        reviewed come first, then one of each distinct wording before its repeats, then those
        that were valued most often and are most alike.

    Raises
    ------
    ValueError
        If the sequences differ in length.
    """
    reviewed = [None] * len(narratives) if reviewed_values is None else list(reviewed_values)
    if not len(narratives) == len(values) == len(reviewed):
        raise ValueError("narratives, values and reviewed_values must be equally long")
    standing = [again or first for first, again in zip(values, reviewed, strict=True)]
    pairs = near_duplicate_pairs(narratives) if near is None else near
    wording = _wordings(pairs, len(narratives))
    best = _best_valued(pairs, wording, standing, lowest)
    share = _valued_share(pairs, wording, standing, lowest)
    found = [
        (
            Contradiction(
                at, *best[said], share[said], _words_reason(best[said][1]), bool(reviewed[at])
            ),
            said,
        )
        for at, said in enumerate(wording.tolist())
        if standing[at] == lowest and said in best and share[said] >= CONTRADICTED_FROM
    ]
    return tuple(_most_urgent_first(found))


def precedents(
    narratives: Sequence[str],
    decided: Sequence[bool | None],
    about: Sequence[int],
    *,
    most: int = 3,
) -> tuple[Precedents, ...]:
    """Find the decided allegations most like each one asked about.

    Parameters
    ----------
    narratives
        The narratives.
    decided
        ``True`` where an allegation was valued or overturned, ``False`` where a second look
        upheld "no value", ``None`` where it is open.
    about
        Positions asked about; none is its own precedent.
    most
        How many of each kind at most.

    Notes
    -----
    Cosine of TF-IDF weighted words and word pairs (G. Salton, C. Buckley, "Term-weighting
    approaches in automatic text retrieval", 1988).
    """
    pools = [[i for i, was in enumerate(decided) if was is kind] for kind in (True, False)]
    if not len(about) or not any(pools):
        return tuple(Precedents((), ()) for _ in about)
    every = [*about, *pools[0], *pools[1]]
    vectoriser = TfidfVectorizer(
        tokenizer=_WORD.findall, token_pattern=None, ngram_range=(1, 2), dtype=np.float32
    )
    weighed = vectoriser.fit_transform([narratives[i] for i in every] + ["nothing"])[:-1]
    cosine = weighed[: len(about)] @ weighed[len(about) :].T
    middle = len(pools[0])
    return tuple(
        Precedents(
            _nearest(row[:middle], pools[0], at, most), _nearest(row[middle:], pools[1], at, most)
        )
        for at, row in zip(about, _rows(cosine), strict=True)
    )


def _by_pair(pairs: NearDuplicatePairs) -> Iterator[tuple[tuple[int, int], float]]:
    left, right, similarity = (
        column.tolist() for column in (pairs.left, pairs.right, pairs.similarity)
    )
    return zip(zip(left, right, strict=True), similarity, strict=True)


def _shared_facts(
    details: Sequence[Sequence[Detail]], at_most: int
) -> dict[tuple[int, int], tuple[str, ...]]:
    """Reasons by pair, in the order of ``SAME``."""
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for at, facts in enumerate(details):
        for fact in facts:
            key = _fact_key(fact)
            if fact.kind in SAME and key:
                holders[fact.kind, key].add(at)
    kinds: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (kind, _), who in holders.items():
        if len(who) <= (min(at_most, AT_MOST_NAMED) if kind == "business" else at_most):
            for pair in combinations(sorted(who), 2):
                kinds[pair].add(kind)
    return {
        pair: tuple(words for kind, words in SAME.items() if kind in shared)
        for pair, shared in kinds.items()
    }


def _fact_key(fact: Detail) -> str:
    """Spell a fact so that equal ones are equal: "+44 7700 900123" is "07700 900123"."""
    words = " ".join(_WORD.findall(fact.text.casefold()))
    if fact.kind == "business":
        return words
    if fact.kind == "address":
        return words if _DIGIT.search(words) else ""
    plain = _NOT_CODE.sub("", fact.text.casefold())
    return _BRITAIN.sub("0", plain) if fact.kind == "phone" else plain


def _words_reason(similarity: float) -> str:
    if similarity >= _EQUAL:
        return "the same words"
    return f"nearly the same words: {min(int(similarity * 100), 99)}%"


def _link(pair: tuple[int, int], similarity: float, facts: tuple[str, ...]) -> Link:
    words = (_words_reason(similarity),) if similarity else ()
    return Link(*pair, similarity, (*facts, *words))


def _wordings(pairs: NearDuplicatePairs, count: int) -> NDArray[np.int64]:
    """Return each narrative's number, the same for narratives that are equal."""
    equal = pairs.similarity >= _EQUAL
    edges = sparse.coo_array(
        (np.ones(int(equal.sum()), np.int8), (pairs.left[equal], pairs.right[equal])),
        shape=(count, count),
    )
    return connected_components(edges, directed=False)[1].astype(np.int64)


def _best_valued(
    pairs: NearDuplicatePairs,
    wording: NDArray[np.int64],
    standing: Sequence[str | None],
    lowest: str,
) -> dict[int, tuple[int, float]]:
    """For each wording the valued allegation most like it, and how much."""
    valued: dict[int, int] = {}
    for at, said in enumerate(wording.tolist()):
        if standing[at] not in {None, lowest}:
            valued.setdefault(said, at)
    best = {said: (at, 1.0) for said, at in valued.items()}
    for (left, right), similarity in _by_pair(pairs):
        for one, other in ((left, right), (right, left)):
            said, neighbour = int(wording[one]), valued.get(int(wording[other]))
            if neighbour is not None and similarity > best.get(said, (0, 0.0))[1]:
                best[said] = (neighbour, similarity)
    return best


def _valued_share(
    pairs: NearDuplicatePairs,
    wording: NDArray[np.int64],
    standing: Sequence[str | None],
    lowest: str,
) -> list[float]:
    """For each wording the share of valued ones among the decided that say nearly the same."""
    count = int(wording.max()) + 1 if len(wording) else 0
    decided = np.array([value is not None for value in standing], dtype=np.bool_)
    valued = decided & np.array([value != lowest for value in standing], dtype=np.bool_)
    near = np.unique(np.c_[wording[pairs.left], wording[pairs.right]], axis=0)
    near = near[near[:, 0] != near[:, 1]]
    near = np.unique(np.r_[near, near[:, ::-1]], axis=0)

    def around(who: NDArray[np.bool_]) -> NDArray[np.float64]:
        own = np.bincount(wording[who], minlength=count).astype(np.float64)
        return own + np.bincount(near[:, 0], own[near[:, 1]], minlength=count)

    share: list[float] = (around(valued) / np.maximum(around(decided), 1)).tolist()
    return share


def _most_urgent_first(found: list[tuple[Contradiction, int]]) -> Iterator[Contradiction]:
    repeats: dict[tuple[bool, int], int] = defaultdict(int)
    ranked = []
    for one, said in found:
        strength = one.valued_share * one.similarity
        ranked.append((one.reviewed, repeats[one.reviewed, said], -strength, one))
        repeats[one.reviewed, said] += 1
    ranked.sort(key=lambda entry: (*entry[:3], entry[3].dismissed))
    return (entry[3] for entry in ranked)


def _rows(matrix: sparse.csr_array) -> Iterator[NDArray[np.float32]]:
    return (matrix[[i]].toarray().ravel() for i in range(matrix.shape[0]))


def _nearest(
    cosine: NDArray[np.float32], pool: Sequence[int], own: int, most: int
) -> tuple[Resemblance, ...]:
    order = np.argsort(-cosine, kind="stable").tolist()
    near = (Resemblance(pool[k], float(cosine[k])) for k in order[: most + 1] if pool[k] != own)
    return tuple(one for one in near if one.similarity > 0)[:most]
