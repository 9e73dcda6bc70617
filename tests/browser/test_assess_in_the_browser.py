"""An assessor's day in a real browser: with the keyboard alone, and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from browsing import PASSWORD, fits_its_width, no_axe_violations, sign_in
from playwright.sync_api import Page, expect

from serving.actors import SYSTEM
from serving.noticing import NewCase
from serving.promoted import PromotedModel
from serving.receiving import receive
from serving.store.database import Store

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Site = Any

VAN = "sells cigarettes from a white van AB12 CDE outside 14 Mill Lane NE1 4ST on Fridays"
CHILD = "two kids are working from the white van AB12 CDE outside 14 Mill Lane NE1 4ST"
ARABIC = "يعمل في المطعم أشخاص بدون إذن عمل. " * 20
LONG = ("They work in the nail bar on Station Road without pay. " * 200)[:10_000]


@pytest.fixture
def desk(own_site: Site) -> Site:
    """A service with allegations that wait: one flagged and late, linked to the first."""
    store = Store(own_site.settings.database_url)
    predictor = PromotedModel(own_site.settings.models_dir).current()
    now = datetime.now(UTC)
    for reference, text, hours in (
        ("B-1", VAN, 3),
        ("B-2", CHILD, 50),
        ("B-3", ARABIC, 2),
        ("B-4", LONG, 1),
    ):
        case = NewCase("api", text, reference=reference, received_at=now - timedelta(hours=hours))
        receive(store, SYSTEM, case, predictor=predictor, now=now)
    store.close()
    return own_site


def heading(page: Page, words: str) -> None:
    """Wait for a heading."""
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def fine(page: Page) -> None:
    """Fail if the page as it is breaks a rule of accessibility or is too wide."""
    no_axe_violations(page)
    fits_its_width(page)


def test_an_allegation_is_assessed_taken_back_and_closed_with_the_keyboard_alone(
    signed_in: Open, desk: Site
) -> None:
    page = signed_in("assessor", "/records/B-1", site=desk)
    press = page.keyboard.press
    assert "Suggested value" not in page.content()
    press("2")
    press("s")
    heading(page, "What the computer suggests")
    expect(page.get_by_label("Low")).to_be_checked()
    for letter in "3o5s":
        press(letter)
    heading(page, "Medium: open, to be pursued")
    press("z")
    expect(page.get_by_text("was taken back")).to_be_visible()
    for letter in "1c":
        press(letter)
    press("Tab")
    page.keyboard.type("No value: ins")
    press("Tab")
    page.keyboard.type("No action")
    press("Tab")
    press("Space")
    press("m")
    page.keyboard.type("nothing to go on")
    press("Tab")
    press("Enter")
    heading(page, "No value: closed")
    press("n")
    heading(page, "Your own view")
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("B-1")


def test_without_a_script_an_allegation_is_assessed_and_taken_back(
    signed_in: Open, desk: Site
) -> None:
    page = signed_in("assessor", "/records/B-1", site=desk, script=False)
    page.get_by_label("Low").check()
    page.get_by_label("Drugs").check()
    page.get_by_role("button", name="Save my view").click()
    heading(page, "What the computer suggests")
    page.get_by_text("Categories: Drugs").click()
    expect(page.get_by_label("Drugs")).to_be_checked()
    page.get_by_label("Keep it open").check()
    page.get_by_label("How serious it would be").check()
    page.get_by_role("button", name="Save assessment").click()
    heading(page, "Low: open, to be pursued")
    page.get_by_role("button", name="Undo").click()
    heading(page, "What the computer suggests")


def test_a_flagged_record_is_closed_by_two_people(
    signed_in: Open, open_page: Open, desk: Site
) -> None:
    page = signed_in("assessor", "/records/B-2", site=desk)
    page.keyboard.press("1")
    page.keyboard.press("s")
    heading(page, "What the computer suggests")
    page.get_by_label("Close it").check()
    expect(page.get_by_text("it first awaits a")).to_be_visible()
    page.get_by_label("Why is it closed?").select_option("no_value_insufficient_information")
    page.get_by_label("What came of it?").select_option("no_action")
    page.get_by_label("How much there is").check()
    page.get_by_role("button", name="Save assessment").click()
    heading(page, "No value: awaits a second person")
    lead = open_page(desk.base, "/sign-in")
    sign_in(lead, desk.base, "lead", password=PASSWORD)
    lead.goto(desk.base + "/second-person")
    fine(lead)
    lead.get_by_role("link", name="B-2").click()
    heading(lead, "You are the second person")
    fine(lead)
    lead.keyboard.press("d")
    lead.get_by_label("Why?").fill("The boys can be found by the address")
    lead.get_by_role("button", name="Save", exact=True).click()
    expect(lead.get_by_text("waits to be assessed anew")).to_be_visible()


def test_what_was_typed_stays_while_linked_allegations_are_compared(
    signed_in: Open, desk: Site
) -> None:
    page = signed_in("assessor", "/records/B-2", site=desk)
    page.get_by_label("Medium").check()
    page.keyboard.press("l")
    heading(page, "Linked:")
    expect(page.locator("ins").first).to_be_visible()
    expect(page.get_by_label("Medium")).to_be_checked()
    no_axe_violations(page)


def test_what_closing_asks_shows_only_once_closing_is_chosen(signed_in: Open, desk: Site) -> None:
    page = signed_in("assessor", "/records/B-1", site=desk)
    page.keyboard.press("1")
    page.keyboard.press("s")
    heading(page, "What the computer suggests")
    expect(page.get_by_label("Why is it closed?")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.get_by_label("Why is it closed?")).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_label("Why is it closed?")).to_be_hidden()


def test_on_a_narrow_screen_the_form_comes_before_linked_records_for_eye_and_ear_alike(
    signed_in: Open, desk: Site
) -> None:
    page = signed_in("assessor", "/records/B-2?beside=B-1", site=desk, narrow=True)
    places = page.locator("main :is(h1, h2, h3, legend, button, summary)").evaluate_all(
        "all => all.filter(one => one.checkVisibility())"
        ".map(one => [one.textContent.trim(), one.getBoundingClientRect().top])"
    )
    names, tops = zip(*places, strict=True)
    assert names.index("Your own view") < names.index("Linked allegations")
    assert list(tops) == sorted(tops)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_no_state_of_the_page_breaks_a_rule_or_is_wider_than_the_screen(
    signed_in: Open, desk: Site, narrow: bool
) -> None:
    page = signed_in("assessor", "/records/B-2", site=desk, narrow=narrow)
    page.watch.expect("422")
    fine(page)
    page.get_by_role("button", name="Save my view").click()
    expect(page.get_by_role("alert")).to_contain_text("Select what it is worth")
    fine(page)
    page.get_by_label("Low").check()
    page.get_by_role("button", name="Save my view").click()
    heading(page, "What the computer suggests")
    page.get_by_label("Close it").check()
    for summary in page.locator("summary").all():
        summary.click()
    fine(page)
    page.get_by_role("button", name="Save assessment").click()
    expect(page.get_by_role("alert")).to_contain_text("Select why it is closed")
    fine(page)
    page.get_by_label("Keep it open").check()
    page.get_by_label("What other records say").check()
    page.get_by_role("button", name="Save assessment").click()
    heading(page, "Low: open, to be pursued")
    for summary in page.locator("summary").all():
        summary.click()
    fine(page)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", ["/records/B-3", "/records/B-4", "/records/A-0020", "/returned"])
def test_long_and_right_to_left_narratives_and_lists_fit(
    signed_in: Open, desk: Site, path: str, narrow: bool
) -> None:
    page = signed_in("assessor", path, site=desk, narrow=narrow)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    fine(page)


def test_an_inspector_finds_nothing_to_fill_in(signed_in: Open, desk: Site) -> None:
    page = signed_in("inspector", "/records/B-2", site=desk)
    expect(page.locator("main form")).to_have_count(0)
    expect(page.locator(".app-narrative")).to_contain_text(re.compile("two kids"))
    fine(page)
