"""The pieces that every page is put together from, in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from browsing import (
    BUDGET,
    fits_its_width,
    focused,
    no_axe_violations,
    tab_order,
    transferred_bytes,
)
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", ["/", "/records/7"])
def test_no_piece_breaks_a_rule_of_accessibility(
    open_page: Open, gallery: str, path: str, narrow: bool
) -> None:
    page = open_page(gallery, path, narrow=narrow)
    no_axe_violations(page)
    fits_its_width(page)


@pytest.mark.parametrize("path", ["/", "/records/7"])
def test_at_twice_the_text_size_nothing_has_to_be_scrolled_sideways(
    open_page: Open, gallery: str, path: str
) -> None:
    page = open_page(gallery, path)
    page.set_viewport_size({"width": 640, "height": 450})
    fits_its_width(page)


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_ten_thousand_characters_and_words_without_end_stay_within_the_page(
    open_page: Open, gallery: str, narrow: bool
) -> None:
    page = open_page(gallery, "/extremes", narrow=narrow)
    assert len(page.locator(".app-narrative").inner_text()) >= 10_000
    fits_its_width(page)
    no_axe_violations(page)


def test_without_a_script_the_same_pieces_are_there_and_break_no_rule(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7", script=False)
    expect(page.locator("kbd").first).to_be_hidden()
    page.get_by_label("Overturn").check()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0008")
    fits_its_width(page)


def test_the_first_load_brings_little_script_and_style(open_page: Open, gallery: str) -> None:
    page = open_page(gallery)
    brought = transferred_bytes(page)
    assert 5_000 < brought < BUDGET


def test_a_second_load_brings_no_script_and_style_again(open_page: Open, gallery: str) -> None:
    page = open_page(gallery)
    page.goto(gallery + "/records/3")
    assert transferred_bytes(page) == 0


def test_colours_forced_by_the_reader_keep_details_and_tags_apart(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, forced_colors="active")
    tag = page.locator(".app-tag").first
    assert tag.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    detail = page.locator(".app-detail").first
    assert detail.evaluate("one => getComputedStyle(one).textDecorationLine") == "underline"


def test_print_leaves_out_what_cannot_be_used_on_paper(open_page: Open, gallery: str) -> None:
    page = open_page(gallery)
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Save and go on")).to_be_hidden()
    expect(page.locator("nav").first).to_be_hidden()
    expect(page.locator(".app-narrative").first).to_be_visible()


def test_tab_reaches_everything_in_the_order_of_reading_and_shows_where_it_is(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    reached = tab_order(page)
    assert reached[0] == "Skip to main content"
    wanted = [
        "Sign out",
        "Home",
        "A-0003",
        "verdict",
        "reason",
        "note",
        "Save and go onG",
        "SkipK",
    ]
    places = [reached.index(one) for one in wanted]
    assert places == sorted(places)


def test_a_detail_is_named_for_those_who_listen(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    heard = page.locator(".app-narrative").aria_snapshot()
    assert "Vehicle registration: AB12 CDE" in heard
    assert "Telephone number: 0191 498 0123" in heard


def test_each_kind_of_detail_looks_different_without_its_colour(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    looks = page.locator(".app-narrative .app-detail").evaluate_all(
        """all => all.map(one => {
          const style = getComputedStyle(one);
          return [style.textDecorationStyle, style.textDecorationThickness,
                  one.querySelector("sup").textContent].join(" ");
        })"""
    )
    assert len(set(looks)) == 9
    assert len({one.split()[-1] for one in looks}) == 9


def test_a_key_answers_and_the_next_record_is_there_with_its_heading_in_focus(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.evaluate("window.same = true")
    page.keyboard.press("o")
    expect(page.get_by_label("Overturn")).to_be_checked()
    page.keyboard.press("g")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0008")
    assert page.evaluate("window.same"), "the page was loaded anew"
    assert page.url == gallery + "/records/8?decided=7"
    assert page.title().startswith("Allegation A-0008")
    assert focused(page) == "Allegation A-0008"
    expect(page.locator("#app-status")).to_contain_text("Allegation A-0008")
    no_axe_violations(page)


def test_a_refused_answer_is_told_in_place_and_focus_goes_to_what_is_wrong(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.watch.expect("422")
    page.keyboard.press("g")
    summary = page.locator(".govuk-error-summary")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: ")
    no_axe_violations(page)
    summary.get_by_role("link").click()
    expect(page.locator("#verdict")).to_be_focused()


def test_a_refused_answer_keeps_the_address_of_the_record(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.watch.expect("422")
    page.keyboard.press("g")
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert page.url == gallery + "/records/7"


def test_who_is_signed_in_is_shown_anew_when_that_changes_with_the_record(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.locator("a[data-swap]").evaluate("one => { one.href = '/signed-out'; }")
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0001")
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    expect(page.get_by_role("navigation", name="Service")).to_have_count(0)


def test_an_answer_of_another_kind_is_shown_whole(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.locator("a[data-swap]").evaluate("one => { one.href = '/plain'; }")
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Somewhere else")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert page.title() == "Plain"
    assert page.url == gallery + "/plain"


def test_going_back_after_an_answer_shows_the_record_before(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0008")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0007")


def test_the_next_record_is_fetched_while_this_one_is_read(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(e => e.name.endsWith('/records/8'))"
    )
    page.route("**/records/8", lambda route: route.abort())
    page.keyboard.press("k")
    expect(page.get_by_role("heading", level=1)).to_have_text("Allegation A-0008")


def test_what_did_not_reach_the_service_is_told_and_nothing_is_lost(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.watch.expect("ERR_FAILED")
    page.route("**/decide", lambda route: route.abort())
    page.get_by_label("Note").fill("seen the van")
    page.get_by_label("Uphold").check()
    page.keyboard.press("g")
    expect(page.get_by_role("alert")).to_contain_text("did not reach the service")
    expect(page.get_by_label("Note")).to_have_value("seen the van")


def test_help_lists_the_keys_of_the_page_and_gives_focus_back(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    for words in ("Uphold", "Overturn", "Save and go on", "Skip", "Note (optional)"):
        expect(help_).to_contain_text(words)
    no_axe_violations(page)
    page.keyboard.press("o")
    expect(page.get_by_label("Overturn")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(help_).to_have_count(0)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_focused()


def test_keys_do_nothing_while_somebody_types(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.keyboard.press("w")
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("outside?")
    expect(page.get_by_label("Note")).to_have_value("outside?")
    expect(page.get_by_label("Overturn")).not_to_be_checked()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_keys_can_be_turned_off_and_stay_off_on_the_next_page(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.keyboard.press("?")
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.goto(gallery + "/records/8")
    page.keyboard.press("o")
    page.keyboard.press("?")
    expect(page.get_by_label("Overturn")).not_to_be_checked()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("kbd").first).to_be_hidden()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use single-key shortcuts").check()
    page.keyboard.press("Escape")
    page.keyboard.press("o")
    expect(page.get_by_label("Overturn")).to_be_checked()


def test_keys_with_a_modifier_are_left_to_the_browser(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.keyboard.press("Alt+o")
    page.keyboard.press("Control+o")
    expect(page.get_by_label("Overturn")).not_to_be_checked()


def test_typing_narrows_the_categories_and_keeps_those_chosen(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery)
    page.get_by_label("Drugs").check()
    field = page.get_by_label("Type to narrow the list")
    field.fill("smug")
    expect(page.get_by_label("Tobacco smuggling")).to_be_visible()
    expect(page.get_by_label("Drugs")).to_be_visible()
    expect(page.get_by_label("Fuel")).to_be_hidden()
    expect(page.get_by_text("3 of 11 shown")).to_be_visible()
    expect(page.get_by_label("Illegal working")).to_be_visible()
    field.press("Enter")
    assert page.url == gallery + "/"


def test_a_note_counts_down_what_is_left(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7")
    page.get_by_label("Note").fill("x" * 20)
    expect(page.get_by_text("You have 480 characters remaining").first).to_be_visible()


def test_hints_come_while_writing_and_leave_focus_where_it_is(
    open_page: Open, gallery: str
) -> None:
    page = open_page(gallery, "/records/7")
    page.get_by_label("Note").fill("near the shop")
    expect(page.locator("#hints")).to_have_text("A place would help.")
    page.get_by_label("Note").fill("near Mill Lane")
    expect(page.locator("#hints")).to_have_text("Thank you.")
    expect(page.get_by_label("Note")).to_be_focused()


def test_a_menu_folds_the_navigation_on_a_narrow_screen(open_page: Open, gallery: str) -> None:
    page = open_page(gallery, "/records/7", narrow=True)
    link = page.get_by_role("link", name="Work list")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(link).to_be_visible()
