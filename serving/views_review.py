"""The reviewer's pages: one record at a time, and what the model made of it only afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.taxonomy import Taxonomy
from serving.claiming import Claimed
from serving.parts.answers import Choice, Note, Question, Reasons, Slider
from serving.parts.figures import SUREST, Cell, Column, ReviewProgress, Table
from serving.parts.phrases import Phrase, brought, pushing
from serving.parts.records import Fact, Narrative, RecordHeader, Tag, narrative
from serving.progress import Progress
from serving.reasons import REASONS
from serving.revealing import Receipt
from serving.store.records_reviewing import Unsure
from serving.views import ANSWERS, PrecedentView, in_words, moment
from serving.views_progress import bar

NOTE_LIMIT = 2000
MOST_REVIEWS = 200
KEYS = ("1", "2", "3", "4", "5")
IDENTIFIES = Tag("May say who reported", "source")


@dataclass(frozen=True, slots=True)
class Forecast:
    """What so many more reviews would find.

    Parameters
    ----------
    slider
        How many there is time for.
    told
        What they would find, with the interval, in a sentence.
    """

    slider: Slider
    told: str


@dataclass(frozen=True, slots=True)
class ReviewStart:
    """Context of ``review_start.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    progress
        How far the second look has come.
    forecast
        What more reviews would find.
    waiting
        Whether there is anything left to look at.
    discuss
        How many records wait to be discussed.
    """

    title: str
    progress: ReviewProgress
    forecast: Forecast
    waiting: bool
    discuss: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Context of ``review.html``.

    Parameters
    ----------
    title
        Title of the page.
    claim
        Number of the claim.
    header
        Reference, first value, when and how it came in.
    narrative
        The text as it was received.
    until
        When the record goes to somebody else.
    verdict
        Uphold or overturn.
    value
        The value that holds where it is overturned.
    reasons
        Why, in the same words for either verdict.
    progress
        How far the second look has come.
    """

    title: str
    claim: int
    header: RecordHeader
    narrative: Narrative
    until: str
    verdict: Question
    value: Question
    reasons: Reasons
    progress: ReviewProgress


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """Context of ``review_done.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    claim
        Number of the claim, and of the decision.
    header
        Reference and first value.
    narrative
        The text, with the details that were found in it.
    decided
        What was decided, in words.
    doubt, doubt_words
        Doubt about the first value in hundredths and in words; ``None`` without a model.
    reasons
        What spoke against the first value, strongest first.
    brought
        What brought it forward in the queue, by kind, strongest first.
    words
        Words that the ranking went by.
    for_it, against_it
        Similar allegations that were overturned or valued, and those that were upheld.
    undo_until
        Until when the decision can be taken back.
    next_url
        The next record, which is held already; empty where there is none.
    progress
        How far the second look has come.
    """

    title: str
    claim: int
    header: RecordHeader
    narrative: Narrative
    decided: str
    doubt: int | None
    doubt_words: str
    reasons: tuple[Phrase, ...]
    brought: tuple[Phrase, ...]
    words: tuple[Phrase, ...]
    for_it: tuple[PrecedentView, ...]
    against_it: tuple[PrecedentView, ...]
    undo_until: str
    next_url: str
    progress: ReviewProgress


@dataclass(frozen=True, slots=True)
class DiscussItem:
    """A record that somebody was unsure about.

    Parameters
    ----------
    key
        Its key.
    reference
        As it was imported.
    told
        Who left it, and when.
    note
        What is to be discussed.
    """

    key: str
    reference: str
    told: str
    note: str


@dataclass(frozen=True, slots=True)
class DiscussPage:
    """Context of ``discuss.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    items
        The records, oldest first.
    decides
        Whether the reader may decide them.
    differing
        Records that two reviewers decided differently.
    """

    title: str
    items: tuple[DiscussItem, ...]
    decides: bool
    differing: Table


def start_page(done: Progress, *, reviews: int, discuss: int) -> ReviewStart:
    """Make the context of the page before a record is taken."""
    return ReviewStart(
        title="Second look",
        progress=bar(done),
        forecast=forecast(done, reviews),
        waiting=done.waiting > 0,
        discuss=discuss,
    )


def review_page(
    claimed: Claimed, done: Progress, taxonomy: Taxonomy, given: Mapping[str, str]
) -> ReviewPage:
    """Make the context of a record to be decided.

    Parameters
    ----------
    given
        What the reviewer has answered already, by field.
    """
    return ReviewPage(
        title=f"Second look: {claimed.reference}",
        claim=claimed.claim,
        header=_header(claimed, taxonomy),
        narrative=narrative(claimed.narrative, None),
        until=moment(claimed.expires_at),
        verdict=_verdict(taxonomy.title(claimed.first_value), given),
        value=_value(claimed.first_value, taxonomy, given),
        reasons=_reasons(given),
        progress=bar(done),
    )


