"""What the command line asks of the demonstration: people, and work half-way done."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from data.taxonomy import load_taxonomy
from data.terminal import terminal
from serving.commands import promoted
from serving.demonstration import SignIn, make_accounts, make_busy
from serving.demonstration_scene import Scene
from serving.passwords import Passwords
from serving.settings import Settings
from serving.store.database import Store


def set_the_scene(settings: Settings, truth: Path) -> None:
    """Make accounts, tell their passwords and let them work, where there is nobody yet."""
    store = Store(settings.database_url)
    people = make_accounts(store, Passwords(settings.password_cost))
    # told at once: whatever befalls the rest, the passwords are known
    tell_once(people)
    if people:
        scene = Scene(store, promoted(settings), load_taxonomy(settings.taxonomy), settings)
        console = terminal(errors=True)
        with console.status("") as status:
            make_busy(scene, _truth(truth), status.update)
    store.close()


def tell_once(people: Sequence[SignIn]) -> None:
    """Print the demonstration accounts, this once."""
    if not people:
        print("Sign in as before; secondlook user reset NAME gives a new password.")  # noqa: T201
        return
    table = Table("User name", "Role", "Password", title="Sign in with (told only now)")
    for one in people:
        table.add_row(one.username, one.role.replace("_", " "), one.password)
    terminal().print(table)


def _truth(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["reference"]: row["true_value"] for row in csv.DictReader(file)}
