"""One story through every role, on one real server, with a real model and its ranking.

Two allegations are recorded and closed as of no value; a second look finds that one of them was
not; the lead's figures count it, and the inspector sees what the reviewer saw.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from browsing import NARROW, WIDE, fits_its_width, focused, no_axe_violations
from playwright.sync_api import Page, expect

from serving.promoted import PromotedModel
from serving.ranking import RankingWorker
from serving.store.database import Store

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Site = Any

OPEN = "sells cigarettes from a white van AB12 CDE outside 31 Quay Street NE3 2AB, foreign packets"
CLOSED = (
    "the owner pays 12 men cash in hand at the car wash, they sleep above the shop, "
    "call 0191 498 0777"
)
MOST_SKIPPED = 40
SETTLED = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(done)))"""
"""Waits until the page has been painted at its new width."""
WORDS_ALONE = """element => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll("sup, .govuk-visually-hidden").forEach((one) => one.remove());
  return copy.textContent.trim();
}"""


@dataclass(frozen=True)
class Seen:
    """What the reviewer was shown of the record that he overturned."""

    narrative: str
    number: int
    doubt: str
    words: tuple[str, ...]


def fine(page: Page) -> None:
    """Fail if the page as it is breaks a rule of accessibility, or is too wide for a phone."""
    no_axe_violations(page)
    fits_its_width(page)
    page.set_viewport_size(NARROW)
    page.evaluate(SETTLED)
    fits_its_width(page)
    page.set_viewport_size(WIDE)


def heading(page: Page, words: str | re.Pattern[str]) -> None:
    """Wait for a heading."""
    expect(page.get_by_role("heading", name=words).first).to_be_visible()


def recorded(page: Page, base: str, said: str) -> str:
    """Record an allegation that came by telephone; gives its key."""
    page.goto(base + "/records/new")
    page.get_by_label("What is alleged?").fill(said)
    page.get_by_label("Hotline").check()
    page.get_by_role("button", name="Record it").click()
    expect(page.get_by_text("It waits for its assessment.")).to_be_visible()
    fine(page)
    return page.url.rpartition("/")[2]


def viewed(page: Page, base: str, key: str, value: str) -> None:
    """Give the own view of a record; the suggestion shows only then."""
    page.goto(f"{base}/records/{key}")
    assert "Suggested value" not in page.content()
    page.get_by_label(value).first.check()
    page.get_by_role("button", name="Save my view").click()
    heading(page, "What the computer suggests")


def kept_open(page: Page, base: str, key: str) -> None:
    """Assess a record as worth pursuing."""
    viewed(page, base, key, "Medium")
    fine(page)
    page.get_by_label("Keep it open").check()
    page.get_by_label("How seriou").check()
    page.get_by_role("button", name="Save assessment").click()
    heading(page, "Medium: open, to be pursued")
    fine(page)


def closed(page: Page, base: str, key: str) -> None:
    """Close a record as of no value."""
    viewed(page, base, key, "No value")
    page.get_by_label("Close it").check()
    page.get_by_label("Why is it closed?").select_option("no_value_insufficient_information")
    page.get_by_label("What came of it?").select_option("no_action")
    page.get_by_label("How much there is").check()
    page.get_by_role("button", name="Save assessment").click()
    heading(page, "No value: closed")
    fine(page)


def ranked(site: Site) -> None:
    """Let the worker do its turn: it runs in a process of its own otherwise."""
    store = Store(site.settings.database_url)
    RankingWorker(store, PromotedModel(site.settings.models_dir), site.settings).step()
    store.close()


def narrative_of(page: Page) -> str:
    """The narrative as it was written, without the marks that explain it."""
    return str(page.locator(".app-narrative").first.evaluate(WORDS_ALONE))


def seen_of(page: Page) -> Seen:
    """What stands on the page after a decision."""
    meter = page.get_by_label("Doubt about the first value").first
    number = re.search(r"/second-look/(\d+)/done", page.url)
    assert number
    words = page.locator(".app-phrases q").all_inner_texts()
    return Seen(
        narrative_of(page), int(number[1]), meter.get_attribute("value") or "", tuple(words)
    )


def figure(page: Page, label: str) -> str:
    """A large number of the lead's page."""
    term = page.locator("dt", has_text=re.compile(f"^{label}$"))
    return term.locator("xpath=following-sibling::dd").inner_text().strip()


def closed_by_the_assessor(signed_in: Open, site: Site) -> str:
    """The morning: the lead records two allegations, an assessor assesses them."""
    lead = signed_in("lead", "/records/new", site=site)
    fine(lead)
    first, second = (recorded(lead, site.base, said) for said in (OPEN, CLOSED))
    assessor = signed_in("assessor", "/records?status=unassessed", site=site)
    for key in (first, second):
        expect(assessor.locator(f'h2 a[href="/records/{key}"]')).to_be_visible()
    fine(assessor)
    kept_open(assessor, site.base, first)
    closed(assessor, site.base, second)
    ranked(site)
    return second


