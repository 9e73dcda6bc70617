"""How every command fails: a plain line and an exit status, never the text of a record."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from data.errors import SecondLookError

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}

FAULT = 70


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _fault(problem: BaseException) -> None:
    """Tell where the program failed; never the message, which may quote a narrative."""
    frames = traceback.extract_tb(problem.__traceback__)
    here = [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames[-6:]]
    _say("\n".join([f"Fault in Second Look ({type(problem).__name__}) at:", *here]))


class PlainErrors(TyperGroup):
    """Turns errors into a plain line and an exit status, for every command alike."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (Typer keeps its context type private)
        """Run the command; the one place where an error becomes an exit status."""
        try:
            return super().invoke(ctx)
        except SecondLookError as problem:
            _say(f"{'Refused' if problem.exit_code == 1 else 'Error'}: {problem}")
            raise typer.Exit(problem.exit_code) from None
        except OSError as problem:
            if problem.errno not in DISK:
                _fault(problem)
                raise typer.Exit(FAULT) from None
            _say(f"Error: cannot read or write: {os.strerror(problem.errno or 0)}")
            raise typer.Exit(2) from None
        except Exception as problem:
            if type(problem).__module__.startswith(("typer", "click")):
                raise
            _fault(problem)
            raise typer.Exit(FAULT) from None
