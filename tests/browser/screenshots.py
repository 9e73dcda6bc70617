"""Write ``docs/tour.md`` and its pictures from the demonstration service.

``make screenshots`` runs it. Add a page by adding a `Shot` to ``SHOTS``: what is in that list is
what the tour shows, in that order.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browsing import NARROW, ROOT, WIDE, chromium, sign_in

SAID = re.compile(r"│\s*(\S+)\s*│\s*([a-z]+(?: [a-z]+)*)\s*│\s*(\S+)\s*│")
"""A row of the table of accounts that the demonstration prints: name, role, password."""

Accounts = dict[str, tuple[str, str]]
"""Name and password by role."""

TOUR = ROOT / "docs" / "tour"
TALLEST = {1280: 2000, 320: 2400}
COLOURS = 96
PATIENCE = 120
Steps = Callable[[Page], object]


def as_it_is(_: Page) -> None:
    """Show the page as it opens."""


@dataclass(frozen=True)
class Shot:
    """A page in a state.

    Parameters
    ----------
    name
        Of its pictures.
    title
        Heading in the tour.
    told
        What to see, one or two sentences.
    path
        Where it is.
    role
        Who sees it; empty for anybody.
    steps
        What is done on the page before the picture is taken.
    whole
        Whether the whole page is taken, or only what the screen holds.
    """

    name: str
    title: str
    told: str
    path: str
    role: str = ""
    steps: Steps = as_it_is
    whole: bool = True


def decide(page: Page) -> None:
    """Take a record and overturn it."""
    take_one(page)
    page.get_by_label("Overturn").check()
    for name in ("value", "reason"):
        page.locator(f"input[name={name}]").first.check()
    page.get_by_role("button", name="Save decision").click()
    page.get_by_text("What the computer made of it").wait_for()


def take_one(page: Page) -> None:
    """Take a record from the queue."""
    page.get_by_role("button", name="Get a record").click()
    page.get_by_role("heading", name="Your decision").wait_for()


def help_with_keys(page: Page) -> None:
    """Take a record and ask which keys there are."""
    take_one(page)
    page.keyboard.press("?")


def give_a_view(page: Page) -> None:
    """Give an own view of the allegation, unless it was given for the other picture."""
    if page.get_by_role("button", name="Save my view").count():
        page.locator("input[name=value]").nth(1).check()
        page.get_by_role("button", name="Save my view").click()
    page.get_by_role("heading", name="What the computer suggests").wait_for()


def open_the_first(page: Page) -> None:
    """Open the first record of a list, where it holds any."""
    first = page.locator("tbody a")
    if first.count():
        first.first.click()
        page.get_by_role("heading", name="You are the second person").wait_for()


def write_some(page: Page) -> None:
    """Write part of what somebody says on the telephone."""
    page.get_by_label("What is alleged?").fill(
        "A man called Vik sells cigarettes without duty from a white van, AB12 CDE, by the "
        "garages behind Mill Lane. They come by boat tonight."
    )
    page.get_by_text("Recognised: vehicle registration.").wait_for()


def search_for_a_van(page: Page) -> None:
    """Search every narrative."""
    page.get_by_label("Status").select_option("any")
    page.get_by_label("Words in the narrative").fill("van")
    page.get_by_role("button", name="Apply").click()
    page.get_by_text("with these words").wait_for()


def read_the_first(page: Page) -> None:
    """Open who reported the first one."""
    page.locator("article h2 a").first.click()
    page.get_by_role("heading", name="What they said of themselves").wait_for()


def leave_out(page: Page) -> None:
    """Take a record and save without an answer."""
    take_one(page)
    page.get_by_role("button", name="Save decision").click()
    page.get_by_role("alert").wait_for()


def replay(page: Page) -> None:
    """Open the first second look that the log has."""
    page.get_by_label("What", exact=True).fill("decided second look")
    page.get_by_role("button", name="Search").click()
    page.locator("a[href^='/audit/replays/decision/']").first.click()
    page.get_by_role("heading", name="what its maker was shown").wait_for()


def draw(page: Page) -> None:
    """Draw a sample that can be drawn again."""
    page.get_by_label("Seed").fill("2026")
    page.locator("main form button").first.click()
    page.get_by_role("table").wait_for()


SHOTS: tuple[Shot, ...] = (
    Shot("sign-in", "Sign in", "Roles decide what is seen from here on.", "/sign-in"),
    Shot(
        "home",
        "Home",
        "What needs whoever signed in, the most pressing first, and nothing else.",
        "/",
        "lead",
    ),
    Shot(
        "allegations",
        "Allegations",
        "What waits, by urgency and clock. What narrows the list is in its address.",
        "/records",
        "assessor",
    ),
    Shot(
        "search",
        "Searching the narratives",
        "The words that are searched for are in no address and in no log.",
        "/records",
        "assessor",
        search_for_a_van,
    ),
    Shot(
        "record",
        "Record an allegation",
        "While somebody tells it on the telephone: what is there, what to ask for, what to mind. "
        "Who reports it is kept apart.",
        "/records/new",
        "assessor",
        write_some,
    ),
    Shot(
        "assess-own-view",
        "Assess: your own view",
        "Clock, safeguarding and links in words, details marked in the text, and what is missing. "
        "Nothing is suggested and nothing is chosen beforehand.",
        "/next-allegation",
        "assessor",
    ),
    Shot(
        "assess",
        "Assess: the suggestion, and the assessment",
        "After the own view: the suggestion with its confidence in words, and the same questions "
        "whether it is followed or not.",
        "/next-allegation",
        "assessor",
        give_a_view,
    ),
    Shot(
        "second-person",
        "The second person",
        "One person alone does not close a record that is flagged for safeguarding.",
        "/second-person",
        "lead",
        open_the_first,
    ),
    Shot(
        "overturned",
        "Overturned",
        "What a second look found comes back to be worked.",
        "/returned",
        "assessor",
    ),
    Shot(
        "second-look",
        "Second look: where it stands",
        "What was reviewed and found, what may remain with its interval, and what more reviews "
        "would find.",
        "/second-look",
        "reviewer",
    ),
    Shot(
        "second-look-record",
        "Second look: one record",
        "The narrative and what is asked about it. What the computer makes of it stays hidden "
        "until the decision.",
        "/second-look",
        "reviewer",
        take_one,
    ),
    Shot(
        "keys",
        "Help with the keyboard",
        "The question mark lists the keys of the page; they can be turned off.",
        "/second-look",
        "reviewer",
        help_with_keys,
        whole=False,
    ),
    Shot(
        "second-look-receipt",
        "Second look: after the decision",
        "Now the doubt, the words behind it and the precedents for and against.",
        "/second-look",
        "reviewer",
        decide,
    ),
    Shot(
        "second-look-missing",
        "Second look: something is missing",
        "What is missing is said at the top and beside the question; what was answered stays.",
        "/second-look",
        "reviewer",
        leave_out,
    ),
    Shot(
        "queue",
        "The queue",
        "“No value” closures, the most doubtful first, with the details that could be "
        "investigated marked in each.",
        "/second-looks",
        "lead",
    ),
    Shot(
        "lead",
        "Figures for who leads",
        "What waits, how good “no value” is with its interval, and every plot with its table.",
        "/lead",
        "lead",
    ),
    Shot(
        "models",
        "Models",
        "The model in force beside its challenger, whom it misses more of, and what would change.",
        "/data",
        "data_scientist",
    ),
    Shot("audit", "Audit log", "Who did what, and a check of the whole.", "/audit", "inspector"),
    Shot(
        "who-reported",
        "Who reported",
        "For source handlers alone. Each reading is logged, and the next reader sees it.",
        "/identities",
        "source_handler",
        read_the_first,
    ),
    Shot(
        "planted",
        "Records whose answer is known",
        "Planted blind among the second looks, they measure how reviewers answer, with intervals.",
        "/planted",
        "lead",
    ),
    Shot(
        "retention",
        "Keep or erase",
        "What is due for review; what goes is said before anything is erased.",
        "/retention",
        "lead",
    ),
    Shot(
        "replay",
        "What the decision-maker saw",
        "Everything that was shown beside the narrative, with digests that prove it.",
        "/audit",
        "inspector",
        replay,
    ),
    Shot(
        "samples",
        "A random sample",
        "Drawn with a seed, so that anybody can draw it again.",
        "/audit/samples",
        "inspector",
        draw,
    ),
    Shot(
        "not-found",
        "A page that is not there",
        "What happened and where to go.",
        "/nowhere",
        "reviewer",
        whole=False,
    ),
)


@contextmanager
def demonstration() -> Iterator[tuple[str, Accounts]]:
    """Run ``secondlook demo`` over a store of its own; give its address and its accounts."""
    with tempfile.TemporaryDirectory() as folder:
        database = {"SECONDLOOK_DATABASE_URL": f"sqlite:///{folder}/demo.db"}
        run = [sys.executable, "-m", "secondlook", "demo", "--port", "0"]
        process = subprocess.Popen(
            run, cwd=ROOT, env={**os.environ, **database}, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            if found := re.search(r"http://[\w.:\[\]]+", line):
                yield found[0], accounts_of(said)
                break
        else:
            raise SystemExit(f"the demonstration did not start; it said:\n{said}")
        process.terminate()
        process.wait(30)


def picture(page: Page, width: int, *, whole: bool) -> Image.Image:
    """Take the page as it is, with few colours, cut where it gets too long."""
    taken = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    cut = taken.crop((0, 0, width, min(taken.height, TALLEST[width])))
    return cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def wait_for_ranking(browser: Browser, base: str, accounts: Accounts) -> None:
    """Wait until the queue holds something."""
    with browser.new_context() as context:
        page = context.new_page()
        come_in(page, base, "lead", accounts)
        for _ in range(PATIENCE):
            page.goto(base + "/second-looks")
            if page.locator("article").count():
                return
            page.wait_for_timeout(2_000)
        raise TimeoutError("nothing was ranked")


def accounts_of(said: str) -> Accounts:
    """Read the accounts from what the demonstration printed; of a role's, the first."""
    rows = reversed(SAID.findall(said))
    return {role.replace(" ", "_"): (name, password) for name, role, password in rows}


