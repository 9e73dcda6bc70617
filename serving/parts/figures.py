"""What a page counts: suggestions with their confidence, progress with its interval, tables."""

from __future__ import annotations

from dataclasses import dataclass

from serving.parts.phrases import Phrase

# No probability is a certainty, however it is rounded.
SUREST = 99
WORDS: tuple[tuple[int, str], ...] = (
    (90, "Very confident"),
    (75, "Confident"),
    (60, "Fairly confident"),
    (0, "Not very confident"),
)


@dataclass(frozen=True, slots=True)
class SuggestionView:
    """What the computer suggests, shown once the reader has given their own view.

    Parameters
    ----------
    question
        What it answers, such as "Value".
    answer
        Title of what it suggests; empty where it is unsure.
    unsure
        Whether it says that it is unsure and suggests nothing.
    confidence
        In hundredths, 1 to 99.
    words
        The same in words.
    own
        Title of the reader's own answer, or empty where there is none yet.
    agrees
        Whether both are the same.
    phrases
        What moved it, strongest first.
    source
        Which model says so.
    """

    question: str
    answer: str
    unsure: bool
    confidence: int
    words: str
    own: str = ""
    agrees: bool = False
    phrases: tuple[Phrase, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """How far a second look has come, and what it may still find.

    Parameters
    ----------
    reviewed, total
        Dismissed allegations looked at again, and all of them.
    found
        How many of those were wrongly dismissed.
    earlier
        How many of the found were known when they were imported: the advice does not count them.
    low, high
        Interval of how many wrongly dismissed ones remain; both ``None`` where not enough was
        reviewed to say.
    level
        Of the interval, in hundredths.
    advice
        Whether to go on, in plain words; empty for none.
    """

    reviewed: int
    total: int
    found: int
    low: int | None = None
    high: int | None = None
    level: int = 95
    advice: str = ""
    earlier: int = 0

    @property
    def remaining(self) -> str:
        """The interval in words."""
        if self.low is None or self.high is None:
            return "not known yet"
        return f"{self.low:,}" if self.low == self.high else f"{self.low:,} to {self.high:,}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A large number.

    Parameters
    ----------
    label
        What it counts.
    value
        The number as it is shown, such as "1,204" or "8.1%".
    told
        What belongs to it, such as "between 6.2% and 10.4%"; empty for nothing.
    url
        The records behind it, or empty.
    """

    label: str
    value: str
    told: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table.

    Parameters
    ----------
    text
        What it says; may be somebody's own words.
    url
        Where it leads, or empty.
    """

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    text
        Its heading.
    numeric
        Whether it holds numbers, which stand to the right.
    """

    text: str
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row is its heading.

    Parameters
    ----------
    caption
        What it shows.
    columns
        Its columns.
    rows
        Its rows, each with as many cells as there are columns.
    csv_url
        Where it can be downloaded, or empty.
    empty
        What to say where there is no row.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    csv_url: str = ""
    empty: str = "There is nothing to show yet."


@dataclass(frozen=True, slots=True)
class Pagination:
    """Where a list goes on.

    Parameters
    ----------
    previous_url, next_url
        The pages before and after, or empty.
    label
        Which list it is.
    previous_text
        Words of the link back; "First page" where only that can be reached.
    told
        What is shown of how much, such as "1 to 20 of 310"; empty for nothing.
    """

    previous_url: str
    next_url: str
    label: str = "Pages"
    previous_text: str = "Previous page"
    told: str = ""


def confidence(probability: float) -> tuple[int, str]:
    """Give a confidence in hundredths, never a certainty, and in words."""
    shown = max(1, min(SUREST, round(probability * 100)))
    return shown, next(words for floor, words in WORDS if shown >= floor)
