from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from reviewers import OVERTURN, PLAIN, UPHOLD, decided, person, reviewer

from serving.actors import Actor
from serving.agreement import agreement
from serving.claiming import (
    Claimed,
    ReviewRules,
    claim_next,
    claim_one,
    held,
    release,
    to_discuss,
    unsure,
)
from serving.deciding import Answer, decide, decide_one, undo
from serving.errors import Conflict, NotAllowed, NotFound
from serving.planting import plant, reviewer_measures
from serving.progress import progress
from serving.ranking import RankingWorker
from serving.revealing import receipt_for
from serving.reviewing import second_looks
from serving.store.database import Store
from serving.store.tables import allegations

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ALL_TWICE = ReviewRules(held=200, planted_share=0, second_opinion_share=1)
PLANTED_FIRST = ReviewRules(held=200, planted_share=1, second_opinion_share=0)
STORY = "two lads sell loose tobacco from the boot of a grey estate outside the school"


def change(store: Store, key: str, **values: object) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.update(allegations).where(allegations.c.key == key).values(**values))


def taken(store: Store, who: Actor, rules: ReviewRules = PLAIN, now: datetime = NOW) -> Claimed:
    claimed = claim_next(store, who, rules=rules, now=now)
    assert claimed
    return claimed


def test_a_decision_carries_who_decided_what_and_what_was_known_at_the_claim(
    ranked: RankingWorker, imported: Store
) -> None:
    entry = second_looks(imported, limit=1).entries[0]
    who = reviewer(imported)
    claimed = taken(imported, who)
    for number in range(6):
        decide_one(imported, reviewer(imported, "second"), f"A-{number:03d}1", UPHOLD, now=NOW)
        assert ranked.step()
    decide(imported, who, claimed.claim, OVERTURN, now=NOW + timedelta(seconds=40))
    with imported.reading() as unit:
        found = unit.decisions.by_id(claimed.claim)
    assert found
    assert (found.id, found.claim_id, found.reviewer_id) == (claimed.claim, claimed.claim, who.id)
    assert (found.reviewer, found.seconds, found.cycle) == (who.name, 40, 1)
    assert (found.ranking_id, found.position) == (entry.ranking_id, entry.position)
    assert (found.doubt, found.score) == (entry.doubt, entry.score)
    assert (found.selection_probability, found.audit) == (
        entry.selection_probability,
        entry.audit,
    )
    assert found.exhibit_id


