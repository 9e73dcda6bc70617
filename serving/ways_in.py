"""The ways in: what a message of the form, or a JSON body, becomes before it is received.

What does not fit a message of the form is reported with the record. What does not fit a JSON body
is refused, naming field and rule, because whoever sent it can put it right; but for an answer
that its question does not know, which is a defect either way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Final

from data.schema import DONT_KNOW
from data.taxonomy import Taxonomy
from serving import eform
from serving.actors import Actor
from serving.errors import NotAllowed
from serving.noticing import NewCase
from serving.source_handling import NOBODY, Reporter
from serving.store.records_intake import NewMessage, Subject

AHEAD: Final = timedelta(minutes=5)
"""How far another machine's clock may be ahead of ours."""

EARLIEST: Final = 1990
"""The first year in which an allegation can have been received."""

PARTS: Final[Mapping[str, str]] = {
    "person": "alleged_offender",
    "additional_person": "alleged_offender",
    "organisation": "organisation",
    "journey": "journey",
}


@dataclass(frozen=True, slots=True)
class Submission:
    """An allegation as the JSON interface takes it.

    Parameters
    ----------
    categories
        Those that the reporter named.
    people
        Whom it speaks of.
    reporter
        Who reported: kept apart from everything else.
    """

    narrative: str
    reference: str | None = None
    channel: str | None = None
    received_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    people: tuple[Subject, ...] = ()
    reporter: Reporter = NOBODY


def of_form(body: bytes, now: datetime) -> NewCase:
    """Take a message of the Home Office form, exactly as it is sent.

    Parameters
    ----------
    body
        The message.
    now
        When it came; the form itself does not say.

    Raises
    ------
    BadMessage
        When it cannot be read at all.
    """
    read = eform.parse(body, now.date())
    return NewCase(
        "eform",
        read.narrative,
        channel=read.channel,
        received_at=now,
        fields=read.fields,
        categories=read.categories,
        rule_answers=read.rule_answers,
        subjects=tuple(Subject(PARTS[one.role], dict(one.details)) for one in read.people),
        reporter=read.reporter,
        identifies_reporter=bool(read.identifies_reporter),
        narrative_made=read.narrative_made,
        defects=tuple(asdict(one) for one in read.defects),
        message=NewMessage(
            read.fingerprint,
            "eform",
            body.decode(),
            tuple(asdict(one) for one in read.defects),
            tuple(asdict(one) for one in read.attachments),
        ),
    )


def of_submission(
    sent: Submission, body: bytes, actor: Actor, taxonomy: Taxonomy, now: datetime
) -> NewCase:
    """Take a JSON body that has the right shape.

    Parameters
    ----------
    body
        As it was received: it is kept, and known by its canonical form when it comes again.

    Raises
    ------
    NotAllowed
        When a channel or category is unknown, or the receipt lies in the future.
    """
    _check(sent, taxonomy, now)
    defects = tuple(_defects(sent, taxonomy))
    # apart from the form's messages: the same digest must not stand for both
    known_by = hashlib.sha256(f"json {eform.fingerprint(body)}".encode()).hexdigest()
    return NewCase(
        "staff" if actor.kind == "person" else "api",
        sent.narrative,
        reference=sent.reference,
        channel=sent.channel,
        received_at=sent.received_at,
        fields=sent.fields,
        categories=sent.categories,
        rule_answers=_for_the_rules(sent.reporter),
        subjects=sent.people,
        reporter=sent.reporter,
        identifies_reporter=bool(eform.identifying(sent.narrative, sent.reporter)),
        defects=defects,
        message=NewMessage(known_by, "json", body.decode(), defects),
    )


def _check(sent: Submission, taxonomy: Taxonomy, now: datetime) -> None:
    if sent.channel is not None:
        _known("/channel", sent.channel, taxonomy.channel_codes)
    for at, category in enumerate(sent.categories):
        _known(f"/categories/{at}", category, taxonomy.category_codes)
    if sent.received_at is not None and sent.received_at.year < EARLIEST:
        raise NotAllowed("/received_at", f"must not lie before {EARLIEST}")
    if sent.received_at is not None and sent.received_at > now + AHEAD:
        raise NotAllowed("/received_at", "must not lie in the future")


def _known(where: str, code: str, codes: Sequence[str]) -> None:
    if code not in codes:
        raise NotAllowed(where, f"must be one of {', '.join(codes)}")


def _defects(sent: Submission, taxonomy: Taxonomy) -> Iterator[dict[str, str]]:
    questions = {one.code: one.answers for one in taxonomy.questions}
    for name, answer in sent.fields.items():
        if answer not in {DONT_KNOW, *questions.get(name, (answer,))}:
            yield {
                "field": name,
                "rule": "unknown_code",
                "words": "The answer is none that the question knows.",
                "where": f"/fields/{name}",
            }


def _for_the_rules(reporter: Reporter) -> dict[str, str]:
    risk = reporter.risk_if_used
    return {} if risk is None else {"risk_if_acted_on": risk}
