"""What every use case on a single record begins with: who acts, when, and on which record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from serving.actors import Actor, Permission
from serving.errors import Conflict, Forbidden, NotAllowed, NotFound, Stale, Unconditional
from serving.store.database import Unit
from serving.store.records_assessing import CaseFile

NOTE_LIMIT = 2000


def person(actor: Actor, permission: Permission) -> int:
    """Give the account of a person who may do something.

    Raises
    ------
    Forbidden
        When no person acts, or one who may not.
    """
    if actor.kind != "person" or actor.id is None:
        raise Forbidden("only a person may do this")
    if not actor.may(permission):
        raise Forbidden(f"this needs the permission {permission.replace('_', ' ')}")
    return actor.id


def moment(now: datetime | None) -> datetime:
    """Give the time to go by."""
    return now or datetime.now(UTC)


def held(unit: Unit, key: str) -> CaseFile:
    """Find a record and keep it from changing until the transaction ends.

    Raises
    ------
    NotFound
        When there is none of that key.
    """
    case = unit.cases.find(key, hold=True)
    if case is None:
        raise NotFound("there is no allegation of that reference")
    return case


def not_erased(case: CaseFile) -> CaseFile:
    """Refuse to work on a record whose text is gone.

    Raises
    ------
    Conflict
        When it was erased.
    """
    if case.erased_at is not None:
        raise Conflict("the record was erased; nothing is left to work on")
    return case


def unchanged(case: CaseFile, expected_version: int | None) -> None:
    """Refuse to change a record that is not as it was read.

    Raises
    ------
    Unconditional
        When nothing says which version was read.
    Stale
        When it changed since.
    """
    if expected_version is None:
        raise Unconditional("say which version was read: its ETag in the header If-Match")
    if case.version != expected_version:
        raise Stale("the record changed since it was read; look again")


def noted(text: str | None, *, needed: str | None = None, field: str = "/note") -> str | None:
    """Give a note without its outer blanks, or ``None`` for a blank one.

    Parameters
    ----------
    needed
        The rule that asks for a note, in words, or ``None`` where there may be none.

    Raises
    ------
    NotAllowed
        When it is missing or too long.
    """
    note = (text or "").strip()
    if needed and not note:
        raise NotAllowed(field, needed)
    if len(note) > NOTE_LIMIT:
        raise NotAllowed(field, f"must have at most {NOTE_LIMIT} characters")
    if "\x00" in note:
        raise NotAllowed(field, "must not hold a NUL character")
    return note or None


def one_of(value: str, allowed: tuple[str, ...], field: str) -> str:
    """Give a code that is one of those allowed.

    Raises
    ------
    NotAllowed
        When it is not.
    """
    if value not in allowed:
        raise NotAllowed(field, f"must be one of {', '.join(allowed)}")
    return value


def plainly(value: Any) -> Any:  # noqa: ANN401
    """Give the same as plain JSON: moments as text, tuples as lists."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {str(name): plainly(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plainly(one) for one in value]
    return value
