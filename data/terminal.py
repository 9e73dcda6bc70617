"""The terminal, as commands write to it."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def terminal(*, errors: bool = False, soft_wrap: bool = False) -> Console:
    """Return the terminal, which prints text from outside as it stands.

    A name is no markup: neither ``[red]`` nor ``:warning:`` in one means anything.

    Parameters
    ----------
    errors
        Whether it is standard error.
    soft_wrap
        Whether long lines are left to the terminal to wrap.
    """
    return Console(stderr=errors, markup=False, emoji=False, highlight=False, soft_wrap=soft_wrap)


def progress_bar(*, quiet: bool = False) -> Progress:
    """Return a bar on standard error that tells how much is done; enter it to show it.

    Parameters
    ----------
    quiet
        Whether nothing is shown where standard error is no terminal.
    """
    console = terminal(errors=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    silent = quiet and not console.is_terminal
    return Progress(*columns, TimeElapsedColumn(), console=console, disable=silent)
