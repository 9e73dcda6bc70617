"""What the store itself refuses, whoever asks: these tests go around the use cases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from assessing_factory import (
    NO_VALUE,
    NOW,
    TAXONOMY,
    after,
    answer,
    arrived,
    assessed,
    settle,
    viewed,
)

from serving.actors import Actor
from serving.assessing import Assessed, assess
from serving.countersigning import countersign
from serving.errors import Conflict, Forbidden, SecondLookError
from serving.grading import Grade, grade, record_outcome, remark
from serving.opening import open_record
from serving.store.database import Store
from serving.store.tables import allegations
from serving.store.tables_access import accounts
from serving.store.tables_casework import (
    assessments,
    claims,
    gradings,
    outcomes,
    own_views,
    readings,
    remarks,
)
from serving.store.tables_oversight import exhibits
from serving.taking_back import undo

Person = Callable[..., Actor]
REFUSALS = (sa.exc.IntegrityError, sa.exc.InternalError)


@pytest.fixture
def ann(a_person: Person) -> Actor:
    return a_person("ann", "assessor")


@pytest.fixture
def bob(a_person: Person) -> Actor:
    return a_person("bob", "assessor")


def run(store: Store, *statements: sa.Executable) -> None:
    with store.engine.begin() as connection:
        for one in statements:
            connection.execute(one)


def refused(store: Store, *statements: sa.Executable) -> None:
    with pytest.raises(REFUSALS):
        run(store, *statements)


def number(store: Store, key: str = "B-1") -> int:
    with store.reading() as unit:
        case = unit.cases.find(key)
    assert case
    return case.id


def statuses(store: Store) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.scalars(sa.select(allegations.c.status)))


def an_assessment(store: Store, actor: Actor, key: str = "B-1", **given: Any) -> sa.Executable:
    """Insert what closes a record as of no value, resting on the actor's own view."""
    with store.reading() as unit:
        view = unit.assessments.own_view_of(number(store, key), 1, actor.id or 0)
    values = {
        "own_view_id": view.id if view else 999,
        "allegation_id": number(store, key),
        "account_id": actor.id,
        "account_kind": "person",
        "cycle": 1,
        "value": "no_value",
        "categories": [],
        "reason": "detail",
        "changed": False,
        "no_value": True,
        "safeguarding": False,
        "closes": True,
        "closure_reason": "no_value_unchecked",
        "outcome": "no_action",
        "awaits_second_person": False,
        "made_at": NOW,
    }
    return sa.insert(assessments).values(**{**values, **given})


CLOSE = sa.update(allegations).values(status="closed", first_value="no_value")
ARRIVING = {
    "queue": "second_look",
    "key": "X1",
    "reference": "X1",
    "narrative": "something",
    "fields": {},
    "first_value": "no_value",
    "categories": [],
    "dismissed": False,
    "lot": 0.5,
    "content_sha256": "0" * 64,
    "imported_at": NOW,
    "origin": "api",
}
DISMISS = CLOSE.values(dismissed=True)


def test_a_closure_that_keeps_every_rule_is_taken(store: Store, ann: Actor) -> None:
    arrived(store)
    viewed(store, ann)
    run(store, an_assessment(store, ann), DISMISS)
    assert statuses(store) == {"closed"}


def test_no_record_is_closed_without_an_assessment(store: Store, ann: Actor) -> None:
    arrived(store)
    refused(store, CLOSE)
    open_record(store, ann, "B-1", now=NOW)
    refused(store, CLOSE)
    viewed(store, ann)
    refused(store, CLOSE)
    assert statuses(store) == {"unassessed"}


def test_records_are_not_closed_in_bulk(store: Store, ann: Actor) -> None:
    for key in ("B-1", "B-2", "B-3"):
        arrived(store, key)
    viewed(store, ann)
    refused(store, an_assessment(store, ann), CLOSE)
    assert statuses(store) == {"unassessed"}
    with store.reading() as unit:
        assert unit.assessments.of(number(store)) == []


def test_one_own_view_does_not_close_two_records(store: Store, ann: Actor) -> None:
    arrived(store)
    arrived(store, "B-2")
    viewed(store, ann)
    refused(store, an_assessment(store, ann, allegation_id=number(store, "B-2")))


def test_what_was_assessed_as_open_is_not_closed(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann)
    refused(store, CLOSE)
    refused(store, DISMISS)
    assert statuses(store) == {"open"}


def test_what_was_closed_for_another_reason_is_not_dismissed(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann, closure_reason="checked_lawful", outcome="visit")
    refused(store, DISMISS)


def test_no_record_arrives_closed(store: Store) -> None:
    arrived(store)
    refused(store, sa.insert(allegations).values(**ARRIVING, status="closed"))
    run(store, sa.insert(allegations).values(**ARRIVING, status="unassessed"))


