"""Reports in blocks: each block is drawn from its own seed, so any number can be streamed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from data.synthetic import slots as particulars
from data.synthetic.answers import answers
from data.synthetic.assessors import draw_turn, first_value
from data.synthetic.facts import FIRM, Facts, draw_facts
from data.synthetic.grammar import pick
from data.synthetic.narrative import FORM_LIMIT, Writer
from data.synthetic.spelling import join, typed
from data.synthetic.truth import true_value

BLOCK = 1000
PERIOD_START, PERIOD_DAYS = datetime(2025, 1, 1), 365  # noqa: DTZ001  UK local time
SENT_AGAIN, REPORTED_BY_ANOTHER = 0.025, 0.03
# Share of an hour's reports, from midnight: an assumption, office hours and evenings.
HOURS = (1, 1, 0.5, 0.5, 0.5, 1, 2, 3, 5, 6, 7, 7, 7, 6, 6, 6, 6, 6, 7, 7, 7, 5, 4, 2)
SENT_AGAIN_WITH = (
    "sending again as no reply",
    "sent this last week too",
    "second time of sending",
    "resending, website crashed",
    "please confirm you got this",
    "",
)


@dataclass(slots=True)
class Report:
    """One report with its truth and its first assessment."""

    received: datetime
    narrative: str
    facts: Facts
    answers: tuple[str, ...]
    truth: str
    first: str = ""
    kind_of_miss: str = ""
    assessor: str = ""
    assessed: datetime = PERIOD_START
    ticked: tuple[str, ...] = ()
    group: str = ""
    reviewed: bool = False
    review_reason: str = ""


def block_of_reports(number: int, size: int, total: int, seed: int) -> list[Report]:
    """Return one block, in order of receipt."""
    rng = Random(f"{seed}/{number}")  # noqa: S311  simulation, not secrecy
    begin = PERIOD_START + timedelta(days=PERIOD_DAYS * number * BLOCK / total)
    span = timedelta(days=PERIOD_DAYS * size / total)
    reports: list[Report] = []
    while len(reports) < size:
        reports.extend(_with_repeats(begin, span, f"{number}-{len(reports)}", rng))
    reports = sorted(reports[:size], key=lambda r: r.received)
    linked = Counter(report.group for report in reports)
    for report in reports:
        report.group = report.group if linked[report.group] > 1 else ""
        _assess(report, rng)
    return reports


def jobs(rows: int, seed: int) -> list[tuple[int, int, int, int]]:
    """Return the arguments of `block_of_reports` for every block of a sample."""
    return [
        (number, min(BLOCK, rows - at), rows, seed)
        for number, at in enumerate(range(0, rows, BLOCK))
    ]


def _received(begin: datetime, span: timedelta, rng: Random) -> datetime:
    day = begin + span * rng.random()
    hour, left = 0, rng.random() * sum(HOURS)
    while left >= HOURS[hour]:
        left -= HOURS[hour]
        hour += 1
    minute = int(rng.random() * 60)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _with_repeats(begin: datetime, span: timedelta, name: str, rng: Random) -> Iterator[Report]:
    received = _received(begin, span, rng)
    facts = draw_facts(rng, pick(particulars.nationalities(), rng))
    slots = particulars.person(rng, facts.gender) | particulars.place(rng)
    slots |= particulars.vehicle(rng) | particulars.quantities(rng)
    original = _written(facts, slots | particulars.moments(rng, received), received, rng)
    u = rng.random()
    if u >= SENT_AGAIN + REPORTED_BY_ANOTHER:
        yield original
        return
    original.group = name
    yield original
    later = received + timedelta(minutes=round(20 + rng.random() ** 2 * 20000))
    if u < SENT_AGAIN or facts.nothing:
        yield _sent_again(original, later, rng)
    else:
        yield _by_another(original, slots, later, rng)


def _written(facts: Facts, slots: dict[str, str], received: datetime, rng: Random) -> Report:
    text = join(Writer(facts, slots, rng).body(), facts.style, rng)
    text = typed(text, facts.style, rng)[:FORM_LIMIT].strip()
    return Report(received, text, facts, answers(facts, rng), true_value(facts))


def _sent_again(original: Report, later: datetime, rng: Random) -> Report:
    text = typed(original.narrative, "casual", rng)
    added = pick(SENT_AGAIN_WITH, rng)
    text = f"{added}. {text}" if rng.random() < 0.5 and added else f"{text} {added}".strip()
    return replace(original, received=later, narrative=text[:FORM_LIMIT])


def _by_another(original: Report, slots: dict[str, str], later: datetime, rng: Random) -> Report:
    """Return a report of the same matter by somebody else, who knows other things."""
    subject = (original.facts.nationality, original.facts.country)
    fresh = draw_facts(rng, subject)
    while fresh.nothing:
        fresh = draw_facts(rng, subject)
    facts = replace(
        fresh,
        gender=original.facts.gender,
        categories=original.facts.categories,
        indirect=original.facts.indirect,
        children=original.facts.children,
    )
    if rng.random() < 0.7:
        facts.place = FIRM
    kept = {k: v for k, v in slots.items() if k not in ("subj", "biz")}
    report = _written(facts, kept | particulars.moments(rng, later), later, rng)
    report.group = original.group
    return report


def _assess(report: Report, rng: Random) -> None:
    assessor, when, hasty = draw_turn(report.received, rng)
    report.assessor, report.assessed = assessor.name, when
    report.first, report.kind_of_miss = first_value(
        report.facts, report.truth, assessor, hasty=hasty, rng=rng
    )
    report.ticked = _ticked(report.facts, rng)
    _look_again(report, rng)


def _ticked(facts: Facts, rng: Random) -> tuple[str, ...]:
    """Return the categories ticked: one may be left out, a plain complaint gets "other"."""
    if not facts.categories:
        return ("other_immigration",) if rng.random() < 0.6 else ("no_permission_to_stay",)
    if len(facts.categories) > 1 and rng.random() < 0.2:
        return facts.categories[:1]
    return facts.categories


def _look_again(report: Report, rng: Random) -> None:
    """Choose who was looked at again so far: a random audit, and a chief's choice."""
    if report.first != "no_value":
        return
    chosen = (
        0.16 if report.assessor in ("A2", "A4") or report.facts.currency == "imminent" else 0.05
    )
    u = rng.random()
    report.review_reason = "audit" if u < 0.035 else "referred" if u < 0.035 + chosen else ""
