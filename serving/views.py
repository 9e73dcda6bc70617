"""What each page shows: one frozen, documented context per page, and nothing else reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.reviewing import Listing, Look
from serving.store.records import Entry, StoredAllegation

EXCERPT = 700
SERVICE = "Second Look"

KINDS: Mapping[str, str] = {
    "postcode": "Postcode",
    "phone": "Telephone number",
    "vehicle_registration": "Vehicle registration",
    "date": "Date",
    "time": "Time",
    "person": "Person",
    "business": "Business",
    "address": "Address",
    "amount": "Amount",
}

ANSWERS: Mapping[str, str] = {
    "overturned": "overturned on a second look",
    "upheld": "upheld on a second look",
    "valued": "valued when first assessed",
}

# No probability is a certainty, however it is rounded.
SUREST = 99

WORDS: Sequence[tuple[float, str]] = (
    (0.8, "Very high"),
    (0.6, "High"),
    (0.4, "Medium"),
    (0.2, "Low"),
    (0.0, "Very low"),
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of narrative.

    Parameters
    ----------
    text
        The words.
    kind
        Title of the investigable detail that they are, or empty for plain text.
    """

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class ReasonView:
    """A reason for doubt.

    Parameters
    ----------
    phrase
        The words, with protected terms named by their class.
    strength
        How much they weigh against the strongest reason, in words.
    """

    phrase: str
    strength: str


@dataclass(frozen=True, slots=True)
class PrecedentView:
    """A similar allegation whose answer is known.

    Parameters
    ----------
    reference
        As it was imported.
    answer
        What was decided about it, in words.
    """

    reference: str
    answer: str


