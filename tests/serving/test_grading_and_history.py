from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from assessing_factory import (
    NARRATIVE,
    NO_VALUE,
    NOW,
    TAXONOMY,
    after,
    arrived,
    assessed,
    settle,
    viewed,
)

from serving.actors import Actor
from serving.case_history import history
from serving.case_lists import (
    BiasRow,
    awaiting_second_person,
    bias_rows,
    my_assessments,
    returned_to_work,
)
from serving.countersigning import countersign
from serving.errors import Conflict, Forbidden, NotAllowed
from serving.grading import Grade, grade, record_outcome, remark
from serving.opening import open_record
from serving.retention import erase
from serving.store.database import Store
from serving.store.schema import metadata
from serving.store.tables import allegations, decisions
from serving.store.tables_access import accounts
from serving.suggestion_shown import suggestion_for
from serving.taking_back import undo

Person = Callable[..., Actor]
RISK = ({"code": "risk_if_used", "words": "Using it may put somebody at risk."},)


@pytest.fixture
def ann(a_person: Person) -> Actor:
    return a_person("ann", "assessor")


@pytest.fixture
def lea(a_person: Person) -> Actor:
    return a_person("lea", "lead")


def overturned(store: Store, reviewer: Actor, value: str = "medium", minutes: float = 60) -> None:
    """A second look that overturned the dismissal of the first record."""
    with store.engine.begin() as connection:
        connection.execute(
            sa.insert(decisions).values(
                allegation_id=1,
                queue="second_look",
                verdict="overturn",
                value=value,
                reason="detail",
                decided_at=after(minutes),
                audit=False,
                reviewer_id=reviewer.id,
            )
        )


def outcome_of(store: Store) -> str | None:
    with store.reading() as unit:
        case = unit.cases.find("B-1")
    assert case
    return case.outcome


def test_a_grade_is_added_and_earlier_ones_are_kept(store: Store, ann: Actor) -> None:
    arrived(store)
    first = grade(store, ann, "B-1", Grade(2, "D", "P"), now=NOW)
    second = grade(store, ann, "B-1", Grade(1, "B", "C", " police only "), now=after(5))
    assert second == first + 1
    kept = open_record(store, ann, "B-1").gradings
    assert [(one.source, one.information, one.handling, one.conditions) for one in kept] == [
        (2, "D", "P", None),
        (1, "B", "C", "police only"),
    ]
    assert kept[0].made_by == "ann"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Grade(0, "A", "P"), "/source"),
        (Grade(4, "A", "P"), "/source"),
        (Grade(1, "F", "P"), "/information"),
        (Grade(1, "a", "P"), "/information"),
        (Grade(1, "A", "X"), "/handling"),
        (Grade(1, "A", "C"), "/conditions"),
        (Grade(1, "A", "C", "  "), "/conditions"),
        (Grade(1, "A", "P", "police only"), "/conditions"),
    ],
)
def test_a_grade_outside_3x5x2_names_its_field(
    store: Store, ann: Actor, given: Grade, field: str
) -> None:
    arrived(store)
    with pytest.raises(NotAllowed) as refused:
        grade(store, ann, "B-1", given)
    assert refused.value.field == field


def test_what_may_endanger_somebody_is_not_shared_without_conditions(
    store: Store, ann: Actor
) -> None:
    arrived(store, source_alerts=RISK)
    with pytest.raises(NotAllowed, match="at risk"):
        grade(store, ann, "B-1", Grade(1, "A", "P"))
    grade(store, ann, "B-1", Grade(1, "A", "C", "not to be passed on"))


def test_an_outcome_is_filled_in_later_and_the_newest_one_holds(
    store: Store, ann: Actor, lea: Actor
) -> None:
    arrived(store)
    assessed(store, ann, closure_reason="passed_on", outcome="not_yet_known")
    record_outcome(store, lea, "B-1", "visit", taxonomy=TAXONOMY, now=after(5000))
    record_outcome(store, ann, "B-1", "arrest", "Two men.", taxonomy=TAXONOMY, now=after(9000))
    assert outcome_of(store) == "arrest"
    kept = open_record(store, ann, "B-1").outcomes
    assert [(one.outcome, one.made_by) for one in kept] == [
        ("not_yet_known", "ann"),
        ("visit", "lea"),
        ("arrest", "ann"),
    ]


