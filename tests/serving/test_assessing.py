from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from assessing_factory import (
    NARRATIVE,
    NO_VALUE,
    NOW,
    SUGGESTED,
    TAXONOMY,
    actions,
    after,
    answer,
    arrived,
    assessed,
    settle,
    viewed,
)

from serving.actors import SYSTEM, Actor
from serving.assessing import assess
from serving.countersigning import countersign
from serving.errors import (
    Conflict,
    Forbidden,
    NotAllowed,
    NotFound,
    Stale,
    Unconditional,
)
from serving.opening import open_record
from serving.own_view import give_own_view
from serving.reasons import REASONS
from serving.store.database import Store
from serving.suggestion_shown import suggestion_for
from serving.taking_back import take_up, undo

Person = Callable[..., Actor]


@pytest.fixture
def ann(a_person: Person) -> Actor:
    return a_person("ann", "assessor")


@pytest.fixture
def bob(a_person: Person) -> Actor:
    return a_person("bob", "assessor")


def status(store: Store, key: str = "B-1") -> tuple[str, str | None, bool]:
    with store.reading() as unit:
        case = unit.cases.find(key)
        assert case
        record = unit.allegations.by_key("second_look", key)
    assert record
    return case.status, case.first_value, record.dismissed


def test_opening_a_record_keeps_and_logs_the_reading(store: Store, ann: Actor) -> None:
    opened = open_record(store, ann, arrived(store), now=NOW)
    assert opened.case.narrative == NARRATIVE
    assert opened.details[0]["text"] == "AB12 CDE"
    assert opened.suggested_categories[0]["category"] == "cigarettes_tobacco"
    with store.reading() as unit:
        reading = unit.assessments.reading(opened.reading)
    assert reading
    assert (reading.account_id, reading.read_at) == (ann.id, NOW)
    assert actions(store)[-1] == "read allegation"


def test_what_is_opened_holds_no_suggested_value(store: Store, ann: Actor) -> None:
    opened = open_record(store, ann, arrived(store), now=NOW)
    assert "medium" not in repr(replace(opened, case=replace(opened.case, value_order=())))
    assert "0.81" not in repr(opened)
    with store.reading() as unit:
        (kept,) = unit.exhibits.of(opened.case.id)
    assert kept.content
    assert "medium" not in json.dumps(dict(kept.content))


def test_an_inspector_reads_without_an_exhibit(store: Store, a_person: Person) -> None:
    opened = open_record(store, a_person("ivy", "inspector"), arrived(store), now=NOW)
    with store.reading() as unit:
        assert unit.exhibits.of(opened.case.id) == []


def test_a_data_scientist_does_not_open_records(store: Store, a_person: Person) -> None:
    with pytest.raises(Forbidden):
        open_record(store, a_person("dee", "data_scientist"), arrived(store))


def test_there_is_nothing_to_open_under_an_unknown_key(store: Store, ann: Actor) -> None:
    with pytest.raises(NotFound):
        open_record(store, ann, "B-9")


def test_no_suggestion_is_shown_before_an_own_view(store: Store, ann: Actor) -> None:
    open_record(store, ann, arrived(store), now=NOW)
    with pytest.raises(Conflict, match="own view first"):
        suggestion_for(store, ann, "B-1")


