"""Reading TOML files strictly: what is wrong is named, and what was meant is guessed at."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from data.errors import BadInput, Problem


def read_toml(path: Path, error: type[BadInput]) -> dict[str, Any]:
    """Return a TOML file's contents.

    Raises
    ------
    BadInput
        Of the kind ``error``, if the file is missing, unreadable, not UTF-8 or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as broken:
        where = Problem(f"byte {broken.start + 1}", "is not UTF-8", "save the file as UTF-8")
        raise error(f"{path.name} is not a text in UTF-8", [where]) from None
    except tomllib.TOMLDecodeError as broken:
        raise error(f"{path.name} is not TOML", [Problem(path.name, str(broken))]) from None
    except OSError as broken:
        raise error(f"{path.name} cannot be read: {broken.strerror}") from None


def closest(given: str, allowed: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` where something allowed is near, else what is allowed."""
    names = list(allowed)
    near = get_close_matches(given.casefold(), [name.casefold() for name in names], n=1)
    if near:
        meant = next(name for name in names if name.casefold() == near[0])
        return f"did you mean {meant!r}?"
    shown = ", ".join(names[:20])
    return f"allowed: {shown}{', …' if len(names) > 20 else ''}"


def unknown_keys(table: Mapping[str, Any], allowed: Iterable[str], *, where: str) -> list[Problem]:
    """Return a problem for each key of ``table`` that is not among ``allowed``."""
    names = tuple(allowed)
    return [
        Problem(where, f"unknown key {key!r}", closest(key, names))
        for key in table
        if key not in names
    ]
