"""The outer shape of a message: what must be there for anything to be taken.

Refused is only what could not be kept or taken apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from serving.eform.tree import Number, digest, read_tree, refuse

MOST_FIELDS: Final = 2_000


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
    tree = read_tree(body)
    listed = tree.get("EformFields")
    if not isinstance(listed, list):
        refuse("/EformFields", "must be a list of fields")
    if len(listed) > MOST_FIELDS:
        refuse("/EformFields", f"must hold at most {MOST_FIELDS:,} fields")
    items = tuple(_item(at, entry) for at, entry in enumerate(listed))
    outer = {key: value for key, value in tree.items() if key != "EformFields"}
    return Message(digest(tree), items, outer)


def fingerprint(body: bytes) -> str:
    """Return the SHA-256 of a message's canonical form, in hexadecimal.

    Spaces and the order of an object's keys make no difference; the order of the fields, and how
    a number is written, do.

    Raises
    ------
    BadMessage
        If it is no JSON object, too large, too deep, or holds characters that cannot be stored.
    """
    return digest(read_tree(body))


def _item(at: int, entry: object) -> Item:
    where = f"/EformFields/{at}"
    if not isinstance(entry, dict):
        refuse(where, "must be an object with FieldName and FieldValue")
    for key in ("FieldName", "FieldValue"):
        if key not in entry:
            refuse(f"{where}/{key}", "is missing")
    if not isinstance(entry["FieldName"], str) or isinstance(entry["FieldName"], Number):
        refuse(f"{where}/FieldName", "must be a text")
    extra = {key: entry[key] for key in entry if key not in {"FieldName", "FieldValue"}}
    return Item(where, entry["FieldName"], entry["FieldValue"], extra)
