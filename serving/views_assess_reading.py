"""What an allegation's page shows to read: tags in words, what is missing, links, history."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from data.taxonomy import Taxonomy
from serving.case_history import Event as Happened
from serving.clock import Clock
from serving.differences import differences
from serving.opening import OpenRecord
from serving.parts.records import (
    Compared,
    Event,
    Fact,
    LinkedPair,
    RecordHeader,
    Tag,
)
from serving.store.records_assessing import CaseFile
from serving.store.records_intake import Case, Linked
from serving.views import moment

SAFEGUARDING: Final[Mapping[str, str]] = {
    "child_at_risk": "children",
    "slavery_or_trafficking": "slavery",
    "threat_to_life": "threat to life",
    "weapons": "weapons",
    "sexual_harm": "sexual harm",
    "terrorism": "terrorism",
    "domestic_abuse": "domestic abuse",
    "acting_may_endanger": "acting may endanger",
}
SOURCE: Final[Mapping[str, str]] = {
    "reported_before": "reported before",
    "repeat_contact": "same contact as before",
    "close_relationship": "close relationship",
    "status_drift": "take advice first",
    "under_18": "under 18",
    "risk_if_used": "risk if used",
    "risk_unclear": "risk unclear",
}
URGENT: Final = {2: "Within 24 hours", 1: "Time-critical"}
WANTED: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"person", "business"}), "Who: no name of a person or business"),
    (frozenset({"address", "postcode"}), "Where: no address or postcode"),
    (frozenset({"date", "time"}), "When: no date or time"),
    (frozenset({"vehicle_registration"}), "No vehicle registration"),
    (frozenset({"phone"}), "No telephone number"),
)
"""Kinds of fact that an investigation can start from, and how their absence is told."""

SHARED: Final[Mapping[str, str]] = {
    "words": "nearly the same words",
    "vehicle_registration": "same vehicle registration",
    "phone": "same telephone number",
    "email": "same e-mail address",
    "postcode": "same postcode",
    "address": "same address",
    "business": "same business",
}
STATUS: Final = {"unassessed": "Not assessed", "open": "Open", "closed": "Closed"}
ANSWERS: Final = {"yes": "Yes", "no": "No", "dont_know": "Don’t know"}
HAPPENED: Final[Mapping[str, str]] = {
    "received": "Received",
    "own_view": "Own view given",
    "assessment": "Assessed",
    "second_person": "Second person",
    "withdrawn": "Assessment taken back",
    "grading": "Graded",
    "outcome": "Outcome recorded",
    "remark": "Remark",
    "second_look": "Second look",
    "second_look_withdrawn": "Second look taken back",
}
ALIKE: Final = ((0.9, "Almost the same text"), (0.7, "Very similar text"), (0.0, "Similar text"))


AGES: Final = re.compile(r"(\d+)_(\d+)")
CODE: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")


def plain(code: str) -> str:
    """Give a code as words: the first letter large, nothing between them but blanks."""
    words = code.replace("_", " ").replace(".", " ").strip()
    return words[:1].upper() + words[1:]


def urgency_tags(urgency: int) -> tuple[Tag, ...]:
    """Give the tag of an urgency, if it has one."""
    return (Tag(URGENT[urgency], "urgent"),) if urgency in URGENT else ()


def header(opened: OpenRecord, taxonomy: Taxonomy, clock: Clock, now: datetime) -> RecordHeader:
    """Make the head of a record's page; a flag that two things raised is shown once."""
    case = opened.case
    facts = [
        Fact("Received", moment(case.received_at) if case.received_at else "Not known"),
        Fact("Channel", taxonomy.title(case.channel) if case.channel else "Not known"),
        Fact("Status", STATUS.get(case.status, case.status)),
    ]
    if opened.files:
        facts.append(Fact("Files with it", str(opened.files)))
    if case.first_value:
        facts.append(Fact("Value", taxonomy.title(case.first_value)))
    if case.outcome:
        facts.append(Fact("Outcome", taxonomy.title(case.outcome)))
    if opened.gradings:
        last = opened.gradings[-1]
        facts.append(Fact("Grade", f"{last.source}{last.information}{last.handling}"))
    tags = tuple(dict.fromkeys(_tags(opened, clock, now)))
    return RecordHeader(case.reference, "", tags, tuple(facts))


