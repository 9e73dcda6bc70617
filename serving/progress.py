"""How far a second look has come, what is probably still missed, and whether to go on."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from model.second_look.estimate import Interval, ReviewedPick, SecondLookEstimate, estimate
from model.second_look.forecast import Forecast
from model.second_look.stopping import NEXT_REVIEWS, advise
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records import Counts, Extent, Marks, Picked

RECENT = 60.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the second look has come.

    Parameters
    ----------
    dismissed, waiting
        Dismissed allegations, and those of them that nobody has looked at again.
    reviewed, found
        Those decided here, and those of them found to be wrong.
    reviewed_before, found_before
        The same of decisions that came with the import; the estimates leave them out, because
        nobody knows how they were picked.
    audited, audit_found
        Reviewed records of the random audit sample, and those of them that were wrong.
    still_missed, recall, precision
        Wrong dismissals among those that wait, share of all wrong ones that were found, and
        share of wrong ones among the next in the queue.
    forecast
        What so many more reviews would find; ``None`` before the first decision.
    recall_certified
        Whether the target recall is reached with 95% confidence.
    draws_to_certify, reviews_to_certify
        How many records in a row, drawn at random, or reviewed with as many of them drawn at
        random as so far, would certify it if none was wrong; ``None`` once it is reached, the
        second one also while none was drawn at random.
    step, may_stop, advice
        What the advice amounts to, whether stopping is backed, and the advice in words.
    """

    dismissed: int
    waiting: int
    reviewed: int
    found: int
    reviewed_before: int
    found_before: int
    audited: int
    audit_found: int
    still_missed: Interval
    recall: Interval
    precision: Interval
    forecast: Forecast | None
    recall_certified: bool
    draws_to_certify: int | None
    reviews_to_certify: int | None
    step: str
    may_stop: bool
    advice: str


def progress(store: Store, *, reviews: int = NEXT_REVIEWS, recent: bool = False) -> Progress:
    """Say how far the second look has come.

    Parameters
    ----------
    reviews
        How many more reviews to forecast.
    recent
        Whether the same answer will do as long as nothing was recorded, decided, assessed or
        erased, for a minute at most.
    """
    with store.reading() as unit:
        marks = unit.decisions.marks(QUEUE)
        known = _known_of(store, marks) if recent else None
        if known and known.marks == marks and reviews in known.told:
            return known.told[reviews]
        extent = known.extent if known else unit.decisions.extent(QUEUE)
        counts = unit.decisions.counts(QUEUE, extent)
        picks = unit.decisions.picks(QUEUE)
    told = _told(counts, estimate(_picks(picks), counts.waiting), reviews)
    at = known.at if known else time.monotonic()
    _KNOWN[store] = _Known(at, marks, extent, {reviews: told})
    return told


@dataclass(frozen=True, slots=True)
class _Known:
    """What was counted last, and what was told of it, by how many reviews it looks ahead."""

    at: float
    marks: Marks
    extent: Extent
    told: Mapping[int, Progress]


_KNOWN: WeakKeyDictionary[Store, _Known] = WeakKeyDictionary()


def _known_of(store: Store, marks: Marks) -> _Known | None:
    """Give what was counted, where there is neither more nor less to look at since."""
    known = _KNOWN.get(store)
    if known is None or time.monotonic() - known.at > RECENT:
        return None
    then = (known.marks.last_allegation_id, known.marks.assessments)
    return known if then == (marks.last_allegation_id, marks.assessments) else None


def _picks(picks: Sequence[Picked]) -> list[ReviewedPick]:
    # a record that was decided without having been queued was nobody's random draw
    return [
        ReviewedPick(
            missed=one.missed,
            selection_probability=one.selection_probability or 1.0,
            audit=one.audit,
            position=place,
        )
        for place, one in enumerate(picks)
    ]


def _told(counts: Counts, now: SecondLookEstimate, reviews: int) -> Progress:
    advice = advise(now, next_reviews=reviews)
    return Progress(
        dismissed=counts.dismissed,
        waiting=counts.waiting,
        reviewed=counts.reviewed,
        found=counts.found,
        reviewed_before=counts.reviewed_before,
        found_before=counts.found_before,
        audited=now.audited,
        audit_found=now.audit_found,
        still_missed=now.remaining,
        recall=now.recall,
        precision=now.precision,
        forecast=now.finds_in(reviews) if now.reviewed else None,
        recall_certified=now.certified,
        draws_to_certify=now.draws_to_certify,
        reviews_to_certify=now.reviews_to_certify,
        step=str(advice.step),
        may_stop=advice.may_stop,
        advice=advice.text,
    )
