"""Random samples that an inspector can draw again: the seed and the records decide alone.

Each record's number and the seed give a digest; the smallest digests are the sample (a keyed
hash in the place of a random number, as in consistent sampling: Broder 1997). No state of a
random generator is needed, so any other program can draw the same sample.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from serving.actors import Actor
from serving.store.database import Store
from serving.store.records_oversight import Sampled

Population = Literal["no_value", "decided", "all"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample, and what it takes to draw it again.

    Parameters
    ----------
    of
        How many records it was drawn from.
    up_to
        Highest number of a record that took part.
    """

    population: Population
    seed: int
    of: int
    up_to: int
    records: tuple[Sampled, ...]


def draw(
    store: Store,
    actor: Actor,
    population: Population,
    *,
    size: int,
    seed: int,
    up_to: int | None = None,
) -> Sample:
    """Draw a simple random sample without replacement.

    Parameters
    ----------
    population
        Closures of no value, second looks that were decided, or all allegations.
    up_to
        Leave out records above this number, so that a sample drawn earlier comes again.
    """
    with store.writing() as unit:
        everything = unit.samples.population(population, up_to=up_to)
        chosen = sorted(everything, key=lambda one: _lot(seed, one))[:size]
        last = up_to if up_to is not None else max(everything, default=0)
        records = tuple(unit.samples.named(sorted(chosen)))
        told = {"population": population, "seed": seed, "size": size, "up_to": last}
        unit.audit.append(actor, "drew sample", None, told)
    return Sample(population, seed, len(everything), last, records)


def _lot(seed: int, number: int) -> bytes:
    return hashlib.sha256(f"{seed}:{number}".encode()).digest()
