"""How many wrong dismissals remain, the recall so far, and what more reviews would bring.

Everything about the remaining ones rests on the random audit draws alone (see
`model.second_look.audit`), so it holds however good, bad or changing the ranker is. Recall is
found / (found + remaining), so its interval contains the truth whenever that of the remaining
ones does. What lies ahead rests on the latest ranked picks too (see
`model.second_look.forecast`). How often the intervals contain the truth is measured by
``benchmarks/coverage.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.second_look.audit import AuditTrail
from model.second_look.certificate import draws_until_certain
from model.second_look.forecast import Forecast, Outlook
from model.second_look.remaining import RemainingDistribution

NEXT_PICKS = 50


@dataclass(frozen=True, slots=True)
class ReviewedPick:
    """One decision of a second look.

    Parameters
    ----------
    missed
        Whether the reviewer overturned "no value": a wrong dismissal found.
    selection_probability
        Probability with which the record was drawn when it was, above 0 up to 1.
    audit
        Whether it was a random audit draw. An audit draw must be uniform over the records then
        unreviewed, and must be decided: leaving out the awkward ones makes every figure wrong.
    position
        Place in the order of review; no two alike.
    """

    missed: bool
    selection_probability: float
    audit: bool
    position: int


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the limits it lies between.

    Parameters
    ----------
    estimate
        Best single figure, or ``None`` where there is nothing to base one on.
    low, high
        Limits at the confidence asked for, by default 95%.
    low_80, high_80
        Limits at 80%.
    """

    estimate: float | None
    low: float
    high: float
    low_80: float
    high_80: float


@dataclass(frozen=True, slots=True)
class SecondLookEstimate:
    """What a second look has found and what it has not.

    Parameters
    ----------
    reviewed, found, backlog
        Decisions so far, wrong dismissals among them, and records still unreviewed.
    audited, audit_found
        The same of the random audit draws alone.
    remaining
        Wrong dismissals among the backlog, by the standard of the reviewers' latest decisions.
    recall
        Share of all wrong dismissals that have been found.
    precision
        Share of wrong dismissals among the next 50 ranked picks (fewer if fewer are left).
    confidence, target_recall
        What was asked for.
    certified
        Whether recall has reached ``target_recall`` with ``confidence``. Stays valid although
        it is looked at after every decision.
    draws_to_certify
        How many records, drawn at random one after the other and none of them a wrong
        dismissal, would certify the target; ``None`` once it is certified.
    reviews_to_certify
        The same in reviews, of which as many are drawn at random as so far and none finds
        anything; ``None`` also while none was.
    outlook
        What `finds_in` rests on.
    """

    reviewed: int
    found: int
    backlog: int
    audited: int
    audit_found: int
    remaining: Interval
    recall: Interval
    precision: Interval
    confidence: float
    target_recall: float
    certified: bool
    draws_to_certify: int | None
    reviews_to_certify: int | None
    outlook: Outlook

    def finds_in(self, reviews: int, confidence: float = 0.8) -> Forecast:
        """How many wrong dismissals the next ``reviews`` would find, with an interval.

        It is what the latest picks found carried forward, within what may remain.

        Raises
        ------
        ValueError
            If ``reviews`` is negative or ``confidence`` is not between 0 and 1.
        """
        if reviews < 0:
            raise ValueError(f"reviews must not be negative, but is {reviews}")
        _require_share("confidence", confidence)
        forecast = self.outlook.finds(reviews, confidence)
        most = int(self.remaining.high)
        return replace(
            forecast,
            finds=min(forecast.finds, float(most)),
            low=min(forecast.low, most),
            high=min(forecast.high, most),
        )