def done_page(
    claimed: Claimed,
    receipt: Receipt,
    done: Progress,
    taxonomy: Taxonomy,
    next_url: str,
) -> ReviewDone:
    """Make the context of what is revealed after a decision."""
    precedents = [(one["kind"], one["reference"]) for one in receipt.precedents]
    overturned = receipt.verdict == "overturn"
    verb = "Overturned" if overturned else "Upheld"
    return ReviewDone(
        title=f"{verb}: {claimed.reference}",
        claim=claimed.claim,
        header=_header(claimed, taxonomy),
        narrative=narrative(claimed.narrative, receipt.details),
        decided=f"{verb}, {taxonomy.title(receipt.value).lower()}",
        doubt=None if receipt.doubt is None else min(SUREST, round(receipt.doubt * 100)),
        doubt_words="" if receipt.doubt is None else in_words(receipt.doubt),
        reasons=pushing(receipt.reasons),
        brought=brought(receipt.parts),
        words=pushing(receipt.words, "word"),
        for_it=_precedents(precedents, ("overturned", "valued")),
        against_it=_precedents(precedents, ("upheld",)),
        undo_until=moment(claimed.expires_at),
        next_url=next_url,
        progress=bar(done),
    )


def discuss_page(
    items: Sequence[Unsure], differing: Sequence[tuple[str, str, str, str]], *, decides: bool
) -> DiscussPage:
    """Make the context of what is to be discussed.

    Parameters
    ----------
    differing
        Key, reference and both verdicts of records that two reviewers decided differently.
    """
    rows = tuple(
        (Cell(reference, f"/records/{key}"), Cell(first), Cell(second))
        for key, reference, first, second in differing
    )
    heads = ("Allegation", "First verdict", "Second verdict")
    return DiscussPage(
        title="To discuss",
        items=tuple(
            DiscussItem(
                one.key, one.reference, f"{one.said_by}, {moment(one.said_at)}", one.note or ""
            )
            for one in items
        ),
        decides=decides,
        differing=Table(
            "Decided differently by two reviewers",
            tuple(Column(one) for one in heads),
            rows,
            empty="No two reviewers have decided differently.",
        ),
    )


def forecast(done: Progress, reviews: int) -> Forecast:
    """Tell what so many more reviews would find."""
    most = max(1, min(MOST_REVIEWS, done.waiting))
    slider = Slider(
        "reviews", "How many more is there time for?", min(reviews, most), 1, most, unit="reviews"
    )
    found = done.forecast
    if found is None:
        return Forecast(slider, "Too few second looks yet to say what more would find.")
    plural = "review" if found.reviews == 1 else "reviews"
    amount = f"{found.low:,}" if found.low == found.high else f"{found.low:,} to {found.high:,}"
    share = round(found.confidence * 100)
    told = f"{found.reviews:,} more {plural}: {amount} more found ({share}% interval)."
    return Forecast(slider, told)


def _header(claimed: Claimed, taxonomy: Taxonomy) -> RecordHeader:
    titles = ", ".join(taxonomy.title(one) for one in claimed.categories)
    facts = [
        Fact("First value", taxonomy.title(claimed.first_value)),
        Fact("Categories", titles or "None"),
        Fact("Channel", taxonomy.title(claimed.channel) if claimed.channel else "Not known"),
        Fact("Received", _when(claimed.received_at)),
    ]
    tags = (IDENTIFIES,) if claimed.identifies_reporter else ()
    return RecordHeader(claimed.reference, "Second look", tags, tuple(facts))


def _when(at: datetime | None) -> str:
    return moment(at) if at else "Not known"


def _verdict(first: str, given: Mapping[str, str]) -> Question:
    chosen = given.get("verdict")
    choices = (
        Choice("uphold", f"Uphold: {first.lower()} was right", "", "u", chosen == "uphold"),
        Choice("overturn", "Overturn: it should be worked", "", "o", chosen == "overturn"),
    )
    return Question("verdict", "What do you decide?", choices)


def _value(first: str, taxonomy: Taxonomy, given: Mapping[str, str]) -> Question:
    others = [one for one in taxonomy.values if one.code != first]
    choices = tuple(
        Choice(one.code, one.title, "", "", given.get("value") == one.code) for one in others
    )
    return Question("value", "If you overturn it, which value?", choices, inline=True)


def _reasons(given: Mapping[str, str]) -> Reasons:
    choices = tuple(
        Choice(code, title, "", key, given.get("reason") == code)
        for key, (code, title) in zip(KEYS, REASONS.items(), strict=True)
    )
    hint = "Do not name the reporter. Needed for “something else”, and to be discussed."
    note = Note("note", "Note", given.get("note", ""), hint, limit=NOTE_LIMIT)
    return Reasons(Question("reason", "What decided it?", choices), note)


def _precedents(
    found: Sequence[tuple[str, str]], kinds: Sequence[str]
) -> tuple[PrecedentView, ...]:
    return tuple(PrecedentView(name, ANSWERS[kind]) for kind, name in found if kind in kinds)
