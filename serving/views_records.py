"""The list of allegations: the most pressing first, with what narrows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from data.taxonomy import Taxonomy
from serving.actors import Actor
from serving.narrowing import ANY, LIST, address, without
from serving.parts.answers import ActiveFilter, FilterField, Filters, Option
from serving.parts.figures import Pagination
from serving.parts.records import Fact, RecordHeader, Tag
from serving.store.records_intake import Matching, WorkItem
from serving.views import moment
from serving.worklist import Page

WEEKS = 13
STATUS = {
    "unassessed": "To assess",
    "overdue": "Past the time limit",
    "open": "Worth pursuing",
    "closed": "Closed",
    "no_value": "Closed as of no value",
    "overturned": "Overturned on second look",
    "timed": "With a time limit",
    "any": "Every allegation",
}
URGENCY = {"1": "Time-critical", "2": "Within 24 hours"}
SAFEGUARDING = {"1": "With a safeguarding flag", "0": "Without one"}
TITLES = {
    "status": "Status",
    "overdue": "Status",
    "no_value": "Status",
    "overturned": "Status",
    "timed": "Clock",
    "urgency": "Urgency",
    "safeguarding": "Safeguarding",
    "channel": "Channel",
    "category": "Category",
    "week": "Received",
    "mine": "Whose",
}


@dataclass(frozen=True, slots=True)
class RecordRow:
    """An allegation on the list.

    Parameters
    ----------
    header
        Its reference, tags and facts.
    opening
        How its narrative begins; empty where it may say who reported.
    """

    header: RecordHeader
    opening: str


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """Context of ``records.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    told
        How many there are, in words.
    erased
        What to say of those whose text is gone, or empty.
    filters
        What can narrow the list.
    words
        What is searched for, or empty. Never in an address: links become forms while it is set.
    chips
        What is in force while words are searched for, and the list without each.
    rows
        The allegations on this page.
    pagination
        The pages before and after.
    empty
        What to say where there is none.
    records
        Whether the reader may record an allegation.
    """

    title: str
    told: str
    erased: str
    filters: Filters
    words: str
    chips: tuple[ActiveFilter, ...]
    rows: tuple[RecordRow, ...]
    pagination: Pagination
    empty: str
    records: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list page is made of.

    Parameters
    ----------
    page
        What was found.
    narrowed
        What narrows it.
    words
        What was searched for, or empty.
    first
        Whether it is the first page.
    actor
        Who reads it.
    csrf_token
        Goes with the form.
    now
        The moment by which clocks are told.
    """

    page: Page
    narrowed: Mapping[str, str]
    words: str
    first: bool
    actor: Actor
    csrf_token: str
    now: datetime


def records_page(listing: Listing, taxonomy: Taxonomy) -> RecordsPage:
    """Make the context of the list."""
    matching = listing.page.matching or Matching(len(listing.page.items), 0)
    narrowed, following = listing.narrowed, listing.page.next_cursor
    chips = tuple(_chips(narrowed, taxonomy))
    return RecordsPage(
        title="Allegations",
        told=_told(matching.kept, searched=bool(listing.words)),
        erased=_erased(matching.erased),
        filters=_filters(listing, () if listing.words else chips, taxonomy),
        words=listing.words,
        chips=chips,
        rows=tuple(
            row(one, taxonomy, listing.now, linked=one.id in listing.page.linked)
            for one in listing.page.items
        ),
        pagination=Pagination(
            "" if listing.first else address(narrowed),
            address(narrowed, following) if following else "",
            "Allegations",
            "First page",
        ),
        empty=_empty(listing),
        records=listing.actor.may("intake"),
    )


def row(item: WorkItem, taxonomy: Taxonomy, now: datetime, *, linked: bool = False) -> RecordRow:
    """Show an allegation on a list."""
    names = ", ".join(map(taxonomy.title, item.categories))
    facts = (
        Fact("Received", moment(item.received_at) if item.received_at else ""),
        Fact("Channel", taxonomy.title(item.channel) if item.channel else ""),
        Fact("Category" if len(item.categories) == 1 else "Categories", names),
        Fact("Value", taxonomy.title(item.first_value) if item.first_value else ""),
    )
    header = RecordHeader(
        item.reference,
        tags=tuple(_tags(item, now, linked=linked)),
        facts=tuple(one for one in facts if one.text),
        url=f"{LIST}/{item.key}",
    )
    return RecordRow(header, "" if item.identifies_reporter else item.opening)


def clock_tag(due_at: datetime, now: datetime) -> Tag:
    """Say how long an assessment has left, or by how much it is late."""
    late = now > due_at
    length = _length(abs(due_at - now))
    return Tag(f"Overdue by {length}", "overdue") if late else Tag(f"Due in {length}", "due")


def urgency_tags(urgency: int) -> Iterator[Tag]:
    """Say how urgent a record is, where it is."""
    if urgency:
        yield Tag(URGENCY[str(urgency)], "urgent")


