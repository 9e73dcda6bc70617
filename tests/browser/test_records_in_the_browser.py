"""The list of allegations, recording one, the home page and what is done seldom, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browsing import fits_its_width, no_axe_violations, tab_order
from playwright.sync_api import Page, expect

from serving.actors import SYSTEM
from serving.noticing import NewCase
from serving.receiving import receive
from serving.source_handling import Reporter
from serving.store.database import Store

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Site = Any
SAID = "Sells cigarettes from a white van AB12 CDE outside 14 Mill Lane NE1 4ST every friday"
WHO = Reporter(first_name="Zebedee", surname="Quill", phone="07700 900123", reported_before="yes")
ROLES = ("assessor", "reviewer", "lead", "data_scientist", "source_handler", "inspector")
PAGES = [
    *((role, "/") for role in ROLES),
    ("assessor", "/records"),
    ("lead", "/records?no_value=1&safeguarding=0"),
    ("inspector", "/records?status=open&urgency=2"),
    ("assessor", "/records/new"),
    ("assessor", "/accessibility"),
    ("source_handler", "/identities"),
    ("lead", "/retention"),
    ("lead", "/retention/{old}"),
    ("lead", "/planted"),
    ("source_handler", "/identities/{reporter}"),
    ("assessor", "/records/new/{old}"),
]


@pytest.fixture(scope="module")
def known(site: Site) -> Iterator[dict[str, str]]:
    """Allegations of every kind in the shared service; gives what stands in addresses."""
    store = Store(site.settings.database_url)
    yield furnish(store)
    store.close()


def furnish(store: Store) -> dict[str, str]:
    """Let allegations of every kind come in."""
    now = datetime.now(UTC)

    def take(text: str, hours: float = 0, **known: Any) -> str:
        at = now - timedelta(hours=hours)
        return receive(store, SYSTEM, NewCase("api", text, received_at=at, **known)).key

    take("Goods come by boat tonight, at the old quay", channel="phone_hotline")
    take("A child is locked in a shed behind the garages", 90, channel="letter")
    take(SAID, 3, channel="letter", categories=("cigarettes_tobacco",))
    take(SAID + ", and on saturdays", 1, channel="web_form", categories=("cigarettes_tobacco",))
    take("أخي يعمل في مغسلة السيارات بدون تصريح", 2, channel="web_form")
    key = take("My cousin keeps them at the farm", 5, reporter=WHO, identifies_reporter=True)
    old = take("Noise in a house " + "and more of it " * 700, 24 * 365 * 8, channel="letter")
    with store.reading() as unit:
        case = unit.intake.by_key("second_look", key)
    assert case
    return {"old": old, "reporter": case.reporter_reference or ""}


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_the_screen(
    signed_in: Open, known: dict[str, str], role: str, path: str, narrow: bool
) -> None:
    page = signed_in(role, path.format(**known), narrow=narrow)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    no_axe_violations(page)
    fits_its_width(page)


@pytest.mark.parametrize("path", ["/records", "/records/new", "/"])
def test_everything_is_reached_by_tab_and_seen_when_it_is(
    signed_in: Open, known: dict[str, str], path: str
) -> None:
    assert known
    assert len(tab_order(signed_in("assessor", path))) > 10


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_list_is_narrowed_searched_and_widened_again(
    signed_in: Open, known: dict[str, str], script: bool
) -> None:
    assert known
    page = signed_in("assessor", "/records", script=script)
    page.get_by_label("Channel").select_option("letter")
    page.get_by_label("Status").select_option("any")
    page.get_by_label("Words in the narrative").fill("cigarettes van")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/records?channel=letter")
    expect(page.get_by_text("1 allegation with these words")).to_be_visible()
    page.get_by_role("button", name="Remove filter Channel: Letter").click()
    page.wait_for_url("**/records?status=any")
    expect(page.get_by_text("allegations with these words")).to_be_visible()
    assert "cigarettes" not in page.url
    page.get_by_role("link", name="Remove filter Words").click()
    expect(page.get_by_text("with these words")).to_have_count(0)


def test_a_search_is_sound_in_every_state(signed_in: Open, known: dict[str, str]) -> None:
    assert known
    page = signed_in("assessor", "/records?channel=letter", narrow=True)
    for words in ("van", "nothing holds this"):
        page.get_by_label("Words in the narrative").fill(words)
        page.get_by_role("button", name="Apply").click()
        page.get_by_text("with these words").wait_for()
        no_axe_violations(page)
        fits_its_width(page)


def test_hints_change_while_the_narrative_is_typed(own_site: Site, signed_in: Open) -> None:
    page = signed_in("assessor", "/records/new", site=own_site)
    hints = page.locator('[data-region="hints"]')
    expect(hints).to_contain_text("Ask for an address")
    page.get_by_label("What is alleged?").fill(SAID)
    expect(hints).to_contain_text("Recognised: address, postcode")
    expect(page.get_by_label("What is alleged?")).to_be_focused()
    assert page.url.endswith("/records/new")
    no_axe_violations(page)


def test_an_allegation_is_recorded_with_the_keyboard_alone(
    own_site: Site, signed_in: Open
) -> None:
    page = signed_in("assessor", "/records", site=own_site)
    page.keyboard.press("r")
    page.wait_for_url("**/records/new")
    page.get_by_label("What is alleged?").focus()
    page.keyboard.type("A child is kept in a shed at 14 Mill Lane")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("heading", level=1).focus()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    page.wait_for_url("**/records/new/*")
    expect(page.get_by_text("A child may be at risk or used.")).to_be_visible()
    no_axe_violations(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_form_that_lacks_something_keeps_what_was_written(
    own_site: Site, signed_in: Open, script: bool
) -> None:
    page = signed_in("assessor", "/records/new", site=own_site, script=script)
    page.watch.expect("422")
    page.get_by_label("What is alleged?").fill(SAID)
    page.get_by_role("button", name="Check what is missing").click()
    expect(page.get_by_text("Recognised: vehicle registration.")).to_be_visible()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("link", name="Choose how it came")).to_be_visible()
    expect(page.get_by_label("What is alleged?")).to_have_value(SAID)
    if script:
        no_axe_violations(page)
    page.get_by_label("Letter").check()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("It waits for its assessment.")).to_be_visible()


def test_what_is_erased_is_shown_before_and_said_after_without_a_script(
    own_site: Site, signed_in: Open
) -> None:
    store = Store(own_site.settings.database_url)
    furnish(store)
    store.close()
    page = signed_in("lead", "/", site=own_site, script=False)
    page.watch.expect("422")
    page.get_by_role("link", name="due to be kept or erased").click()
    page.locator("td a, th a").first.click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("link", name="Say why it is kept")).to_be_visible()
    page.get_by_label("Why is it erased?").fill("asked for by its subject")
    page.get_by_role("button", name="Go on to erase").click()
    expect(page.get_by_role("heading", name="What goes")).to_be_visible()
    page.get_by_role("button", name="Erase it for good").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("was erased")


def test_a_planted_record_is_told_only_to_who_planted_it(own_site: Site, signed_in: Open) -> None:
    page = signed_in("lead", "/planted", site=own_site)
    page.watch.expect("422")
    page.get_by_role("button", name="Plant it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    no_axe_violations(page)
    page.get_by_label("What does it say?").fill("A van unloads sleeves at the garages")
    page.get_by_label("Medium").check()
    page.get_by_label("Drugs").check()
    page.get_by_role("button", name="Plant it").click()
    expect(page.get_by_text("It is planted among the second looks.")).to_be_visible()
    no_axe_violations(page)


def test_pages_print_without_what_only_a_screen_needs(
    signed_in: Open, known: dict[str, str]
) -> None:
    assert known
    page = signed_in("assessor", "/records")
    page.emulate_media(media="print")
    expect(page.get_by_role("search")).to_be_hidden()
    expect(page.locator("article").first).to_be_visible()
