"""JSON read strictly, and kept as it was written.

A number is held as it was written, and of a key that stands twice in an object the later value is
held under a name of its own, so that nothing is lost on the way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from data.errors import Problem
from serving.errors import BadMessage

MOST_BYTES: Final = 1_048_576
DEEPEST: Final = 32
_KNOWN_KEYS: Final = frozenset(
    {"EformFields", "AdditionalPeople", "Attachments", "Attachements", "FieldName", "FieldValue"}
)
_CANNOT_BE_STORED = re.compile("[\0\ud800-\udfff]")


class Number(str):
    """A number, as it was written."""

    __slots__ = ()


def read_tree(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    BadMessage
        If it is none, or is too large, too deep, or holds characters that cannot be stored.
    """
    if len(body) > MOST_BYTES:
        refuse("/", f"must be at most {MOST_BYTES:,} bytes")
    try:
        tree = json.loads(
            body.decode("utf-8"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        refuse("/", "must be UTF-8")
    except RecursionError:
        refuse("/", f"must be at most {DEEPEST} levels deep")
    except ValueError:
        refuse("/", "must be JSON (RFC 8259)")
    if not isinstance(tree, dict):
        refuse("/", "must be an object")
    _check(tree, "", 1)
    return tree


def as_json(value: object) -> str:
    """Write a value of a message as JSON: numbers as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return f"[{','.join(map(as_json, value))}]"
    if isinstance(value, dict):
        pairs = (f"{as_json(key)}:{as_json(value[key])}" for key in value)
        return f"{{{','.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object whose keys stand in one order, however they were sent."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        name = key
        while name in made:
            name += " (again)"
        made[name] = value
    return dict(sorted(made.items()))


def _check(value: object, where: str, depth: int) -> None:
    if depth > DEEPEST:
        refuse(where, f"must be at most {DEEPEST} levels deep")
    if isinstance(value, str):
        if _CANNOT_BE_STORED.search(value):
            refuse(where, "must not hold a NUL or half of a surrogate pair")
    else:
        for step, inner in _inside(value, where):
            _check(inner, step, depth + 1)


def _inside(value: object, where: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        yield from ((f"{where}/{at}", inner) for at, inner in enumerate(value))
    elif isinstance(value, dict):
        for key, inner in value.items():
            # a key that a sender made up may hold anything, so only the form's own are repeated
            step = f"{where}/{key}" if key in _KNOWN_KEYS else f"{where}/(name)"
            yield step, key
            yield step, inner


def digest(tree: dict[str, Any]) -> str:
    """Return the SHA-256 of a tree's canonical form, in hexadecimal."""
    return hashlib.sha256(as_json(tree).encode("utf-8")).hexdigest()


def _no_constant(_: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def refuse(where: str, rule: str) -> NoReturn:
    """Raise `BadMessage`, which names the place and the rule."""
    problem = Problem(where or "/", rule)
    raise BadMessage("The form's message cannot be read.", [problem]) from None
