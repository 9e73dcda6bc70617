from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from factories import write_csv
from reviewers import PLAIN, UPHOLD, decided, reviewer

from model.predictor import Predictor
from serving.actors import SYSTEM
from serving.claiming import claim_one, held
from serving.clock import Clock
from serving.deciding import decide
from serving.errors import Conflict
from serving.intake import import_file
from serving.linking import CROWD, HUB
from serving.noticing import NewCase
from serving.ranking import RankingWorker
from serving.receipts import Receipt
from serving.receiving import receive
from serving.reviewing import second_looks
from serving.source_handling import Reporter
from serving.store.database import Store
from serving.store.records_intake import Case, NewMessage, Subject
from serving.store.schema import tables, tables_intake

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WORKING = (
    "A man works at the Golden Fry without papers every friday and sleeps above the shop with "
    "three others who came last spring"
)
ALMOST = WORKING.replace("three", "four")
OTHER = "Somebody sells cheap cigarettes from the boot of a car near the station"


def take(store: Store, narrative: str = WORKING, **more: Any) -> Receipt:
    return receive(store, SYSTEM, NewCase("api", narrative, **more), now=NOW)


def dismissed(store: Store, path: Path, narrative: str = WORKING, **more: str) -> str:
    """Import a record that was closed as of no value; gives its key."""
    columns = {"reference": ["OLD-1"], "narrative": [narrative], "value": ["no_value"]}
    import_file(store, write_csv(path / "old.csv", columns | {k: [v] for k, v in more.items()}))
    return "OLD-1"


def read(store: Store, key: str) -> Case:
    with store.reading() as unit:
        found = unit.intake.by_key("second_look", key)
    assert found is not None
    return found


def logged(store: Store, action: str) -> list[tuple[str | None, dict[str, Any]]]:
    with store.reading() as unit:
        rows = [one for one in unit.audit.every() if one.action == action]
    return [(one.subject, json.loads(one.details_text)) for one in rows]


def count(store: Store, table: sa.Table) -> int:
    with store.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_an_allegation_waits_for_its_assessment_by_the_clock(store: Store) -> None:
    receipt = take(store)
    record = read(store, receipt.key)
    assert record.status == "unassessed"
    assert record.first_value is None
    assert record.due_at == receipt.due_at == NOW + timedelta(hours=48)


def test_the_clock_runs_from_the_receipt_elsewhere_in_the_hours_that_count(store: Store) -> None:
    friday = datetime(2026, 11, 20, 16, tzinfo=UTC)
    receipt = receive(
        store,
        SYSTEM,
        NewCase("api", WORKING, received_at=friday),
        clock=Clock(hours=8, counts="working_hours"),
        now=NOW,
    )
    assert receipt.due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_the_suggestion_is_kept_and_not_told(store: Store, predictor: Predictor) -> None:
    receipt = receive(store, SYSTEM, NewCase("api", WORKING), predictor, now=NOW)
    with store.reading() as unit:
        kept = unit.intake.suggestion(read(store, receipt.key).id)
    assert kept is not None
    assert kept.content["value"] in predictor.value_codes
    assert kept.model_version == predictor.version
    assert receipt.categories
    assert not hasattr(receipt, "value")


def test_without_a_model_an_allegation_is_taken_and_the_rules_fire(store: Store) -> None:
    receipt = take(store, "They fly out from Heathrow tonight and a child is locked in the room")
    record = read(store, receipt.key)
    assert record.urgency == 2
    assert record.safeguarding
    with store.reading() as unit:
        assert unit.intake.suggestion(record.id) is None


def test_with_and_without_a_model_the_same_rules_fire(store: Store, predictor: Predictor) -> None:
    text = "His appeal hearing is on friday and he has a gun"
    without = take(store, text)
    with_model = receive(store, SYSTEM, NewCase("api", f"{text}."), predictor, now=NOW)
    rules = [
        {flag["rule"] for flag in (*one.urgency_flags, *one.safeguarding_flags)}
        for one in (without, with_model)
    ]
    assert rules[0] == rules[1]
    assert without.urgency == 1