def test_somebody_elses_view_does_not_show_me_the_suggestion(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    viewed(store, bob)
    with pytest.raises(Conflict, match="own view first"):
        suggestion_for(store, ann, "B-1")


def test_the_suggestion_is_kept_exactly_as_it_was_shown(store: Store, ann: Actor) -> None:
    arrived(store)
    viewed(store, ann)
    shown = suggestion_for(store, ann, "B-1", now=after(1))
    assert shown.content == {
        "suggested": True,
        "value": "medium",
        "confidence": 0.81,
        "confidence_percent": 81,
        "confidence_words": "Confident",
        "unsure": False,
        "reasons": SUGGESTED["reasons"],
        "model_version": "m-1",
    }
    with store.reading() as unit:
        kept = unit.exhibits.by_id(shown.exhibit)
    assert kept
    assert (kept.kind, kept.content, kept.account_id) == ("suggestion", shown.content, ann.id)
    assert suggestion_for(store, ann, "B-1", now=after(2)).exhibit == shown.exhibit
    assert actions(store)[-2:] == ["read suggestion", "read suggestion"]


def test_a_record_without_a_suggestion_says_so(store: Store, ann: Actor) -> None:
    arrived(store, suggested=False)
    viewed(store, ann)
    shown = suggestion_for(store, ann, "B-1", now=after(1))
    assert not shown.suggested
    assert shown.content["told"] == "No suggestion was made for this record."
    done = settle(store, ann)
    assert (done.suggested_value, done.changed) == (None, True)


def test_an_own_view_is_given_once_and_stays(store: Store, ann: Actor) -> None:
    arrived(store)
    viewed(store, ann)
    again = open_record(store, ann, "B-1", now=after(1))
    assert again.own_view
    assert again.own_view.value == "low"
    with pytest.raises(Conflict, match="kept as you gave it"):
        give_own_view(store, ann, "B-1", "high", (), again.reading, taxonomy=TAXONOMY)


def test_an_own_view_rests_on_ones_own_reading(store: Store, ann: Actor, bob: Actor) -> None:
    theirs = open_record(store, bob, arrived(store), now=NOW)
    for reading in (theirs.reading, 999):
        with pytest.raises(NotAllowed, match="/reading"):
            give_own_view(store, ann, "B-1", "low", (), reading, taxonomy=TAXONOMY)


@pytest.mark.parametrize(
    ("value", "categories", "field"),
    [
        ("enormous", (), "/value"),
        ("low", ("drugs", "sorcery"), "/categories/1"),
        ("low", ("drugs", "drugs"), "/categories"),
    ],
)
def test_an_own_view_outside_the_vocabulary_names_its_field(
    store: Store, ann: Actor, value: str, categories: tuple[str, ...], field: str
) -> None:
    opened = open_record(store, ann, arrived(store), now=NOW)
    with pytest.raises(NotAllowed) as refused:
        give_own_view(store, ann, "B-1", value, categories, opened.reading, taxonomy=TAXONOMY)
    assert refused.value.field == field


def test_an_assessment_keeps_own_view_suggestion_and_what_was_settled_on(
    store: Store, ann: Actor
) -> None:
    arrived(store)
    viewed(store, ann)
    shown = suggestion_for(store, ann, "B-1", now=after(1))
    done = settle(store, ann, at=after(2), categories=["cigarettes_tobacco"])
    assert (done.status, done.own_value, done.suggested_value) == ("open", "low", "medium")
    assert done.changed
    with store.reading() as unit:
        made = unit.assessments.by_id(done.assessment)
    assert made
    assert (made.exhibit_id, made.model_version, made.seconds) == (shown.exhibit, "m-1", 120)
    assert status(store) == ("open", "medium", False)
    assert actions(store)[-1] == "assessed allegation"


def test_what_was_not_shown_is_not_said_to_have_been(store: Store, ann: Actor) -> None:
    arrived(store)
    done = assessed(store, ann, value="low")
    assert (done.suggested_value, done.changed) == (None, False)


def test_closing_as_of_no_value_waits_for_a_second_look(store: Store, ann: Actor) -> None:
    arrived(store)
    done = assessed(store, ann, **NO_VALUE)
    assert done.status == "closed"
    assert status(store) == ("closed", "no_value", True)
    with store.reading() as unit:
        case = unit.cases.find("B-1")
        assert case
        assert (case.closure_reason, case.outcome) == (done.closure_reason, "no_action")
        assert case.version == done.version
        assert [one.outcome for one in unit.notes.outcomes(case.id)] == ["no_action"]


def test_another_closure_is_no_dismissal(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann, closure_reason="checked_lawful", outcome="visit")
    assert status(store) == ("closed", "medium", False)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"value": "enormous"}, "/value"),
        ({"categories": ["sorcery"]}, "/categories/0"),
        ({"reason": "because"}, "/reason"),
        ({"reason": "other", "note": "  "}, "/note"),
        ({"note": "x" * 2001}, "/note"),
        ({"value": "no_value"}, "/closure_reason"),
        ({"outcome": "visit"}, "/outcome"),
        ({"closure_reason": "checked_lawful"}, "/outcome"),
        ({"closure_reason": "bored", "outcome": "no_action"}, "/closure_reason"),
        ({"closure_reason": "checked_lawful", "outcome": "a party"}, "/outcome"),
        ({**NO_VALUE, "value": "low"}, "/value"),
        ({"closure_reason": "suspected_false", "outcome": "no_action"}, "/note"),
    ],
)
def test_an_assessment_that_breaks_a_rule_names_its_field(
    store: Store, ann: Actor, given: dict[str, object], field: str
) -> None:
    arrived(store)
    viewed(store, ann)
    with pytest.raises(NotAllowed) as refused:
        settle(store, ann, **given)
    assert refused.value.field == field
    assert status(store)[0] == "unassessed"


