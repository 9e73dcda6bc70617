"""Recording an allegation that came by telephone, letter or word of mouth: from form to record.

A question that was not asked is left out; "don't know" is an answer. What is said of the reporter
goes into a ``Reporter`` and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from data.checks import narrative_offence
from data.taxonomy import Taxonomy
from model.predictor import Predictor
from serving.actors import Actor
from serving.clock import Clock
from serving.errors import NotAllowed
from serving.receiving import receive
from serving.reporter import Reporter
from serving.store.database import Store
from serving.store.records_intake import Subject
from serving.ways_in import EARLIEST, Submission, of_submission

PERSON: Final = (
    "name", "description", "address", "postcode", "phone", "vehicle_registration",
)  # fmt: skip
ORGANISATION: Final = ("company", "address", "postcode")
ASKED_OF_REPORTER: Final = (
    "reported_before", "risk_if_used", "under_18", "may_contact", "how_found_out",
    "relationship", "contact_time", "first_name", "surname", "phone", "email", "address",
    "postcode",
)  # fmt: skip
LONGEST: Final = 1000
CLOCK_TIME: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
AGAIN: Final = "This form was sent before, with other answers. Start a new one."


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody filled in.

    Parameters
    ----------
    given
        What was written and chosen, by field of the form.
    categories
        Those that were ticked.
    """

    given: Mapping[str, str]
    categories: tuple[str, ...] = ()

    def of(self, name: str) -> str:
        """Give an answer without the space around it, or nothing."""
        return self.given.get(name, "").strip()

    def named(self, prefix: str, names: Sequence[str]) -> dict[str, str]:
        """Give what was answered of some questions, by their names."""
        return {name: said for name in names if (said := self.of(f"{prefix}_{name}"))}


def reporter_of(answers: Answers) -> Reporter:
    """Take what was said of the reporter."""
    return Reporter(**answers.named("reporter", ASKED_OF_REPORTER))


def subjects_of(answers: Answers) -> tuple[Subject, ...]:
    """Take whom the allegation speaks of."""
    found = (
        ("alleged_offender", answers.named("person", PERSON)),
        ("organisation", answers.named("organisation", ORGANISATION)),
    )
    return tuple(Subject(part, details) for part, details in found if details)


def fields_of(answers: Answers, taxonomy: Taxonomy) -> dict[str, str]:
    """Take the answers to the structured questions."""
    return {
        one.code: said
        for one in taxonomy.questions
        if (said := answers.of(one.code)) in one.answers
    }


def errors_of(answers: Answers, taxonomy: Taxonomy, now: datetime, zone: str) -> dict[str, str]:
    """Say what cannot be taken, by field, in the order of the form."""
    errors: dict[str, str] = {}
    offence = narrative_offence(answers.given.get("narrative", ""))
    if offence:
        blank = not answers.of("narrative")
        errors["narrative"] = "Write down what is alleged" if blank else f"Check: {offence[0]}"
    if answers.of("channel") not in taxonomy.channel_codes:
        errors["channel"] = "Choose how it came"
    wrong = received_error(answers, now, zone)
    if wrong:
        errors["received-day"] = wrong
    for name, said in answers.given.items():
        if name != "narrative" and len(said) > LONGEST:
            errors[name] = f"Shorten this to {LONGEST:,} characters"
    return errors


def received_error(answers: Answers, now: datetime, zone: str) -> str:
    """Say what is wrong with when it was received, or nothing."""
    try:
        at = received_at(answers, now, zone)
    except ValueError:
        return "Enter a real day, such as 27 3 2026, and a time such as 14:30 or none"
    if at > now:
        return "The day and time must not lie in the future"
    if at.year < EARLIEST:
        return f"The day must not lie before {EARLIEST}"
    return ""


def received_at(answers: Answers, now: datetime, zone: str) -> datetime:
    """Work out when it was received.

    Without a time it counts from the beginning of its day, so that nothing is due too late;
    today, from now.

    Raises
    ------
    ValueError
        When the day or the time is none.
    """
    parts = [answers.of(f"received-{part}") for part in ("year", "month", "day")]
    if not any(parts):
        return now
    year, month, number = (int(one[:4]) for one in parts)
    day = date(year, month, number)
    said = answers.of("received-time")
    local = now.astimezone(ZoneInfo(zone))
    if not said and day == local.date():
        return now
    match = CLOCK_TIME.fullmatch(said or "0:00")
    if match is None:
        raise ValueError("no time of day")
    shown = datetime.combine(day, time(int(match[1]), int(match[2])), ZoneInfo(zone))
    at = shown.astimezone(UTC)
    # the minute that somebody wrote down may be the one that runs
    return now if timedelta() < at - now < timedelta(minutes=1) else at


def record(
    store: Store,
    actor: Actor,
    answers: Answers,
    predictor: Predictor | None,
    clock: Clock,
    taxonomy: Taxonomy,
    *,
    now: datetime | None = None,
) -> str:
    """Record an allegation; gives its key. The same form sent twice makes one record.

    Raises
    ------
    NotAllowed
        When the same form was sent with other answers before.
    """
    moment = now or datetime.now(UTC)
    sent = Submission(
        narrative=answers.given["narrative"],
        channel=answers.of("channel"),
        received_at=received_at(answers, moment, clock.zone),
        fields=fields_of(answers, taxonomy),
        categories=tuple(one for one in answers.categories if one in taxonomy.category_codes),
        people=subjects_of(answers),
        reporter=reporter_of(answers),
    )
    kept = {
        name: said for name, said in answers.given.items() if said.strip() and name != "csrf_token"
    }
    body = json.dumps({**kept, "categories": list(answers.categories)}, sort_keys=True).encode()
    case = of_submission(sent, body, actor, taxonomy, moment)
    once = answers.of("once") or None
    try:
        done = receive(
            store,
            actor,
            case,
            predictor,
            clock,
            taxonomy=taxonomy,
            idempotency_key=once,
            now=moment,
        )
    except NotAllowed as wrong:
        if wrong.field == "Idempotency-Key":
            raise NotAllowed("/narrative", AGAIN) from None
        raise
    return done.key
