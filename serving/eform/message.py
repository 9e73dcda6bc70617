"""The bytes of a message: read strictly where reading is possible at all, and fingerprinted.

Refused is only what could not be kept or taken apart. A number is held as it was written, and of
a key that stands twice in an object the later value is held under a name of its own, so that
nothing is lost on the way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from data.errors import Problem
from serving.errors import BadMessage

MOST_BYTES: Final = 1_048_576
MOST_FIELDS: Final = 2_000
DEEPEST: Final = 32
_KNOWN_KEYS: Final = frozenset(
    {"EformFields", "AdditionalPeople", "Attachments", "Attachements", "FieldName", "FieldValue"}
)
_CANNOT_BE_STORED = re.compile("[\0\ud800-\udfff]")


class Number(str):
    """A number, as it was written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of ``EformFields``.

    Parameters
    ----------
    where
        JSON pointer to it.
    name
        Its field's name.
    value
        Anything that JSON can hold.
    extra
        Keys beside the two that belong there.
    """

    where: str
    name: str
    value: Any
    extra: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose outer shape is sound."""

    fingerprint: str
    items: tuple[Item, ...]
    outer: dict[str, Any]


def read_message(body: bytes) -> Message:
    """Read the outer shape of a message.

    Raises
    ------
    BadMessage
        If it is no JSON object with a list ``EformFields`` of ``{FieldName, FieldValue}``, or is
        too large, too deep, or holds characters that cannot be stored.
    """
    tree = _tree(body)
    listed = tree.get("EformFields")
    if not isinstance(listed, list):
        _refuse("/EformFields", "must be a list of fields")
    if len(listed) > MOST_FIELDS:
        _refuse("/EformFields", f"must hold at most {MOST_FIELDS:,} fields")
    items = tuple(_item(at, entry) for at, entry in enumerate(listed))
    outer = {key: value for key, value in tree.items() if key != "EformFields"}
    return Message(_digest(tree), items, outer)


def fingerprint(body: bytes) -> str:
    """Return the SHA-256 of a message's canonical form, in hexadecimal.

    Spaces and the order of an object's keys make no difference; the order of the fields, and how
    a number is written, do.

    Raises
    ------
    BadMessage
        If it is no JSON object, too large, too deep, or holds characters that cannot be stored.
    """
    return _digest(_tree(body))


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


def _tree(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_BYTES:
        _refuse("/", f"must be at most {MOST_BYTES:,} bytes")
    try:
        tree = json.loads(
            body.decode("utf-8"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        _refuse("/", "must be UTF-8")
    except RecursionError:
        _refuse("/", f"must be at most {DEEPEST} levels deep")
    except ValueError:
        _refuse("/", "must be JSON (RFC 8259)")
    if not isinstance(tree, dict):
        _refuse("/", "must be an object")
    _check(tree, "", 1)
    return tree


def _item(at: int, entry: object) -> Item:
    where = f"/EformFields/{at}"
    if not isinstance(entry, dict):
        _refuse(where, "must be an object with FieldName and FieldValue")
    for key in ("FieldName", "FieldValue"):
        if key not in entry:
            _refuse(f"{where}/{key}", "is missing")
    if not isinstance(entry["FieldName"], str) or isinstance(entry["FieldName"], Number):
        _refuse(f"{where}/FieldName", "must be a text")
    extra = {key: entry[key] for key in entry if key not in {"FieldName", "FieldValue"}}
    return Item(where, entry["FieldName"], entry["FieldValue"], extra)


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
        _refuse(where, f"must be at most {DEEPEST} levels deep")
    if isinstance(value, str):
        if _CANNOT_BE_STORED.search(value):
            _refuse(where, "must not hold a NUL or half of a surrogate pair")
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


def _digest(tree: dict[str, Any]) -> str:
    return hashlib.sha256(as_json(tree).encode("utf-8")).hexdigest()


def _no_constant(_: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def _refuse(where: str, rule: str) -> NoReturn:
    problem = Problem(where or "/", rule)
    raise BadMessage("The form's message cannot be read.", [problem]) from None
