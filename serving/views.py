"""What each page shows: one frozen, documented context per page, and nothing else reaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from data.taxonomy import Taxonomy
from serving.parts.figures import SUREST, Figure, Pagination
from serving.parts.phrases import Phrase, pushing
from serving.parts.records import Fact, Narrative, RecordHeader
from serving.parts.records import narrative as narrative_of
from serving.reviewing import Listing, Look
from serving.store.records import Counts, Entry, StoredAllegation

EXCERPT = 700
SERVICE = "Second Look"

ANSWERS: Mapping[str, str] = {
    "overturned": "overturned on a second look",
    "upheld": "upheld on a second look",
    "valued": "valued when first assessed",
}

WORDS: Sequence[tuple[float, str]] = (
    (0.8, "Very high"),
    (0.6, "High"),
    (0.4, "Medium"),
    (0.2, "Low"),
    (0.0, "Very low"),
)


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
    header
        Reference, first value, when and how it came in.
    narrative
        The text, investigable details marked.
    first_value
        Title of the value first recorded.
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

    header: RecordHeader
    narrative: Narrative
    first_value: str
    doubt: int | None
    doubt_words: str
    reasons: tuple[Phrase, ...]
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
    figures
        How far the second look has come.
    pagination
        The pages before and after.
    ranked
        When and by which ranking the list was ordered; empty where there is none yet.
    empty
        What to say where the list is empty.
    """

    title: str
    looks: tuple[SecondLookView, ...]
    figures: tuple[Figure, ...]
    pagination: Pagination
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
    ranking = listing.ranking
    following = f"/second-looks?cursor={listing.next_cursor}" if listing.next_cursor else ""
    return ListPage(
        title="Second looks",
        looks=tuple(_of_entry(one, taxonomy, EXCERPT) for one in listing.entries),
        figures=_figures(listing.counts),
        pagination=Pagination(
            "" if first else "/second-looks", following, "Second looks", "First page"
        ),
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
    return SecondLookView(
        header=_header(record, taxonomy, own_page=limit is None),
        narrative=narrative_of(record.narrative, receipt.get("details", []), limit),
        first_value=taxonomy.title(record.first_value or ""),
        doubt=min(SUREST, round(entry.doubt * 100)) if entry else None,
        doubt_words=in_words(entry.doubt) if entry else "",
        reasons=pushing(receipt.get("reasons", [])),
        precedents=_precedents(receipt.get("precedents", [])),
        decided=decided,
    )


def _header(record: StoredAllegation, taxonomy: Taxonomy, *, own_page: bool) -> RecordHeader:
    titles = ", ".join(taxonomy.title(one) for one in record.categories)
    facts = (
        Fact("First value", taxonomy.title(record.first_value or "")),
        Fact("Received", moment(record.received_at) if record.received_at else ""),
        Fact("Channel", taxonomy.title(record.channel) if record.channel else ""),
        Fact("Category" if len(record.categories) == 1 else "Categories", titles),
    )
    return RecordHeader(
        record.reference,
        caption="Second look" if own_page else "",
        facts=tuple(one for one in facts if one.text),
        url="" if own_page else f"/second-looks/{record.key}",
    )


def _figures(counts: Counts) -> tuple[Figure, ...]:
    reviewed = counts.reviewed + counts.reviewed_before
    return (
        Figure("Waiting", f"{counts.waiting:,}"),
        Figure("Reviewed", f"{reviewed:,}", f"of {counts.dismissed:,}"),
        Figure("Overturned", f"{counts.found + counts.found_before:,}"),
    )


def _precedents(found: Sequence[Mapping[str, Any]]) -> tuple[PrecedentView, ...]:
    nearest = sorted(found, key=lambda one: -one["similarity"])
    return tuple(PrecedentView(one["reference"], ANSWERS[one["kind"]]) for one in nearest)


def _empty(listing: Listing) -> str:
    if listing.counts.allegations == 0:
        return "Nothing has been imported yet."
    if listing.ranking is None:
        return "The allegations are being ranked. Look again in a moment."
    if listing.counts.waiting == 0:
        return "Every dismissed allegation has been looked at again."
    return "Nothing more waits on this page."
