"""Whether a model treats groups of people alike, on records that it had not learnt from.

Two rates are compared between each group and the others: how often a record is suggested to be of
value (*flagged*), and how often one that is of value is suggested to be of none (*missed*). The
second is what a gate can hold against a model ("equal opportunity": M. Hardt, E. Price, N. Srebro,
"Equality of opportunity in supervised learning", NeurIPS 2016): the first also differs where the
truth does. Intervals of a difference of shares are R. G. Newcombe's hybrid scores ("Interval
estimation for the difference between independent proportions", Statistics in Medicine 17, 1998,
method 10).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.stats import binomtest

from training.figures import Bools, Ints
from training.groups import LEAST, Groups

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Gap:
    """A share among a group, and how far it lies above the share among the others.

    Parameters
    ----------
    of
        Records of the group that it is a share of.
    share, others
        The share among them and among the others.
    low, high
        95% interval of the difference.
    """

    of: int
    share: float
    others: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """How a model does on one group.

    Parameters
    ----------
    attribute, group
        What is compared, and which group with the others.
    records
        Records of the group.
    flagged
        Share suggested to be of value.
    missed
        Share suggested to be of no value, among those of value; ``None`` where they are few.
    """

    attribute: str
    group: str
    records: int
    flagged: Gap
    missed: Gap | None

    @property
    def name(self) -> str:
        """What is compared with the others."""
        return f"{self.attribute}, {self.group} ({self.records:,})"

    def told(self) -> str:
        """Say in a sentence how the group fares beside the others."""
        said = f"flagged {_beside(self.flagged)}"
        return said if self.missed is None else f"{said}; missed {_beside(self.missed)}"

    def as_dict(self) -> dict[str, Any]:
        """Plain view for the figures file."""
        return asdict(self)


def _beside(gap: Gap) -> str:
    apart = f"difference {gap.low:+.1%} to {gap.high:+.1%}"
    return f"{gap.share:.1%}, others {gap.others:.1%} ({apart})"


def difference(
    found: int, of: int, others_found: int, others: int, confidence: float = CONFIDENCE
) -> Gap:
    """Compare two shares.

    Parameters
    ----------
    found, of
        Of how many records how many.
    others_found, others
        The same of the others.
    confidence
        Of the interval, two-sided.
    """
    share, low, high = _share(found, of, confidence)
    rest, rest_low, rest_high = _share(others_found, others, confidence)
    apart = share - rest
    below = float(np.hypot(share - low, rest_high - rest))
    above = float(np.hypot(high - share, rest - rest_low))
    return Gap(of, share, rest, apart - below, apart + above)


def _share(found: int, of: int, confidence: float) -> tuple[float, float, float]:
    interval = binomtest(found, of).proportion_ci(confidence, method="wilson")
    return found / of, float(interval.low), float(interval.high)


def group_figures(groups: Groups, suggested: Ints, truth: Ints) -> tuple[GroupFigures, ...]:
    """Compare every group that has ``LEAST`` records with the others.

    Parameters
    ----------
    groups
        By attribute and group, which records belong to it.
    suggested, truth
        Level of each record, as suggested and in truth; 0 is "no value".
    """
    flagged, worth = suggested > 0, truth > 0
    found = []
    for attribute, members in groups.items():
        for group, (here, others) in members.items():
            of_flagged = _gap(flagged, here, others)
            if of_flagged is not None:
                missed = _gap(~flagged, here & worth, others & worth)
                found.append(GroupFigures(attribute, group, int(here.sum()), of_flagged, missed))
    return tuple(found)


def _gap(what: Bools, here: Bools, others: Bools) -> Gap | None:
    of, rest = int(here.sum()), int(others.sum())
    if min(of, rest) < LEAST:
        return None
    return difference(int(what[here].sum()), of, int(what[others].sum()), rest)
