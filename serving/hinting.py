"""What would make an allegation investigable, said while it is being written down.

Facts and rules alone: no model is asked, and nothing here says what the allegation is worth.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from data.schema import Allegation
from model.predictor import details_of, rules_of
from serving.eform import identifying
from serving.reporter import Reporter
from serving.store.records_intake import Subject

FEW_WORDS: Final = 25
State = Literal["there", "missing", "mind"]

ASKED: Final = (
    (
        "Who",
        ("person", "business"),
        ("name", "description", "company"),
        "Ask for a name, a nickname, or what they look like and do.",
    ),
    (
        "Where",
        ("address", "postcode"),
        ("address", "postcode"),
        "Ask for an address, a postcode, or what is next to it.",
    ),
    (
        "When",
        ("date", "time"),
        ("timing", "timing_future"),
        "Ask for a day, a time, or how often it happens.",
    ),
    (
        "Something to trace",
        ("vehicle_registration", "phone"),
        ("vehicle_registration", "phone"),
        "Ask for a vehicle registration, a telephone number or a flight.",
    ),
)
"""Question, kinds of detail in the text that answer it, fields that do, and what to ask for."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that an investigation needs, or that has to be minded.

    Parameters
    ----------
    about
        What it is about.
    state
        Whether it is there, missing, or something to mind.
    told
        What was recognised, or what to ask for.
    """

    about: str
    state: State
    told: str


def hints(
    narrative: str,
    fields: Mapping[str, str],
    subjects: Sequence[Subject],
    reporter: Reporter,
) -> tuple[Hint, ...]:
    """Say what an investigation could go by, what is missing, and what to mind.

    Parameters
    ----------
    narrative
        As far as it is written.
    fields
        Structured answers about what is alleged.
    subjects
        Whom it speaks of.
    reporter
        Who reports, so that the text can be checked for them.
    """
    found = {one.kind for one in details_of([Allegation("", narrative)])[0]} if narrative else ()
    given = {name for one in subjects for name in one.details} | set(fields)
    return (
        *(_asked(*one, found=found, given=given) for one in ASKED),
        _how(reporter),
        *_length(narrative),
        *_to_mind(narrative, fields, reporter),
    )


def _asked(
    about: str,
    kinds: tuple[str, ...],
    fields: tuple[str, ...],
    ask: str,
    *,
    found: Collection[str],
    given: Collection[str],
) -> Hint:
    there = [one for one in kinds if one in found]
    there += [one for one in fields if one in given and one not in there]
    if not there:
        return Hint(about, "missing", ask)
    words = ", ".join(dict.fromkeys(one.removesuffix("_future") for one in there))
    return Hint(about, "there", f"Recognised: {words.replace('_', ' ')}.")


def _how(reporter: Reporter) -> Hint:
    if reporter.how_found_out:
        return Hint("How they know", "there", "Answered.")
    return Hint(
        "How they know", "missing", "Ask whether they saw it themselves, or who told them."
    )


def _length(narrative: str) -> tuple[Hint, ...]:
    count = len(narrative.split())
    if count >= FEW_WORDS:
        return ()
    told = f"{count} words so far. Ask what exactly was seen, how often, and who else is there."
    return (Hint("Length", "missing", told.replace("1 words", "1 word", count == 1)),)


def _to_mind(narrative: str, fields: Mapping[str, str], reporter: Reporter) -> tuple[Hint, ...]:
    risk = {"risk_if_acted_on": reporter.risk_if_used} if reporter.risk_if_used else {}
    urgent, guarded = rules_of([Allegation("", narrative, fields={**fields, **risk})])[0]
    told = dict.fromkeys(
        (
            *(("Urgent", one.because) for one in urgent),
            *(("Safeguarding", one.because) for one in guarded),
        )
    )
    own = tuple(identifying(narrative, reporter)) if narrative else ()
    return (
        *(Hint(about, "mind", because) for about, because in told),
        *(
            Hint("Who reported", "mind", f"The text {one}: leave that out of it if you can.")
            for one in own
        ),
    )
