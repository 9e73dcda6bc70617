"""Composing a queue: the most doubtful first, random audit draws mixed in.

Every record has a permanent random number, its *lot* (permanent random numbers: Ohlsson,
"Coordination of Samples Using Permanent Random Numbers", in Business Survey Methods, 1995). The
next audit draw is the record with the smallest lot among those that wait. Rankings never look at
lots, so whatever has been decided or imported meanwhile, that is a uniform draw from the records
waiting at that moment, which is what the estimate of the missed ones rests on. And because lots
stay, ranking anew does not draw anew: a record's turn cannot be postponed by decisions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a queue.

    Parameters
    ----------
    index
        Which of the waiting records.
    audit
        Whether it stands here because it was drawn at random.
    probability
        Of standing in this queue: 1 where its rank put it there, otherwise the random draws'
        number over that of the waiting records.
    """

    index: int
    audit: bool
    probability: float


def compose(
    order: Sequence[int], lots: Sequence[float], *, depth: int, share: float, seed: Sequence[int]
) -> list[Place]:
    """Compose a queue from a ranking.

    Parameters
    ----------
    order
        Indices of the waiting records, the one to look at first in front.
    lots
        Lot of each waiting record, by index.
    depth
        How many places the queue has.
    share
        Share of the places that random draws get.
    seed
        Decides which places those are; nobody can tell from a place how it was filled.
    """
    depth = min(depth, len(order))
    random = np.random.default_rng(list(seed)).random(depth) < share
    chance = float(random.sum()) / max(len(order), 1)
    ranked = iter(order)
    drawn = iter(int(one) for one in np.argsort(np.asarray(lots), kind="stable"))
    taken: set[int] = set()
    places = []
    for audit in random.tolist():
        index = next(one for one in (drawn if audit else ranked) if one not in taken)
        taken.add(index)
        places.append(Place(index, audit, chance if audit else 1.0))
    return places
