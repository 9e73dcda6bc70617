from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from serving.actors import SYSTEM, Actor
from serving.claiming import ReviewRules, claim_next, unsure
from serving.noticing import NewCase
from serving.ranking import RankingWorker
from serving.receiving import receive
from serving.source_handling import Reporter
from serving.store.database import Store

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
Person = Callable[..., Actor]
NOW = datetime.now(UTC)
WHO = Reporter(first_name="Zebedee", surname="Quill", phone="07700 900123", reported_before="yes")


def take(store: Store, text: str, *, hours_ago: float = 0, **known: object) -> str:
    at = NOW - timedelta(hours=hours_ago)
    return receive(store, SYSTEM, NewCase("api", text, received_at=at, **known), now=at).key  # type: ignore[arg-type]


def opened(client: TestClient, path: str = "/") -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text[answer.text.index("<main") : answer.text.index("</main>")])


def needs_on(text: str) -> dict[str, str]:
    """What the home page says is needed, with where each leads."""
    found = re.findall(
        r'app-needs__one"><a class="govuk-link" href="([^"]+)"><bdi>([^<]+)</bdi>', text
    )
    return {words: url for url, words in found}


def reference_of(store: Store, key: str) -> str:
    with store.reading() as unit:
        case = unit.intake.by_key("second_look", key)
    assert case
    assert case.reporter_reference
    return case.reporter_reference


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    "role", ["assessor", "reviewer", "lead", "data_scientist", "source_handler", "inspector"]
)
def test_with_nothing_to_do_the_home_page_says_so(
    store: Store, as_role: AsRole, role: str
) -> None:
    assert store
    text = opened(as_role(role))
    assert needs_on(text) == {}
    assert "Nothing needs you now." in text


def test_an_assessor_sees_what_is_overdue_first(store: Store, as_role: AsRole) -> None:
    take(store, "A van at night", hours_ago=90)
    take(store, "Noise in a house")
    take(store, "Goods come by boat tonight")
    text = opened(as_role("assessor"))
    assert list(needs_on(text).items()) == [
        ("1 allegation is past the time limit", "/records?overdue=1"),
        ("1 allegation is urgent", "/records?status=unassessed&urgency=1"),
        ("3 allegations wait to be assessed", "/records"),
    ]
    assert text.index("past the time limit") < text.index("Then")


def test_a_reviewer_is_led_back_to_what_they_hold(
    ranked: RankingWorker, imported: Store, as_role: AsRole, a_person: Person
) -> None:
    assert ranked
    mine = claim_next(imported, a_person("reviewer", "reviewer"), rules=ReviewRules())
    other = a_person("robin", "reviewer")
    theirs = claim_next(imported, other, rules=ReviewRules())
    assert mine
    assert theirs
    unsure(imported, other, theirs.claim, "is this the same van?")
    client = as_role("reviewer")
    found = needs_on(opened(client))
    assert found[f"Second look at {mine.reference}"] == f"/second-look/{mine.claim}"
    assert found["1 record is to be discussed"] == "/to-discuss"
    assert not [words for words in found if theirs.reference in words or "allegation" in words]
    assert opened(client, f"/second-look/{mine.claim}")


def test_a_lead_sees_what_is_due_and_how_the_clock_was_kept(store: Store, as_role: AsRole) -> None:
    take(store, "A van at night", hours_ago=90)
    take(store, "An old matter", hours_ago=24 * 365 * 8)
    found = needs_on(opened(as_role("lead")))
    assert found["1 record is due to be kept or erased"] == "/retention"
    clock = [
        words for words in found if words.endswith("assessed in time over the last four weeks")
    ]
    assert [one.split()[0].rstrip("%") for one in clock] in (["0"], ["0.0"])
    assert found[clock[0]] == "/lead"


@pytest.mark.sqlite_alone
def test_every_link_of_a_home_page_leads_somewhere(
    ranked: RankingWorker, imported: Store, as_role: AsRole
) -> None:
    assert ranked
    take(imported, "A van at night", hours_ago=90, reporter=WHO)
    for role in ("assessor", "reviewer", "lead", "source_handler", "inspector"):
        client = as_role(role)
        text = opened(client)
        for url in [
            *needs_on(text).values(),
            *re.findall(r'govuk-button[^>]*href="([^"]+)"', text),
        ]:
            assert client.get(url, headers=PAGE).status_code == 200, (role, url)


def test_a_source_handler_reads_who_reported_and_who_did_before(
    store: Store, as_role: AsRole
) -> None:
    key = take(store, "A van at night", reporter=WHO)
    reference = reference_of(store, key)
    first, second = as_role("source_handler"), as_role("source_handler", name="sam")
    listed = opened(first, "/identities")
    assert f'href="/identities/{reference}"' in listed
    assert "The reporter has reported before." in listed
    assert "Nobody yet" in listed
    assert not [one for one in ("Zebedee", "900123", "A van") if one in listed]
    shown = opened(first, f"/identities/{reference}")
    for words in ("Zebedee", "Quill", "07700 900123", "audit log", "Nobody before you."):
        assert words in shown
    again = opened(second, f"/identities/{reference}")
    assert "source_handler" in again
    assert "Once" not in opened(second, "/identities")
    with store.reading() as unit:
        rows = [one for one in unit.audit.every() if one.action == "read reporter"]
    assert [one.actor for one in rows] == ["source_handler", "sam"]
    assert not [one for one in rows if "Zebedee" in one.details_text]


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("role", ["assessor", "reviewer", "lead", "data_scientist", "inspector"])
def test_nobody_else_reads_who_reported(store: Store, as_role: AsRole, role: str) -> None:
    reference = reference_of(store, take(store, "A van at night", reporter=WHO))
    client = as_role(role)
    for path in ("/identities", f"/identities/{reference}"):
        answer = client.get(path, headers=PAGE)
        assert answer.status_code == 403
        assert "Zebedee" not in answer.text


