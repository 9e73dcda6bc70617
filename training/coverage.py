"""Simulated second looks that measure how often the estimate's intervals contain the truth.

A look draws batches of ten: audit draws uniform over the unreviewed records, the rest from the
top of a ranking, mixed. It stops at a random moment; the intervals given then are compared with
what is really left, with what the next reviews really find, and with how many of the next ranked
picks really are wrong dismissals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.second_look.estimate import NEXT_PICKS, Interval, ReviewedPick, estimate

BATCH = 10
AHEAD = (50, 100, 200)


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of second look.

    Parameters
    ----------
    name
        What it is called in the table.
    backlog
        Dismissed records at the start.
    missed_share
        Chance of each to be a wrong dismissal.
    ranker
        By how many standard deviations wrong dismissals score higher: 0 is a useless ranker
        (AUC .5), 1.5 a fair one (.86), 3 a good one (.98).
    stops_between
        Share of the backlog reviewed when the look stops, drawn evenly from this range.
    drift
        Share of the wrong dismissals, by the first day's standard, that the reviewers no longer
        overturn on the last day; their standard changes evenly. What is left to find is then
        counted by the standard of the day on which the estimate is made.
    audit_share
        Share of each batch that is drawn at random.
    unseen
        Chance of each wrong dismissal to be of a kind that scores like any other record.
    """

    name: str
    backlog: int
    missed_share: float
    ranker: float
    stops_between: tuple[float, float] = (0.05, 0.6)
    drift: float = 0.0
    audit_share: float = 0.1
    unseen: float = 0.0


SETTINGS = (
    Setting("rare misses (1%)", 2_000, 0.01, 1.5),
    Setting("common misses (20%)", 2_000, 0.20, 1.5),
    Setting("good ranker", 2_000, 0.06, 3.0),
    Setting("useless ranker", 2_000, 0.06, 0.0),
    Setting("small backlog (200)", 200, 0.10, 1.5),
    Setting("large backlog (20,000)", 20_000, 0.03, 1.5, (0.02, 0.3)),
    Setting("drifting reviewers", 2_000, 0.06, 1.5, drift=0.25),
    Setting("half unseen by the ranker", 2_000, 0.06, 3.0, unseen=0.5),
)


