"""Where the demonstration plays, how long and how much."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from data.taxonomy import Taxonomy
from serving import accounts
from serving.actors import SYSTEM, Actor
from serving.promoted import PromotedModel
from serving.settings import Settings
from serving.store.database import Store

ARRIVALS, UNASSESSED = 160, 30
SPAN = timedelta(weeks=11)
SECOND_LOOKS, BETWEEN_RANKINGS = 160, 8
SLIP, PERSUADED = 0.08, 0.4
SEED = 20


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the demonstration plays."""

    store: Store
    promoted: PromotedModel
    taxonomy: Taxonomy
    settings: Settings


def person_of(store: Store, username: str) -> Actor:
    """Give one of the people by user name."""
    return next(
        one.actor() for one in accounts.list_accounts(store, SYSTEM) if one.username == username
    )
