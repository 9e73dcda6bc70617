"""What is noticed about an allegation as it comes in, before anybody reads it.

The rules on urgency and safeguarding fire whether a model is in service or not; the suggestion
alone needs one. Nothing here closes, hides or ranks down: it can only bring a report forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from data.schema import Allegation
from model.predictor import Predictor, details_of, rules_of
from model.types import Detail, RuleFlag, Suggestion
from serving import linking
from serving.source_handling import NOBODY, Reporter
from serving.store.records_intake import Flag, NewMessage, Subject

WITHIN_24_HOURS: Final = "next_24_hours"
REPORTERS: Final = ("phone", "email", "postcode", "address")


@dataclass(frozen=True, slots=True)
class NewCase:
    """An allegation as one of the ways in hands it over.

    Parameters
    ----------
    origin
        ``api``, ``eform``, ``staff`` or ``import``.
    reference
        What the sender calls it, where it has a name there.
    fields
        Structured answers about what is alleged. Never the reporter's.
    rule_answers
        Answers that the rules see and the model must not, beside ``fields``.
    categories
        Those that the reporter ticked.
    narrative_made
        Whether nothing was said in free text, so that the narrative only states what was ticked:
        no ground for a link.
    defects
        What does not fit, as ``where`` and ``rule``; nothing was mended.
    message
        As it was received, where it came as a message.
    """

    origin: str
    narrative: str
    reference: str | None = None
    channel: str | None = None
    received_at: datetime | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    rule_answers: Mapping[str, str] = field(default_factory=dict)
    subjects: tuple[Subject, ...] = ()
    reporter: Reporter = NOBODY
    identifies_reporter: bool = False
    narrative_made: bool = False
    defects: tuple[Mapping[str, str], ...] = ()
    message: NewMessage | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """What rules and model make of one allegation.

    Parameters
    ----------
    suggestion
        The model's, or ``None`` without a model.
    urgency, safeguarding
        Rules that fired, as JSON.
    facts, bands
        By which it is found by others that are like it.
    """

    suggestion: Suggestion | None
    urgency: tuple[Flag, ...]
    safeguarding: tuple[Flag, ...]
    facts: tuple[tuple[str, str], ...]
    bands: tuple[int, ...]


def notice(cases: Sequence[NewCase], predictor: Predictor | None) -> list[Noticed]:
    """Look at allegations as they come in.

    Parameters
    ----------
    cases
        The allegations.
    predictor
        The model in service, or ``None``.
    """
    allegations = [_allegation(number, case) for number, case in enumerate(cases)]
    suggested: list[Suggestion | None] = [None] * len(cases)
    if predictor is None:
        details = details_of(allegations)
    else:
        made = predictor.suggest(allegations, rules=False)
        details = [one.details for one in made]
        suggested = list(made)
    fired = rules_of([_for_rules(*pair) for pair in zip(allegations, cases, strict=True)])
    return [
        Noticed(
            suggestion,
            _plain(urgency),
            _plain(safeguarding),
            facts(case, found),
            () if case.narrative_made else linking.bands(case.narrative),
        )
        for case, suggestion, (urgency, safeguarding), found in zip(
            cases, suggested, fired, details, strict=True
        )
    ]


def level(flags: Iterable[Flag]) -> int:
    """Give the urgency that rules amount to: 2 within 24 hours, 1 time-critical, else 0."""
    names = {flag["rule"] for flag in flags}
    return 2 if WITHIN_24_HOURS in names else int(bool(names))


def facts(case: NewCase, details: Sequence[Detail]) -> tuple[tuple[str, str], ...]:
    """Return the facts by which an allegation links to others.

    Those of the reporter are left out: that two reports come from one person is for source
    handling alone.
    """
    people = [
        {name: str(value) for name, value in subject.details.items() if isinstance(value, str)}
        for subject in case.subjects
    ]
    own = {
        (kind, linking.normalised(kind, text))
        for kind in REPORTERS
        if (text := getattr(case.reporter, kind))
    }
    found = linking.fact_keys(details, case.fields, *people)
    return tuple((key.kind, key.value) for key in found if (key.kind, key.value) not in own)


def content_of(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as it is kept."""
    content = asdict(suggestion)
    # the rules were asked apart, with answers that the model must not see
    for name in ("reference", "urgency", "safeguarding"):
        del content[name]
    return content


def _allegation(number: int, case: NewCase) -> Allegation:
    return Allegation(
        reference=case.reference or f"item-{number}",
        narrative=case.narrative,
        received_at=case.received_at,
        channel=case.channel,
        fields=case.fields,
    )


def _for_rules(allegation: Allegation, case: NewCase) -> Allegation:
    return replace(allegation, fields={**case.fields, **case.rule_answers})


def _plain(flags: Iterable[RuleFlag]) -> tuple[Flag, ...]:
    return tuple(asdict(flag) for flag in flags)
