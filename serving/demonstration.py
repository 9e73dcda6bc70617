"""A service in use, to be looked at: accounts of every role, and work half-way done.

Nothing in it is real. The answers that people give here are the generator's own, now and then
another, so that every page has something to show; no figure of the demonstration means anything.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from serving import accounts
from serving.actors import SYSTEM
from serving.demonstration_desk import Desk
from serving.demonstration_looks import review
from serving.demonstration_scene import SEED, Scene
from serving.passwords import Passwords, generated
from serving.store.database import Store

PEOPLE: tuple[tuple[str, str, str, str], ...] = (
    ("assessor", "Asha Field", "assessor", "North"),
    ("assessor2", "Col Brook", "assessor", "South"),
    ("reviewer", "Rowan Mead", "reviewer", "North"),
    ("reviewer2", "Rhian Stone", "reviewer", "South"),
    ("lead", "Leigh Hart", "lead", "North"),
    ("scientist", "Dara Vale", "data_scientist", "North"),
    ("sources", "Sam Lowe", "source_handler", "North"),
    ("inspector", "Ines Ward", "inspector", ""),
)
"""User name, display name, role and team; invented."""


Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SignIn:
    """What somebody signs in with; told once."""

    username: str
    role: str
    password: str


def make_accounts(store: Store, passwords: Passwords) -> list[SignIn]:
    """Make an account for every role, where there is no account yet."""
    if accounts.list_accounts(store, SYSTEM):
        return []
    made = []
    for username, display_name, role, team in PEOPLE:
        password = generated()
        accounts.create_account(
            store,
            SYSTEM,
            username,
            [role],
            passwords,
            display_name=display_name,
            team=team or None,
            password=password,
        )
        made.append(SignIn(username, role, password))
    return made


def make_busy(
    scene: Scene, truth: Mapping[str, str], told: Told, *, now: datetime | None = None
) -> None:
    """Let people work for a while on what was imported, and on new arrivals.

    Parameters
    ----------
    truth
        True value of each imported allegation by its reference.
    told
        Called with what is being done.
    """
    now = now or datetime.now(UTC)
    chance = random.Random(SEED)  # noqa: S311 - a play, not a secret
    told("Receiving and assessing allegations of the last weeks")
    Desk(scene, chance).work(now)
    told("Taking second looks, half of the way")
    review(scene, truth, chance)
