"""Word lists: the terms that are masked and the words that facts are made of.

Each list is a plain file with a note on where it came from. Lines are one term each, in lower
case without accents; ``#`` starts a comment. TOML files hold small tables.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i",
     "ə": "e", "’": "'", "ʼ": "'", "‘": "'"}
)  # fmt: skip


def fold(term: str) -> str:
    """Lower case without accents, so that ``José`` and ``jose`` are one term.

    Parameters
    ----------
    term
        Any text.
    """
    if term.isascii():
        return term.lower()
    split = unicodedata.normalize("NFKD", term.lower())
    return "".join(c for c in split if not unicodedata.combining(c)).translate(_LETTERS)


@cache
def terms(name: str) -> tuple[str, ...]:
    """Read one list, folded, in the order of the file and without repeats.

    Parameters
    ----------
    name
        File name without ``.txt``. A line may hold several terms separated by ``,``.

    Raises
    ------
    FileNotFoundError
        If there is no such list.
    """
    found = (term for line in term_lines(name) for term in line)
    return tuple(dict.fromkeys(found))


@cache
def term_lines(name: str) -> tuple[tuple[str, ...], ...]:
    """Read one list line by line: in some, a line holds all names of one thing.

    Parameters
    ----------
    name
        File name without ``.txt``.

    Raises
    ------
    FileNotFoundError
        If there is no such list.
    """
    text = files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    lines = (line.partition("#")[0] for line in text.splitlines())
    found = (tuple(fold(term.strip()) for term in line.split(",")) for line in lines)
    held = (tuple(term for term in line if term) for line in found)
    return tuple(line for line in held if line)


@cache
def table(name: str) -> dict[str, Any]:
    """Read one TOML table.

    Parameters
    ----------
    name
        File name without ``.toml``.

    Raises
    ------
    FileNotFoundError
        If there is no such table.
    """
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
