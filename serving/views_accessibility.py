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
    tested
        With what it was tested, one to a line.
    untested
        What nobody has tested yet, one to a line.
    limits
        What falls short, one to a line.
    """

    title: str
    can: tuple[str, ...]
    tested: tuple[str, ...]
    untested: tuple[str, ...]
    limits: tuple[str, ...]


STATEMENT = AccessibilityPage(
    title="Accessibility statement",
    can=(
        (
            "zoom to 400%, or use a screen 320 pixels wide, without scrolling sideways except "
            "in wide tables and plots, which scroll by themselves"
        ),
        "do everything with a keyboard",
        "turn single-key shortcuts off: choose “Keyboard shortcuts” at the foot of a page",
        "work with no script at all",
        "use your own colours or a high contrast mode: nothing is said by colour alone",
        "read every plot as a table, which stands beside it",
    ),
    tested=(
        (
            "axe-core, with its rules for WCAG 2.0, 2.1 and 2.2 at levels A and AA and its best "
            "practices, on the pages wide and at 320 pixels, and in the states that tests reach: "
            "refusals, empty lists, opened details"
        ),
        "the Tab key, through lists and forms, with a check that focus can be seen",
        "Chromium with its script turned off",
        "words that are written from right to left, and narratives of 10,000 characters",
    ),
    untested=(
        "a screen reader, a screen magnifier or speech recognition",
        "browsers other than Chromium, and mobile devices",
        "people who depend on assistive technology",
        "anybody outside those who make the service: there was no independent audit",
    ),
    limits=(
        (
            "Marked details in a long narrative are many; a screen reader says the kind of each "
            "before its words, which makes for slow listening."
        ),
        (
            "Narratives are shown as they were received. Their language is not marked, so a "
            "screen reader may speak them with the wrong voice (WCAG 3.1.2)."
        ),
        (
            "While an allegation is recorded, how much is there is read out after a pause in "
            "typing; what exactly is missing has to be read in its list."
        ),
        (
            "A session ends when nothing was done for a while, and nothing warns of it "
            "beforehand. Whoever runs the service sets how long that is (WCAG 2.2.1)."
        ),
    ),
)
