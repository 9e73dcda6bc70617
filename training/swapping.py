"""What happens to a score when a narrative tells of somebody else: a counterfactual test.

The nationalities, religions, names and genders that masking finds in a narrative are exchanged for
others of its lists and the model is asked again; nothing else differs, so nothing else may explain
a different answer (M. Kusner et al., "Counterfactual fairness", NeurIPS 2017; S. Garg et al.,
"Counterfactual fairness in text classification through robustness", AIES 2019). What masking does
not find is not exchanged either: the test shows where masking treats terms that it knows unlike
one another, not which ones it overlooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import islice

import numpy as np

from data.schema import Allegation
from data.terms import fold, table, term_lines, terms
from model.text import Span, mask_spans
from training.figures import Floats

RECORDS = 500
FAR = 0.05
Ask = Callable[[Sequence[Allegation]], Floats]
"""Gives the probability of each level, lowest first, for each record."""


@dataclass(frozen=True, slots=True)
class Swapped:
    """What exchanging who somebody is did to the probability of "no value".

    Parameters
    ----------
    records
        Records whose narratives held something to exchange.
    moved
        Share of them for which it changed by more than ``FAR``.
    largest, mean
        Absolute change.
    """

    records: int
    moved: float
    largest: float
    mean: float

    def as_dict(self) -> dict[str, float | int]:
        """Plain view for the figures file."""
        return asdict(self)


def swap_shift(records: Sequence[Allegation], ask: Ask, seed: int) -> Swapped:
    """Ask a model about records and about the same ones telling of somebody else.

    Parameters
    ----------
    records
        Any records; at most ``RECORDS`` of those with something to exchange are taken.
    ask
        The model.
    seed
        Draws the records and what is put in.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(records))
    pairs = ((records[row], swapped(records[row].narrative, rng)) for row in order.tolist())
    changed = list(islice((pair for pair in pairs if pair[1] != pair[0].narrative), RECORDS))
    if not changed:
        return Swapped(0, 0.0, 0.0, 0.0)
    before = ask([one for one, _ in changed])
    after = ask([replace(one, narrative=text) for one, text in changed])
    shift = np.abs(after[:, 0] - before[:, 0])
    moved = float((shift > FAR).mean())
    return Swapped(len(changed), moved, float(shift.max()), float(shift.mean()))


def swapped(text: str, rng: np.random.Generator) -> str:
    """Exchange the nationalities, religions, names and genders that masking finds for others."""
    kept, done = [], 0
    for span in mask_spans(text):
        kept += [text[done : span.start], _other(text, span, rng)]
        done = span.end
    return "".join([*kept, text[done:]])


def _other(text: str, span: Span, rng: np.random.Generator) -> str:
    said = text[span.start : span.end]
    if span.placeholder == "xxname":
        first, *rest = said.split()
        names = [_name("given_names", rng), *(_name("surnames", rng) for _ in rest)]
        return " ".join(map(str.title, names)) if first[:1].isupper() else " ".join(names)
    term = fold(said)
    if span.placeholder == "xxnat":
        term = _nationality(term, rng)
    elif span.placeholder == "xxrel":
        term = str(rng.choice(terms("religions")))
    else:
        term = _genders().get(term, term)
        if term == fold(said):
            return said
    return term.title() if said[:1].isupper() else term


def _name(listed: str, rng: np.random.Generator) -> str:
    return str(rng.choice(terms(listed))).rstrip("_")


def _nationality(term: str, rng: np.random.Generator) -> str:
    """Return another country for a country, and another people for a people."""
    line = next((one for one in term_lines("nationalities") if term in one), ("",))
    other = term_lines("nationalities")[rng.integers(len(term_lines("nationalities")))]
    return other[0] if term == line[0] else other[-1]


@cache
def _genders() -> dict[str, str]:
    pairs = table("gender")["genders"]
    women, men = pairs["women"], pairs["men"]
    ahead = dict(zip(reversed(women), reversed(men), strict=True))
    return ahead | dict(zip(reversed(men), reversed(women), strict=True))
