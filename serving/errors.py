"""What the service refuses, beside the errors that every package shares.

::

    SecondLookError
     ├─ NotFound           no such record
     ├─ Gone               a cursor into a list that has been re-ranked away
     ├─ Conflict           the record is not in a state that allows this
     ├─ NotAllowed         a value that breaks a rule; names the field
     ├─ NotReady           nothing to answer with yet: no model, no store
     └─ Unsafe             settings that would open the service to others
"""

# ruff: noqa: N818 - they are named for what happened; a suffix would add nothing
from __future__ import annotations

from data.errors import SecondLookError


class NotFound(SecondLookError):
    """No such record."""


class Gone(SecondLookError):
    """A cursor into a list that is no longer kept."""


class Conflict(SecondLookError):
    """The record is not in a state that allows this."""


class NotAllowed(SecondLookError):
    """A field breaks a rule.

    Parameters
    ----------
    field
        JSON pointer to the field, or the parameter's name.
    rule
        The rule, in words.
    """

    def __init__(self, field: str, rule: str) -> None:
        self.field = field
        self.rule = rule
        super().__init__(f"{field}: {rule}")


class NotReady(SecondLookError):
    """Nothing to answer with yet."""


class Unsafe(SecondLookError):
    """Settings that would open the service to others."""
