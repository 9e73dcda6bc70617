from __future__ import annotations

from collections.abc import Callable

import pytest
from assessing_factory import NO_VALUE, TAXONOMY, after, arrived, assessed

from serving.actors import Actor
from serving.claiming import claim_next, claim_one, to_discuss, unsure
from serving.countersigning import countersign
from serving.errors import Conflict
from serving.opening import open_record
from serving.store.database import Store

Person = Callable[..., Actor]


@pytest.fixture
def second(store: Store, a_person: Person) -> Actor:
    """Who agreed, as the second person, to closing the only record there is."""
    arrived(store, flagged=True)
    done = assessed(store, a_person("ann", "assessor"), **NO_VALUE)
    both = a_person("both", "assessor", "reviewer")
    open_record(store, both, "B-1", now=after(3))
    said = countersign(store, both, done.assessment, True, "seen", taxonomy=TAXONOMY, now=after(4))
    assert said.status == "closed"
    return both


def test_who_agreed_to_a_closure_does_not_get_its_second_look(
    store: Store, second: Actor, a_person: Person
) -> None:
    assert claim_next(store, second) is None
    with pytest.raises(Conflict, match="agreed to closing it"):
        claim_one(store, second, "B-1")
    other = claim_next(store, a_person("rob", "reviewer"))
    assert other
    assert other.key == "B-1"


def test_nor_is_it_theirs_to_discuss(store: Store, second: Actor, a_person: Person) -> None:
    rob = a_person("rob", "reviewer")
    unsure(store, rob, claim_one(store, rob, "B-1").claim, "the same van?")
    assert to_discuss(store, second) == ()
    assert [one.key for one in to_discuss(store, a_person("sam", "reviewer"))] == ["B-1"]