def test_the_rules_see_answers_that_are_kept_from_the_model(store: Store) -> None:
    answers = {"risk_if_acted_on": "yes"}
    record = read(store, take(store, OTHER, rule_answers=answers).key)
    assert record.safeguarding
    assert record.fields == {}


def test_the_same_message_again_makes_nothing_new_and_says_so(store: Store) -> None:
    message = NewMessage("f" * 64, "json", "{}")
    first = take(store, message=message)
    again = take(store, message=message)
    assert (first.repeated, again.repeated) == (False, True)
    assert again.key == first.key
    assert count(store, tables.allegations) == 1
    with store.reading() as unit:
        kept = unit.messages.of(read(store, first.key).id)
    assert kept is not None
    assert kept.deliveries == 2
    assert logged(store, "received message again") == [(first.key, {"deliveries": 2})]


def test_a_reference_that_is_taken_is_refused_and_leaves_nothing_behind(store: Store) -> None:
    take(store, reference="R-1")
    with pytest.raises(Conflict):
        take(store, OTHER, reference="R-1", reporter=Reporter(surname="Rook"))
    assert count(store, tables_intake.reporters) == 0
    assert len(logged(store, "received allegation")) == 1


def test_who_reported_is_kept_apart_under_a_random_reference(store: Store) -> None:
    reporter = Reporter(surname="Nightingale", phone="0191 498 0123")
    key = take(store, reporter=reporter).key
    record = read(store, key)
    assert record.reporter_reference is not None
    assert len(record.reporter_reference) >= 32
    with store.reading() as unit:
        kept = unit.intake.reporter(record.reporter_reference)
        assert unit.intake.of_reporter(record.reporter_reference) == key
    assert kept is not None
    assert kept.details["surname"] == "Nightingale"
    assert "Nightingale" not in repr(record)
    assert "Nightingale" not in json.dumps(logged(store, "received allegation"))


def test_the_same_contact_details_again_raise_an_alert_and_make_no_link(store: Store) -> None:
    reporter = Reporter(phone="0191 498 0123")
    take(store, reporter=reporter)
    receipt = take(store, f"{OTHER}, call me on 0191 498 0123", reporter=reporter)
    assert "repeat_contact" in [one["code"] for one in receipt.source_alerts]
    third = take(store, "Another matter altogether at the docks: ring 0191 498 0123")
    assert receipt.links == third.links == ()


def test_whom_an_allegation_speaks_of_is_kept_and_links(store: Store) -> None:
    person = Subject("alleged_offender", {"person_phone": "07700 900 123"})
    key = take(store, subjects=(person,)).key
    with store.reading() as unit:
        assert unit.intake.subjects(read(store, key).id) == [person]
    receipt = take(store, f"{OTHER}, he answers on +44 7700 900123")
    assert [(one.key, one.kinds, one.repeats) for one in receipt.links] == [
        (key, ("phone",), True)
    ]


def test_a_shared_postcode_alone_links_and_is_no_repeat(store: Store, tmp_path: Path) -> None:
    old = dismissed(store, tmp_path, f"{WORKING} in NE1 4ST")
    receipt = take(store, f"{OTHER}, NE1 4ST")
    assert [(one.key, one.kinds, one.repeats) for one in receipt.links] == [
        (old, ("postcode",), False)
    ]
    assert read(store, old).status == "closed"


def test_links_are_seen_from_both_sides(store: Store) -> None:
    first, second = take(store).key, take(store, ALMOST).key
    with store.reading() as unit:
        seen = [[one.key for one in unit.links.of(read(store, key).id)] for key in (first, second)]
    assert seen == [[second], [first]]


