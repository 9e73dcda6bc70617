"""Pages of what is done seldom: keeping and erasing, planted records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.checks import NARRATIVE_LIMIT
from data.taxonomy import Taxonomy
from serving.keeping import Doomed, Review
from serving.parts.answers import CategoryQuestion, Choice, Note, Question
from serving.parts.figures import Cell, Column, Table
from serving.parts.records import Fact, RecordHeader, Tag
from serving.planting import Measure
from serving.plots import written
from serving.rates import Rate
from serving.store.records_oversight import Due, Erasure
from serving.views import moment

STATUSES = {"unassessed": "To assess", "open": "Worth pursuing", "closed": "Closed"}
REASON_LIMIT = 4000
KEEP_FOR = "For example 2031-03-27"


@dataclass(frozen=True, slots=True)
class DuePage:
    """Context of ``retention.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    told
        When a record is due.
    due
        The records, each leading to its review.
    """

    title: str
    told: str
    due: Table


@dataclass(frozen=True, slots=True)
class KeepingPage:
    """Context of ``retention_review.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    header
        The record.
    until
        Until when it is to be kept, as it was written.
    keep_reason, erase_reason
        Why.
    kept
        Why it was kept before.
    key
        Stands in the addresses of the forms.
    """

    title: str
    header: RecordHeader
    until: str
    keep_reason: Note
    erase_reason: Note
    kept: Table
    key: str


@dataclass(frozen=True, slots=True)
class ErasingPage:
    """Context of ``retention_erase.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    goes, stays
        What will be erased, and what will not.
    models
        Models that were trained on it.
    reason
        Why it is erased, as it was written.
    key
        Stands in the addresses of the forms.
    """

    title: str
    goes: tuple[str, ...]
    stays: tuple[str, ...]
    models: tuple[str, ...]
    reason: str
    key: str


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """Context of ``retention_erased.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    at
        When it was erased.
    models
        Models that were trained on it.
    """

    title: str
    at: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlantedPage:
    """Context of ``planted.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    measures
        How each reviewer answers planted records.
    narrative, value, categories
        What is to be planted.
    """

    title: str
    measures: Table
    narrative: Note
    value: Question
    categories: CategoryQuestion


def due_page(found: Sequence[Due], keep_days: int, *, limit: int) -> DuePage:
    """Make the context of the list of what is due."""
    more = f" The first {limit} are shown." if len(found) >= limit else ""
    return DuePage(
        title="Keep or erase",
        told=f"A record is due {keep_days:,} days after it came in, unless somebody recorded why "
        f"it is kept longer.{more}",
        due=Table(
            "Due for review, the oldest first",
            (Column("Record"), Column("Received"), Column("Status"), Column("Review was set for")),
            tuple(map(_due, found)),
            empty="Nothing is due to be kept or erased.",
        ),
    )


def keeping_page(
    found: Review, given: Mapping[str, str], errors: Mapping[str, str], now: datetime
) -> KeepingPage:
    """Make the context of the page that asks whether to keep or erase."""
    facts = [Fact("Status", STATUSES[found.status])]
    if found.received_at:
        facts.insert(0, Fact("Received", moment(found.received_at)))
    tags = (Tag("Safeguarding", "safeguarding"),) if found.safeguarding else ()
    rows = tuple(
        (Cell(moment(one.made_at)), Cell(_day(one.keep_until)), Cell(one.reason))
        for one in found.kept
    )
    return KeepingPage(
        title=f"Keep or erase {found.reference}",
        header=RecordHeader(found.reference, "Keep or erase", tags, tuple(facts)),
        until=given.get("until", "") or f"{now + timedelta(days=365):%Y-%m-%d}",
        keep_reason=_note("keep_reason", "Why is it kept?", given, errors),
        erase_reason=_note("erase_reason", "Why is it erased?", given, errors),
        kept=Table(
            "Kept before",
            (Column("When"), Column("Until"), Column("Why")),
            rows,
            empty="It was not reviewed before.",
        ),
        key=found.key,
    )


def erasing_page(found: Doomed, reason: str) -> ErasingPage:
    """Make the context of the page that asks whether to erase indeed."""
    return ErasingPage(
        title=f"Erase {found.reference}?",
        goes=tuple(_goes(found)),
        stays=(
            "what was decided, by whom and when, as codes",
            "its reference, and its rows in the audit log, which hold no text",
            "its place in the figures",
        ),
        models=found.models,
        reason=reason,
        key=found.key,
    )


def erased_page(reference: str, done: Erasure) -> ErasedPage:
    """Make the context of the page that says what was erased."""
    return ErasedPage(f"{reference} was erased", moment(done.made_at), done.models)


def planted_page(
    measures: Sequence[Measure],
    taxonomy: Taxonomy,
    given: Mapping[str, str],
    ticked: Sequence[str],
    errors: Mapping[str, str],
) -> PlantedPage:
    """Make the context of the page of planted records."""
    chosen = given.get("true_value", "")
    values = [
        Choice(one.code, one.title, one.description, chosen=one.code == chosen)
        for one in taxonomy.values
    ]
    kinds = [Choice(one.code, one.title, chosen=one.code in ticked) for one in taxonomy.categories]
    return PlantedPage(
        title="Records whose answer is known",
        measures=measures_table(measures),
        narrative=Note(
            "narrative",
            "What does it say?",
            given.get("narrative", ""),
            "Make it up. It takes channel and dates from the records around it.",
            errors.get("narrative", ""),
            NARRATIVE_LIMIT,
            6,
        ),
        value=Question(
            "true_value",
            "Which value should it have?",
            tuple(values),
            error=errors.get("true_value", ""),
        ),
        categories=CategoryQuestion(
            "categories",
            "What is it about?",
            (),
            tuple(kinds),
            error=errors.get("categories", ""),
        ),
    )


def measures_table(measures: Sequence[Measure]) -> Table:
    """Tell how each reviewer answers planted records, with 95% intervals."""
    return Table(
        "How reviewers answer them",
        (
            Column("Reviewer"),
            Column("Wrong ones overturned", numeric=True),
            Column("Right ones upheld", numeric=True),
        ),
        tuple(
            (Cell(one.reviewer), Cell(_rate(one.sensitivity)), Cell(_rate(one.specificity)))
            for one in measures
        ),
        empty="Nobody has answered a planted record yet.",
    )


def _rate(rate: Rate) -> str:
    if rate.share is None:
        return "none yet"
    share, low, high = (written(one, "percent") for one in (rate.share, rate.low, rate.high))
    return f"{rate.count} of {rate.of}: {share}, between {low} and {high}"


def _due(one: Due) -> tuple[Cell, ...]:
    return (
        Cell(one.reference, f"/retention/{one.key}"),
        Cell(moment(one.received_at) if one.received_at else "Not known"),
        Cell(STATUSES[one.status]),
        Cell(_day(one.review_on) if one.review_on else "Not set"),
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _note(name: str, label: str, given: Mapping[str, str], errors: Mapping[str, str]) -> Note:
    hint = "Name nobody: this is kept when the record is gone."
    return Note(name, label, given.get(name, ""), hint, errors.get(name, ""), REASON_LIMIT)


def _goes(found: Doomed) -> list[str]:
    goes = [
        f"the narrative, {found.characters:,} characters",
        "every note that somebody wrote about it",
        "what was suggested for it, and why",
    ]
    if found.people:
        goes.append(f"what is known of {_many(found.people, 'person or organisation')}")
    if found.reporter:
        goes.append("who reported it")
    if found.message:
        goes.append("the message that it came as")
    if found.links:
        goes.append(f"its links to {_many(found.links, 'other allegation')}")
    return goes


def _many(count: int, one: str) -> str:
    if one == "person or organisation" and count > 1:
        return f"{count:,} people or organisations"
    return f"{count:,} {one}{'s' * (count > 1)}"
