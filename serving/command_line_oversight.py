"""The commands ``audit``, ``export``, ``backup`` and ``restore``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.arguments import Json

commands = typer.Typer()
audit = typer.Typer(no_args_is_help=True, help="Check the audit log.")
export = typer.Typer(no_args_is_help=True, help="Let decisions or the audit log out as a file.")


@audit.command("verify")
def audit_verify(
    expect: Annotated[
        str | None, typer.Option(help="A head noted earlier; some row must still have it.")
    ] = None,
    json: Json = None,
) -> None:
    """Recompute every hash of the audit log; finds altered, removed and reordered rows."""
    from serving import commands, commands_oversight

    commands_oversight.verify_audit(commands.settings(), expect, json)


@export.command("decisions")
def export_decisions(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    every: Annotated[
        bool, typer.Option("--every", help="Valued allegations without a second look too.")
    ] = False,
) -> None:
    """Write second looks with their sampling weights, as train takes them in."""
    from serving import commands, commands_oversight

    commands_oversight.export_decisions(commands.settings(), out, every=every)


@export.command("audit")
def export_audit(
    out: Annotated[Path, typer.Option(help="The file to write, a line of JSON for each row.")],
) -> None:
    """Write the audit log with its hashes."""
    from serving import commands, commands_oversight

    commands_oversight.export_audit(commands.settings(), out)


@commands.command()
def backup(
    to: Annotated[Path, typer.Option(help="The file to write; one that is there stays.")],
    json: Json = None,
) -> None:
    """Write the whole store to one file, consistent while the service goes on."""
    from serving import backing_up, commands

    backing_up.back_up(commands.settings(), to, json)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What backup wrote.")], json: Json = None
) -> None:
    """Fill an empty store from a backup, of SQLite or PostgreSQL, whole or not at all."""
    from serving import backing_up, commands

    backing_up.restore(commands.settings(), file, json)