def noticed(case: CaseFile) -> tuple[str, ...]:
    """Tell what rules noticed, in their own sentences."""
    flags = (*case.urgency_flags, *case.safeguarding_flags)
    told = [f"{one['because']}{_whose(one)}" for one in flags]
    told += [one["words"] for one in case.source_alerts if one.get("words")]
    return tuple(dict.fromkeys(told))


def missing(opened: OpenRecord) -> tuple[str, ...]:
    """Tell which kinds of fact an investigation would need and nobody has given."""
    there = {one["kind"] for one in opened.details}
    for subject in opened.subjects:
        there |= set(_kinds_of(subject.details))
    there |= set(_kinds_of(opened.case.fields))
    return tuple(told for kinds, told in WANTED if there.isdisjoint(kinds))


def defects(opened: OpenRecord) -> tuple[str, ...]:
    """Tell what does not fit in the message, field by field."""
    told = [f"{one.get('field', '')}: {one.get('words', '')}" for one in opened.defects]
    return tuple(one.strip(": ") for one in dict.fromkeys(told))


def answers(fields: Mapping[str, Any], taxonomy: Taxonomy) -> tuple[Fact, ...]:
    """Give structured answers in words."""
    known = {one.code: one.answers for one in taxonomy.questions}
    return tuple(
        Fact(_question(name, taxonomy), _answer(value, taxonomy, known.get(name, ())))
        for name, value in fields.items()
    )


def linked_tags(one: Linked) -> tuple[Tag, ...]:
    """Give the tags of a linked allegation."""
    flagged = (Tag("Safeguarding", "safeguarding"),) if one.safeguarding else ()
    state = Tag(STATUS[one.status], "closed" if one.status == "closed" else "plain")
    return (*urgency_tags(one.urgency), *flagged, state)


def why_linked(kinds: Sequence[str]) -> str:
    """Tell what two allegations share."""
    told = ", ".join(SHARED.get(kind, plain(kind).lower()) for kind in kinds)
    return told[:1].upper() + told[1:]


def side_by_side(opened: OpenRecord, other: Case) -> LinkedPair:
    """Set a linked allegation beside this one, with what only one of them says marked."""
    this = opened.case
    link = next((one for one in opened.links if one.key == other.key), None)
    cuts = differences(this.narrative, other.narrative)
    left = [(this.narrative[one.left_start : one.left_end], one.same) for one in cuts]
    right = [(other.narrative[one.right_start : one.right_end], one.same) for one in cuts]
    similar = link.similarity if link else None
    alike = next((words for floor, words in ALIKE if (similar or 0) >= floor), "")
    return LinkedPair(
        RecordHeader(this.reference, "This allegation"),
        RecordHeader(other.reference, "Linked allegation", url=f"/records/{other.key}"),
        tuple(_marked(left, here=True)),
        tuple(_marked(right, here=False)),
        tuple(SHARED.get(kind, plain(kind).lower()) for kind in link.kinds) if link else (),
        alike if similar else "Linked",
    )


def timeline(events: Sequence[Happened], taxonomy: Taxonomy) -> tuple[Event, ...]:
    """Tell what happened to a record, latest first."""
    return tuple(_event(one, taxonomy) for one in reversed(events))


def overturned(events: Sequence[Happened]) -> str | None:
    """Give the value of the second look that overturned what stands, until that was worked."""
    found = None
    for one in events:
        if one.what in {"assessment", "second_look", "second_look_withdrawn", "outcome"}:
            found = one.details["value"] if one.details.get("verdict") == "overturn" else None
    return found


