"""How the values of each type of column travel in a backup."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from serving.store.columns import UtcDateTime


class JsonText(TypeDecorator[str]):
    """A JSON column written from its text: no value at all, and JSON's null, stay apart."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Give what the text says."""
        if value is None:
            return None
        content = json.loads(value)
        return sa.JSON.NULL if content is None else content


@dataclass(frozen=True, slots=True)
class Kind:
    """How a column travels.

    Parameters
    ----------
    of
        Type of the columns that travel so.
    write
        The column's type when it is restored.
    pack, unpack
        Between what the database gives and what JSON can say.
    """

    of: type[TypeEngine[Any]]
    write: TypeEngine[Any]
    pack: Callable[[Any], Any] | None = None
    unpack: Callable[[Any], Any] | None = None


KINDS = {
    "moment": Kind(UtcDateTime, UtcDateTime(), datetime.isoformat, datetime.fromisoformat),
    "json": Kind(sa.JSON, JsonText()),
    "boolean": Kind(sa.Boolean, sa.Boolean()),
    "integer": Kind(sa.Integer, sa.BigInteger()),
    "float": Kind(sa.Float, sa.Float()),
    "text": Kind(sa.String, sa.Text()),
}


def kind_of(column: sa.Column[Any]) -> str:
    """Say how a column travels.

    Raises
    ------
    NotImplementedError
        For a type that nobody has said this of; a test sees to it that there is none.
    """
    for name, kind in KINDS.items():
        if isinstance(column.type, kind.of):
            return name
    raise NotImplementedError(f"no backup can hold {column}, a {column.type!r}")
