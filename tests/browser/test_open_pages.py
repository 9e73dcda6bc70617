"""The service's own pages, in a real browser, as whoever may read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import BUDGET, fits_its_width, no_axe_violations, tab_order, transferred_bytes
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Site = Any
PAGES = [
    ("assessor", "/accessibility"),
    ("reviewer", "/second-look"),
    ("lead", "/second-looks"),
    ("lead", "/second-looks/A-0020"),
    ("reviewer", "/nowhere"),
    ("reviewer", "/account/password"),
    ("lead", "/lead"),
    ("data_scientist", "/data"),
    ("inspector", "/audit"),
]
"""A page and who may read it. Add yours."""


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_no_page_breaks_a_rule_of_accessibility_or_is_wider_than_the_screen(
    signed_in: Open, role: str, path: str, narrow: bool
) -> None:
    page = signed_in(role, "/account/password", narrow=narrow)
    page.watch.expect("404")
    page.goto(page.url.removesuffix("/account/password") + path)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    no_axe_violations(page)
    for summary in page.locator("summary").all():
        summary.click()
    no_axe_violations(page)
    fits_its_width(page)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_signing_in_breaks_no_rule_even_when_it_is_refused(
    open_page: Open, site: Site, narrow: bool
) -> None:
    page = open_page(site.base, "/sign-in", narrow=narrow)
    page.watch.expect("422")
    no_axe_violations(page)
    page.get_by_label("User name").fill("nobody")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    no_axe_violations(page)
    fits_its_width(page)


def test_the_first_page_brings_little_script_and_style(open_page: Open, site: Site) -> None:
    page = open_page(site.base, "/sign-in")
    assert 5_000 < transferred_bytes(page) < BUDGET


def test_every_link_of_the_list_is_reached_by_tab(signed_in: Open) -> None:
    reached = tab_order(signed_in("lead", "/second-looks"))
    assert sum(one.startswith("Allegation A-") for one in reached) == 5


def test_without_a_script_the_list_leads_to_a_record_and_back(signed_in: Open) -> None:
    page = signed_in("lead", "/second-looks", script=False)
    page.locator("h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Allegation A-")
    page.get_by_role("link", name="Back to second looks").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second looks")


def test_the_next_page_is_a_key_away(signed_in: Open) -> None:
    page = signed_in("lead", "/second-looks")
    page.keyboard.press("n")
    page.wait_for_url("**/second-looks?cursor=*")
    page.keyboard.press("p")
    page.wait_for_url("**/second-looks")


def test_signing_out_leads_back_to_the_form_without_a_script(signed_in: Open) -> None:
    page = signed_in("lead", "/account/password", script=False)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