@pytest.mark.sqlite_alone
def test_an_identity_that_is_not_there_is_not_found(store: Store, as_role: AsRole) -> None:
    assert store
    answer = as_role("source_handler").get(f"/identities/{'a' * 22}", headers=PAGE)
    assert answer.status_code == 404


@pytest.fixture
def lead(store: Store, as_role: AsRole) -> TestClient:
    assert store
    return as_role("lead")


def test_a_record_is_kept_with_its_reason_and_leaves_the_list(
    lead: TestClient, store: Store
) -> None:
    key = take(store, "An old matter", hours_ago=24 * 365 * 8)
    assert f'href="/retention/{key}"' in opened(lead, "/retention")
    sent = {"until": "2099-01-02", "keep_reason": "an appeal is open"}
    answer = lead.post(f"/retention/{key}/keep", data=sent, headers=PAGE)
    assert answer.url.path == "/retention"
    assert "Nothing is due" in answer.text
    before = opened(lead, f"/retention/{key}")
    assert "an appeal is open" in before
    assert "2 January 2099" in before


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(
    ("path", "form", "field"),
    [
        ("keep", {"until": "2020-01-01", "keep_reason": "an appeal"}, "until"),
        ("keep", {"until": "soon", "keep_reason": "an appeal"}, "until"),
        ("keep", {"until": "2099-01-01"}, "keep_reason"),
        ("erase", {"erase_reason": "  "}, "erase_reason"),
    ],
)
def test_keeping_or_erasing_without_what_it_takes_is_refused_and_loses_nothing(
    lead: TestClient, store: Store, path: str, form: dict[str, str], field: str
) -> None:
    key = take(store, "An old matter")
    answer = lead.post(f"/retention/{key}/{path}", data=form, headers=PAGE)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    for said in form.values():
        assert said.strip() in answer.text


@pytest.mark.sqlite_alone
def test_nothing_is_erased_before_it_was_said_what_goes(
    lead: TestClient, store: Store, promote: Callable[[str], object]
) -> None:
    promote("v3")
    key = take(store, "An old matter at the quay", reporter=WHO)
    sent = {"erase_reason": "asked for"}
    asked = unescape(lead.post(f"/retention/{key}/erase", data=sent, headers=PAGE).text)
    for words in ("25 characters", "who reported it", "It cannot be brought back.", "None that"):
        assert words in asked
    with store.reading() as unit:
        case = unit.intake.by_key("second_look", key)
    assert case
    assert case.erased_at is None
    done = lead.post(f"/retention/{key}/erase", data={**sent, "sure": "yes"}, headers=PAGE)
    assert done.url.path == f"/retention/{key}/erased"
    assert "was erased" in done.text
    assert lead.get(f"/retention/{key}", headers=PAGE).status_code == 409


def test_the_models_that_were_trained_on_a_record_are_named_before_it_is_erased(
    ranked: RankingWorker, as_role: AsRole
) -> None:
    assert ranked
    client = as_role("lead")
    sent = {"erase_reason": "asked for"}
    text = client.post("/retention/A-0001/erase", data=sent, headers=PAGE).text
    assert "<li>v3</li>" in text


PLANT = {"narrative": "A van unloads sleeves", "true_value": "medium", "categories": "drugs"}


def test_a_planted_record_is_in_no_figure_and_not_to_be_told_from_others(
    ranked: RankingWorker, as_role: AsRole
) -> None:
    assert ranked
    lead, reviewer = as_role("lead"), as_role("reviewer")
    answer = lead.post("/planted", data=PLANT, headers=PAGE)
    assert answer.url.path == "/planted"
    assert "It is planted" in answer.text
    assert "sleeves" not in str(answer.url)
    assert "132" in opened(lead, "/records?no_value=1")
    text = opened(reviewer, "/records?no_value=1")
    assert "133 allegations" in text
    assert "lanted" not in text


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("missing", list(PLANT))
def test_a_record_is_not_planted_without_words_value_and_category(
    lead: TestClient, missing: str
) -> None:
    form = {name: said for name, said in PLANT.items() if name != missing}
    answer = lead.post("/planted", data=form, headers=PAGE)
    assert answer.status_code == 422
    assert f'href="#{missing}"' in answer.text
    for said in form.values():
        assert said in answer.text


@pytest.mark.sqlite_alone
def test_a_record_cannot_be_planted_where_it_would_stand_out(
    lead: TestClient, store: Store
) -> None:
    take(store, "The first that ever came")
    answer = lead.post("/planted", data=PLANT, headers=PAGE)
    assert answer.status_code == 422
    assert "would stand out" in answer.text
    assert "A van unloads sleeves" in answer.text


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("path", ["/retention", "/planted"])
@pytest.mark.parametrize("role", ["assessor", "reviewer", "inspector"])
def test_keeping_and_planting_are_the_leads_alone(
    store: Store, as_role: AsRole, role: str, path: str
) -> None:
    assert store
    assert as_role(role).get(path, headers=PAGE).status_code == 403
