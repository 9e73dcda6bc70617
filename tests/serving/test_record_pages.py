from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from data.taxonomy import load_taxonomy
from serving.actors import SYSTEM, Actor
from serving.agreement import agreement
from serving.claiming import ReviewRules, claim_next
from serving.deciding import Answer, decide
from serving.noticing import NewCase
from serving.oversight import lead_figures
from serving.planting import plant
from serving.ranking import RankingWorker
from serving.receiving import receive
from serving.source_handling import Reporter
from serving.store.database import Store
from serving.store.tables import allegations
from serving.views_lead import lead_page

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
NOW = datetime.now(UTC)


def take(store: Store, text: str, *, hours_ago: float = 0, **known: object) -> str:
    at = NOW - timedelta(hours=hours_ago)
    return receive(store, SYSTEM, NewCase("api", text, received_at=at, **known), now=at).key  # type: ignore[arg-type]


def told(text: str) -> str:
    """How many the list says that there are."""
    found = re.search(r"<strong>([^<]*)</strong>, the most pressing first", text)
    assert found
    return found[1]


def main_of(text: str) -> str:
    return unescape(text[text.index("<main") : text.index("</main>")])


def opened(client: TestClient, url: str = "/records") -> str:
    answer = client.get(url, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return main_of(answer.text)


@pytest.fixture
def waiting(store: Store) -> Store:
    """Eight allegations that wait, of every urgency, one overdue, one flagged, one alerted."""
    for number in range(5):
        take(store, f"Noise in house {number}", hours_ago=number, channel="letter")
    take(store, "Goods come by boat tonight", channel="phone_hotline", categories=("drugs",))
    take(store, "A child is locked in a shed", hours_ago=90)
    take(
        store,
        "My brother Omar Blake sells cigarettes",
        reporter=Reporter(first_name="Zebedee", surname="Quill", reported_before="yes"),
        identifies_reporter=True,
    )
    return store


def test_the_list_begins_with_what_waits_the_most_pressing_first(
    waiting: Store, as_role: AsRole
) -> None:
    assert waiting
    text = opened(as_role("assessor"))
    assert told(text) == "8 allegations"
    assert text.index("Goods come by boat") < text.index("A child is locked")
    assert text.index("A child is locked") < text.index("Noise in house")
    for words in ("Within 24 hours", "Overdue by 42 hours", "Safeguarding", "Status: To assess"):
        assert words in text


def every_page(client: TestClient, url: str = "/records") -> str:
    """The text of a list, page by page."""
    text = ""
    while url:
        shown = opened(client, url)
        text += shown
        found = re.search(r'rel="next" href="([^"]+)"', shown)
        url = found[1] if found else ""
    return text


@pytest.mark.sqlite_alone
def test_what_may_say_who_reported_is_not_shown_on_the_list(
    waiting: Store, as_role: AsRole
) -> None:
    assert waiting
    text = every_page(as_role("assessor"))
    assert "Source handling" in text
    assert "It may say who reported" in text
    assert not [word for word in ("Zebedee", "Quill", "Omar") if word in text]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", "8 allegations"),
        ("?channel=letter", "5 allegations"),
        ("?category=drugs", "1 allegation"),
        ("?urgency=1", "1 allegation"),
        ("?safeguarding=1", "1 allegation"),
        ("?overdue=1", "1 allegation"),
        ("?no_value=1", "0 allegations"),
        ("?status=open", "0 allegations"),
        ("?mine=1", "0 allegations"),
        ("?status=any", "8 allegations"),
        ("?timed=1", "8 allegations"),
    ],
)
def test_filters_in_the_address_narrow_the_list_and_can_be_taken_away(
    waiting: Store, as_role: AsRole, query: str, count: str
) -> None:
    assert waiting
    text = opened(as_role("assessor"), f"/records{query}")
    assert told(text) == count
    chips = re.findall(r'app-filters__chip" href="([^"]+)"', text)
    assert len(chips) == (query != "?status=any")
    for one in chips:
        assert told(opened(as_role("assessor", name="other"), one)) == "8 allegations"


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("query", ["week=2026-03-24", "week=x", "status=gone", "urgency=9"])
def test_an_address_that_narrows_by_what_is_not_there_is_refused(
    store: Store, as_role: AsRole, query: str
) -> None:
    assert store
    assert as_role("assessor").get(f"/records?{query}", headers=PAGE).status_code == 422


def test_every_page_of_the_list_is_reached(waiting: Store, as_role: AsRole) -> None:
    assert waiting
    text = every_page(as_role("assessor"), "/records?status=any")
    seen = re.findall(r'id="record-\d+"><a[^>]*href="(/records/[^"]+)"', text)
    assert len(seen) == len(set(seen)) == 8