def test_a_repeat_takes_over_the_highest_urgency_and_every_safeguarding_flag(
    store: Store,
) -> None:
    urgent = take(store, f"{WORKING}. They fly out tonight. A child is locked in there")
    assert (urgent.urgency, bool(urgent.safeguarding_flags)) == (2, True)
    receipt = take(store, WORKING)
    assert receipt.urgency == 2
    assert {flag["from"] for flag in receipt.urgency_flags} == {urgent.key}
    assert {flag["from"] for flag in receipt.safeguarding_flags} == {urgent.key}
    assert read(store, receipt.key).safeguarding
    ((_, first), (_, second)) = logged(store, "received allegation")
    assert (first["took_over_from"], second["took_over_from"]) == ([], [urgent.key])


def test_what_was_taken_over_is_handed_on_with_the_name_of_whose_it_was(store: Store) -> None:
    urgent = take(store, f"{WORKING}. They fly out tonight")
    take(store, WORKING)
    third = take(store, ALMOST)
    assert {flag["from"] for flag in third.urgency_flags} == {urgent.key}


def test_a_repeat_reopens_what_was_dismissed(store: Store, tmp_path: Path) -> None:
    old = dismissed(store, tmp_path)
    before = read(store, old)
    receipt = take(store, ALMOST)
    assert [(one.key, one.reopened) for one in receipt.links] == [(old, True)]
    after = read(store, old)
    assert (before.status, after.status) == ("closed", "unassessed")
    assert (after.cycle, after.version, after.dismissed) == (2, before.version + 1, False)
    assert after.due_at == NOW + timedelta(hours=48)
    ((key, details),) = logged(store, "reopened allegation")
    assert key == old
    assert details["repeated_by"] == receipt.key
    assert details["because"] == ["words"]
    assert details["was"]["first_value"] == "no_value"


def test_what_a_second_look_upheld_is_reopened_too(store: Store, tmp_path: Path) -> None:
    old = dismissed(store, tmp_path, reviewed_value="no_value")
    take(store, ALMOST)
    after = read(store, old)
    assert after.status == "unassessed"
    ((_, details),) = logged(store, "reopened allegation")
    assert details["was"]["reviewed_value"] == "no_value"
    with store.reading() as unit:
        (plain,) = unit.allegations.by_ids([after.id])
    assert plain.reviewed_value is None


def test_the_same_vehicle_reopens_whatever_the_words(store: Store, tmp_path: Path) -> None:
    old = dismissed(store, tmp_path, f"{WORKING}, the van is AB12 CDE")
    receipt = take(store, f"{OTHER}, registration AB12CDE")
    assert [(one.kinds, one.reopened) for one in receipt.links] == [
        (("vehicle_registration",), True)
    ]
    assert read(store, old).status == "unassessed"


def test_a_reopened_record_has_the_urgency_of_what_repeats_it(
    store: Store, tmp_path: Path
) -> None:
    old = dismissed(store, tmp_path)
    receipt = take(store, f"{WORKING}. They fly out tonight with a child locked in the van")
    after = read(store, old)
    assert (after.urgency, after.safeguarding) == (2, True)
    assert {flag["from"] for flag in after.urgency_flags} == {receipt.key}


def test_what_is_open_stays_as_it_is(store: Store) -> None:
    first = take(store).key
    take(store, ALMOST)
    assert (read(store, first).status, read(store, first).cycle) == ("unassessed", 1)
    assert logged(store, "reopened allegation") == []


def test_a_reviewer_who_holds_a_record_that_is_reopened_holds_it_no_longer(
    store: Store, tmp_path: Path
) -> None:
    old, rita = dismissed(store, tmp_path), reviewer(store)
    claimed = claim_one(store, rita, old, rules=PLAIN)
    assert [one.claim for one in held(store, rita)] == [claimed.claim]
    take(store, ALMOST)
    assert held(store, rita) == ()
    with pytest.raises(Conflict):
        decide(store, rita, claimed.claim, UPHOLD, rules=PLAIN)
    assert count(store, tables.decisions) == 0


def test_a_record_upheld_by_a_reviewer_is_reopened_and_the_decision_stays(
    store: Store, tmp_path: Path
) -> None:
    old = dismissed(store, tmp_path)
    decided(store, old)
    take(store, ALMOST)
    assert (read(store, old).status, read(store, old).cycle) == ("unassessed", 2)
    assert count(store, tables.decisions) == 1
    with pytest.raises(Conflict):
        decided(store, old, by="another")