@dataclass(frozen=True, slots=True)
class SecondLookView:
    """A second look as shown in the list and on its own page.

    Parameters
    ----------
    url
        Its own page.
    reference
        As it was imported.
    first_value
        Title of the value first recorded.
    received
        When it came in, in words; empty where that is not known.
    channel
        How it came in; empty where that is not known.
    categories
        Titles of the categories first recorded.
    narrative
        The text in stretches, investigable details marked.
    cut
        Whether the narrative goes on beyond what is shown.
    details
        Titles of the kinds of detail found, each with how many.
    doubt
        In hundredths, or ``None`` where it is not in the current ranking.
    doubt_words
        The same in words.
    reasons
        What speaks against the first value, strongest first.
    precedents
        Similar allegations whose answer is known, nearest first.
    decided
        Whether it has been looked at again.
    """

    url: str
    reference: str
    first_value: str
    received: str
    channel: str
    categories: tuple[str, ...]
    narrative: tuple[Segment, ...]
    cut: bool
    details: tuple[str, ...]
    doubt: int | None
    doubt_words: str
    reasons: tuple[ReasonView, ...]
    precedents: tuple[PrecedentView, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class ListPage:
    """Context of ``second_looks.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    looks
        The second looks on this page.
    reviewed, dismissed, found, waiting
        How far the second look has come: the numbers of looked-at, dismissed, overturned and
        not yet looked-at allegations.
    first
        Whether this is the first page.
    next_url
        The next page, or ``None`` on the last.
    ranked
        When and by which ranking the list was ordered; empty where there is none yet.
    empty
        What to say where the list is empty.
    """

    title: str
    looks: tuple[SecondLookView, ...]
    reviewed: int
    dismissed: int
    found: int
    waiting: int
    first: bool
    next_url: str | None
    ranked: str
    empty: str


@dataclass(frozen=True, slots=True)
class OnePage:
    """Context of ``second_look.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    look
        The second look.
    """

    title: str
    look: SecondLookView


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Context of ``error.html``.

    Parameters
    ----------
    title
        What went wrong, in words.
    told
        What to do about it.
    """

    title: str
    told: str


def list_page(listing: Listing, taxonomy: Taxonomy, *, first: bool) -> ListPage:
    """Make the context of the list."""
    ranking, counts = listing.ranking, listing.counts
    return ListPage(
        title="Second looks",
        looks=tuple(_of_entry(one, taxonomy, EXCERPT) for one in listing.entries),
        reviewed=counts.reviewed + counts.reviewed_before,
        dismissed=counts.dismissed,
        found=counts.found + counts.found_before,
        waiting=counts.waiting,
        first=first,
        next_url=f"/second-looks?cursor={listing.next_cursor}" if listing.next_cursor else None,
        ranked=f"Ranking {ranking.id}, {moment(ranking.made_at)}" if ranking else "",
        empty=_empty(listing),
    )


def one_page(look: Look, taxonomy: Taxonomy) -> OnePage:
    """Make the context of one second look's page."""
    shown = _view(look.allegation, look.entry, taxonomy, None, decided=look.decided)
    return OnePage(title=f"Allegation {look.allegation.reference}", look=shown)


def in_words(doubt: float) -> str:
    """Give a doubt in words."""
    return next(words for floor, words in WORDS if doubt >= floor)


def moment(at: datetime) -> str:
    """Give a moment as GOV.UK writes it, in UTC."""
    utc = at.astimezone(UTC)
    half = "am" if utc.hour < 12 else "pm"
    return f"{utc.day} {utc:%B %Y} at {utc.hour % 12 or 12}:{utc:%M}{half}"


def segments(
    text: str, details: Sequence[Mapping[str, Any]], limit: int | None
) -> tuple[Segment, ...]:
    """Cut a narrative into plain stretches and marked ones, up to about ``limit`` characters."""
    end = len(text) if limit is None or len(text) <= limit else text.rfind(" ", 0, limit)
    end = end if end > 0 else limit or len(text)
    cut: list[Segment] = []
    at = 0
    for one in sorted(details, key=lambda one: (one["start"], -one["end"])):
        if one["start"] < at or one["end"] > end:
            continue
        cut.append(Segment(text[at : one["start"]], ""))
        kind = KINDS.get(one["kind"], one["kind"])
        cut.append(Segment(text[one["start"] : one["end"]], kind))
        at = one["end"]
    return tuple(one for one in (*cut, Segment(text[at:end], "")) if one.text)


def _of_entry(entry: Entry, taxonomy: Taxonomy, limit: int) -> SecondLookView:
    return _view(entry.allegation, entry, taxonomy, limit, decided=False)


def _view(
    record: StoredAllegation,
    entry: Entry | None,
    taxonomy: Taxonomy,
    limit: int | None,
    *,
    decided: bool,
) -> SecondLookView:
    receipt = entry.receipt if entry else {}
    details = receipt.get("details", [])
    return SecondLookView(
        url=f"/second-looks/{record.key}",
        reference=record.reference,
        first_value=taxonomy.title(record.first_value),
        received=moment(record.received_at) if record.received_at else "",
        channel=taxonomy.title(record.channel) if record.channel else "",
        categories=tuple(taxonomy.title(one) for one in record.categories),
        narrative=segments(record.narrative, details, limit),
        cut=limit is not None and len(record.narrative) > limit,
        details=_counted(details),
        doubt=min(SUREST, round(entry.doubt * 100)) if entry else None,
        doubt_words=in_words(entry.doubt) if entry else "",
        reasons=_reasons(receipt.get("reasons", [])),
        precedents=_precedents(receipt.get("precedents", [])),
        decided=decided,
    )


def _precedents(found: Sequence[Mapping[str, Any]]) -> tuple[PrecedentView, ...]:
    nearest = sorted(found, key=lambda one: -one["similarity"])
    return tuple(PrecedentView(one["reference"], ANSWERS[one["kind"]]) for one in nearest)


def _counted(details: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    kinds = [one["kind"] for one in details]
    return tuple(
        f"{KINDS.get(kind, kind)} ({kinds.count(kind)})"
        if kinds.count(kind) > 1
        else KINDS.get(kind, kind)
        for kind in sorted(set(kinds), key=kinds.index)
    )


def _reasons(reasons: Sequence[Mapping[str, Any]]) -> tuple[ReasonView, ...]:
    pushing = [one for one in reasons if one["contribution"] > 0][:8]
    most = max((one["contribution"] for one in pushing), default=1.0)
    return tuple(
        ReasonView(one["phrase"], _strength(one["contribution"] / most)) for one in pushing
    )


def _strength(share: float) -> str:
    return "strong" if share > 0.66 else "moderate" if share > 0.33 else "slight"


def _empty(listing: Listing) -> str:
    if listing.counts.allegations == 0:
        return "Nothing has been imported yet."
    if listing.ranking is None:
        return "The allegations are being ranked. Look again in a moment."
    if listing.counts.waiting == 0:
        return "Every dismissed allegation has been looked at again."
    return "Nothing more waits on this page."
