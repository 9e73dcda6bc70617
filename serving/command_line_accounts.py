"""The commands ``user`` and ``key``: each hands over, and loads nothing heavy before it runs."""

from __future__ import annotations

from typing import Annotated

import typer

users = typer.Typer(help="The accounts of people: add, disable, enable, roles, reset, list.")
keys = typer.Typer(help="The keys of service clients: add, revoke, list.")

Name = Annotated[str, typer.Argument(help="User name, or name of the service client.")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        help="assessor, reviewer, lead, data_scientist, source_handler or inspector; several "
        "times for several.",
    ),
]


@users.command("add")
def user_add(
    name: Name,
    role: Roles,
    display_name: Annotated[str | None, typer.Option(help="As they are called.")] = None,
    team: Annotated[str | None, typer.Option(help="Where they work.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Make an account; without a password given, one is made up and printed once."""
    from serving import commands_accounts, configured

    settings = configured.settings()
    commands_accounts.add_user(settings, name, role, display_name, team, password_stdin)


@users.command("disable")
def user_disable(name: Name) -> None:
    """Let an account be used no more; what it did stays."""
    from serving import commands_accounts, configured

    commands_accounts.disable_user(configured.settings(), name)


@users.command("enable")
def user_enable(name: Name) -> None:
    """Let a disabled account be used again."""
    from serving import commands_accounts, configured

    commands_accounts.enable_user(configured.settings(), name)


@users.command("roles")
def user_roles(name: Name, role: Roles) -> None:
    """Replace a person's roles, and sign them out."""
    from serving import commands_accounts, configured

    commands_accounts.set_roles(configured.settings(), name, role)


@users.command("reset")
def user_reset(name: Name) -> None:
    """Give a person a new password, printed once and to be changed at once; unlocks them."""
    from serving import commands_accounts, configured

    commands_accounts.reset_user(configured.settings(), name)


@users.command("list")
def user_list() -> None:
    """List the accounts."""
    from serving import commands_accounts, configured

    commands_accounts.list_users(configured.settings())


@keys.command("add")
def key_add(
    name: Name,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="intake, suggest, read_queue, read_progress, export, read_metrics or "
            "read_audit; several times for several.",
        ),
    ],
    days: Annotated[int | None, typer.Option(min=1, help="How long it holds.")] = None,
) -> None:
    """Give a service client a key, printed this once."""
    from serving import commands_accounts, configured

    commands_accounts.add_key(configured.settings(), name, scope, days)


@keys.command("revoke")
def key_revoke(
    prefix: Annotated[str, typer.Argument(help="The part between sl_ and the next _.")],
) -> None:
    """Let a key open nothing from now on."""
    from serving import commands_accounts, configured

    commands_accounts.revoke_key(configured.settings(), prefix)


@keys.command("list")
def key_list() -> None:
    """List the keys, without their secrets."""
    from serving import commands_accounts, configured

    commands_accounts.list_keys(configured.settings())
