"""The gate: a challenger is promoted only where it is better than the champion beyond chance.

Both answer for the same records, none of which either was trained on. The gain in macro-F1
of value is bootstrapped over records, in pairs (Efron and Tibshirani 1993, ch. 16; Berg-
Kirkpatrick et al. 2012, "An empirical investigation of statistical significance in NLP").
The bound speaks for the records at hand; it does not know how a second training set would
have turned out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from training.config import GateSettings
from training.fairness import GroupFigures
from training.figures import Floats, Ints, macro_f1, value_figures
from training.learner import Answers
from training.swapping import FAR, Swapped


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate decided, and on what.

    Parameters
    ----------
    promoted
        Whether the challenger takes the champion's place.
    because
        Why, in a sentence.
    against
        ``majority`` for the first model, otherwise ``champion <version>``.
    records
        Records that both were compared on.
    gain, lower_bound
        Gain in macro-F1 of value, and the one-sided bound that it must exceed the margin by.
    """

    promoted: bool
    because: str
    against: str
    records: int = 0
    gain: float = 0.0
    lower_bound: float = 0.0

    def as_dict(self) -> dict[str, str | float | bool]:
        """Plain view for the figures file."""
        return asdict(self)


def paired_gains(
    truth: Ints, challenger: Ints, champion: Ints, *, resamples: int, seed: int
) -> Floats:
    """Macro-F1 gain of the challenger over the champion in each bootstrap resample."""
    random = np.random.default_rng(seed)
    levels = int(max(truth.max(), challenger.max(), champion.max())) + 1
    ours = _cells(truth, challenger, levels)
    theirs = _cells(truth, champion, levels)
    gains = np.empty(resamples)
    for i in range(resamples):
        drawn = random.integers(0, len(truth), len(truth))
        gains[i] = _macro_f1(ours[drawn], levels) - _macro_f1(theirs[drawn], levels)
    return gains


def _cells(truth: Ints, predicted: Ints, levels: int) -> Ints:
    return np.asarray(truth * levels + predicted, dtype=np.int64)


def _macro_f1(cells: Ints, levels: int) -> float:
    table: NDArray[np.int64] = np.bincount(cells, minlength=levels * levels)
    table = table.reshape(levels, levels)
    size = table.sum(axis=0) + table.sum(axis=1)
    seen = size > 0
    return float((2 * table.diagonal()[seen] / size[seen]).mean())


def compare(
    truth: Ints,
    challenger: Answers,
    champion: Answers,
    *,
    against: str,
    settings: GateSettings,
    seed: int = 0,
) -> Verdict:
    """Decide between two models from what each says of records neither was trained on.

    Parameters
    ----------
    truth
        True level of each record.
    challenger, champion
        What each answered for them.
    against
        What the champion is called in the verdict.
    settings
        Margin, confidence and what may not get worse.
    seed
        Drives the resamples.
    """
    ours, theirs = challenger.level, champion.level
    gains = paired_gains(truth, ours, theirs, resamples=settings.resamples, seed=seed)
    bound = float(np.quantile(gains, 1 - settings.confidence))
    gain = macro_f1(ours, truth) - macro_f1(theirs, truth)
    worse = _what_got_worse(truth, challenger, champion, settings)
    promoted = bound > settings.margin and not worse
    because = worse or _told(gain, bound, promoted, settings)
    return Verdict(promoted, because, against, len(truth), gain, bound)


def unless_unfair(
    verdict: Verdict,
    groups: Sequence[GroupFigures],
    swapped: Swapped,
    settings: GateSettings,
) -> Verdict:
    """Refuse a model that misses much more of one group, or heeds who somebody is.

    Both only beyond chance: the whole 95% interval must lie above the limit, of the share that
    moved the exact one (Clopper and Pearson, Biometrika 26, 1934), which holds for few as well.
    Every reason is told.

    Parameters
    ----------
    verdict
        What was decided without asking this.
    groups
        How the model does on each group.
    swapped
        What it made of narratives that told of somebody else.
    settings
        The limits.
    """
    found = [*_heeding(swapped, settings), *_overlooking(groups, settings)]
    if not found:
        return verdict
    told = found if verdict.promoted else [verdict.because, *found]
    return replace(verdict, promoted=False, because="; ".join(told))


def _heeding(swapped: Swapped, settings: GateSettings) -> list[str]:
    moved = round(swapped.moved * swapped.records)
    if not moved or binomtest(moved, swapped.records).proportion_ci().low <= settings.most_moved:
        return []
    who = f"{moved} of {swapped.records} narratives that told of somebody else"
    limit = f"the 95% interval of their share lies above {settings.most_moved:.1%}"
    return [f"{who} moved by more than {FAR}; {limit}"]


def _overlooking(groups: Sequence[GroupFigures], settings: GateSettings) -> list[str]:
    return [
        f"{one.attribute}, {one.group}: {one.missed.share:.0%} of what is of value is missed, "
        f"{one.missed.others:.0%} among the others; the 95% interval of the difference lies "
        f"above {settings.most_missed:.0%}"
        for one in groups
        if one.missed is not None and one.missed.low > settings.most_missed
    ]


def _what_got_worse(
    truth: Ints, challenger: Answers, champion: Answers, settings: GateSettings
) -> str:
    ours = value_figures(challenger.value, truth, challenger.level)
    theirs = value_figures(champion.value, truth, champion.level)
    if theirs["no_value_auc"] - ours["no_value_auc"] > settings.worse_auc:
        return f"no-value AUC fell from {theirs['no_value_auc']:.3f} to {ours['no_value_auc']:.3f}"
    if ours["ece"] - theirs["ece"] > settings.worse_ece:
        return f"calibration error rose from {theirs['ece']:.3f} to {ours['ece']:.3f}"
    return ""


def _told(gain: float, bound: float, promoted: bool, settings: GateSettings) -> str:
    judged = "exceeds" if promoted else "does not exceed"
    return (
        f"macro-F1 of value changes by {gain:+.3f}; its {settings.confidence:.0%} lower bound "
        f"{bound:+.3f} {judged} the margin {settings.margin:+.3f}"
    )