def come_in(page: Page, base: str, role: str, accounts: Accounts) -> None:
    """Sign in as the account of a role."""
    name, password = accounts[role]
    sign_in(page, base, name, password=password)


def take(browser: Browser, base: str, accounts: Accounts, shot: Shot) -> None:
    """Take both pictures of a shot."""
    for size in (WIDE, NARROW):
        with browser.new_context(viewport=size, reduced_motion="reduce") as context:
            page = context.new_page()
            if shot.role:
                come_in(page, base, shot.role, accounts)
            page.goto(base + shot.path)
            shot.steps(page)
            page.wait_for_load_state("networkidle")
            width = size["width"]
            taken = picture(page, width, whole=shot.whole)
            taken.save(TOUR / f"{shot.name}-{width}.png", optimize=True)
    print(f"{shot.name}: taken")  # noqa: T201


def tour(shots: tuple[Shot, ...]) -> str:
    """Write the tour."""
    head = (
        "# A tour of the pages\n\nMade by `make screenshots` from the demonstration. Each page is "
        "shown on a wide screen and at 320 pixels; none needs a script.\n"
    )
    parts = [
        f"\n## {one.title}\n\n{one.told}\n\n"
        f'<img src="tour/{one.name}-1280.png" alt="{one.title}, on a wide screen" width="640">\n'
        f'<img src="tour/{one.name}-320.png" alt="{one.title}, on a narrow screen" width="160">\n'
        for one in shots
    ]
    return head + "".join(parts)


def main() -> int:
    """Take every picture, or those named, and write the tour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="shots to take; all where none is named")
    asked = parser.parse_args()
    path = chromium()
    if path is None:
        print("There is no Chromium on this machine: install one to take the pictures.")  # noqa: T201
        return 2
    TOUR.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SHOTS if not asked.names or one.name in asked.names]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        with demonstration() as (base, accounts):
            wait_for_ranking(browser, base, accounts)
            _take_all(browser, base, accounts, wanted)
        browser.close()
    for old in TOUR.glob("*.png"):
        if old.stem.rpartition("-")[0] not in {one.name for one in SHOTS}:
            old.unlink()
    (ROOT / "docs" / "tour.md").write_text(tour(SHOTS), encoding="utf-8")
    return 0


def _take_all(browser: Browser, base: str, accounts: Accounts, shots: list[Shot]) -> None:
    for shot in shots:
        take(browser, base, accounts, shot)


if __name__ == "__main__":
    sys.exit(main())