def _tags(opened: OpenRecord, clock: Clock, now: datetime) -> Iterator[Tag]:
    case = opened.case
    yield from urgency_tags(case.urgency)
    if case.status == "unassessed" and case.due_at:
        late = now > case.due_at
        words = clock.told(case.due_at, now)
        yield Tag(words[:1].upper() + words[1:], "overdue" if late else "due")
    if opened.standing and opened.standing.awaits_second_person:
        yield Tag("Awaits a second person", "due")
    for flag in case.safeguarding_flags:
        yield Tag(f"Safeguarding: {SAFEGUARDING.get(flag['rule'], 'flagged')}", "safeguarding")
    for alert in case.source_alerts:
        words = SOURCE.get(alert["code"], plain(alert["code"]).lower())
        yield Tag(f"Source handling: {words}", "source")
    if opened.links:
        yield Tag(f"{len(opened.links)} linked", "linked")


def _whose(flag: Mapping[str, Any]) -> str:
    return " (From an allegation that is linked to it.)" if flag.get("from") else ""


def _kinds_of(details: Mapping[str, Any]) -> Iterator[str]:
    """Guess from its name what kind of fact an answer gives."""
    for name, value in details.items():
        if value in (None, "", [], {}):
            continue
        for part, kind in (
            ("name", "person"),
            ("business", "business"),
            ("organisation", "business"),
            ("address", "address"),
            ("town", "address"),
            ("postcode", "postcode"),
            ("registration", "vehicle_registration"),
            ("phone", "phone"),
            ("date", "date"),
            ("time", "time"),
        ):
            if part in name and "birth" not in name:
                yield kind


def _question(name: str, taxonomy: Taxonomy) -> str:
    title = taxonomy.title(name)
    return title if title != name else plain(name)


def _answer(value: Any, taxonomy: Taxonomy, known: Sequence[str] = ()) -> str:  # noqa: ANN401
    if isinstance(value, list | tuple):
        return ", ".join(_answer(one, taxonomy) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(name)}: {_answer(one, taxonomy)}" for name, one in value.items())
    said = str(value)
    if said in ANSWERS:
        return ANSWERS[said]
    title = taxonomy.title(said)
    if title != said:
        return title
    if ages := AGES.fullmatch(said):
        return f"{ages[1]} to {ages[2]}"
    return plain(said) if said in known or CODE.fullmatch(said) else said


def _marked(parts: Sequence[tuple[str, bool]], *, here: bool) -> Iterator[Compared]:
    for text, same in parts:
        core = "" if same else text.rstrip()
        if core:
            yield Compared(core, "here" if here else "there")
        if text[len(core) :]:
            yield Compared(text[len(core) :])


def _event(one: Happened, taxonomy: Taxonomy) -> Event:
    details = one.details
    title = HAPPENED.get(one.what, plain(one.what))
    if one.what == "second_person":
        title = "Second person agreed" if details["agreed"] else "Second person disagreed"
    said = [_said(name, details[name], taxonomy) for name in SAID if details.get(name)]
    if one.what == "grading":
        said.append(f"{details['source']}{details['information']}{details['handling']}")
    told = ". ".join(part for part in said if part)
    return Event(title, moment(one.at), one.by, told)


SAID: Final = (
    "origin",
    "verdict",
    "value",
    "suggested_value",
    "closure_reason",
    "outcome",
    "conditions",
    "note",
    "text",
)


def _said(name: str, value: Any, taxonomy: Taxonomy) -> str:  # noqa: ANN401
    if name == "origin":
        return ORIGINS.get(value, "")
    if name == "suggested_value":
        return f"Suggested: {taxonomy.title(value)}"
    if name in {"conditions", "note", "text"}:
        return str(value).rstrip(".")
    return taxonomy.title(value) if name != "verdict" else plain(value)


ORIGINS: Final = {
    "eform": "By the public form",
    "staff": "Recorded by staff",
    "api": "By another system",
    "import": "Imported",
}