def test_the_audit_row_of_a_decision_names_model_ranking_score_and_inputs(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who = reviewer(imported)
    claimed = taken(imported, who)
    decide(imported, who, claimed.claim, OVERTURN, now=NOW)
    with imported.reading() as unit:
        rows = [one for one in unit.audit.every() if one.action == "decided second look"]
    assert len(rows) == 1
    for name in ("model", "ranking", "score", "narrative_sha256", "exhibit", "note_sha256"):
        assert f'"{name}":' in rows[0].details_text
    assert "a weapon is named" not in rows[0].details_text


def test_a_decision_taken_back_counts_nowhere_and_the_record_is_the_reviewers_again(
    ranked: RankingWorker, imported: Store
) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    decide(imported, who, claimed.claim, OVERTURN, rules=PLAIN, now=NOW)
    assert progress(imported).reviewed == 1
    assert ranked.step()
    again = undo(imported, who, claimed.claim, now=NOW + timedelta(minutes=1))
    assert (again.key, again.expires_at) == (claimed.key, claimed.expires_at)
    assert progress(imported).reviewed == 0
    assert progress(imported).waiting == 132
    assert [one.claim for one in held(imported, who, now=NOW)] == [again.claim]
    assert ranked.step()
    assert claimed.key in [one.allegation.key for one in second_looks(imported, limit=200).entries]
    decide(imported, who, again.claim, UPHOLD, now=NOW + timedelta(minutes=2))
    assert (progress(imported).reviewed, progress(imported).found) == (1, 0)


def test_a_record_decided_taken_back_and_given_back_is_the_next_one_again(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who = reviewer(imported)
    claimed = taken(imported, who)
    decide(imported, who, claimed.claim, UPHOLD, rules=PLAIN, now=NOW)
    again = undo(imported, who, claimed.claim, now=NOW)
    release(imported, who, again.claim, now=NOW)
    assert taken(imported, reviewer(imported, "second")).key == claimed.key


def test_a_decision_stands_once_its_claims_time_is_over(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    decide(imported, who, claimed.claim, UPHOLD, now=NOW)
    with pytest.raises(Conflict, match="stands"):
        undo(imported, who, claimed.claim, now=NOW + timedelta(minutes=30))


def test_a_decision_is_taken_back_once_and_by_its_maker_alone(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    with pytest.raises(Conflict, match="nothing was decided"):
        undo(imported, who, claimed.claim, now=NOW)
    decide(imported, who, claimed.claim, UPHOLD, now=NOW)
    with pytest.raises(NotFound):
        undo(imported, reviewer(imported, "second"), claimed.claim, now=NOW)
    undo(imported, who, claimed.claim, now=NOW)
    with pytest.raises(Conflict, match="taken back already"):
        undo(imported, who, claimed.claim, now=NOW)


def test_another_reviewers_key_is_no_repeat(imported: Store) -> None:
    first, second = reviewer(imported, "first"), reviewer(imported, "second")
    one, two = taken(imported, first), taken(imported, second)
    decide(imported, first, one.claim, UPHOLD, idempotency_key="k", now=NOW)
    assert not decide(imported, second, two.claim, UPHOLD, idempotency_key="k", now=NOW).repeated
    assert decide(imported, first, one.claim, UPHOLD, idempotency_key="k", now=NOW).repeated


def test_a_refused_answer_leaves_no_claim_behind(imported: Store) -> None:
    who = reviewer(imported)
    with pytest.raises(NotAllowed):
        decided(imported, "A-0001", Answer("overturn", "enormous", "detail"))
    assert held(imported, who) == ()


def test_a_record_dismissed_anew_after_it_was_reopened_is_looked_at_anew(
    ranked: RankingWorker, imported: Store
) -> None:
    decided(imported, "A-0001", OVERTURN)
    with imported.reading() as unit:
        record = unit.allegations.by_key("second_look", "A-0001")
    assert record
    change(imported, "A-0001", cycle=2)
    assert progress(imported).waiting == 132
    ranked.step()
    decided(imported, "A-0001", UPHOLD)
    with imported.reading() as unit:
        found = unit.decisions.of(record.id)
    assert found
    assert (found.cycle, found.verdict) == (2, "uphold")


# second opinions


def doubled(store: Store) -> tuple[Claimed, Claimed, Actor, Actor]:
    """Let one reviewer decide and give the same record to another."""
    first, second = reviewer(store, "first"), reviewer(store, "second")
    mine = taken(store, first, ALL_TWICE)
    decide(store, first, mine.claim, UPHOLD, rules=ALL_TWICE, now=NOW)
    while (theirs := taken(store, second, ALL_TWICE)).key != mine.key:
        pass
    return mine, theirs, first, second


def test_a_second_reviewer_gets_the_record_without_the_first_answer(imported: Store) -> None:
    mine, theirs, *_ = doubled(imported)
    same = {"claim", "claimed_at", "expires_at"}
    shown = [
        {name: value for name, value in asdict(one).items() if name not in same}
        for one in (mine, theirs)
    ]
    assert shown[0] == shown[1]


def test_the_first_decision_stands_and_the_disagreement_goes_to_the_lead(imported: Store) -> None:
    mine, theirs, first, second = doubled(imported)
    answer = decide(imported, second, theirs.claim, OVERTURN, rules=ALL_TWICE, now=NOW).answer
    assert set(answer) == set(decided(imported, "A-0001", by="third").answer)
    found = agreement(imported, person(imported, "lead", "lead"))
    assert (found.pairs, found.agreed, found.table) == (1, 0, (("uphold", "overturn", 1),))
    assert [(one.key, one.first_reviewer, one.second_reviewer) for one in found.disagreements] == [
        (mine.key, first.name, second.name)
    ]
    assert progress(imported).found == 0
    with imported.reading() as unit:
        decision = unit.decisions.by_id(mine.claim)
    assert decision
    assert decision.verdict == "uphold"


def test_the_first_reviewer_and_the_assessor_never_give_the_second_opinion(
    imported: Store,
) -> None:
    first = reviewer(imported, "first")
    mine = taken(imported, first, ALL_TWICE)
    assessor = person(imported, "both", "assessor", "reviewer")
    change(imported, mine.key, assessed_by=assessor.id)
    decide(imported, first, mine.claim, UPHOLD, rules=ALL_TWICE, now=NOW)
    for who in (first, assessor):
        got = [claim_next(imported, who, rules=ALL_TWICE, now=NOW) for _ in range(100)]
        assert mine.key not in [one.key for one in got if one]


def test_a_second_opinion_taken_back_is_given_again(imported: Store) -> None:
    _, theirs, _, second = doubled(imported)
    lead = person(imported, "lead", "lead")
    decide(imported, second, theirs.claim, OVERTURN, rules=ALL_TWICE, now=NOW)
    again = undo(imported, second, theirs.claim, now=NOW)
    assert agreement(imported, lead).pairs == 0
    decide(imported, second, again.claim, UPHOLD, rules=ALL_TWICE, now=NOW)
    assert agreement(imported, lead).raw == 1


def test_a_pair_whose_decision_was_taken_back_is_not_compared(imported: Store) -> None:
    mine, theirs, first, second = doubled(imported)
    decide(imported, second, theirs.claim, OVERTURN, rules=ALL_TWICE, now=NOW)
    undo(imported, first, mine.claim, now=NOW)
    assert agreement(imported, person(imported, "lead", "lead")).pairs == 0


def test_a_second_reviewer_who_is_unsure_leaves_it_to_a_third_not_to_the_first(
    imported: Store,
) -> None:
    mine, theirs, first, second = doubled(imported)
    third = reviewer(imported, "third")
    unsure(imported, second, theirs.claim, "is it enough?", now=NOW)
    assert mine.key not in [one.key for one in to_discuss(imported, first)]
    assert mine.key in [one.key for one in to_discuss(imported, third)]
    again = claim_one(imported, third, mine.key, now=NOW)
    decide(imported, third, again.claim, UPHOLD, rules=ALL_TWICE, now=NOW)
    assert agreement(imported, person(imported, "lead", "lead")).raw == 1
    assert to_discuss(imported, third) == ()


def test_a_decision_that_was_not_drawn_is_no_more_open_to_others_than_any(imported: Store) -> None:
    decided(imported, "A-0001", by="first")
    mine, *_ = doubled(imported)
    for key in ("A-0001", mine.key):
        with pytest.raises(Conflict, match="a decision already"):
            claim_one(imported, reviewer(imported, "third"), key)


# planted records


def planted(store: Store, true_value: str = "medium") -> tuple[Claimed, Actor]:
    lead, who = person(store, "lead", "lead"), reviewer(store)
    made = plant(store, lead, STORY, ["cigarettes_tobacco"], true_value)
    claimed = taken(store, who, PLANTED_FIRST)
    assert (claimed.key, claimed.narrative) == (made.key, STORY)
    return claimed, who


def test_a_planted_record_looks_like_those_around_it(imported: Store) -> None:
    claimed, _ = planted(imported)
    assert claimed.reference.startswith("A-")
    assert len(claimed.reference) == len("A-0001")
    real = taken(imported, reviewer(imported, "second"))
    assert set(asdict(real)) == set(asdict(claimed))
    assert claimed.first_value == real.first_value


def test_an_answer_to_a_planted_record_reads_like_any_other(
    ranked: RankingWorker, imported: Store
) -> None:
    claimed, who = planted(imported)
    answer = decide(imported, who, claimed.claim, OVERTURN, now=NOW).answer
    real = decided(imported, "A-0001", OVERTURN, by="second").answer
    assert set(answer) == set(real)
    predictor = ranked._promoted.current()
    shown = receipt_for(imported, who, claimed.claim, predictor=predictor)
    other = receipt_for(imported, reviewer(imported, "second"), real["decision"])
    assert shown.doubt is not None
    assert set(asdict(shown)) == set(asdict(other))
    with pytest.raises(Conflict, match="a decision already"):
        claim_one(imported, reviewer(imported, "third"), claimed.key)


def test_a_planted_record_given_back_comes_again(imported: Store) -> None:
    rules = ReviewRules(held=200, planted_share=0.5, second_opinion_share=0)
    lead = person(imported, "lead", "lead")
    plant(imported, lead, STORY, [], "medium")
    for number in range(6):
        who = reviewer(imported, f"r{number}")
        first = taken(imported, who, rules)
        release(imported, who, first.claim, now=NOW)
        again = taken(imported, who, rules)
        release(imported, who, again.claim, now=NOW)
        assert again.key == first.key


def test_reviewers_are_measured_by_planted_records(imported: Store) -> None:
    lead, who = person(imported, "lead", "lead"), reviewer(imported)
    for number, value in enumerate(["medium", "low", "no_value"]):
        plant(imported, lead, f"{STORY} at number {number}", [], value)
    for verdict in (OVERTURN, UPHOLD, UPHOLD):
        claimed = taken(imported, who, PLANTED_FIRST)
        decide(imported, who, claimed.claim, verdict, now=NOW)
    [measure] = reviewer_measures(imported, lead)
    assert measure.reviewer == who.name
    assert measure.sensitivity.of + measure.specificity.of == 3
    assert measure.sensitivity.of == 2
    assert measure.sensitivity.low is not None
    assert measure.sensitivity.low < (measure.sensitivity.share or 0) + 1e-9


def test_an_answer_to_a_planted_record_can_be_taken_back(imported: Store) -> None:
    claimed, who = planted(imported)
    lead = person(imported, "lead", "lead")
    decide(imported, who, claimed.claim, OVERTURN, now=NOW)
    again = undo(imported, who, claimed.claim, now=NOW)
    assert reviewer_measures(imported, lead) == ()
    decide(imported, who, again.claim, UPHOLD, now=NOW)
    assert reviewer_measures(imported, lead)[0].sensitivity.count == 0


def test_planted_records_are_in_no_count_ranking_lesson_or_list(
    ranked: RankingWorker, imported: Store
) -> None:
    before = progress(imported)
    claimed, who = planted(imported)
    decide(imported, who, claimed.claim, OVERTURN, now=NOW)
    decided(imported, "A-0001")
    undo_free = progress(imported)
    assert (undo_free.dismissed, undo_free.waiting) == (before.dismissed, before.waiting - 1)
    assert (undo_free.reviewed, undo_free.found) == (1, 0)
    assert ranked.step()
    version = ranked._promoted.current()
    assert version
    with imported.reading() as unit:
        record = unit.allegations.by_key("second_look", claimed.key)
        assert record
        assert record.id not in unit.allegations.standings("second_look", version.version)
        assert not unit.allegations.without_doubt("second_look", version.version, limit=10)
        assert record.id not in [
            one.id for one in unit.allegations.waiting("second_look", version.version)
        ]
        assert record.id not in [one.allegation_id for one in unit.decisions.told("second_look")]
        assert record.id not in [one.allegation_id for one in unit.decisions.every("second_look")]
        assert len(unit.decisions.picks("second_look")) == 1
        assert unit.decisions.counts("second_look").allegations == 240
    assert claimed.key not in [
        one.allegation.key for one in second_looks(imported, limit=200).entries
    ]


def test_without_a_record_to_resemble_nothing_is_planted(store: Store) -> None:
    lead = person(store, "lead", "lead")
    with store.writing() as unit:
        unit.allegations.open_queue("second_look", ("no_value", "low"))
    with pytest.raises(Conflict, match="stand out"):
        plant(store, lead, STORY, [], "low")


def test_a_planted_record_needs_a_value_of_the_queue(imported: Store) -> None:
    with pytest.raises(NotAllowed, match="/true_value"):
        plant(imported, person(imported, "lead", "lead"), STORY, [], "enormous")


# receipts


def test_a_receipt_is_shown_after_the_answer_and_kept_as_it_was_shown(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who = reviewer(imported)
    claimed = taken(imported, who)
    with pytest.raises(Conflict, match="decide first"):
        receipt_for(imported, who, claimed.claim)
    decide(imported, who, claimed.claim, UPHOLD, now=NOW)
    shown = receipt_for(imported, who, claimed.claim)
    assert shown.doubt is not None
    assert shown.reasons
    assert shown.parts
    assert not {"audit", "selection_probability", "position"} & set(asdict(shown))
    with imported.reading() as unit:
        record = unit.allegations.by_key("second_look", claimed.key)
        assert record
        kinds = [one.kind for one in unit.exhibits.of(record.id)]
        after = unit.exhibits.of(record.id)[-1]
    assert kinds == ["before", "after"]
    assert (after.content or {})["doubt"] == shown.doubt


def test_a_receipt_is_its_reviewers_alone_and_gone_when_the_decision_is(
    imported: Store,
) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    decide(imported, who, claimed.claim, UPHOLD, now=NOW)
    with pytest.raises(NotFound):
        receipt_for(imported, reviewer(imported, "second"), claimed.claim)
    undo(imported, who, claimed.claim, now=NOW)
    with pytest.raises(Conflict, match="taken back"):
        receipt_for(imported, who, claimed.claim)


def test_the_worker_completes_the_receipts_of_records_claimed_from_further_down(
    ranked: RankingWorker, imported: Store
) -> None:
    key = second_looks(imported, limit=200).entries[-1].allegation.key
    who = reviewer(imported)
    claimed = claim_one(imported, who, key)
    ranked.step()
    decide(imported, who, claimed.claim, UPHOLD)
    assert receipt_for(imported, who, claimed.claim).parts
