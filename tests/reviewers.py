"""Reviewers for tests, and answers that they give."""

from __future__ import annotations

from serving.accounts import create_account
from serving.actors import SYSTEM, Actor
from serving.claiming import ReviewRules
from serving.deciding import Answer, Recorded, decide_one
from serving.passwords import Passwords
from serving.store.database import Store

PASSWORD = "thirteen green lanterns over the weir"
UPHOLD = Answer("uphold", None, "detail")
OVERTURN = Answer("overturn", "medium", "seriousness", note="a weapon is named")
PLAIN = ReviewRules(planted_share=0, second_opinion_share=0)
"""Neither planted records nor second opinions: what comes next is what the ranking says."""


def person(store: Store, name: str, *roles: str) -> Actor:
    """Make somebody with an account, once."""
    with store.reading() as unit:
        known = unit.accounts.by_name(name)
    if known is None:
        create_account(store, SYSTEM, name, roles, Passwords("cheapest"), password=PASSWORD)
        with store.reading() as unit:
            known = unit.accounts.by_name(name)
    assert known
    return known.actor()


def reviewer(store: Store, name: str = "r.chandra") -> Actor:
    """Make a reviewer, once."""
    return person(store, name, "reviewer")


def decided(
    store: Store,
    key: str,
    answer: Answer = UPHOLD,
    *,
    by: str = "r.chandra",
    once: str | None = None,
) -> Recorded:
    """Let a reviewer decide a certain record."""
    who = reviewer(store, by)
    return decide_one(store, who, key, answer, idempotency_key=once, rules=PLAIN)