def _tags(item: WorkItem, now: datetime, *, linked: bool) -> Iterator[Tag]:
    waits = item.status == "unassessed"
    yield from urgency_tags(item.urgency)
    if waits and item.due_at is not None:
        yield clock_tag(item.due_at, now)
    if item.safeguarding:
        yield Tag("Safeguarding", "safeguarding")
    if item.source_alerts:
        yield Tag("Source handling", "source")
    if waits and item.cycle > 1:
        yield Tag("Reopened by a repeat", "new")
    if linked:
        yield Tag("Linked to others", "linked")
    if not waits:
        yield Tag(STATUS[item.status], "closed" if item.status == "closed" else "plain")


def _length(left: timedelta) -> str:
    minutes = left // timedelta(minutes=1)
    for size, unit in ((60 * 48, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // (60 * 24 if unit == "day" else size)
            return f"{count:,} {unit}{'s' * (count != 1)}"
    return "less than a minute"


def _chips(narrowed: Mapping[str, str], taxonomy: Taxonomy) -> Iterator[ActiveFilter]:
    for name, value in narrowed.items():
        if (name, value) != ("status", "any"):
            text = f"{TITLES[name]}: {_in_words(name, value, taxonomy)}"
            yield ActiveFilter(text, without(narrowed, name))


def _in_words(name: str, value: str, taxonomy: Taxonomy) -> str:
    if name in {"channel", "category"}:
        return taxonomy.title(value)
    if name == "week":
        return _week(date.fromisoformat(value)).lower()
    words = {
        "status": STATUS.get(value, value),
        "urgency": URGENCY.get(value, value),
        "safeguarding": SAFEGUARDING.get(value, value),
        "mine": "begun or assessed by me",
    }
    return words.get(name) or STATUS[name]


def _filters(listing: Listing, chips: tuple[ActiveFilter, ...], taxonomy: Taxonomy) -> Filters:
    narrowed = listing.narrowed
    return Filters(
        action=address(narrowed),
        fields=tuple(_fields(listing, taxonomy)),
        active=chips,
        clear_url=address(ANY) if len(chips) > 1 else "",
        method="post",
        csrf_token=listing.csrf_token,
    )


def _fields(listing: Listing, taxonomy: Taxonomy) -> Iterator[FilterField]:
    given = listing.narrowed
    status = next((name for name in STATUS if name in given), given.get("status", "any"))
    categories = {one.code: one.title for one in taxonomy.categories}
    channels = {one.code: one.title for one in taxonomy.channels}
    yield FilterField("search", "Words in the narrative", text=listing.words)
    yield FilterField("status", "Status", tuple(_options(STATUS, status)))
    yield _choice("urgency", "Urgency", URGENCY, given)
    yield _choice("safeguarding", "Safeguarding", SAFEGUARDING, given)
    yield _choice("channel", "Channel", channels, given)
    yield _choice("category", "Category", categories, given)
    yield _choice("week", "Received", _weeks(listing.now.date(), given.get("week")), given)
    if listing.actor.may("assess"):
        yield _choice("mine", "Whose", {"1": "Begun or assessed by me"}, given, "Everybody’s")


def _choice(
    name: str, label: str, answers: Mapping[str, str], given: Mapping[str, str], every: str = "Any"
) -> FilterField:
    chosen = given.get(name, "")
    unknown = {chosen: chosen} if chosen and chosen not in answers else {}
    return FilterField(name, label, tuple(_options({"": every, **answers, **unknown}, chosen)))


def _options(answers: Mapping[str, str], chosen: str) -> Iterator[Option]:
    for value, text in answers.items():
        yield Option(value, text, chosen=value == chosen)


def _weeks(today: date, asked: str | None) -> dict[str, str]:
    monday = today - timedelta(days=today.weekday())
    mondays = {monday - timedelta(weeks=back) for back in range(WEEKS)}
    if asked:
        mondays.add(date.fromisoformat(asked))
    return {one.isoformat(): _week(one) for one in sorted(mondays, reverse=True)}


def _week(monday: date) -> str:
    return f"Week of {monday.day} {monday:%B %Y}"


def _told(count: int, *, searched: bool) -> str:
    records = "1 allegation" if count == 1 else f"{count:,} allegations"
    return f"{records} with these words" if searched else records


def _erased(count: int) -> str:
    if not count:
        return ""
    were = "1 more was" if count == 1 else f"{count:,} more were"
    return f"{were} erased: figures count what was decided, but there is nothing left to read."


def _empty(listing: Listing) -> str:
    if listing.words:
        return "No allegation holds all of these words. Try fewer, or narrow the list less."
    if dict(listing.narrowed) == {"status": "unassessed"}:
        return "Nothing waits for its assessment."
    return "No allegation fits all of this. Remove a filter to see more."
