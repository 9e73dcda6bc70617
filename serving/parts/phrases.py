"""What moved a suggestion or a place in the queue, as a page tells it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["towards", "against"]

STRONG, MODERATE = 0.66, 0.33
MOST_PUSHING = 8
ANSWERED = re.compile(r"([a-z][a-z0-9]*(?:_[a-z0-9]+)+): (?=\S)")
"""How the model names a structured answer: the field, a colon and what was answered."""

PARTS = {
    "words": "How its words compare with earlier decisions",
    "telling words": "Words that earlier decisions found telling",
    "what it is about": "What it is about, compared with earlier decisions",
    "model doubt": "The model’s doubt about the first value",
    "unlike what was looked at": "It is unlike what has been looked at so far",
    "doubted most by the model": "Of those that wait, the model doubts it most",
    "words of all that is of value": "Of those that wait, its words are most like those of value",
    "doubt and words of value": "Of those that wait, doubt and words speak most for it",
}
"""How the parts of a place in the queue are called on a page; any other is called by its name."""

STARTING_POINT = "starting point"

MASKED = re.compile(r"\[an? [a-z ]+\]( \[an? [a-z ]+\])*")
"""How the model names protected terms, and nothing beside them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words or a structured answer that moved a suggestion.

    Parameters
    ----------
    text
        The words, a structured answer as :func:`plainly` says it; protected terms are named by
        their class.
    strength
        How much they weigh, in words: strong, moderate or slight.
    direction
        Whether they speak for what is suggested or against it.
    """

    text: str
    strength: str
    direction: Direction = "towards"


def strength(share: float) -> str:
    """Say how much words weigh, as a share of what the weightiest weigh."""
    return "strong" if share > STRONG else "moderate" if share > MODERATE else "slight"


def pushing(found: Sequence[Mapping[str, Any]], name: str = "phrase") -> tuple[Phrase, ...]:
    """Give what pushed towards something, as kept, strongest first; what held back stays out.

    Parameters
    ----------
    found
        Contributions, each with what it is called under ``name``.
    """
    towards = [one for one in found if one["contribution"] > 0 and tells(one[name])]
    towards = towards[:MOST_PUSHING]
    most = max((one["contribution"] for one in towards), default=1.0)
    return tuple(
        Phrase(plainly(one[name]), strength(one["contribution"] / most)) for one in towards
    )


def brought(parts: Sequence[Mapping[str, Any]]) -> tuple[Phrase, ...]:
    """Give what brought a record forward in the queue, strongest first.

    Parameters
    ----------
    parts
        Named parts of its score; what all records start from is left out.
    """
    own = [one for one in parts if one["name"] != STARTING_POINT]
    return tuple(
        Phrase(PARTS.get(one.text, one.text[:1].upper() + one.text[1:]), one.strength)
        for one in pushing(own, "name")
    )


def tells(phrase: str) -> bool:
    """Whether a phrase is more than placeholders such as "[a name]", which help nobody."""
    return MASKED.fullmatch(phrase) is None


def plainly(phrase: str) -> str:
    """Write the field of a structured answer as words: “Owner knows: no”."""
    found = ANSWERED.match(phrase)
    if found is None:
        return phrase
    answer = phrase[found.end() :].replace("dont_know", "don’t know").replace("_", " ")
    return f"{found[1].replace('_', ' ').capitalize()}: {answer}"
