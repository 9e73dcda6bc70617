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

TOUR = ROOT / "docs" / "tour"
TALLEST = {1280: 2000, 320: 2400}
COLOURS = 96
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


SHOTS: tuple[Shot, ...] = (
    Shot(
        "second-looks",
        "Second looks",
        "“No value” closures, the most doubtful first, with the details that could be "
        "investigated marked in each.",
        "/second-looks",
    ),
    Shot(
        "why",
        "Why a record is in the queue",
        "Closed until the reader opens it: the doubt in words, and the phrases behind it.",
        "/second-looks",
        steps=lambda page: page.locator("summary").first.click(),
    ),
    Shot(
        "second-look",
        "One second look",
        "The whole narrative, with a legend that does not rely on colour.",
        "/second-looks",
        steps=lambda page: page.locator("h2 a").first.click(),
    ),
    Shot(
        "keys",
        "Help with the keyboard",
        "The question mark lists the keys of the page; they can be turned off.",
        "/second-looks",
        steps=lambda page: page.keyboard.press("?"),
        whole=False,
    ),
    Shot("not-found", "A page that is not there", "What happened and where to go.", "/nowhere"),
)


@contextmanager
def demonstration() -> Iterator[tuple[str, str]]:
    """Run ``secondlook demo`` over a store of its own; give its address and what it said."""
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
                yield found[0], said
                break
        process.terminate()
        process.wait(30)


def picture(page: Page, width: int, *, whole: bool) -> Image.Image:
    """Take the page as it is, with few colours, cut where it gets too long."""
    taken = Image.open(io.BytesIO(page.screenshot(full_page=whole)))
    cut = taken.crop((0, 0, width, min(taken.height, TALLEST[width])))
    return cut.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def take(browser: Browser, base: str, shot: Shot) -> None:
    """Take both pictures of a shot."""
    for size in (WIDE, NARROW):
        with browser.new_context(viewport=size, reduced_motion="reduce") as context:
            page = context.new_page()
            if shot.role:
                sign_in(page, base, shot.role)
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
    parser.add_argument("--base", help="address of a service that runs already")
    asked = parser.parse_args()
    path = chromium()
    if path is None:
        print("There is no Chromium on this machine: install one to take the pictures.")  # noqa: T201
        return 2
    TOUR.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in SHOTS if not asked.names or one.name in asked.names]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if asked.base:
            _take_all(browser, asked.base, wanted)
        else:
            with demonstration() as (base, _):
                _take_all(browser, base, wanted)
        browser.close()
    for old in TOUR.glob("*.png"):
        if old.stem.rpartition("-")[0] not in {one.name for one in SHOTS}:
            old.unlink()
    (ROOT / "docs" / "tour.md").write_text(tour(SHOTS), encoding="utf-8")
    return 0


def _take_all(browser: Browser, base: str, shots: list[Shot]) -> None:
    for shot in shots:
        take(browser, base, shot)


if __name__ == "__main__":
    sys.exit(main())