@dataclass(frozen=True, slots=True)
class Look:
    """One simulated look, ``missed`` and ``audit`` in the order of review and beyond its end.

    ``stop`` decisions were made; ``remaining`` wrong dismissals were left at that moment.
    """

    missed: NDArray[np.bool_]
    audit: NDArray[np.bool_]
    backlog: int
    stop: int
    remaining: int

    def next_precision(self) -> float:
        """Share of wrong dismissals among the next 50 ranked picks, or those there are, if any."""
        ranked = self.missed[self.stop :][~self.audit[self.stop :]][:NEXT_PICKS]
        return float(ranked.mean()) if len(ranked) else 0.0

    def decisions(self, count: int) -> list[ReviewedPick]:
        """Give the first ``count`` decisions."""
        return [
            ReviewedPick(bool(missed), 1 / (self.backlog - place) if audit else 1.0, audit, place)
            for place, (missed, audit) in enumerate(
                zip(self.missed[:count].tolist(), self.audit[:count].tolist(), strict=True)
            )
        ]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of looks whose interval contained the truth, and how wide it was.

    ``too_low`` and ``too_high`` are the shares in which the 95% interval lay wholly below or
    above the truth; ``width`` is its median width. Recall is found / (found + remaining), so
    what holds of the remaining ones holds of it.
    """

    setting: Setting
    looks: int
    remaining_95: float
    remaining_80: float
    too_low: float
    too_high: float
    width: float
    forecast_80: float
    precision_95: float
    precision_80: float


@dataclass(frozen=True, slots=True)
class Certificates:
    """What happened to looks that stop as soon as the recall certificate is given.

    ``wrong`` is the share of all looks certified with a recall below the target; ``reviewed``
    the median share of the backlog reviewed at the certificate.
    """

    setting: Setting
    looks: int
    certified: float
    wrong: float
    reviewed: float


def coverage(setting: Setting, looks: int, seed: int) -> Coverage:
    """Measure one setting over many looks."""
    rng = np.random.default_rng(seed)
    rows = np.array([_outcome(setting, rng) for _ in range(looks)])
    remaining_95, remaining_80, low, high, forecast, *precision = rows[:, :7].mean(axis=0)
    width = float(np.median(rows[:, 7]))
    return Coverage(
        setting, looks, remaining_95, remaining_80, low, high, width, forecast, *precision
    )


def certificates(setting: Setting, looks: int, seed: int, *, every: int = BATCH) -> Certificates:
    """Stop each look at its first certificate, asking after ``every`` reviews, and see."""
    rng = np.random.default_rng(seed)
    ends = [_certified(simulate_look(setting, rng), every) for _ in range(looks)]
    given = [end for end in ends if end is not None]
    wrong = sum(not right for _, right in given) / looks
    reviewed = float(np.median([share for share, _ in given])) if given else float("nan")
    return Certificates(setting, looks, len(given) / looks, wrong, reviewed)


def simulate_look(setting: Setting, rng: np.random.Generator) -> Look:
    """Run one look to its stop and ``max(AHEAD)`` reviews beyond."""
    size = setting.backlog
    wrong = rng.random(size) < setting.missed_share
    severity = rng.random(size)
    seen = wrong & (rng.random(size) >= setting.unseen) if setting.unseen else wrong
    ranking = np.argsort(-(seen * setting.ranker + rng.standard_normal(size)))
    stop = max(1, int(rng.uniform(*setting.stops_between) * size))
    end = min(size, stop + max(AHEAD))
    order, audit = _order_of_review(ranking, end, setting.audit_share, rng)
    standard = setting.drift * np.minimum(np.arange(end) / stop, 1.0)
    missed = wrong[order] & (severity[order] > standard)
    left = np.ones(size, dtype=np.bool_)
    left[order[:stop]] = False
    remaining = int((left & wrong & (severity > setting.drift)).sum())
    return Look(missed, audit, size, stop, remaining)


def _order_of_review(
    ranking: NDArray[np.int64], end: int, audit_share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the records in the order of review, and which of them were audit draws."""
    taken = np.zeros(len(ranking), dtype=np.bool_)
    by_rank, at_random = _untaken(ranking, taken), _untaken(rng.permutation(len(ranking)), taken)
    order: list[int] = []
    audit: list[bool] = []
    while len(order) < end:
        size = min(BATCH, len(ranking) - len(order))
        draws = int(rng.binomial(size, audit_share)) if size < BATCH else _draws(audit_share, rng)
        drawn = [next(at_random) for _ in range(draws)]
        ranked = [next(by_rank) for _ in range(size - draws)]
        places = set(rng.choice(size, draws, replace=False).tolist())
        audit += [place in places for place in range(size)]
        order += [drawn.pop() if place in places else ranked.pop(0) for place in range(size)]
    return np.array(order[:end]), np.array(audit[:end])


def _draws(audit_share: float, rng: np.random.Generator) -> int:
    whole, part = divmod(BATCH * audit_share, 1)
    return int(whole) + int(rng.random() < part)


def _untaken(records: NDArray[np.int64], taken: NDArray[np.bool_]) -> Iterator[int]:
    for record in records.tolist():
        if not taken[record]:
            taken[record] = True
            yield record


def _outcome(setting: Setting, rng: np.random.Generator) -> tuple[float, ...]:
    look = simulate_look(setting, rng)
    ahead = min(int(rng.choice(AHEAD)), setting.backlog - look.stop)
    result = estimate(look.decisions(look.stop), setting.backlog - look.stop)
    forecast = result.finds_in(ahead)
    found = int(look.missed[look.stop : look.stop + ahead].sum())
    interval, precision = result.remaining, result.precision
    wide, narrow = _inside(interval, look.remaining)
    return (
        wide,
        narrow,
        interval.high < look.remaining,
        interval.low > look.remaining,
        forecast.low <= found <= forecast.high,
        *_inside(precision, look.next_precision()),
        interval.high - interval.low,
    )


def _inside(interval: Interval, truth: float) -> tuple[bool, bool]:
    """Whether the truth lies in the wide interval and in the narrow one."""
    return (
        interval.low <= truth <= interval.high,
        interval.low_80 <= truth <= interval.high_80,
    )


def _certified(look: Look, every: int) -> tuple[float, bool] | None:
    """Share reviewed at the first certificate and whether it is right, if one is given."""
    decisions = look.decisions(look.stop)
    total = int(look.missed[: look.stop].sum()) + look.remaining
    for count in range(every, look.stop + 1, every):
        result = estimate(decisions[:count], look.backlog - count)
        if result.certified:
            right = result.found >= result.target_recall * total
            return count / look.backlog, right
    return None
