"""Source handling: who reported, kept apart, and what to mind before anyone speaks to them.

Somebody who repeatedly passes on what they learn through a family or neighbour relationship may
be on the way to becoming a source, which needs legal advice; under-18s attract further rules; and
acting on a report may endanger the person who made it. An alert goes to source-handling staff. It
never changes a value, and nothing that is said about the reporter, a suspicion of malice
included, takes an alert away: no such thing is asked for here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from data.schema import DONT_KNOW
from serving.reporter import NOBODY, Reporter

__all__ = [
    "NOBODY", "WORDS", "Alert", "Reporter", "affirms", "alerts", "speaks_as_close",
    "years_between",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that source-handling staff have to mind.

    Parameters
    ----------
    code
        ``reported_before``, ``repeat_contact``, ``close_relationship``, ``status_drift``,
        ``under_18``, ``risk_if_used`` or ``risk_unclear``.
    words
        The same for people; it quotes nothing.
    """

    code: str
    words: str


WORDS: Final = {
    "reported_before": "The reporter has reported before.",
    "repeat_contact": "The same contact details came with an earlier allegation.",
    "close_relationship": "The reporter is close to the person reported: family, partner, "
    "neighbour, friend or colleague.",
    "status_drift": "Reports repeatedly from a close relationship: take legal advice on source "
    "status before any contact, and do not ask for more.",
    "under_18": "The reporter is, or may be, under 18.",
    "risk_if_used": "Using the information may put somebody at risk: do not share it before a "
    "source handler has looked.",
    "risk_unclear": "The reporter does not say clearly whether using the information is safe.",
}

_GAP: Final = r"[\s,']+"
_KIN: Final = (
    r"wife|husband|hubby|spouse|partner|boyfriend|girlfriend|fianc[eé]e?|ex|mother|father|mum|mam"
    r"|mom|dad|brothers?|sisters?|siblings?|son|daughter|cousins?|uncle|aunt|aunti?e|auntie|nephew"
    r"|niece|grand\w+|(?:step|half|foster|god)[ -]?(?:mother|father|mum|dad|brother|sister|son"
    r"|daughter|child)|(?:mother|father|brother|sister|son|daughter)s?[ -]in[ -]law|in[ -]?laws"
    r"|relatives?"
)
_FAMILY: Final = r"family|families|parents?|child|children|kids?|relations?|related|married"
_NEAR: Final = (
    r"neighbou?rs?|next[ -]door|flat-?mates?|house-?mates?|room-?mates?|lodgers?|tenants?"
    r"|land(?:lord|lady)|friends?|mates?|pals?|co-?workers?|colleagues?|work-?mates?|boss|manager"
    r"|employers?|employees?|class-?mates?"
)
_NEARLY: Final = (
    r"(?:live|lives|living|reside|stay)\s+(?:\w+\s+){0,3}?(?:with|next|opposite|above|below|near)"
    r"|same\s+(?:street|road|house|building|block|school|church|mosque|temple|team|shift)"
    r"|(?:work|works|worked|working|study|train)\s+(?:\w+\s+){0,2}?(?:with|for|there|at|alongside)"
)
_CLOSE = re.compile(rf"\b(?:{_KIN}|{_FAMILY}|{_NEAR}|{_NEARLY})\b")
_DENIAL = re.compile(r"\b(?:not|no|never|isn'?t|without|neither|nor)(?:\s+\w+){0,2}\s*$")
_I_AND_MINE = re.compile(
    rf"\bmy{_GAP}(?:\w+{_GAP}){{0,2}}?(?:{_KIN}|{_NEAR})\b"
    rf"|\bi(?:{_GAP}(?:am|was|m|ve|have|used{_GAP}to|still|also|do))*{_GAP}(?:{_NEARLY})"
    rf"|\bi{_GAP}?(?:am|was|m){_GAP}(?:\w+{_GAP}){{0,2}}?(?:{_KIN}|{_NEAR})\b",
)
_BEFORE = re.compile(
    r"\b(?:i|we)(?:[\s']+(?:have|had|did|ve|already|also|previously))*[\s']+"
    r"(?:already\s+)?(?:reported|told|informed|contacted|called|rang|phoned|rung|wrote|written"
    r"|e-?mailed|sent|submitted|complained)\s+(?:\w+\s+){0,6}?"
    r"(?:before|already|previously|last\s+\w+|ago|earlier|times|twice)\b"
    r"|\b(?:my|our)\s+(?:last|previous|earlier|first|second|third|other)\s+(?:report|e-?mail|call"
    r"|letter|message|complaint|allegation|tip)"
    r"|\b(?:second|third|fourth|fifth|\d(?:nd|rd|th))\s+(?:time|report)\b"
    r"|\b(?:reporting|report|writing|calling)\s+(?:\w+\s+){0,2}?(?:again|once\s+more)\b",
)
_MINOR = re.compile(
    r"\bi(?:\s+am|'?m)\s+(?:only\s+|just\s+|a\s+)?"
    r"(?:(?:[5-9]|1[0-7])(?!\d)(?!\s*(?:st|nd|rd|th|%|minutes?|miles?|days?|weeks?|months?|hours?))"
    r"|under\s+(?:18|16|eighteen|sixteen|age)|school\s?(?:boy|girl|child|kid)\b|a\s+minor\b)",
)
_THEY: Final = r"(?:he|she|they|him|her|them|anyone|anybody|the\s+\w+|his\s+\w+|her\s+\w+)"
_DANGER = re.compile(
    rf"\b(?:scared|afraid|frightened|terrified|fear\w*|worried)\s+(?:\w+\s+){{0,3}}?(?:of\s+{_THEY}"
    rf"|for\s+my|{_THEY}\s+(?:will|would|may|might|could))\b"
    r"|\b(?:reprisals?|retaliat\w+|revenge)\b"
    rf"|\b(?:kill|hurt|harm|attack|beat|stab|shoot|burn|find)\s+(?:me|us|my\s+\w+)\b"
    r"|\b(?:my|our)\s+(?:life|lives|safety|family)\s+(?:\w+\s+){0,3}?(?:danger|risk|harm)\b"
    rf"|\b(?:do\s?n[o']?t|never|please\s+not)\s+(?:let\s+{_THEY}\s+know|tell\s+{_THEY}"
    r"|(?:say|mention|reveal|use|give)\s+(?:\w+\s+){0,2}?(?:my\s+name|who\s+i|it\s+was\s+me|me)\b)",
)
_WORD = re.compile(r"\w+(?:'\w+)?")
_NO: Final = frozenset({
    "no", "nope", "nah", "n", "na", "none", "never", "not", "nil", "nobody", "first", "haven't",
    "havent", "hasn't", "hasnt", "didn't", "didnt",
})  # fmt: skip
_BESIDE_NO: Final = _NO | frozenset({
    "a", "i", "it", "this", "is", "the", "any", "to", "at", "all", "really", "before", "now",
    "sorry", "yet", "reported", "report", "have", "has", "had", "been", "time", "we", "of", "that",
    "them", "him", "her", "anyone", "one", "previously", "ever", "thank", "thanks", "you",
})  # fmt: skip


