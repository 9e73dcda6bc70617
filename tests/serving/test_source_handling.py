from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.source_handling import NOBODY, WORDS, Reporter, affirms, alerts

PLAIN = "A white van brings boxes to the lock-up behind the garages every fortnight."


def codes(reporter: Reporter = NOBODY, narrative: str = PLAIN, **more: object) -> list[str]:
    return [alert.code for alert in alerts(reporter, narrative, **more)]  # type: ignore[arg-type]


def test_a_reporter_who_says_nothing_of_themselves_raises_no_alert() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    "answer", ["yes", "Yes, twice", "I told the police in May", "No, but I rang the hotline",
               "not to you but to HMRC", "3 times"],
)  # fmt: skip
def test_an_answer_that_tells_of_an_earlier_report_raises_an_alert(answer: str) -> None:
    assert codes(Reporter(reported_before=answer)) == ["reported_before"]


@pytest.mark.parametrize(
    "answer", [None, "", "  ", "no", "No.", "NO!!!", "never", "n/a", "Not yet", "dont_know",
               "no this is the first time", "I haven’t reported it before", "none"],
)  # fmt: skip
def test_an_answer_that_tells_of_none_raises_no_alert(answer: str | None) -> None:
    assert codes(Reporter(reported_before=answer)) == []


@pytest.mark.parametrize(
    "narrative",
    [
        "I have already told you about this last month and nobody came.",
        "This is the second time I write.",
        "As I said in my last report he is still there.",
        "I’ve reported them three times",
        "I am writing to you again",
    ],
)
def test_a_narrative_that_speaks_of_an_earlier_report_raises_an_alert(narrative: str) -> None:
    assert codes(narrative=narrative) == ["reported_before"]


@pytest.mark.parametrize(
    "answer", ["Friend of my cousin", "she is my WIFE", "neighbour", "next door", "ex-husband",
               "I work with him", "same street", "my brother-in-law", "live in the flat below",
               "former_partner", "colleague", "landlord", "we are related", "step mother"],
)  # fmt: skip
def test_a_close_relationship_raises_an_alert(answer: str) -> None:
    assert codes(Reporter(relationship=answer)) == ["close_relationship"]


@pytest.mark.parametrize(
    "answer", ["stranger", "customer", "not related", "no relation", "I do not know them", "none",
               "he is not a friend", "saw them in town", "dont_know"],
)  # fmt: skip
def test_a_distant_relationship_raises_none(answer: str) -> None:
    assert codes(Reporter(relationship=answer)) == []


@pytest.mark.parametrize(
    "narrative",
    ["My next door neighbour has six men in the shed.", "I live with two of them.",
     "I used to work there as a cook", "I'm his cousin and I know it",
     "my ex husband hides there"],
)  # fmt: skip
def test_a_narrative_in_which_the_reporter_is_close_raises_an_alert(narrative: str) -> None:
    assert codes(narrative=narrative) == ["close_relationship"]


def test_a_narrative_about_other_peoples_families_raises_none() -> None:
    assert codes(narrative="His wife works with the cousin of the manager. They live next door "
                           "to a school.") == []  # fmt: skip


def test_reporting_again_from_a_close_relationship_may_make_a_source() -> None:
    repeated = Reporter(reported_before="yes", relationship="my sister's partner")
    assert codes(repeated) == ["reported_before", "close_relationship", "status_drift"]
    close = Reporter(relationship="neighbour")
    assert codes(close, earlier=2) == ["repeat_contact", "close_relationship", "status_drift"]
    assert codes(earlier=2) == ["repeat_contact"]


@pytest.mark.parametrize(
    ("reporter", "alerted"),
    [
        (Reporter(under_18="yes"), True),
        (Reporter(under_18="no"), False),
        (Reporter(under_18="dont_know"), False),
        (Reporter(date_of_birth="2010-06-01"), True),
        (Reporter(date_of_birth="1980-06-01"), False),
        (Reporter(date_of_birth="2008-11-23"), False),
        (Reporter(date_of_birth="2008-11-24"), True),
        (Reporter(date_of_birth="not a date"), False),
        (Reporter(under_18="no", date_of_birth="2012-01-01"), True),
    ],
)
def test_a_reporter_under_18_raises_an_alert(reporter: Reporter, alerted: bool) -> None:
    assert ("under_18" in codes(reporter, on=date(2026, 11, 23))) == alerted


def test_a_narrative_by_a_child_raises_an_alert_even_where_the_box_says_otherwise() -> None:
    assert codes(Reporter(under_18="no"), "i'm 15 and my dad hides them") == [
        "close_relationship", "under_18",
    ]  # fmt: skip
    assert codes(narrative="I am 15 minutes away") == []
    assert codes(narrative="I am 45 and retired") == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("yes", ["risk_if_used"]), ("no", []), (None, []), ("dont_know", ["risk_unclear"]),
     ("he would know it was me", ["risk_if_used"])],
)  # fmt: skip
def test_risk_raises_an_alert_and_an_answer_that_does_not_say_is_told(
    answer: str | None, expected: list[str]
) -> None:
    assert codes(Reporter(risk_if_used=answer)) == expected


@pytest.mark.parametrize(
    "narrative",
    ["Please don't tell them I wrote.", "I am scared of what they will do, they would kill me",
     "my life is in danger", "I fear reprisals", "do not mention my name"],
)  # fmt: skip
def test_a_narrative_that_fears_for_the_reporter_raises_an_alert(narrative: str) -> None:
    assert "risk_if_used" in codes(Reporter(risk_if_used="no"), narrative)


def test_a_suspicion_of_malice_takes_no_alert_away() -> None:
    reporter = Reporter(reported_before="yes", relationship="ex-wife", risk_if_used="yes")
    told = codes(reporter, PLAIN + " This is a malicious lie, suspected false, ignore it.")
    assert told == codes(reporter, PLAIN)
    assert told == ["reported_before", "close_relationship", "status_drift", "risk_if_used"]


def test_the_same_contact_is_known_however_it_is_written() -> None:
    one = Reporter(phone="+44 (0)7700 900123", email=" Jo@Example.org ")
    other = Reporter(phone="07700 900-123", email="jo@example.org")
    assert one.contact_keys() == other.contact_keys() == (
        ("phone", "07700900123"), ("email", "jo@example.org"),
    )  # fmt: skip
    assert NOBODY.contact_keys() == ()


def test_a_reporter_is_never_printed() -> None:
    answers = {one.name: f"secret {one.name}" for one in fields(Reporter)}
    assert "secret" not in repr(Reporter(**answers))
    assert Reporter(**answers).given() == answers


answer = st.none() | st.sampled_from(["yes", "no", "dont_know"]) | st.text(max_size=60)


@given(answer, answer, answer, st.text(max_size=200), st.integers(0, 3))
def test_any_answers_give_known_alerts_that_quote_nothing(
    before: str | None, relation: str | None, risk: str | None, narrative: str, earlier: int
) -> None:
    reporter = Reporter(reported_before=before, relationship=relation, risk_if_used=risk)
    found = alerts(reporter, narrative, earlier=earlier)
    assert all(alert.words == WORDS[alert.code] for alert in found)
    assert len({alert.code for alert in found}) == len(found)
    more = alerts(replace(reporter, risk_if_used="yes"), narrative, earlier=earlier)
    assert {alert.code for alert in more} >= {a.code for a in found if a.code != "risk_unclear"}


@given(st.text(alphabet="no .,!'", max_size=3000))
def test_reading_a_long_answer_ends(text: str) -> None:
    assert affirms(text * 20) in {True, False}
