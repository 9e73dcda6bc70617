"""Pages of the service itself, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browsing import BUDGET, fits_its_width, no_axe_violations, tab_order, transferred_bytes
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
PATHS = ["/", "/second-looks/A-0020", "/nowhere"]


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_the_screen(
    open_page: Open, site: str, path: str, narrow: bool
) -> None:
    page = open_page(site, "/healthz", narrow=narrow)
    page.watch.expect("404")
    page.goto(site + path)
    no_axe_violations(page)
    for summary in page.locator("summary").all():
        summary.click()
    no_axe_violations(page)
    fits_its_width(page)


def test_the_first_page_brings_little_script_and_style(open_page: Open, site: str) -> None:
    page = open_page(site)
    assert 5_000 < transferred_bytes(page) < BUDGET


def test_every_link_of_the_list_is_reached_by_tab(open_page: Open, site: str) -> None:
    reached = tab_order(open_page(site))
    assert sum(one.startswith("Allegation A-") for one in reached) == 5
    assert any(one.startswith("Why this is in the queue") for one in reached)


def test_without_a_script_the_list_leads_to_a_record_and_back(open_page: Open, site: str) -> None:
    page = open_page(site, script=False)
    page.locator("h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allegation A-")
    page.get_by_role("link", name="Back to second looks").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second looks")


def test_the_next_page_is_a_key_away(open_page: Open, site: str) -> None:
    page = open_page(site)
    page.keyboard.press("n")
    page.wait_for_url("**/second-looks?cursor=*")
    page.keyboard.press("p")
    page.wait_for_url(site + "/second-looks")