def test_following_the_suggestion_asks_for_as_much_as_not_following_it(
    store: Store, ann: Actor
) -> None:
    for key, value in (("B-1", "medium"), ("B-2", "high")):
        arrived(store, key)
        viewed(store, ann, key)
        suggestion_for(store, ann, key, now=after(1))
        with pytest.raises(NotAllowed, match="/reason"):
            settle(store, ann, key, value=value, reason="")
        with pytest.raises(NotAllowed, match="/note"):
            settle(store, ann, key, value=value, reason="other")
        assert settle(store, ann, key, value=value, reason="detail").status == "open"
    assert "agree" not in " ".join(REASONS).lower()


def test_an_unread_record_is_not_assessed(store: Store, ann: Actor) -> None:
    arrived(store)
    with pytest.raises(Conflict, match="read the record"):
        settle(store, ann, **NO_VALUE)


def test_a_record_is_assessed_once(store: Store, ann: Actor, bob: Actor) -> None:
    arrived(store)
    viewed(store, bob)
    assessed(store, ann)
    with pytest.raises(Conflict, match="waits for no assessment"):
        settle(store, bob)


@pytest.mark.parametrize(
    "actor", [SYSTEM, Actor(1, "relay", "service", scopes=frozenset({"intake"}))]
)
def test_nothing_but_a_person_assesses(store: Store, actor: Actor) -> None:
    arrived(store)
    with pytest.raises(Forbidden):
        settle(store, actor, **NO_VALUE)


def test_a_change_has_to_say_which_version_it_is_of(store: Store, ann: Actor) -> None:
    arrived(store)
    version = viewed(store, ann)
    for expected, refusal in ((None, Unconditional), (version - 1, Stale), (version + 1, Stale)):
        with pytest.raises(refusal):
            assess(
                store, ann, "B-1", answer(), taxonomy=TAXONOMY, expected_version=expected, now=NOW
            )


def test_the_same_request_sent_again_changes_nothing(store: Store, ann: Actor) -> None:
    arrived(store)
    version = viewed(store, ann)

    def send(**given: object) -> object:
        return assess(
            store,
            ann,
            "B-1",
            answer(**given),
            taxonomy=TAXONOMY,
            expected_version=version,
            idempotency_key="k-1",
            now=after(1),
        )

    first = send()
    assert send() == replace(first, repeated=True)  # type: ignore[type-var]
    assert actions(store).count("assessed allegation") == 1
    with pytest.raises(NotAllowed, match="Idempotency-Key"):
        send(value="high")


def test_the_log_holds_codes_and_digests_and_no_word_that_was_typed(
    store: Store, ann: Actor
) -> None:
    arrived(store)
    assessed(store, ann, reason="other", note="phoned Mrs Whitlock about it")
    with store.reading() as unit:
        logged = " ".join(row.details_text for row in unit.audit.every())
    assert "Whitlock" not in logged
    assert "cigarettes from" not in logged
    assert '"note_length":28' in logged


@pytest.mark.parametrize(
    "given",
    [
        NO_VALUE,
        {**NO_VALUE, "closure_reason": "checked_lawful"},
        {"closure_reason": "suspected_false", "outcome": "no_action", "note": "Third this week."},
    ],
)
def test_one_person_alone_does_not_close_a_flagged_record_so(
    store: Store, ann: Actor, given: dict[str, str]
) -> None:
    arrived(store, flagged=True)
    done = assessed(store, ann, **given)
    assert done.awaits_second_person
    assert status(store) == ("unassessed", None, False)


def test_one_person_closes_a_flagged_record_that_was_pursued(store: Store, ann: Actor) -> None:
    arrived(store, flagged=True)
    done = assessed(store, ann, closure_reason="action_taken", outcome="safeguarding_referral")
    assert done.status == "closed"


def test_a_second_person_who_agrees_closes_it(store: Store, ann: Actor, bob: Actor) -> None:
    arrived(store, flagged=True)
    made = assessed(store, ann, **NO_VALUE)
    open_record(store, bob, "B-1", now=after(3))
    done = countersign(
        store, bob, made.assessment, True, "Read it twice.", taxonomy=TAXONOMY, now=after(4)
    )
    assert (done.status, done.awaits_second_person) == ("closed", False)
    assert status(store) == ("closed", "no_value", True)
    with store.reading() as unit:
        kept = unit.assessments.by_id(made.assessment)
    assert kept
    assert (kept.second_person_id, kept.second_person_agreed, kept.closes) == (bob.id, True, True)


def test_a_second_person_who_disagrees_sends_it_back(store: Store, ann: Actor, bob: Actor) -> None:
    arrived(store, flagged=True)
    made = assessed(store, ann, **NO_VALUE)
    viewed(store, bob, at=after(3))
    countersign(store, bob, made.assessment, False, "A child.", taxonomy=TAXONOMY, now=after(4))
    assert status(store) == ("unassessed", None, False)
    assert settle(store, bob, value="high").status == "open"