def test_a_closure_needs_reason_and_outcome(store: Store, ann: Actor) -> None:
    arrived(store)
    viewed(store, ann)
    refused(store, an_assessment(store, ann, closure_reason=None))
    refused(store, an_assessment(store, ann, outcome=None))


def test_an_assessment_rests_on_an_own_view_of_the_same_person(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    open_record(store, ann, "B-1", now=NOW)
    refused(store, an_assessment(store, ann))
    viewed(store, bob)
    with store.reading() as unit:
        theirs = unit.assessments.own_view_of(number(store), 1, bob.id or 0)
    assert theirs
    refused(store, an_assessment(store, ann, own_view_id=theirs.id))


def test_an_own_view_rests_on_a_reading_of_the_same_person_used_once(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    arrived(store, "B-2")
    reading = open_record(store, bob, "B-1", now=NOW).reading
    view = {"value": "low", "categories": [], "made_at": NOW, "cycle": 1}
    for values in (
        {"reading_id": 999, "allegation_id": number(store), "account_id": ann.id},
        {"reading_id": reading, "allegation_id": number(store), "account_id": ann.id},
        {"reading_id": reading, "allegation_id": number(store, "B-2"), "account_id": bob.id},
    ):
        refused(store, sa.insert(own_views).values(**view, **values))
    right = {"reading_id": reading, "allegation_id": number(store), "account_id": bob.id}
    run(store, sa.insert(own_views).values(**view, **right))
    refused(store, sa.insert(own_views).values(**view, **right))


def test_a_reading_is_of_the_present_cycle(store: Store, ann: Actor) -> None:
    arrived(store)
    read = {"allegation_id": number(store), "account_id": ann.id, "read_at": NOW}
    refused(store, sa.insert(readings).values(**read, cycle=2))


def test_an_assessment_of_an_earlier_cycle_closes_nothing_now(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    reopened = sa.update(allegations).values(status="unassessed", cycle=2, dismissed=False)
    run(store, reopened)
    refused(store, CLOSE)


def test_a_service_client_assesses_nothing(store: Store) -> None:
    arrived(store)
    client = {"username": "relay", "display_name": "Relay", "kind": "service", "created_at": NOW}
    with store.engine.begin() as connection:
        account = connection.execute(
            sa.insert(accounts).values(**client).returning(accounts.c.id)
        ).scalar_one()
    relay = Actor(account, "relay", roles=frozenset({"assessor"}))
    viewed(store, relay)
    refused(store, an_assessment(store, relay))
    refused(store, an_assessment(store, relay, account_kind="service"))


@pytest.mark.parametrize(
    "given",
    [
        {"safeguarding": True},
        {"safeguarding": False},
        {"no_value": False, "closure_reason": "checked_lawful"},
        {"no_value": False, "closure_reason": "suspected_false", "value": "medium"},
        {"second_person_agreed": True},
    ],
)
def test_one_person_does_not_close_a_flagged_record_so_whatever_they_claim(
    store: Store, ann: Actor, given: dict[str, Any]
) -> None:
    arrived(store, flagged=True)
    viewed(store, ann)
    refused(store, an_assessment(store, ann, **given))


def test_a_second_person_is_another_person_who_has_read_the_record_and_agrees(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store, flagged=True)
    viewed(store, ann)
    agreed = {"safeguarding": True, "second_person_agreed": True}
    refused(store, an_assessment(store, ann, **agreed, second_person_id=ann.id))
    refused(store, an_assessment(store, ann, **agreed, second_person_id=bob.id))
    open_record(store, bob, "B-1", now=NOW)
    against = {"safeguarding": True, "second_person_agreed": False}
    refused(store, an_assessment(store, ann, **against, second_person_id=bob.id))
    run(store, an_assessment(store, ann, **agreed, second_person_id=bob.id), DISMISS)


def test_what_awaits_a_second_person_is_not_made_to_close(store: Store, ann: Actor) -> None:
    arrived(store, flagged=True)
    assessed(store, ann, **NO_VALUE)
    refused(store, sa.update(assessments).values(closes=True))
    refused(store, CLOSE)


def test_of_no_value_is_the_lowest_value(store: Store, ann: Actor) -> None:
    arrived(store)
    viewed(store, ann)
    refused(store, an_assessment(store, ann, value="low"))


def test_an_assessment_is_not_rewritten_or_removed(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann)
    for changed in ({"value": "high"}, {"reason": "lawful"}, {"suggested_value": "high"}):
        refused(store, sa.update(assessments).values(**changed))
    refused(store, sa.delete(assessments))
    run(store, sa.update(assessments).values(note=None))


def test_an_assessment_is_not_withdrawn_from_under_a_closed_record(
    store: Store, ann: Actor
) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    refused(store, sa.update(assessments).values(withdrawn_at=NOW))
    undo(store, ann, "B-1", now=after(3))
    refused(store, sa.update(assessments).values(withdrawn_at=None))
    refused(store, CLOSE)


def test_a_suggestion_is_not_kept_as_shown_before_an_own_view(store: Store, ann: Actor) -> None:
    arrived(store)
    shown = sa.insert(exhibits).values(
        allegation_id=number(store),
        account_id=ann.id,
        kind="suggestion",
        content="{}",
        content_sha256="0" * 64,
        narrative_sha256="0" * 64,
        made_at=NOW,
    )
    refused(store, shown)
    viewed(store, ann)
    run(store, shown)


def test_what_was_read_viewed_graded_and_noted_is_only_added_to(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann)
    grade(store, ann, "B-1", Grade(2, "D", "C", "not to be shared"))
    record_outcome(store, ann, "B-1", "visit", "went there", taxonomy=TAXONOMY)
    remark(store, ann, "B-1", "asked for a photograph")
    for table in (readings, own_views, gradings, outcomes, remarks):
        refused(store, sa.delete(table))
        refused(store, sa.update(table).values(account_id=ann.id))
    refused(store, sa.update(gradings).values(information="A"))
    refused(store, sa.update(outcomes).values(outcome="arrest"))
    run(
        store,
        sa.update(gradings).values(conditions="[erased]"),
        sa.update(outcomes).values(note=None),
        sa.update(remarks).values(text="[erased]"),
    )


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Run steps in threads that start together; give what each returned or was refused with."""
    start = Barrier(len(steps))

    def run_one(step: Callable[[], object]) -> object:
        start.wait()
        try:
            return step()
        except (SecondLookError, *REFUSALS) as refusal:
            return refusal

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run_one, steps))


def test_of_two_who_close_a_record_at_once_one_does(store: Store, ann: Actor, bob: Actor) -> None:
    for turn in range(5):
        key = arrived(store, f"B-{turn}1")
        for person in (ann, bob):
            viewed(store, person, key)
        done = at_once(
            lambda key=key: settle(store, ann, key, **NO_VALUE),
            lambda key=key: settle(store, bob, key, value="high"),
        )
        assert sum(isinstance(one, Assessed) for one in done) == 1
        assert sum(isinstance(one, SecondLookError) for one in done) == 1
        with store.reading() as unit:
            case = unit.cases.find(key)
            assert case
            made = unit.assessments.of(case.id)
        assert [case.status] == ["closed" if one.closes else "open" for one in made]


def test_of_two_raw_closures_at_once_one_is_taken(store: Store, ann: Actor, bob: Actor) -> None:
    arrived(store)
    for person in (ann, bob):
        viewed(store, person)
    first, second = (an_assessment(store, person) for person in (ann, bob))
    done = at_once(lambda: run(store, first, DISMISS), lambda: run(store, second, DISMISS))
    assert sum(one is None for one in done) == 1
    with store.reading() as unit:
        assert len(unit.assessments.of(number(store))) == 1


def test_a_request_sent_twice_at_once_is_done_once(store: Store, ann: Actor) -> None:
    arrived(store)
    version = viewed(store, ann)

    def send() -> Assessed:
        return assess(
            store,
            ann,
            "B-1",
            answer(**NO_VALUE),
            taxonomy=TAXONOMY,
            expected_version=version,
            idempotency_key="twice",
            now=after(1),
        )

    done = at_once(send, send)
    assert sorted(one.repeated for one in done if isinstance(one, Assessed)) == [False, True]
    with store.reading() as unit:
        assert len(unit.assessments.of(number(store))) == 1


def test_of_agreeing_and_taking_back_at_once_one_comes_too_late(
    store: Store, ann: Actor, bob: Actor
) -> None:
    for turn in range(5):
        key = arrived(store, f"B-{turn}1", flagged=True)
        made = assessed(store, ann, key, **NO_VALUE)
        open_record(store, bob, key, now=after(3))
        agreed, _ = at_once(
            lambda made=made: countersign(
                store, bob, made.assessment, True, "Read.", taxonomy=TAXONOMY, now=after(4)
            ),
            lambda key=key: undo(store, ann, key, now=after(30)),
        )
        with store.reading() as unit:
            case = unit.cases.find(key)
            kept = unit.assessments.by_id(made.assessment)
        assert case
        assert kept
        closed = isinstance(agreed, Assessed)
        assert closed or isinstance(agreed, Conflict)
        assert case.status == ("closed" if closed else "unassessed")
        assert (kept.withdrawn_at is None) == closed


def test_a_second_look_decided_or_begun_keeps_the_assessment(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    run(
        store,
        sa.insert(claims).values(
            allegation_id=number(store),
            account_id=bob.id,
            purpose="second_look",
            state="held",
            claimed_at=NOW,
            expires_at=after(60),
        ),
    )
    with pytest.raises(Conflict, match="second look has begun"):
        undo(store, ann, "B-1", now=after(3))
    with pytest.raises(Forbidden):
        undo(store, bob, "B-1", now=after(3))
