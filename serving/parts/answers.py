"""What a page asks: choices with their keys, reasons with a note, categories to tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
class Slider:
    """A number chosen by sliding, such as how many reviews there is time for.

    Parameters
    ----------
    name
        Field of the form.
    label
        What is chosen.
    value
        The number now.
    low, high, step
        What can be chosen.
    unit
        What is counted, such as "reviews".
    hint
        What helps to answer, or empty.
    """

    name: str
    label: str
    value: int
    low: int
    high: int
    step: int = 1
    unit: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One of the answers of a filter.

    Parameters
    ----------
    value
        What the address holds.
    text
        Its words.
    chosen
        Whether it is in force.
    """

    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FilterField:
    """A field that narrows a list: a search, or one of several options.

    Parameters
    ----------
    name
        Field of the address. Never holds a narrative or a name of a person.
    label
        What it narrows by.
    options
        What can be chosen; none for a field of text.
    text
        What is searched for, in a field of text.
    hint
        What helps to answer, or empty.
    """

    name: str
    label: str
    options: tuple[Option, ...] = ()
    text: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ActiveFilter:
    """A filter in force.

    Parameters
    ----------
    text
        What it does, such as "Channel: letter".
    clear_url
        The list without it.
    """

    text: str
    clear_url: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a list; it lives in the address.

    Parameters
    ----------
    action
        Address of the list.
    fields
        What can be narrowed by.
    active
        What is in force.
    clear_url
        The list without any, or empty where none is in force.
    method
        ``post`` where a text that is searched for may name somebody, so that it stays out of
        the address; ``get`` otherwise.
    csrf_token
        Goes with ``post``.
    """

    action: str
    fields: tuple[FilterField, ...]
    active: tuple[ActiveFilter, ...] = ()
    clear_url: str = ""
    method: Literal["get", "post"] = "get"
    csrf_token: str = ""


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
