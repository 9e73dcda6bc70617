"""What the service refuses, beside the errors that every package shares.

::

    SecondLookError
     ├─ BadInput
     │   └─ BadMessage     a message of the intake form that cannot be read at all
     ├─ NotFound           no such record
     ├─ Gone               a cursor into a list that has been re-ranked away
     ├─ Conflict           the record is not in a state that allows this
     ├─ Stale              the record changed since it was read
     ├─ Unconditional      a change that has to say which version it is of, and does not
     ├─ NotAllowed         a value that breaks a rule; names the field
     ├─ NotSignedIn        nobody known asks; signing in may help
     ├─ Forbidden          somebody known asks, who may not
     │   └─ OutOfDate      with a form that was not made for this session
     ├─ NotReady           nothing to answer with yet: no model, no store
     └─ Unsafe             settings that would open the service to others
"""

# ruff: noqa: N818 - they are named for what happened; a suffix would add nothing
from __future__ import annotations

from data.errors import BadInput, SecondLookError


class BadMessage(BadInput):
    """A message of the intake form that cannot be read at all; every lesser defect is taken."""


class NotFound(SecondLookError):
    """No such record."""


class Gone(SecondLookError):
    """A cursor into a list that is no longer kept."""


class Conflict(SecondLookError):
    """The record is not in a state that allows this."""


class Stale(SecondLookError):
    """The record changed since it was read."""


class Unconditional(SecondLookError):
    """A change that has to say which version it is of, and does not."""


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


class NotSignedIn(SecondLookError):
    """Nobody known asks."""


class Forbidden(SecondLookError):
    """Somebody known asks, who may not."""


class OutOfDate(Forbidden):
    """A form that was not made for this session."""


class NotReady(SecondLookError):
    """Nothing to answer with yet."""


class Unsafe(SecondLookError):
    """Settings that would open the service to others."""
