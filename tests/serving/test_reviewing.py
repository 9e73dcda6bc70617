from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from reviewers import OVERTURN, decided, reviewer

from serving.deciding import Answer
from serving.errors import Conflict, Gone, NotAllowed, NotFound
from serving.progress import progress
from serving.ranking import RankingWorker
from serving.reviewing import one_second_look, second_looks
from serving.store.database import Store
from serving.store.records import Decision


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
    decided(imported, listing.entries[0].allegation.key)
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
        decided(imported, entry.allegation.key)
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
    decided(imported, first.entries[9].allegation.key)
    assert second_looks(imported, limit=10).tag != first.tag


def test_a_decision_carries_what_the_queue_knew(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    entry = second_looks(imported, limit=1).entries[0]
    decided(imported, entry.allegation.key, OVERTURN)
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


def test_a_dismissed_record_outside_the_queue_may_be_decided_without_a_score(
    imported: Store,
) -> None:
    decided(imported, "A-0001")
    found = of(imported, "A-0001")
    assert (found.ranking_id, found.score, found.selection_probability) == (None, None, None)


def test_the_second_decision_on_a_record_is_refused(imported: Store) -> None:
    decided(imported, "A-0001")
    with pytest.raises(Conflict, match="a decision already"):
        decided(imported, "A-0001", OVERTURN)
    assert of(imported, "A-0001").verdict == "uphold"


def test_a_record_that_was_not_dismissed_cannot_be_decided(imported: Store) -> None:
    with pytest.raises(Conflict, match="not the lowest"):
        decided(imported, "A-0002")
    with pytest.raises(NotFound):
        one_second_look(imported, "A-0002")


def test_an_unknown_reference_is_not_found(imported: Store) -> None:
    with pytest.raises(NotFound):
        decided(imported, "A-9999")


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("uphold", "low", "detail"), "/value"),
        (Answer("overturn", "no_value", "detail"), "/value"),
        (Answer("overturn", None, "detail"), "/value"),
        (Answer("overturn", "enormous", "detail"), "/value"),
        (Answer("uphold", None, "other"), "/note"),
        (Answer("uphold", None, "other", note="  "), "/note"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused_by_field(
    imported: Store, answer: Answer, field: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        decided(imported, "A-0001", answer)
    assert refused.value.field == field
    assert progress(imported).reviewed == 0


def test_the_same_key_gives_the_first_answer_again_and_changes_nothing(imported: Store) -> None:
    first = decided(imported, "A-0001", once="k-1")
    again = decided(imported, "A-0001", once="k-1")
    assert (first.repeated, again.repeated) == (False, True)
    assert again.answer == first.answer
    assert progress(imported).reviewed == 1


def test_the_same_key_for_another_request_is_refused(imported: Store) -> None:
    decided(imported, "A-0001", once="k-1")
    with pytest.raises(NotAllowed, match="another request"):
        decided(imported, "A-0003", once="k-1")


def test_of_many_reviewers_deciding_one_record_at_once_exactly_one_succeeds(
    imported: Store,
) -> None:
    for number in range(4):
        reviewer(imported, f"r{number}")

    def attempt(number: int) -> bool:
        try:
            decided(imported, "A-0001", by=f"r{number % 4}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1