def decided_with_the_keyboard_alone(page: Page) -> None:
    """Uphold, undo, uphold again, next; unsure; help; skip."""
    press = page.keyboard.press
    press("n")
    heading(page, "Your decision")
    assert "Allegation" in focused(page)
    assert "What the computer made of it" not in page.content()
    fine(page)
    for letter in "u1s":
        press(letter)
    heading(page, "Upheld, no value")
    fine(page)
    press("z")
    heading(page, "Your decision")
    for letter in "u1s":
        press(letter)
    heading(page, "Upheld, no value")
    upheld = page.url
    press("n")
    heading(page, "Your decision")
    press("m")
    page.keyboard.type("is it the same car wash?")
    press("Tab")
    press("Tab")
    expect(page.get_by_role("button", name="Unsure, discuss")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("textbox", name="Note")).to_have_value("")
    assert page.url != upheld
    press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Uphold")
    no_axe_violations(page)
    press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def reached(page: Page, skip: Callable[[], None]) -> None:
    """Skip records until the one is there that was closed in the morning."""
    for _ in range(MOST_SKIPPED):
        if narrative_of(page) == CLOSED:
            return
        before = page.url
        skip()
        page.wait_for_url(lambda url, was=before: url != was)
        heading(page, "Your decision")
    raise AssertionError(f"it was not among the first {MOST_SKIPPED}")


def overturned_with_the_keyboard_alone(page: Page) -> Seen:
    """Overturn the record on the page; leaving something out is pointed out first."""
    press = page.keyboard.press
    page.watch.expect("422")
    press("o")
    press("1")
    press("s")
    expect(page.get_by_role("alert")).to_contain_text("Choose the value that it should have")
    fine(page)
    expect(page.get_by_label("Overturn")).to_be_checked()
    press("o")
    press("Tab")
    press("Space")
    expect(page.get_by_label("Low", exact=True)).to_be_checked()
    press("s")
    heading(page, "Overturned, low")
    fine(page)
    return seen_of(page)


def overturned_without_a_script(page: Page) -> Seen:
    """Uphold one and take it back, leave it to be discussed, then overturn the one."""
    page.get_by_role("button", name="Get a record").click()
    page.get_by_label("Uphold").check()
    page.get_by_label("How much there is").check()
    page.get_by_role("button", name="Save decision").click()
    heading(page, "Upheld, no value")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("textbox", name="Note").fill("is it the same car wash?")
    page.get_by_role("button", name="Unsure, discuss").click()
    reached(page, lambda: page.get_by_role("button", name="Skip").click())
    page.get_by_label("Overturn").check()
    page.get_by_label("Low", exact=True).check()
    page.get_by_label("How much there is").check()
    page.get_by_role("button", name="Save decision").click()
    heading(page, "Overturned, low")
    return seen_of(page)


def counted_by_the_lead(page: Page) -> None:
    """The figures count what was overturned, and lead to it."""
    fine(page)
    assert figure(page, "Overturned, to be worked") == "1"
    assert figure(page, "To discuss") == "1"
    page.get_by_role("link", name="1", exact=True).last.click()
    fine(page)


def replayed(page: Page, key: str, seen: Seen) -> None:
    """The inspector finds the decision in the log and sees what its maker saw."""
    page.get_by_label("What", exact=True).fill("decided second look")
    page.get_by_label("Record", exact=True).fill(key)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("table").get_by_role("link", name=key).click()
    page.wait_for_url(f"**/audit/replays/decision/{seen.number}")
    expect(page.get_by_text("exactly what was shown: every digest")).to_be_visible()
    assert narrative_of(page) == seen.narrative == CLOSED
    shown = page.locator("main").inner_text()
    assert [one for one in seen.words if one not in shown] == []
    expect(page.get_by_text("Exactly what was shown: both digests are right.")).to_have_count(2)


def sound(page: Page) -> None:
    """The audit log is as it was written."""
    page.get_by_role("link", name="Back to the audit log").click()
    page.get_by_role("button", name="Check the whole log").click()
    expect(page.get_by_role("status").first).to_contain_text("rows are as they were written")


def test_what_was_closed_wrongly_is_found_again_counted_and_replayed(
    signed_in: Open, own_site: Site
) -> None:
    key = closed_by_the_assessor(signed_in, own_site)
    reviewer = signed_in("reviewer", "/second-look", site=own_site)
    fine(reviewer)
    decided_with_the_keyboard_alone(reviewer)
    reached(reviewer, lambda: reviewer.keyboard.press("k"))
    seen = overturned_with_the_keyboard_alone(reviewer)
    counted_by_the_lead(signed_in("lead", "/lead", site=own_site))
    data = signed_in("data_scientist", "/data", site=own_site)
    heading(data, "Models")
    fine(data)
    inspector = signed_in("inspector", "/audit", site=own_site)
    fine(inspector)
    replayed(inspector, key, seen)
    fine(inspector)
    sound(inspector)
    fine(inspector)


def test_the_second_look_and_its_replay_need_no_script(signed_in: Open, own_site: Site) -> None:
    key = closed_by_the_assessor(signed_in, own_site)
    reviewer = signed_in("reviewer", "/second-look", site=own_site, script=False)
    seen = overturned_without_a_script(reviewer)
    inspector = signed_in("inspector", "/audit", site=own_site, script=False)
    replayed(inspector, key, seen)
    sound(inspector)
