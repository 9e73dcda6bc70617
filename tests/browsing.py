"""A real browser on a real server: what it sees, asks for and complains about."""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
BUDGET = 100_000
NARROW, WIDE = {"width": 320, "height": 800}, {"width": 1280, "height": 900}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str | None:
    """Where the browser is, or ``None``."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on a free port and give its address."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        started = threading.Event()
        startup = server.startup

        async def startup_and_tell(sockets: list[socket.socket] | None = None) -> None:
            await startup(sockets)
            started.set()

        server.startup = startup_and_tell  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
        thread.start()
        assert started.wait(60), "the server did not start"
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        server.should_exit = True
        thread.join(30)


class Watch:
    """What a page does that it must not: complain, break its policy, ask another host."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.host = urlsplit(base).netloc
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.expected: list[str] = []
        context.on("request", self._asked)
        context.on("console", self._said)
        context.on("weberror", lambda one: self.complaints.append(str(one.error)))

    def _asked(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self.host:
            self.strangers.append(request.url)

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def expect(self, words: str) -> None:
        """Let a complaint holding these words pass: a refusal that the test asks for."""
        self.expected.append(words)

    def assert_quiet(self) -> None:
        """Fail if there was any complaint or any request to another host."""
        assert not self.strangers, f"asked another host: {self.strangers}"
        unexpected = [
            one for one in self.complaints if not any(words in one for words in self.expected)
        ]
        assert not unexpected, f"the browser complained: {unexpected}"


def no_axe_violations(page: Page, *, within: str = "html") -> None:
    """Fail with a readable list if axe finds anything on the page as it is now."""
    page.evaluate(AXE.read_text("utf-8") + "; 0")
    found = page.evaluate(
        "([within, tags]) => axe.run(within, {runOnly: {type: 'tag', values: tags},"
        " resultTypes: ['violations']})",
        [within, RULES],
    )["violations"]
    listed = [
        f"{one['id']} ({one['impact']}): {one['help']}\n    "
        + "\n    ".join(f"{node['target']} {node['html'][:160]}" for node in one["nodes"][:5])
        for one in found
    ]
    assert listed == [], "\n".join(listed)


def transferred_bytes(page: Page, kinds: tuple[str, ...] = ("script", "link", "css")) -> int:
    """How many bytes of script and style the page's load brought, headers and all."""
    return int(
        page.evaluate(
            "kinds => performance.getEntriesByType('resource')"
            ".filter(one => kinds.includes(one.initiatorType))"
            ".reduce((sum, one) => sum + one.transferSize, 0)",
            list(kinds),
        )
    )


def fits_its_width(page: Page) -> None:
    """Fail if the page has to be scrolled sideways."""
    wide, room = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= room, f"{wide} pixels wide in {room}"


def focused(page: Page) -> str:
    """Identifier, or else text, of the element that has focus."""
    return str(
        page.evaluate("(document.activeElement.id || document.activeElement.textContent).trim()")
    )


def tab_order(page: Page, most: int = 200) -> list[str]:
    """What Tab reaches from the top of the page, each with whether its focus can be seen.

    Raises
    ------
    AssertionError
        Where an element shows nothing when it has focus.
    """
    page.evaluate("document.activeElement?.blur()")
    reached: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(
            """() => {
              const one = document.activeElement;
              if (!one || one === document.body) return ["", true];
              const around = one.closest(".govuk-radios__item, .govuk-checkboxes__item");
              const shown = [one, around?.querySelector("label")].filter(Boolean).some((part) =>
                ["", "::before"].some((pseudo) => {
                  const style = getComputedStyle(part, pseudo || null);
                  return style.boxShadow !== "none"
                    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
                }));
              const words = one.id || one.getAttribute("aria-label") || one.textContent;
              return [words.trim().replace(/\\s+/g, " ").slice(0, 60), shown];
            }"""
        )
        if not name:
            break
        assert seen, f"no focus is seen on {name}"
        reached.append(name)
    return reached


PASSWORD = "teal-anvil-41-orchard"


def sign_in(page: Page, base: str, role: str, *, password: str = PASSWORD) -> None:
    """Sign in by the form as the person who has the role and its name."""
    page.goto(base + "/sign-in")
    page.get_by_label("User name").fill(role)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out", exact=True).wait_for()
