from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from reviewers import PLAIN, UPHOLD, decided, person, reviewer

from serving.actors import SYSTEM, Actor
from serving.claiming import (
    Claimed,
    ReviewRules,
    claim_next,
    claim_one,
    held,
    release,
    skip,
    to_discuss,
    unsure,
)
from serving.deciding import decide
from serving.errors import Conflict, Forbidden, NotAllowed, NotFound
from serving.ranking import RankingWorker
from serving.reviewing import second_looks
from serving.store.database import Store
from serving.store.tables import allegations

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MANY = ReviewRules(held=20, planted_share=0, second_opinion_share=0)


def taken(store: Store, actor: Actor, now: datetime = NOW) -> Claimed:
    claimed = claim_next(store, actor, rules=MANY, now=now)
    assert claimed
    return claimed


def change(store: Store, key: str, **values: object) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.update(allegations).where(allegations.c.key == key).values(**values))


def order(store: Store) -> list[str]:
    return [one.allegation.key for one in second_looks(store, limit=200).entries]


def actions(store: Store, subject: str) -> list[str]:
    with store.reading() as unit:
        return [one.action for one in unit.audit.every() if one.subject == subject]


def test_two_reviewers_get_the_first_two_records_of_the_ranking(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    mine = taken(imported, reviewer(imported, "first"))
    other = taken(imported, reviewer(imported, "second"))
    assert [mine.key, other.key] == order(imported)[:2]


def test_what_is_shown_before_deciding_tells_nothing_of_what_the_model_makes_of_it(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who = reviewer(imported)
    claimed = taken(imported, who)
    told = {"doubt", "score", "position", "audit", "reasons", "purpose", "planted"}
    assert not told & set(asdict(claimed))
    with imported.reading() as unit:
        found = unit.claims.find(claimed.claim)
        assert found
        assert found.claim.exhibit_id
        exhibit = unit.exhibits.by_id(found.claim.exhibit_id)
    assert exhibit
    assert (exhibit.kind, exhibit.account_id) == ("before", who.id)
    assert not told & set(exhibit.content or {})


def test_a_claim_keeps_what_the_queue_knew_of_its_record(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    entry = second_looks(imported, limit=1).entries[0]
    claimed = taken(imported, reviewer(imported))
    with imported.reading() as unit:
        found = unit.claims.find(claimed.claim)
    assert found
    known = found.claim.known
    assert (known.ranking_id, known.position) == (entry.ranking_id, entry.position)
    assert (known.doubt, known.score, known.audit) == (entry.doubt, entry.score, entry.audit)
    assert known.receipt == entry.receipt


def test_a_reviewer_holds_no_more_than_the_rules_allow(imported: Store) -> None:
    who = reviewer(imported)
    assert claim_next(imported, who, rules=PLAIN)
    assert claim_next(imported, who, rules=PLAIN)
    with pytest.raises(Conflict, match="you hold 2"):
        claim_next(imported, who, rules=PLAIN)


def test_a_record_whose_time_ran_out_goes_to_the_next_who_asks(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    first = taken(imported, reviewer(imported, "first"))
    late = NOW + timedelta(minutes=30)
    second = taken(imported, reviewer(imported, "second"), late)
    assert second.key == first.key
    with pytest.raises(Conflict, match="ran out"):
        decide(imported, reviewer(imported, "first"), first.claim, UPHOLD, now=late)


def test_an_answer_that_comes_too_late_is_refused_though_nobody_else_has_the_record(
    imported: Store,
) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    with pytest.raises(Conflict, match="ran out"):
        decide(imported, who, claimed.claim, UPHOLD, now=NOW + timedelta(minutes=31))


def test_a_record_given_back_is_the_next_one_again(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    who = reviewer(imported)
    first = taken(imported, who)
    release(imported, who, first.claim, now=NOW)
    again = taken(imported, who)
    assert (again.key, again.claim != first.claim) == (first.key, True)


def test_a_skipped_record_comes_to_others_and_not_to_the_same_reviewer_that_day(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who, other = reviewer(imported, "first"), reviewer(imported, "second")
    first = taken(imported, who)
    skip(imported, who, first.claim, now=NOW)
    assert taken(imported, who).key != first.key
    assert taken(imported, other).key == first.key


def test_a_skipped_record_comes_again_on_the_next_day(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who = reviewer(imported)
    first = taken(imported, who)
    skip(imported, who, first.claim, now=NOW)
    assert taken(imported, who, NOW + timedelta(days=1)).key == first.key


def test_a_record_somebody_is_unsure_about_is_discussed_and_decided_by_another(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    who, other = reviewer(imported, "first"), reviewer(imported, "second")
    first = taken(imported, who)
    unsure(imported, who, first.claim, "is a car wash of itself worth a visit?", now=NOW)
    assert taken(imported, other).key != first.key
    [listed] = to_discuss(imported, other)
    assert (listed.key, listed.said_by) == (first.key, "first")
    assert listed.note == "is a car wash of itself worth a visit?"
    decided(imported, first.key, by="second")
    assert to_discuss(imported, other) == ()


def test_unsure_without_a_word_is_refused(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    with pytest.raises(NotAllowed, match="/note"):
        unsure(imported, who, claimed.claim, "  ", now=NOW)


def test_what_was_typed_is_in_no_row_of_the_audit_log(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    unsure(imported, who, claimed.claim, "ask about Mr Pemberton", now=NOW)
    with imported.reading() as unit:
        assert not [one for one in unit.audit.every() if "Pemberton" in one.details_text]


def test_nobody_gets_what_he_assessed_himself(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    who = person(imported, "both", "assessor", "reviewer")
    first, second = order(imported)[:2]
    change(imported, first, assessed_by=who.id)
    assert taken(imported, who).key == second
    with pytest.raises(Conflict, match="assessed it yourself"):
        claim_one(imported, who, first)


def test_a_record_that_another_holds_cannot_be_claimed_by_its_key(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    first = taken(imported, reviewer(imported, "first"), datetime.now(UTC))
    with pytest.raises(Conflict, match="somebody else"):
        claim_one(imported, reviewer(imported, "second"), first.key)


def test_claiming_by_key_what_one_holds_gives_the_same_claim(imported: Store) -> None:
    who = reviewer(imported)
    first = claim_one(imported, who, "A-0001", now=NOW)
    assert claim_one(imported, who, "A-0001", now=NOW) == first
    assert held(imported, who, now=NOW) == (first,)


def test_a_reopened_record_leaves_the_queue(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    first, second = order(imported)[:2]
    change(imported, first, status="unassessed", dismissed=False, cycle=2)
    assert taken(imported, reviewer(imported)).key == second
    assert first not in order(imported)
    with pytest.raises(Conflict, match="waits to be assessed"):
        claim_one(imported, reviewer(imported), first)


def test_a_record_reopened_while_it_is_held_is_not_decided(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    change(imported, claimed.key, status="unassessed", dismissed=False, cycle=2)
    with pytest.raises(Conflict, match="reopened"):
        decide(imported, who, claimed.claim, UPHOLD, now=NOW)


def test_when_the_ranking_runs_out_the_most_doubted_of_the_rest_come(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    ranked._settings = ranked._settings.model_copy(update={"ranking_depth": 3})
    decided(imported, order(imported)[-1])
    assert ranked.step()
    queued = order(imported)
    assert len(queued) == 3
    who = reviewer(imported, "second")
    got = [taken(imported, who) for _ in range(6)]
    assert [one.key for one in got[:3]] == queued
    with imported.reading() as unit:
        claims = [unit.claims.find(one.claim) for one in got]
    doubts = [one.claim.known.doubt or 0 for one in claims[3:] if one]
    assert doubts == sorted(doubts, reverse=True)
    assert [one.claim.known.position for one in claims[3:] if one] == [None] * 3


def test_a_queue_at_its_end_gives_nothing(imported: Store) -> None:
    who = reviewer(imported)
    while claimed := claim_next(imported, who, rules=MANY, now=NOW):
        decide(imported, who, claimed.claim, UPHOLD, rules=PLAIN, now=NOW)
    with imported.reading() as unit:
        assert unit.decisions.counts("second_look").waiting == 0


def test_every_step_is_in_the_audit_log(imported: Store) -> None:
    who = reviewer(imported)
    claimed = taken(imported, who)
    held(imported, who, now=NOW)
    skip(imported, who, claimed.claim, now=NOW)
    assert actions(imported, claimed.key) == [
        "claimed second look",
        "read claimed record",
        "skipped second look",
    ]


def test_a_claim_of_another_reviewer_is_not_found(imported: Store) -> None:
    claimed = taken(imported, reviewer(imported, "first"))
    for action in (skip, release):
        with pytest.raises(NotFound):
            action(imported, reviewer(imported, "second"), claimed.claim, now=NOW)


@pytest.mark.parametrize("actor", [SYSTEM, Actor(7, "feed", "service")])
def test_only_people_claim(imported: Store, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        claim_next(imported, actor)


def emptied(store: Store, who: Actor) -> Sequence[str]:
    """Claim and decide until nothing is left; gives the keys in their order."""
    keys = []
    while True:
        try:
            claimed = claim_next(store, who, rules=PLAIN)
        except Conflict:
            continue
        if claimed is None:
            return keys
        decide(store, who, claimed.claim, UPHOLD, rules=PLAIN)
        keys.append(claimed.key)


def test_reviewers_working_at_once_share_the_queue_without_a_record_twice_or_lost(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    people = [reviewer(imported, f"r{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda who: emptied(imported, who), people))
    counted = Counter(key for keys in got for key in keys)
    assert set(counted.values()) == {1}
    assert len(counted) == 132
    with imported.reading() as unit:
        assert unit.decisions.counts("second_look").waiting == 0
        logged = Counter(one.action for one in unit.audit.every())
    assert logged["decided second look"] == logged["claimed second look"] == 132