def test_nothing_can_have_come_of_what_nobody_assessed(store: Store, ann: Actor) -> None:
    arrived(store)
    with pytest.raises(Conflict, match="not been assessed"):
        record_outcome(store, ann, "B-1", "visit", taxonomy=TAXONOMY)


def test_an_outcome_outside_the_vocabulary_names_its_field(store: Store, ann: Actor) -> None:
    arrived(store)
    assessed(store, ann)
    with pytest.raises(NotAllowed, match="/outcome"):
        record_outcome(store, ann, "B-1", "fame", taxonomy=TAXONOMY)


def test_an_inspector_adds_nothing(store: Store, a_person: Person) -> None:
    arrived(store)
    ivy = a_person("ivy", "inspector")
    with pytest.raises(Forbidden):
        remark(store, ivy, "B-1", "Hm.")
    with pytest.raises(Forbidden):
        grade(store, ivy, "B-1", Grade(1, "A", "P"))


def test_an_erased_record_is_not_worked_on(store: Store, ann: Actor) -> None:
    arrived(store)
    with store.engine.begin() as connection:
        connection.execute(sa.update(allegations).values(erased_at=NOW))
    with pytest.raises(Conflict, match="erased"):
        remark(store, ann, "B-1", "Hm.")


def told(store: Store, actor: Actor) -> list[str]:
    return [one.what for one in history(store, actor, "B-1").events]


def test_the_history_tells_what_happened_in_order(
    store: Store, ann: Actor, lea: Actor, a_person: Person
) -> None:
    arrived(store, flagged=True)
    bob = a_person("bob", "assessor")
    made = assessed(store, ann, **NO_VALUE)
    undo(store, ann, "B-1", now=after(3))
    made = settle(store, ann, at=after(4), **NO_VALUE)
    open_record(store, bob, "B-1", now=after(5))
    countersign(store, bob, made.assessment, True, "Read.", taxonomy=TAXONOMY, now=after(6))
    overturned(store, a_person("rex", "reviewer"))
    remark(store, lea, "B-1", "Looked into.", now=after(70))
    assert told(store, ann) == [
        "received",
        "own_view",
        "assessment",
        "withdrawn",
        "assessment",
        "second_person",
        "outcome",
        "second_look",
        "remark",
    ]


def test_the_history_hides_the_suggestion_from_whoever_may_still_decide(
    store: Store, ann: Actor, a_person: Person
) -> None:
    arrived(store)
    viewed(store, ann)
    suggestion_for(store, ann, "B-1", now=after(1))
    settle(store, ann, value="high")

    def seen(actor: Actor) -> bool:
        return any("suggested_value" in one.details for one in history(store, actor, "B-1").events)

    assert seen(ann)
    assert seen(a_person("ivy", "inspector"))
    for name, role in (("bob", "assessor"), ("rex", "reviewer"), ("lea", "lead")):
        assert not seen(a_person(name, role))


def test_the_history_hides_second_looks_from_other_reviewers(
    store: Store, ann: Actor, a_person: Person
) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    rex = a_person("rex", "reviewer")
    overturned(store, rex)
    assert "second_look" in told(store, rex)
    assert "second_look" in told(store, a_person("ivy", "inspector"))
    assert "second_look" not in told(store, a_person("ria", "reviewer"))


def test_what_awaits_a_second_person_is_on_everybody_elses_list(
    store: Store, ann: Actor, lea: Actor
) -> None:
    for key, urgency in (("B-1", 0), ("B-2", 2)):
        arrived(store, key, flagged=True, urgency=urgency)
        assessed(store, ann, key, **NO_VALUE)
    assert [one.key for one in awaiting_second_person(store, lea)] == ["B-2", "B-1"]
    assert awaiting_second_person(store, ann) == []
    undo(store, ann, "B-2", now=after(3))
    assert [one.key for one in awaiting_second_person(store, lea)] == ["B-1"]


def test_ones_own_assessments_are_listed_newest_first(
    store: Store, ann: Actor, a_person: Person
) -> None:
    for key in ("B-1", "B-2", "B-3"):
        arrived(store, key)
    assessed(store, ann, "B-1")
    assessed(store, a_person("bob", "assessor"), "B-2")
    assessed(store, ann, "B-3")
    undo(store, ann, "B-3", now=after(3))
    mine = my_assessments(store, ann)
    assert [(one.key, one.state) for one in mine] == [("B-3", "withdrawn"), ("B-1", "standing")]


