from __future__ import annotations

import pytest

from data.near_duplicates import near_duplicate_pairs
from model.similar import contradictions, links, precedents
from model.types import Detail

REPORT = (
    "A man called at the depot on Thursday and paid four drivers in cash, none of whom "
    "may work here, and he keeps their papers in the office safe"
)
REPEAT = "I have told you this before. " + REPORT.replace("Thursday", "Thurdsay")
OTHER = "The family next door moved away in spring and the house has been empty ever since then"


def _detail(kind: str, text: str) -> Detail:
    return Detail(kind, text, 0, len(text))


def test_a_link_says_how_nearly_the_words_are_the_same() -> None:
    (link,) = links([REPORT, OTHER, REPEAT], [(), (), ()])
    assert (link.left, link.right) == (0, 2)
    assert link.reasons == (f"nearly the same words: {int(link.similarity * 100)}%",)


def test_equal_narratives_are_linked_as_the_same_words() -> None:
    (link,) = links([REPORT, REPORT.upper()], [(), ()])
    assert link.reasons == ("the same words",)


@pytest.mark.parametrize(
    ("kind", "one", "other", "reason"),
    [
        ("vehicle_registration", "QQ12 ABC", "qq12abc", "same vehicle registration"),
        ("phone", "07700 900123", "+44 (0)7700 900123", "same phone number"),
        ("phone", "0044 7700 900123", "07700-900123", "same phone number"),
        ("postcode", "ZZ9 9ZZ", "zz99zz", "same postcode"),
        ("business", "Example  Tyres", "example tyres", "same business"),
        ("address", "4 Sample Street", "4 sample street", "same address"),
    ],
)
def test_a_shared_fact_links_however_it_is_spelt(
    kind: str, one: str, other: str, reason: str
) -> None:
    details = [(_detail(kind, one),), (), (_detail(kind, other),)]
    (link,) = links([REPORT, "unrelated words", OTHER], details)
    assert (link.left, link.right, link.similarity) == (0, 2, 0.0)
    assert link.reasons == (reason,)


def test_every_reason_for_a_pair_is_in_one_link_the_most_telling_first() -> None:
    facts = (_detail("business", "Example Tyres"), _detail("vehicle_registration", "QQ12 ABC"))
    (link,) = links([REPORT, REPEAT], [facts, facts])
    assert link.reasons[:2] == ("same vehicle registration", "same business")
    assert link.reasons[2].startswith("nearly the same words")


def test_a_fact_that_very_many_share_links_nothing() -> None:
    everyone = [(_detail("postcode", "ZZ9 9ZZ"),)] * 30
    assert links([f"word{i}" for i in range(30)], everyone) == ()
    assert len(links([f"word{i}" for i in range(30)], everyone, at_most=30)) == 30 * 29 / 2


def test_a_street_without_a_number_links_nothing() -> None:
    street = [(_detail("address", "Sample Street"),)] * 2
    assert links(["one", "two"], street) == ()


def test_facts_are_found_when_none_are_given() -> None:
    found = links(["The van is AB12 CDE every night", "Saw the van ab12cde at the yard"])
    assert [link.reasons for link in found] == [("same vehicle registration",)]


def test_details_of_another_number_of_narratives_are_refused() -> None:
    with pytest.raises(ValueError, match="2 narratives but the details of 1"):
        links(["a", "b"], [()])


def test_a_dismissed_repeat_of_a_valued_report_is_a_contradiction() -> None:
    (found,) = contradictions(
        [REPORT, OTHER, REPEAT], ["no_value", "no_value", "high"], "no_value"
    )
    assert (found.dismissed, found.valued, found.reviewed) == (0, 2, False)
    assert found.valued_share == 0.5
    assert found.reason.startswith("nearly the same words: ")


def test_a_second_look_outranks_the_first_assessment() -> None:
    narratives, values = [REPORT, REPEAT], ["no_value", "no_value"]
    assert contradictions(narratives, values, "no_value") == ()
    (found,) = contradictions(narratives, values, "no_value", reviewed_values=["medium", None])
    assert (found.dismissed, found.valued) == (1, 0)
    settled = ["no_value", "high"], ["no_value", "no_value"]
    assert contradictions(narratives, settled[0], "no_value", reviewed_values=settled[1]) == ()


def test_a_contradiction_among_equal_narratives_is_found_however_far_apart_they_stand() -> None:
    values = ["no_value", "no_value", "no_value", "high", "high"]
    found = contradictions([REPORT] * 5, values, "no_value")
    assert [one.dismissed for one in found] == [0, 1, 2]
    assert {one.valued for one in found} == {3}
    assert {one.similarity for one in found} == {1.0}


def test_one_stray_value_among_many_dismissals_of_a_stock_note_is_no_contradiction() -> None:
    values = ["no_value"] * 20 + ["low"]
    assert contradictions(["Caller hung up without speaking"] * 21, values, "no_value") == ()


def test_contradictions_not_yet_reviewed_come_first() -> None:
    narratives = [REPORT, REPEAT, OTHER, OTHER]
    values = ["no_value", "high", "no_value", "low"]
    found = contradictions(
        narratives, values, "no_value", reviewed_values=["no_value", None, None, None]
    )
    assert [(one.dismissed, one.reviewed) for one in found] == [(2, False), (0, True)]


def test_an_allegation_that_nobody_assessed_yet_contradicts_nothing() -> None:
    assert contradictions([REPORT, REPEAT], ["no_value", None], "no_value") == ()


def test_narratives_that_are_all_equal_and_all_dismissed_contradict_nothing() -> None:
    assert contradictions([REPORT] * 50, ["no_value"] * 50, "no_value") == ()


def test_pairs_that_are_known_already_need_not_be_found_again() -> None:
    narratives = [REPORT, OTHER, REPEAT]
    near = near_duplicate_pairs(narratives)
    values = ["no_value", "no_value", "high"]
    assert contradictions(narratives, values, "no_value", near=near) == contradictions(
        narratives, values, "no_value"
    )
    assert links(narratives, [(), (), ()], near=near) == links(narratives, [(), (), ()])


def test_values_of_another_number_of_narratives_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        contradictions(["a", "b"], ["no_value"], "no_value")


def test_no_allegations_have_no_links_and_no_contradictions() -> None:
    assert links([], []) == ()
    assert contradictions([], [], "no_value") == ()


def test_the_nearest_precedents_are_given_for_and_against() -> None:
    narratives = [
        "cash paid drivers at the depot",
        "drivers paid in cash at a depot",
        "a noisy party in the street",
        "the depot drivers wash vans",
        "a noisy dog in the street",
    ]
    (found,) = precedents(narratives, [None, True, True, False, False], [0])
    assert next(one.index for one in found.for_value) == 1
    assert [one.index for one in found.against] == [3, 4]
    assert found.against[0].similarity > found.against[1].similarity


def test_an_allegation_is_not_its_own_precedent() -> None:
    (found,) = precedents([REPORT, REPEAT, OTHER], [True, True, False], [0], most=1)
    assert [one.index for one in found.for_value] == [1]


def test_without_decisions_there_are_no_precedents() -> None:
    (found,) = precedents([REPORT, REPEAT], [None, None], [1])
    assert found.for_value == found.against == ()