def alerts(
    reporter: Reporter, narrative: str, *, earlier: int = 0, on: date | None = None
) -> tuple[Alert, ...]:
    """Return what source-handling staff have to mind, in the order of ``WORDS``.

    Where an answer can be read either way the alert is given: an alert too many costs a look, one
    too few may cost a person.

    Parameters
    ----------
    reporter
        Who reported.
    narrative
        What they wrote; read for what they say of themselves.
    earlier
        How many earlier allegations came with the same contact details; the store knows, by
        ``Reporter.contact_keys``.
    on
        The day of receipt, by which an age is reckoned; a date of birth alone says nothing.
    """
    found = set(_codes(reporter, _plain(narrative), on))
    if earlier > 0:
        found.add("repeat_contact")
    if "close_relationship" in found and found & {"reported_before", "repeat_contact"}:
        found.add("status_drift")
    return tuple(Alert(code, words) for code, words in WORDS.items() if code in found)


def _codes(reporter: Reporter, narrative: str, on: date | None) -> Iterator[str]:
    if affirms(reporter.reported_before) or _BEFORE.search(narrative):
        yield "reported_before"
    if _is_close(_plain(reporter.relationship or "")) or _I_AND_MINE.search(narrative):
        yield "close_relationship"
    if _is_minor(reporter, on) or _MINOR.search(narrative):
        yield "under_18"
    if affirms(reporter.risk_if_used) or _DANGER.search(narrative):
        yield "risk_if_used"
    elif reporter.risk_if_used not in {None, "no"}:
        yield "risk_unclear"


def speaks_as_close(narrative: str) -> bool:
    """Whether a narrative speaks of the reporter's own family, neighbours, home or work."""
    return bool(_I_AND_MINE.search(_plain(narrative)))


def affirms(answer: str | None) -> bool:
    """Whether an answer in free words says yes; "No, but …" does, "don't know" does not."""
    if answer is None or not answer.strip() or answer == DONT_KNOW:
        return False
    said = set(_WORD.findall(_plain(answer).replace("n/a", "na")))
    return not (said & _NO and said <= _BESIDE_NO)


def _plain(text: str) -> str:
    return text.replace("’", "'").replace("_", " ").casefold()


def _is_close(relationship: str) -> bool:
    found = _CLOSE.finditer(relationship)
    return any(not _DENIAL.search(relationship[: close.start()][-60:]) for close in found)


def _is_minor(reporter: Reporter, on: date | None) -> bool:
    if reporter.under_18 == "yes":
        return True
    try:
        born = date.fromisoformat(reporter.date_of_birth or "")
    except ValueError:
        return False
    return on is not None and 0 <= years_between(born, on) < 18


def years_between(born: date, on: date) -> int:
    """Return how many birthdays lie between two days."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
