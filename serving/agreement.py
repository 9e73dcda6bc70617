"""How well reviewers agree: decisions beside blind second answers to the same records.

Cohen's kappa (Cohen, "A coefficient of agreement for nominal scales", Educational and
Psychological Measurement 20, 1960) is the agreement beyond what chance would give two reviewers
with these habits. Its interval is that of the large sample (Fleiss, Cohen and Everitt, "Large
sample standard errors of kappa and weighted kappa", Psychological Bulletin 72, 1969); of fewer
than fifty pairs, which are no large sample, it is the percentile interval of the bootstrap (Efron
and Tibshirani, An Introduction to the Bootstrap, 1993). Where all agree neither of them knows
any doubt: then the share that may yet disagree is bounded with 95% confidence (Hanley and
Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249, 1983), and kappa with
it, the habits of both taken as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serving.actors import Actor
from serving.store.database import Store
from serving.store.records_reviewing import OpinionPair

LARGE = 50
RESAMPLES = 2000
Z = 1.959963984540054
UNLIKELY = 0.05

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance, with its 95% interval.

    Parameters
    ----------
    estimate
        1 for perfect agreement, 0 for that of chance; ``None`` where chance alone would agree
        always, or there is nothing to compare.
    method
        How the interval was worked out: ``large sample``, ``bootstrap`` or ``bounded``.
    """

    estimate: float | None
    low: float | None
    high: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well first and second answers agree.

    Parameters
    ----------
    pairs, agreed
        Records with both answers, and those of them with the same verdict.
    raw
        Share of them; ``None`` without any.
    table
        How often each pair of verdicts came, the first reviewer's first.
    due
        Decisions that were drawn and have no second answer yet.
    disagreements
        Pairs with different verdicts, for a lead to look at. The first decision stands.
    """

    pairs: int
    agreed: int
    raw: float | None
    kappa: Kappa
    table: tuple[tuple[str, str, int], ...]
    due: int
    disagreements: tuple[OpinionPair, ...]


def agreement(store: Store, actor: Actor) -> Agreement:
    """Compare decisions with their blind second answers."""
    with store.writing() as unit:
        found = unit.opinions.pairs()
        due = unit.opinions.due()
        unit.audit.append(actor, "read agreement", None, {"pairs": len(found)})
    verdicts = [(one.first_verdict, one.second_verdict) for one in found]
    differing = tuple(one for one in found if one.first_verdict != one.second_verdict)
    agreed = len(found) - len(differing)
    return Agreement(
        pairs=len(found),
        agreed=agreed,
        raw=agreed / len(found) if found else None,
        kappa=cohens_kappa(verdicts),
        table=tuple((*pair, count) for pair, count in sorted(Counter(verdicts).items())),
        due=due,
        disagreements=differing,
    )


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Give Cohen's kappa of pairs of answers, with its 95% interval."""
    if not pairs:
        return Kappa(None, None, None, "large sample")
    counts = _table(pairs)
    estimate = _kappa(counts[None])[0]
    large = len(pairs) >= LARGE
    method = "large sample" if large else "bootstrap"
    if np.isnan(estimate):
        return Kappa(None, None, None, method)
    if np.trace(counts) == counts.sum():
        return Kappa(1.0, _least_of_agreeing(counts), 1.0, "bounded")
    low, high = _large_sample(counts) if large else _bootstrap(counts)
    return Kappa(float(estimate), low, high, method)


def _table(pairs: Sequence[tuple[str, str]]) -> Floats:
    names = sorted({one for pair in pairs for one in pair})
    place = {name: number for number, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for first, second in pairs:
        counts[place[first], place[second]] += 1
    return counts


def _kappa(tables: Floats) -> Floats:
    """Kappa of each of several tables; not a number where chance would agree always."""
    shares = tables / tables.sum(axis=(1, 2), keepdims=True)
    observed = np.trace(shares, axis1=1, axis2=2)
    expected = (shares.sum(axis=2) * shares.sum(axis=1)).sum(axis=1)
    beyond = np.where(expected < 1, 1 - expected, np.nan)
    return np.asarray((observed - expected) / beyond, np.float64)


def _least_of_agreeing(counts: Floats) -> float:
    """Return kappa if as many disagree as none among so many allows for, marginals as they are."""
    total = counts.sum()
    most = 1 - float(UNLIKELY ** (1 / total))
    expected = float(np.square(np.diag(counts) / total).sum())
    return max(-1.0, 1 - most / (1 - expected))


def _large_sample(counts: Floats) -> tuple[float, float]:
    total = counts.sum()
    shares = counts / total
    first, second = shares.sum(axis=1), shares.sum(axis=0)
    expected = float(first @ second)
    kappa = float(_kappa(counts[None])[0])
    agreeing = np.diag(shares) * (1 - (first + second) * (1 - kappa)) ** 2
    # the marginals cross over: of the one reviewer's column and the other's row
    across = shares * (second[:, None] + first[None, :]) ** 2
    differing = (1 - kappa) ** 2 * (across.sum() - np.trace(across))
    spread = agreeing.sum() + differing - (kappa - expected * (1 - kappa)) ** 2
    half = Z * float(np.sqrt(max(spread, 0.0) / total)) / (1 - expected)
    return max(-1.0, kappa - half), min(1.0, kappa + half)


def _bootstrap(counts: Floats) -> tuple[float, float]:
    total = int(counts.sum())
    drawn = np.random.default_rng(0).multinomial(total, counts.ravel() / total, size=RESAMPLES)
    kappas = _kappa(drawn.reshape(-1, *counts.shape).astype(np.float64))
    low, high = np.nanpercentile(kappas, [2.5, 97.5])
    return float(low), float(high)