def test_nobody_countersigns_their_own(store: Store, ann: Actor) -> None:
    arrived(store, flagged=True)
    made = assessed(store, ann, **NO_VALUE)
    with pytest.raises(Forbidden, match="own"):
        countersign(store, ann, made.assessment, True, "Sure.", taxonomy=TAXONOMY)


def test_the_second_person_reads_the_record_and_says_why(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store, flagged=True)
    open_record(store, bob, "B-1", now=NOW)
    made = assessed(store, ann, **NO_VALUE)
    with pytest.raises(Conflict, match="read it first"):
        countersign(store, bob, made.assessment, True, "Sure.", taxonomy=TAXONOMY)
    open_record(store, bob, "B-1")
    for agree in (True, False):
        with pytest.raises(NotAllowed, match="/note"):
            countersign(store, bob, made.assessment, agree, " ", taxonomy=TAXONOMY)


def test_an_assessment_is_countersigned_once(store: Store, ann: Actor, bob: Actor) -> None:
    arrived(store, flagged=True)
    made = assessed(store, ann, **NO_VALUE)
    open_record(store, bob, "B-1", now=after(3))
    countersign(store, bob, made.assessment, True, "Read.", taxonomy=TAXONOMY, now=after(4))
    with pytest.raises(Conflict, match="awaits nobody"):
        countersign(store, bob, made.assessment, False, "Hm.", taxonomy=TAXONOMY, now=after(5))
    with pytest.raises(NotFound):
        countersign(store, bob, 999, True, "Hm.", taxonomy=TAXONOMY)


def test_a_record_that_awaits_a_second_person_takes_no_other_assessment(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store, flagged=True)
    viewed(store, bob)
    assessed(store, ann, **NO_VALUE)
    with pytest.raises(Conflict, match="second person"):
        settle(store, bob)


def test_an_assessment_taken_back_in_time_makes_room_for_another(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    undo(store, ann, "B-1", now=after(5))
    assert status(store) == ("unassessed", None, False)
    assert settle(store, ann, value="high", at=after(6)).own_value == "low"
    assert actions(store).count("took back assessment") == 1


def test_an_assessment_is_not_taken_back_too_late_or_by_another(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    with pytest.raises(Conflict, match="10 minutes"):
        undo(store, ann, "B-1", now=after(12.1))
    with pytest.raises(Conflict, match="1 minutes"):
        undo(store, ann, "B-1", undo_minutes=1, now=after(4))
    with pytest.raises(Forbidden):
        undo(store, bob, "B-1", now=after(3))
    undo(store, ann, "B-1", now=after(11.9))
    with pytest.raises(Conflict, match="no assessment stands"):
        undo(store, ann, "B-1", now=after(11.9))


def test_an_assessment_that_awaits_a_second_person_is_taken_back_at_any_time(
    store: Store, ann: Actor
) -> None:
    arrived(store, flagged=True)
    assessed(store, ann, **NO_VALUE)
    undo(store, ann, "B-1", now=after(600))
    assert settle(store, ann, at=after(601)).status == "open"


def test_an_open_record_is_taken_up_again_to_be_closed(
    store: Store, ann: Actor, bob: Actor
) -> None:
    arrived(store)
    first = assessed(store, ann)
    with pytest.raises(Stale):
        take_up(store, bob, "B-1", expected_version=first.version - 1)
    take_up(store, bob, "B-1", expected_version=first.version)
    assert status(store) == ("unassessed", "medium", False)
    with pytest.raises(Conflict, match="own view"):
        settle(store, bob)
    done = assessed(store, bob, closure_reason="action_taken", outcome="seizure")
    assert done.status == "closed"
    with store.reading() as unit:
        both = unit.assessments.of(1)
    assert [(one.cycle, one.withdrawn_at) for one in both] == [(1, None), (2, None)]


def test_taking_back_the_second_assessment_brings_back_the_first_value(
    store: Store, ann: Actor
) -> None:
    arrived(store)
    take_up(store, ann, "B-1", expected_version=assessed(store, ann).version)
    assessed(store, ann, **NO_VALUE)
    undo(store, ann, "B-1", now=after(5))
    assert status(store) == ("unassessed", "medium", False)


def test_a_closed_record_is_not_taken_up(store: Store, ann: Actor) -> None:
    arrived(store)
    done = assessed(store, ann, **NO_VALUE)
    with pytest.raises(Conflict, match="open record"):
        take_up(store, ann, "B-1", expected_version=done.version)