def test_an_overturned_dismissal_is_to_be_worked_until_its_outcome_is_recorded(
    store: Store, ann: Actor, a_person: Person
) -> None:
    arrived(store)
    assessed(store, ann, **NO_VALUE)
    assert returned_to_work(store, ann) == []
    overturned(store, a_person("rex", "reviewer"))
    (listed,) = returned_to_work(store, ann)
    assert (listed.key, listed.value, listed.by, listed.state) == (
        "B-1",
        "medium",
        "rex",
        "returned",
    )
    record_outcome(store, ann, "B-1", "visit", taxonomy=TAXONOMY, now=after(90))
    assert returned_to_work(store, ann) == []
    with store.reading() as unit:
        record = unit.allegations.by_key("second_look", "B-1")
    assert record
    assert record.dismissed


def test_planted_records_are_on_no_list_and_in_no_figure(
    store: Store, ann: Actor, lea: Actor
) -> None:
    arrived(store, flagged=True)
    assessed(store, ann, **NO_VALUE)
    with store.engine.begin() as connection:
        connection.execute(sa.update(allegations).values(planted=True))
    assert awaiting_second_person(store, lea) == []
    assert my_assessments(store, ann) == []
    assert bias_rows(store, lea, NOW, after(60)) == []


def test_figures_say_how_far_people_follow_the_suggestion(
    store: Store, ann: Actor, lea: Actor, a_person: Person
) -> None:
    bob = a_person("bob", "assessor")
    with store.engine.begin() as connection:
        connection.execute(sa.update(accounts).where(accounts.c.id == bob.id).values(team="North"))
    # who, own view, whether the suggestion (medium) is seen, what is settled on
    cases = [
        (ann, "medium", True, "medium", 1),
        (ann, "no_value", True, "low", 2),
        (ann, "low", True, "high", 3),
        (ann, "medium", True, "high", 4),
        (ann, "low", False, "medium", 9),
        (bob, "high", True, "medium", 5),
    ]
    for number, (who, own, seen, final, minutes) in enumerate(cases):
        key = arrived(store, f"B-{number}0")
        viewed(store, who, key, own)
        if seen:
            suggestion_for(store, who, key, now=after(0.5))
        settle(store, who, key, value=final, at=after(minutes))
    rows = bias_rows(store, lea, NOW, after(60))
    assert rows == [
        BiasRow("ann", 5, 4, own_equal=2, towards=1, away=1, ends_equal=1, median_seconds=180),
        BiasRow("bob", 1, 1, own_equal=0, towards=1, away=0, ends_equal=1, median_seconds=300),
    ]
    teams = bias_rows(store, lea, NOW, after(60), by="team")
    assert [(one.who, one.assessments) for one in teams] == [("", 5), ("North", 1)]
    assert bias_rows(store, lea, after(60), after(90)) == []


def test_those_who_are_measured_do_not_read_the_figures(store: Store, ann: Actor) -> None:
    with pytest.raises(Forbidden):
        bias_rows(store, ann, NOW, after(60))


def test_erasure_takes_every_word_that_was_typed_on_a_record(
    store: Store, ann: Actor, lea: Actor, tmp_path: Path
) -> None:
    arrived(store, flagged=True)
    made = assessed(store, ann, reason="other", note="Mrs Whitlock rang", **NO_VALUE)
    open_record(store, lea, "B-1", now=after(3))
    said = "Mrs Whitlock again"
    countersign(store, lea, made.assessment, True, said, taxonomy=TAXONOMY, now=after(4))
    grade(store, ann, "B-1", Grade(2, "D", "C", "not for Mrs Whitlock"))
    record_outcome(store, ann, "B-1", "visit", "saw Mrs Whitlock", taxonomy=TAXONOMY)
    remark(store, ann, "B-1", "Mrs Whitlock moved")

    def held() -> int:
        with store.engine.connect() as connection:
            return sum(
                "Whitlock" in str(row) or NARRATIVE in str(row)
                for table in metadata.sorted_tables
                for row in connection.execute(sa.select(table))
            )

    assert held() > 4
    erase(store, lea, "B-1", reason="asked for", models_dir=tmp_path)
    assert held() == 0
    assert told(store, ann)[-1] == "remark"
