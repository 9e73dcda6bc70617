"""Every error that Second Look raises on purpose.

::

    SecondLookError
     ├─ BadInput           what was handed in is broken; exit status 2
     │   ├─ BadMapping     a mapping file
     │   ├─ BadTaxonomy    a taxonomy file
     │   ├─ BadFile        a file that cannot be read as what it claims to be
     │   └─ BadRecords     a readable file whose records break a rule
     ├─ BadArtifact        missing, tampered, of an unknown format, another taxonomy; 2
     ├─ Refused            a gate said no; exit status 1
     └─ CannotWrite        disk full, no permission; exit status 2

Messages name a place and a rule. They never quote a narrative.
"""

# ruff: noqa: N818 - they are named for what happened; a suffix would add nothing
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

LISTED = 50


@dataclass(frozen=True, slots=True)
class Problem:
    """One offence: where it is, which rule it breaks and what would put it right.

    Parameters
    ----------
    where
        The place, such as ``row 12, column text``. Rows count records from 1.
    rule
        The rule that is broken.
    remedy
        What to do about it; may be empty.
    """

    where: str
    rule: str
    remedy: str = ""

    def __str__(self) -> str:
        told = f"{self.where}: {self.rule}"
        return f"{told} ({self.remedy})" if self.remedy else told


class SecondLookError(Exception):
    """Anything that Second Look refuses to do; ``exit_code`` is the command's exit status."""

    exit_code: ClassVar[int] = 2


class BadInput(SecondLookError):
    """What was handed in is broken.

    Parameters
    ----------
    message
        What is broken, in one line.
    problems
        Every offence found; the text of the error lists the first fifty and counts the rest.
    """

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        self.message = message
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(message)

    def __str__(self) -> str:
        lines = [self.message, *(f"  {problem}" for problem in self.problems[:LISTED])]
        if len(self.problems) > LISTED:
            lines.append(f"  and {len(self.problems) - LISTED:,} more")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type[BadInput], tuple[str, tuple[Problem, ...]]]:
        """Travel whole between the processes of a parallel run."""
        return type(self), (self.message, self.problems)


class BadMapping(BadInput):
    """A mapping file that does not say how columns become fields."""


class BadTaxonomy(BadInput):
    """A taxonomy file that does not describe values, categories, outcomes and the rest."""


class BadFile(BadInput):
    """A file that cannot be read as what it claims to be."""


class BadRecords(BadInput):
    """A readable file whose records break a rule."""


class BadArtifact(SecondLookError):
    """A trained model that is missing, altered, of an unknown format or another taxonomy."""


class Refused(SecondLookError):
    """A gate said no."""

    exit_code = 1


class CannotWrite(SecondLookError):
    """A file could not be written; nothing half-written was left behind."""
