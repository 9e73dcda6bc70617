"""Simulated first assessments: who looked, when, and what they tended to miss.

The kinds of miss are assumptions; none of their rates comes from the field, where the share of
wrong "no value" closures is not known.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from data.synthetic.facts import FIRM, Facts, weighted

VALUES = ("no_value", "low", "medium", "high")
SHIFT_STARTS = (7, 15)
SHIFT_HOURS, HASTY_MINUTES = 8, 50
KINDS = {
    "messy_run_on": 0.13,
    "second_language": 0.12,
    "cash": 0.48,
    "employer_hearsay": 0.38,
    "indirect_words": 0.45,
    "fact_comes_last": 0.18,
    "anonymous_letter": 0.24,
    "repeat_report": 0.2,
    "old_but_live": 0.2,
}


@dataclass(frozen=True, slots=True)
class Assessor:
    """One simulated assessor: habits as multipliers of the common chances."""

    name: str
    blind: tuple[str, ...]
    haste: float
    swayed: float


ASSESSORS = (
    Assessor("A1", ("messy_run_on", "second_language"), 1.0, 0.6),
    Assessor("A2", ("anonymous_letter", "fact_comes_last"), 1.4, 1.0),
    Assessor("A3", ("cash",), 0.7, 1.5),
    Assessor("A4", ("employer_hearsay", "indirect_words"), 1.6, 0.8),
    Assessor("A5", ("indirect_words",), 0.8, 1.0),
    Assessor("A6", ("repeat_report", "messy_run_on"), 1.2, 1.3),
    Assessor("A7", (), 0.4, 0.4),
    Assessor("A8", ("fact_comes_last", "employer_hearsay"), 1.8, 1.6),
)
_BY_NAME = {a.name: a for a in ASSESSORS}
_WORKLOAD = {"A1": 17.0, "A2": 14, "A3": 12, "A4": 15, "A5": 11, "A6": 13, "A7": 8, "A8": 10}


def kinds_of(facts: Facts) -> tuple[str, ...]:
    """Return the kinds of report, hard for a first look, that this one belongs to."""
    first = facts.categories[0] if facts.categories else ""
    tests = {
        "indirect_words": facts.indirect,
        "cash": first == "cash",
        "employer_hearsay": first == "employing_illegal_workers" and facts.source == 0,
        "anonymous_letter": facts.anonymous,
        "fact_comes_last": facts.fact_last,
        "repeat_report": facts.repeat,
        "old_but_live": facts.currency == "past",
        "messy_run_on": facts.style == "messy",
        "second_language": facts.style == "second_language",
    }
    return tuple(kind for kind, holds in tests.items() if holds)


def draw_turn(received: datetime, rng: Random) -> tuple[Assessor, datetime, bool]:
    """Return who assessed it, when, and whether the shift was nearly over.

    Four in ten wait longer than 48 hours (median about 38 hours), as the 2014 inspection found.
    """
    wait = 38.0 * 2.718281828459045 ** (0.92 * rng.gauss(0.0, 1.0))
    turn = received + timedelta(hours=round(wait))
    start = SHIFT_STARTS[int(rng.random() * 2)]
    worked = int(rng.random() * SHIFT_HOURS * 60)
    when = turn.replace(hour=start, minute=0) + timedelta(minutes=worked)
    if when < received:
        when += timedelta(days=1)
    hasty = worked >= SHIFT_HOURS * 60 - HASTY_MINUTES
    return _BY_NAME[weighted(_WORKLOAD, rng)], when, hasty


def first_value(
    facts: Facts, truth: str, assessor: Assessor, *, hasty: bool, rng: Random
) -> tuple[str, str]:
    """Return the first recorded value, and the kind of miss ("" when it was none)."""
    if truth == "no_value":
        return _over_valued(facts, assessor, rng), ""
    harder = 0.7 if truth == "high" else 1.0
    for kind in kinds_of(facts):
        bias = 1.5 if kind in assessor.blind else 0.75
        if rng.random() < KINDS[kind] * bias * harder:
            return "no_value", kind
    if hasty and rng.random() < 0.12 * assessor.haste * harder:
        return "no_value", "end_of_shift"
    if rng.random() < 0.004:
        return "no_value", "lapse"
    return _nearby(truth, rng), ""


def _over_valued(facts: Facts, assessor: Assessor, rng: Random) -> str:
    chance = 0.03 * assessor.swayed
    if facts.angry:
        chance += 0.2 * assessor.swayed
    if facts.harm or facts.channel in ("police", "mp"):
        chance += 0.12 * assessor.swayed
    if facts.when == FIRM:
        chance += 0.05
    if rng.random() >= chance:
        return "no_value"
    return "low" if rng.random() < 0.7 else "medium"


def _nearby(truth: str, rng: Random) -> str:
    u = rng.random()
    at = VALUES.index(truth)
    if u < 0.09 and at < len(VALUES) - 1:
        return VALUES[at + 1]
    if u > 0.9 and at > 1:
        return VALUES[at - 1]
    return truth