def search(client: TestClient, url: str = "/records", **form: str) -> tuple[str, str]:
    """Search by the form; gives where that leads and the page."""
    answer = client.post(url, data=form, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return str(answer.url), main_of(answer.text)


@pytest.mark.sqlite_alone
def test_searched_words_stay_out_of_every_address(waiting: Store, as_role: AsRole) -> None:
    assert waiting
    client = as_role("assessor")
    form = {"search": "noise house", "status": "any", "channel": "letter"}
    url, text = search(client, **form)
    assert told(text) == "5 allegations with these words"
    assert url.endswith("/records?channel=letter")
    assert not re.findall(r'(?:href|action)="[^"]*nois', text, re.IGNORECASE)
    # what is chosen stays, and the words are sent again for the next page
    assert re.search(r'<option value="letter" selected>', text)
    assert 'name="search" value="noise house"' in text


def test_a_search_goes_on_over_pages_without_its_words_in_an_address(
    waiting: Store, as_role: AsRole, settings: object
) -> None:
    assert settings
    for number in range(5, 9):
        take(waiting, f"Noise in house {number}")
    client = as_role("assessor")
    _, text = search(client, search="noise", status="any")
    onward = re.search(r'action="([^"]*cursor[^"]*)"', text)
    assert onward
    url, text = search(client, onward[1], search="noise")
    assert "cursor=" in url
    assert len(re.findall(r"Noise in house \d", text)) == 4


@pytest.mark.sqlite_alone
def test_a_filter_is_taken_away_while_words_are_searched_for(
    waiting: Store, as_role: AsRole
) -> None:
    assert waiting
    client = as_role("assessor")
    _, text = search(client, search="tonight", channel="letter", status="any")
    assert told(text) == "0 allegations with these words"
    _, text = search(client, "/records?status=any", search="tonight")
    assert told(text) == "1 allegation with these words"


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("words", ["", "  ", "!? -"])
def test_a_search_without_words_only_narrows(waiting: Store, as_role: AsRole, words: str) -> None:
    assert waiting
    sent = {"search": words, "status": "overdue"}
    answer = as_role("assessor").post("/records", data=sent, headers=PAGE)
    assert str(answer.url).endswith("/records?overdue=1")
    assert told(main_of(answer.text)) == "1 allegation"


@pytest.mark.sqlite_alone
def test_an_empty_list_says_why(store: Store, as_role: AsRole) -> None:
    assert store
    client = as_role("assessor")
    assert "Nothing waits for its assessment." in opened(client)
    assert "Remove a filter to see more." in opened(client, "/records?overdue=1")
    _, text = search(client, search="boat", status="any")
    assert "No allegation holds all of these words." in text


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("role", ["data_scientist", "source_handler"])
def test_who_may_not_read_records_has_no_list(store: Store, as_role: AsRole, role: str) -> None:
    assert store
    assert as_role(role).get("/records", headers=PAGE).status_code == 403


def overturn_two(store: Store, reviewer: Actor) -> None:
    for _ in range(2):
        claimed = claim_next(store, reviewer, rules=ReviewRules())
        assert claimed
        answer = Answer("overturn", "low", "detail")
        decide(store, reviewer, claimed.claim, answer, rules=ReviewRules())


def test_every_figure_of_the_lead_counts_what_its_link_lists(
    ranked: RankingWorker, imported: Store, as_role: AsRole, a_person: Callable[..., Actor]
) -> None:
    assert ranked
    reviewer, lead = a_person("robin", "reviewer"), a_person("lena", "lead")
    overturn_two(imported, reviewer)
    plant(imported, lead, "A van unloads sleeves at the garages", ["drugs"], "medium")
    take(imported, "Goods come by boat tonight", channel="letter")
    take(imported, "His appeal hearing is on friday", channel="letter")
    take(imported, "A child is locked in a shed", hours_ago=90)
    with imported.writing() as unit:
        unit.intake._connection.execute(
            sa.update(allegations)
            .where(allegations.c.id < 90)
            .values(channel="letter", received_at=NOW - timedelta(days=9))
        )
    client = as_role("lead")
    found = lead_figures(imported)

    page = lead_page(found, agreement(imported, lead), (), load_taxonomy())
    counted = {one.url: one.value for one in page.backlog if one.url.startswith("/records")}
    assert len(counted) == 5
    for key, rates in (
        ("channel", found.by_channel),
        ("category", found.by_category),
        ("week", found.by_week),
    ):
        known = [one for one in rates if one.group != "not_known"]
        assert known, key
        counted |= {f"/records?no_value=1&{key}={one.group}": f"{one.count}" for one in known}
    for one in found.weeks:
        total = one.met + one.late + one.waiting + one.overdue
        counted[f"/records?timed=1&week={one.monday}"] = f"{total}"
    assert len(set(counted.values())) > 3
    shown = {url: told(opened(client, url)).split()[0] for url in counted}
    assert shown == counted
