"""The assessor's pages: one allegation, and the steps by which it is assessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.taxonomy import Taxonomy
from serving.parts.answers import CategoryQuestion, Note, Question, Reasons
from serving.parts.figures import Cell, Column, SuggestionView, Table
from serving.parts.records import Event, Fact, LinkedPair, Narrative, RecordHeader, Tag
from serving.store.records_assessing import Listed
from serving.views import moment
from serving.views_assess_reading import urgency_tags


@dataclass(frozen=True, slots=True)
class OwnViewForm:
    """What is asked before anything is suggested.

    Parameters
    ----------
    reading
        Number of the reading that the view rests on.
    value
        What the allegation is worth.
    categories
        What it is about.
    """

    reading: int
    value: Question
    categories: CategoryQuestion


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """What is asked once the own view is given and the suggestion is shown.

    Parameters
    ----------
    version
        Of the record as it is shown.
    own
        Title of the reader's own view.
    suggestion
        What the computer suggests, or ``None`` where it suggested nothing.
    value, categories
        What the reader settles on.
    chosen
        Titles of the categories that are ticked, in a line.
    reasons
        Why, in the same words whether the suggestion is followed or not.
    closing
        Whether it stays open or is closed.
    closure_reason, outcome
        Asked where it is closed.
    two
        Whether closing it as of no value takes a second person.
    """

    version: int
    own: str
    suggestion: SuggestionView | None
    value: Question
    categories: CategoryQuestion
    chosen: str
    reasons: Reasons
    closing: Question
    closure_reason: Question
    outcome: Question
    two: bool


@dataclass(frozen=True, slots=True)
class StandingView:
    """The assessment that stands.

    Parameters
    ----------
    told
        What became of it, in words.
    facts
        Value, reason and the rest of it.
    note
        What its maker wrote, or empty.
    undo
        Until when the reader can take it back, in words; empty where they cannot.
    take_up
        Version with which the reader can take the record up again, or ``None``.
    """

    told: str
    facts: tuple[Fact, ...]
    note: str
    undo: str
    take_up: int | None


@dataclass(frozen=True, slots=True)
class SecondPersonForm:
    """What the second person is asked.

    Parameters
    ----------
    assessment
        Number of the assessment.
    agree
        Whether they agree with closing the record.
    note
        Why.
    """

    assessment: int
    agree: Question
    note: Note


@dataclass(frozen=True, slots=True)
class GradeForm:
    """A grade by 3x5x2.

    Parameters
    ----------
    source, information, handling
        The three parts of it.
    conditions
        Of sharing.
    open
        Whether it is unfolded.
    """

    source: Question
    information: Question
    handling: Question
    conditions: Note
    open: bool


@dataclass(frozen=True, slots=True)
class OutcomeForm:
    """What came of a record that was assessed.

    Parameters
    ----------
    outcome
        One of the vocabulary.
    note
        What to add.
    open
        Whether it is unfolded.
    """

    outcome: Question
    note: Note
    open: bool


@dataclass(frozen=True, slots=True)
class RemarkForm:
    """A remark for whoever works on the record next.

    Parameters
    ----------
    text
        The remark.
    open
        Whether it is unfolded.
    """

    text: Note
    open: bool


@dataclass(frozen=True, slots=True)
class PartyView:
    """A person, organisation or journey that the allegation is about.

    Parameters
    ----------
    title
        Which of them.
    facts
        What was said of them.
    """

    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class LinkView:
    """An allegation that is linked to this one.

    Parameters
    ----------
    key
        Its key.
    reference
        As it was imported or given.
    why
        What both share.
    tags
        Its urgency and state.
    facts
        When it came, and how it was closed.
    """

    key: str
    reference: str
    why: str
    tags: tuple[Tag, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Context of ``assess.html``.

    Parameters
    ----------
    title
        Title of the page.
    key
        The record's key.
    header
        Reference, tags and facts.
    narrative
        The text, investigable details marked.
    identifies
        Whether the narrative may say who reported.
    noticed
        What rules noticed, in sentences.
    missing
        Kinds of facts that are absent, in plain words.
    defects
        What does not fit in the message that it came as.
    answers
        Structured answers.
    parties
        Whom it is about.
    links
        Allegations linked to it.
    beside
        One of them beside it, or ``None``.
    events
        What happened to the record, latest first.
    own_view, decision, standing, second_person
        The step that the reader is at.
    waiting
        What the reader is told where there is nothing to answer, or empty.
    kept
        What the reader wrote into a form that is no longer asked for, or empty.
    grade, outcome, remark
        What may be added.
    works
        Whether the reader assesses allegations.
    """

    title: str
    key: str
    header: RecordHeader
    narrative: Narrative
    identifies: bool
    noticed: tuple[str, ...]
    missing: tuple[str, ...]
    defects: tuple[str, ...]
    answers: tuple[Fact, ...]
    parties: tuple[PartyView, ...]
    links: tuple[LinkView, ...]
    beside: LinkedPair | None
    events: tuple[Event, ...]
    own_view: OwnViewForm | None
    decision: DecisionForm | None
    standing: StandingView | None
    second_person: SecondPersonForm | None
    waiting: str
    kept: str
    grade: GradeForm | None
    outcome: OutcomeForm | None
    remark: RemarkForm | None
    works: bool


@dataclass(frozen=True, slots=True)
class RecordList:
    """Context of ``assess_list.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    told
        What the list is for, and what to do with it.
    table
        The records.
    """

    title: str
    told: str
    table: Table


def second_person_list(found: Sequence[Listed], taxonomy: Taxonomy) -> RecordList:
    """Make the context of the list for a second person."""
    return RecordList(
        title="For a second person",
        told="Somebody wants to close these allegations, which are flagged for safeguarding. "
        "Open one, read it, and say whether you agree.",
        table=_table(
            found,
            taxonomy,
            "Waiting for a second person",
            ("Assessed by", "Assessed"),
            "Nothing waits for a second person. Your own assessments are not listed: somebody "
            "else has to agree with them.",
        ),
    )


def returned_list(found: Sequence[Listed], taxonomy: Taxonomy) -> RecordList:
    """Make the context of the list of overturned dismissals."""
    return RecordList(
        title="Overturned",
        told="A second look found that these should not have been closed as of no value. Pursue "
        "them, and record the outcome of each; then it leaves this list.",
        table=_table(
            found,
            taxonomy,
            "Overturned and not yet worked",
            ("Overturned by", "Overturned"),
            "Every overturned allegation has been worked.",
        ),
    )


def _table(
    found: Sequence[Listed], taxonomy: Taxonomy, caption: str, heads: tuple[str, str], empty: str
) -> Table:
    columns = ("Allegation", "Flags", "Value", "Closed as", *heads)
    return Table(
        caption,
        tuple(map(Column, columns)),
        tuple(_row(one, taxonomy) for one in found),
        empty=empty,
    )


def _row(one: Listed, taxonomy: Taxonomy) -> tuple[Cell, ...]:
    flags = [tag.text for tag in urgency_tags(one.urgency)]
    if one.safeguarding:
        flags.append("Safeguarding")
    return (
        Cell(one.reference, f"/records/{one.key}"),
        Cell(", ".join(flags) or "None"),
        Cell(taxonomy.title(one.value)),
        Cell(taxonomy.title(one.closure_reason) if one.closure_reason else "Not closed"),
        Cell(one.by),
        Cell(moment(one.at)),
    )
