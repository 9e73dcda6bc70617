"""What a page asks: choices with their keys, reasons with a note, categories to tick."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to choose. None is chosen beforehand unless the reader has chosen it.

    Parameters
    ----------
    value
        What the form sends.
    text
        Its words.
    hint
        What it means, or empty.
    shortcut
        The single key that chooses it, or empty.
    chosen
        Whether the reader has chosen it already.
    """

    value: str
    text: str
    hint: str = ""
    shortcut: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question with one answer.

    Parameters
    ----------
    name
        Field of the form; also the identifier of its first choice, for error links.
    legend
        The question.
    choices
        The answers, in order.
    hint
        What helps to answer, or empty.
    error
        What to do about a missing answer, or empty.
    inline
        Whether short answers stand beside each other.
    """

    name: str
    legend: str
    choices: tuple[Choice, ...]
    hint: str = ""
    error: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class CategoryQuestion:
    """Categories to tick: the suggested ones first, the rest narrowed by typing.

    Parameters
    ----------
    name
        Field of the form.
    legend
        The question.
    suggested
        Those that a suggestion holds, likeliest first; none of them ticked beforehand.
    others
        All the others.
    hint
        What helps to answer, or empty.
    error
        What to do about a missing answer, or empty.
    """

    name: str
    legend: str
    suggested: tuple[Choice, ...]
    others: tuple[Choice, ...]
    hint: str = "Select all that apply."
    error: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A free text.

    Parameters
    ----------
    name
        Field of the form, and identifier of its element.
    label
        What to write.
    text
        What the reader has written already.
    hint
        What not to write, or empty.
    error
        What to do about it, or empty.
    limit
        Largest number of characters; counted down while typing. 0 for none.
    rows
        Height in lines.
    """

    name: str
    label: str
    text: str = ""
    hint: str = ""
    error: str = ""
    limit: int = 0
    rows: int = 3


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a decision was taken: the same for every decision.

    Parameters
    ----------
    question
        The structured reason.
    note
        What to add in free text.
    """

    question: Question
    note: Note
