"""Context of the accessibility statement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """Context of ``accessibility.html``.

    Parameters
    ----------
    title
        Heading of the page.
    can
        What people can do, one to a line.
    limits
        What falls short, one to a line.
    """

    title: str
    can: tuple[str, ...]
    limits: tuple[str, ...]


STATEMENT = AccessibilityPage(
    title="Accessibility statement",
    can=(
        (
            "zoom to 400%, or use a screen 320 pixels wide, without scrolling sideways except "
            "in wide tables and plots, which scroll by themselves"
        ),
        "do everything with a keyboard, or with speech that clicks what is named",
        "turn single-key shortcuts off: choose “Keyboard shortcuts” at the foot of a page",
        "listen to every page with a screen reader; what changes on a page is read out",
        "use your own colours, a high contrast mode, or no script at all",
        "read every plot as a table, which stands beside it",
    ),
    limits=(
        (
            "Marked details in a long narrative are many; a screen reader says the kind of each "
            "before its words, which makes for slow listening."
        ),
        "Narratives are shown as they were received, with their spelling and in their language.",
        (
            "Checked by axe-core and by keyboard in Chromium; not yet by people who depend on "
            "assistive technology."
        ),
    ),
)
