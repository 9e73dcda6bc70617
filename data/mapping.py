"""How the columns of somebody's table become the fields of an allegation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from data.errors import BadMapping, Problem
from data.toml import read_toml, unknown_keys

FIELDS: Final = (
    "reference",
    "narrative",
    "value",
    "categories",
    "reviewed_value",
    "received_at",
    "channel",
)
"""The fields that a column may become; also what our own columns are called."""

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "columns": FIELDS,
    "narrative": ("leave_out_blank",),
    "value": ("order", "not_labels"),
    "categories": ("separator", "labels"),
    "received_at": ("day_first",),
}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column becomes which field, and how its labels are to be read.

    Parameters
    ----------
    reference, narrative, value, categories, reviewed_value, received_at, channel
        The name of the column, or ``None`` where the table has none. Only ``narrative`` is
        required; references are made up from row numbers where there is no column for them.
    value_order
        The value labels, lowest first; the first one means "no value". ``None`` takes the
        taxonomy's codes.
    category_separator
        What stands between several categories in one cell; empty for one category a cell.
    category_labels
        The categories there are; ``None`` takes whatever the table holds.
    value_not_labels
        What stands in a value column where no value is known, such as ``pending`` or a blank:
        read as missing; such rows are left out and counted where a value is needed.
    leave_out_blank
        Whether rows with a blank narrative are left out and counted, rather than refused.
    day_first
        How to read a date like 03/04/2024: ``True`` as 3 April, ``False`` as 4 March,
        ``None`` refuses it.
    own_names
        Whether this is our own layout, not a mapping that somebody wrote: optional columns may
        then be absent, and categories and channels are the taxonomy's.
    """

    reference: str | None = None
    narrative: str | None = None
    value: str | None = None
    categories: str | None = None
    reviewed_value: str | None = None
    received_at: str | None = None
    channel: str | None = None
    value_order: tuple[str, ...] | None = None
    category_separator: str = "|"
    category_labels: tuple[str, ...] | None = None
    value_not_labels: tuple[str, ...] = ()
    leave_out_blank: bool = False
    day_first: bool | None = None
    own_names: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The mapped fields in a fixed order, each with its column's name."""
        named = {name: getattr(self, name) for name in FIELDS}
        return {name: column for name, column in named.items() if column is not None}

    def of(self, column: str) -> str:
        """Return the field that a column became, or its own name where it became none."""
        named = {given: name for name, given in self.columns.items()}
        return named.get(column, column)


OWN_NAMES: Final = replace(
    ColumnMapping(**{name: name for name in FIELDS}),  # type: ignore[arg-type]
    own_names=True,
)


def load_mapping(path: Path | None = None) -> ColumnMapping:
    """Load a mapping file, or return our own column names where ``path`` is ``None``.

    Raises
    ------
    BadMapping
        If the file is missing, is not TOML, or breaks any rule: all of them are listed, an
        unknown key with the allowed one that is closest to it.
    """
    if path is None:
        return OWN_NAMES
    document = read_toml(path, BadMapping)
    problems = _problems(document)
    if problems:
        raise BadMapping(f"{path.name} is not a mapping", problems)
    return _built(document)


def _built(document: Mapping[str, Any]) -> ColumnMapping:
    value, categories = document.get("value", {}), document.get("categories", {})
    order, labels = value.get("order"), categories.get("labels")
    return ColumnMapping(
        **document["columns"],
        value_order=None if order is None else _texts(order),
        value_not_labels=_texts(value.get("not_labels", [])),
        category_separator=categories.get("separator", "|"),
        category_labels=None if labels is None else _texts(labels),
        leave_out_blank=document.get("narrative", {}).get("leave_out_blank", False),
        day_first=document.get("received_at", {}).get("day_first"),
    )


def _problems(document: Mapping[str, Any]) -> list[Problem]:
    problems = unknown_keys(document, _KEYS, where="top level")
    for section, allowed in _KEYS.items():
        table = document.get(section, {})
        if isinstance(table, dict):
            problems.extend(unknown_keys(table, allowed, where=f"[{section}]"))
        else:
            problems.append(Problem(f"[{section}]", "must be a table"))
    if problems and any("must be a table" in problem.rule for problem in problems):
        return problems
    return [*problems, *_column_problems(document.get("columns", {})), *_label_problems(document)]


def _column_problems(columns: Mapping[str, Any]) -> list[Problem]:
    problems = [
        Problem("[columns]", f"{name} must be the name of a column")
        for name, column in columns.items()
        if not isinstance(column, str) or not column
    ]
    if "narrative" not in columns:
        rule = "narrative is missing: nothing says which column holds the text"
        problems.append(Problem("[columns]", rule, 'add narrative = "…"'))
    return problems


def _label_problems(document: Mapping[str, Any]) -> list[Problem]:
    value, categories = document.get("value", {}), document.get("categories", {})
    problems = [
        *_list_problems(value, "value", "order", at_least=2),
        *_list_problems(value, "value", "not_labels"),
        *_list_problems(categories, "categories", "labels", at_least=1),
    ]
    if not problems and set(_texts(value.get("order", []))) & set(
        _texts(value.get("not_labels", []))
    ):
        problems.append(Problem("[value]", "a label stands both in order and in not_labels"))
    if not isinstance(categories.get("separator", "|"), str):
        problems.append(Problem("[categories]", "separator must be a text"))
    for section, key in (("received_at", "day_first"), ("narrative", "leave_out_blank")):
        if not isinstance(document.get(section, {}).get(key, True), bool):
            problems.append(Problem(f"[{section}]", f"{key} must be true or false"))
    return problems


def _list_problems(
    table: Mapping[str, Any], section: str, key: str, *, at_least: int = 0
) -> list[Problem]:
    if key not in table:
        return []
    where, given = f"[{section}]", table[key]
    if not isinstance(given, list) or not all(isinstance(one, str | int) for one in given):
        return [Problem(where, f"{key} must be a list of labels")]
    texts = _texts(given)
    if key != "not_labels" and "" in texts:
        return [Problem(where, f"{key} holds a blank label")]
    if len(texts) < at_least:
        return [Problem(where, f"{key} needs at least {at_least} labels")]
    if len(set(texts)) < len(texts):
        return [Problem(where, f"{key} holds a label twice")]
    return []


def _texts(labels: list[object]) -> tuple[str, ...]:
    return tuple(
        str(label).lower() if isinstance(label, bool) else str(label).strip() for label in labels
    )
