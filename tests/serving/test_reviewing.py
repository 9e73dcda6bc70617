from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from serving.errors import Conflict, Gone, NotAllowed, NotFound
from serving.progress import progress
from serving.ranking import RankingWorker
from serving.reviewing import Answer, Recorded, decide, one_second_look, second_looks
from serving.store.database import Store
from serving.store.records import Decision, StoredAllegation

UPHOLD = Answer("uphold", None, "detail")
OVERTURN = Answer("overturn", "medium", "seriousness", note="a weapon is named")


def shown(_: StoredAllegation, decision: Decision) -> Mapping[str, Any]:
    return {"id": decision.id, "value": decision.value}


def send(store: Store, key: str, answer: Answer = UPHOLD, once: str | None = None) -> Recorded:
    return decide(store, key, answer, idempotency_key=once, present=shown)


def of(store: Store, key: str) -> Decision:
    with store.reading() as unit:
        record = unit.allegations.by_key("second_look", key)
        assert record
        found = unit.decisions.of(record.id)
    assert found
    return found


def test_paging_through_shows_every_record_once_though_the_queue_is_ranked_anew(
    ranked: RankingWorker, imported: Store
) -> None:
    listing = second_looks(imported, limit=50)
    seen = [one.allegation.id for one in listing.entries]
    send(imported, listing.entries[0].allegation.key)
    ranked.step()
    while listing.next_cursor:
        listing = second_looks(imported, limit=50, cursor=listing.next_cursor)
        seen += [one.allegation.id for one in listing.entries]
    assert len(seen) == len(set(seen)) == 132


def test_a_cursor_into_a_ranking_long_gone_is_refused_plainly(
    ranked: RankingWorker, imported: Store
) -> None:
    listing = second_looks(imported, limit=10)
    for entry in listing.entries[:6]:
        send(imported, entry.allegation.key)
        ranked.step()
    with pytest.raises(Gone, match="start again"):
        second_looks(imported, limit=10, cursor=listing.next_cursor)


@pytest.mark.parametrize("cursor", ["", "1", "1-", "-1", "1-1'", "١-١", "9" * 40 + "-1"])
def test_a_made_up_cursor_is_refused(imported: Store, cursor: str) -> None:
    with pytest.raises(NotAllowed):
        second_looks(imported, limit=10, cursor=cursor)


def test_the_tag_of_a_page_changes_with_a_decision_and_not_without(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    first = second_looks(imported, limit=10)
    assert second_looks(imported, limit=10).tag == first.tag
    send(imported, first.entries[9].allegation.key)
    assert second_looks(imported, limit=10).tag != first.tag


def test_a_decision_carries_what_the_queue_knew(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    entry = second_looks(imported, limit=1).entries[0]
    send(imported, entry.allegation.key, OVERTURN)
    found = of(imported, entry.allegation.key)
    assert (found.verdict, found.value, found.reason) == ("overturn", "medium", "seriousness")
    assert (found.ranking_id, found.position, found.doubt) == (1, 1, entry.doubt)
    assert (found.score, found.selection_probability, found.audit) == (
        entry.score,
        entry.selection_probability,
        entry.audit,
    )
    assert found.model_version
    assert found.note == "a weapon is named"


def test_a_decision_carries_the_ranking_that_was_shown_not_the_one_made_since(
    ranked: RankingWorker, imported: Store
) -> None:
    entries = second_looks(imported, limit=2).entries
    send(imported, entries[0].allegation.key)
    ranked.step()
    key = entries[1].allegation.key
    send(imported, key, Answer("uphold", None, "detail", ranking_version=1))
    assert (of(imported, key).ranking_id, of(imported, key).position) == (1, 2)


def test_a_dismissed_record_outside_the_queue_may_be_decided_without_a_score(
    imported: Store,
) -> None:
    send(imported, "A-0001")
    found = of(imported, "A-0001")
    assert (found.ranking_id, found.score, found.selection_probability) == (None, None, None)


def test_the_second_decision_on_a_record_is_refused(imported: Store) -> None:
    send(imported, "A-0001")
    with pytest.raises(Conflict, match="a decision already"):
        send(imported, "A-0001", OVERTURN)
    assert of(imported, "A-0001").verdict == "uphold"


def test_a_record_that_was_not_dismissed_cannot_be_decided(imported: Store) -> None:
    with pytest.raises(Conflict, match="not the lowest"):
        send(imported, "A-0002")
    with pytest.raises(NotFound):
        one_second_look(imported, "A-0002")


def test_an_unknown_reference_is_not_found(imported: Store) -> None:
    with pytest.raises(NotFound):
        send(imported, "A-9999")


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("uphold", "low", "detail"), "/value"),
        (Answer("overturn", "no_value", "detail"), "/value"),
        (Answer("overturn", None, "detail"), "/value"),
        (Answer("overturn", "enormous", "detail"), "/value"),
        (Answer("uphold", None, "other"), "/note"),
        (Answer("uphold", None, "other", note="  "), "/note"),
        (Answer("uphold", None, "detail", ranking_version=77), "/ranking_version"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused_by_field(
    imported: Store, answer: Answer, field: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        send(imported, "A-0001", answer)
    assert refused.value.field == field
    assert progress(imported).reviewed == 0


def test_the_same_key_gives_the_first_answer_again_and_changes_nothing(imported: Store) -> None:
    first = send(imported, "A-0001", once="k-1")
    again = send(imported, "A-0001", once="k-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.answer == first.answer
    assert progress(imported).reviewed == 1


def test_the_same_key_for_another_request_is_refused(imported: Store) -> None:
    send(imported, "A-0001", once="k-1")
    with pytest.raises(NotAllowed, match="another request"):
        send(imported, "A-0003", once="k-1")


def test_of_many_reviewers_deciding_one_record_at_once_exactly_one_succeeds(
    imported: Store,
) -> None:
    def attempt(_: int) -> bool:
        try:
            send(imported, "A-0001")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1