def estimate(
    decisions: Sequence[ReviewedPick],
    backlog: int,
    *,
    confidence: float = 0.95,
    target_recall: float = 0.95,
) -> SecondLookEstimate:
    """Estimate what remains from the decisions so far.

    Parameters
    ----------
    decisions
        Every decision of the second look, one a record, in any order.
    backlog
        Dismissed records that nobody has looked at again yet. Records that joined the backlog
        meanwhile are taken to be like those that were there; records withdrawn from it as if
        they had never been there.
    confidence
        Confidence of the wider intervals and of the certificate.
    target_recall
        Recall that the certificate is about.

    Raises
    ------
    ValueError
        If ``backlog`` is negative, two decisions share a position, a selection probability is
        not above 0 and at most 1, or ``confidence`` or ``target_recall`` is not between 0 and 1.

    Examples
    --------
    >>> picks = [ReviewedPick(i % 8 == 0, 0.01, i % 4 == 0, i) for i in range(80)]
    >>> round(estimate(picks, backlog=20).recall.low, 2)
    0.33
    """
    _require_share("confidence", confidence)
    _require_share("target_recall", target_recall)
    if backlog < 0:
        raise ValueError(f"backlog must not be negative, but is {backlog}")
    missed, audit = _in_order(decisions)
    trail = AuditTrail.of(missed, audit, backlog)
    found = int(missed.sum())
    plausible = RemainingDistribution.given(trail) if backlog and audit.any() else None
    remaining = _remaining(plausible, backlog, confidence)
    outlook = Outlook.of(missed, audit, backlog, plausible)
    draws, reviews = _to_certify(trail, audit, found, target_recall, confidence)
    return SecondLookEstimate(
        reviewed=len(missed),
        found=found,
        backlog=backlog,
        audited=int(audit.sum()),
        audit_found=int(missed[audit].sum()),
        remaining=remaining,
        recall=_recall(found, remaining),
        precision=_precision(outlook, confidence),
        confidence=confidence,
        target_recall=target_recall,
        certified=draws is None,
        draws_to_certify=draws,
        reviews_to_certify=reviews,
        outlook=outlook,
    )


def _require_share(name: str, value: float) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must be between 0 and 1, but is {value}")


def _in_order(
    decisions: Sequence[ReviewedPick],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each pick was a wrong dismissal, and whether it was an audit draw."""
    position = np.array([pick.position for pick in decisions], dtype=np.int64)
    probability = np.array([pick.selection_probability for pick in decisions], dtype=np.float64)
    if len(np.unique(position)) < len(position):
        raise ValueError("two decisions share a position: give one decision a record")
    if not ((probability > 0) & (probability <= 1)).all():
        raise ValueError("a selection probability must be above 0 and at most 1")
    order = np.argsort(position)
    missed = np.array([pick.missed for pick in decisions], dtype=np.bool_)
    audit = np.array([pick.audit for pick in decisions], dtype=np.bool_)
    return missed[order], audit[order]


def _remaining(
    plausible: RemainingDistribution | None, backlog: int, confidence: float
) -> Interval:
    if not backlog:
        return Interval(0.0, 0.0, 0.0, 0.0, 0.0)
    if plausible is None:
        return Interval(None, 0.0, float(backlog), 0.0, float(backlog))
    wide, narrow = plausible.interval(confidence), plausible.interval(0.8)
    return Interval(min(max(plausible.median(), wide[0]), wide[1]), *wide, *narrow)


def _to_certify(
    trail: AuditTrail, audit: NDArray[np.bool_], found: int, target: float, confidence: float
) -> tuple[int | None, int | None]:
    """Fruitless draws that would certify the target, and reviews with as many among them."""
    draws = draws_until_certain(trail, found, target, confidence)
    if draws is None or not audit.any():
        return draws, None
    leaving = 1 / float(audit.mean())
    mixed = draws_until_certain(trail, found, target, confidence, leaving=leaving)
    return draws, None if mixed is None else min(round(mixed * leaving), trail.backlog)


def _recall(found: int, remaining: Interval) -> Interval:
    """Recall falls as the number remaining rises; with nothing to find it is 1."""

    def recall(left: float) -> float:
        return found / (found + left) if found + left else 1.0

    return Interval(
        None if remaining.estimate is None else recall(remaining.estimate),
        recall(remaining.high),
        recall(remaining.low),
        recall(remaining.high_80),
        recall(remaining.low_80),
    )


def _precision(outlook: Outlook, confidence: float) -> Interval:
    if not outlook.backlog:
        return Interval(None, 0.0, 0.0, 0.0, 0.0)
    if not outlook.ranked:
        return Interval(None, 0.0, 1.0, 0.0, 1.0)
    wide, narrow = (outlook.precision(NEXT_PICKS, level) for level in (confidence, 0.8))
    shares = np.array([wide.finds, wide.low, wide.high, narrow.low, narrow.high]) / wide.reviews
    return Interval(*shares.tolist())