def test_a_record_reopened_leaves_the_ranking_and_ranking_goes_on(
    ranked: RankingWorker, store: Store
) -> None:
    (first, *_) = second_looks(store, limit=5).entries
    receipt = take(store, first.allegation.narrative)
    assert first.allegation.key in [one.key for one in receipt.links if one.reopened]
    assert ranked.step() is not None
    waiting = [one.allegation.key for one in second_looks(store, limit=500).entries]
    assert first.allegation.key not in waiting
    assert receipt.key not in waiting
    assert ranked.trouble is None


def test_a_form_letter_and_a_common_fact_are_looked_up_no_further_than_a_bound(
    store: Store,
) -> None:
    text = "Please look into my neighbours, who are loud and leave their bins out every week"
    with store.writing() as unit:
        unit.allegations.open_queue("second_look", ["no_value", "low"])
    for number in range(HUB + 3):
        take(store, f"{OTHER} {number} " + "x" * number, fields={"postcode": "NE1 4ST"})
    receipt = take(store, text, fields={"postcode": "NE1 4ST"})
    assert receipt.links == ()
    with store.reading() as unit:
        holders = unit.links.holders([("postcode", "ne14st")], at_most=HUB + 1)
        shared = unit.links.sharing_bands(list(range(30)), at_most=CROWD)
    assert len(holders["postcode", "ne14st"]) == HUB + 1
    assert shared == {}


def test_what_only_states_what_was_ticked_links_by_no_words(store: Store) -> None:
    take(store, narrative_made=True)
    assert take(store, narrative_made=True).links == ()


def test_what_the_store_refuses_half_way_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(Conflict):
        take(
            store,
            reporter=Reporter(surname="Rook"),
            message=NewMessage("a" * 64, "json", "{}"),
            subjects=(Subject("passer-by", {}),),
        )
    for table in (tables.allegations, tables_intake.messages, tables_intake.reporters):
        assert count(store, table) == 0
    assert logged(store, "received allegation") == []


def test_copies_of_a_message_that_arrive_together_make_one_allegation(store: Store) -> None:
    message = NewMessage("c" * 64, "json", "{}")
    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(lambda _: take(store, message=message), range(6)))
    assert len({one.key for one in receipts}) == 1
    assert sum(not one.repeated for one in receipts) == 1
    assert count(store, tables.allegations) == 1


def test_repeats_that_arrive_together_see_each_other(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(lambda at: take(store, f"{WORKING} {at}"), range(6)))
    assert sorted(len(one.links) for one in receipts) == [0, 1, 2, 3, 4, 5]


def test_a_closed_record_is_reopened_once_by_repeats_that_arrive_together(
    store: Store, tmp_path: Path
) -> None:
    old = dismissed(store, tmp_path)
    with ThreadPoolExecutor(6) as pool:
        receipts = list(pool.map(lambda at: take(store, f"{WORKING} {at}"), range(6)))
    assert sum(link.reopened for one in receipts for link in one.links) == 1
    assert read(store, old).cycle == 2
    assert len(logged(store, "reopened allegation")) == 1


def test_one_more_copy_of_a_form_letter_reopens_the_newest_few_and_links_the_others(
    store: Store, tmp_path: Path
) -> None:
    columns = {
        "reference": [f"L-{number}" for number in range(8)],
        "narrative": [WORKING] * 8,
        "value": ["no_value"] * 8,
    }
    import_file(store, write_csv(tmp_path / "letters.csv", columns))
    receipt = take(store)
    assert len(receipt.links) == 8
    assert [one.key for one in receipt.links if one.reopened] == [
        "L-7",
        "L-6",
        "L-5",
        "L-4",
        "L-3",
    ]
    assert [read(store, f"L-{number}").status for number in (2, 3)] == ["closed", "unassessed"]
