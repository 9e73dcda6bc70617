"""How far a second look has come, as every page shows it."""

from __future__ import annotations

from serving.parts.figures import ReviewProgress
from serving.progress import Progress


def bar(done: Progress) -> ReviewProgress:
    """Tell how far the second look has come."""
    missed = done.still_missed
    known = missed.estimate is not None
    return ReviewProgress(
        reviewed=done.reviewed + done.reviewed_before,
        total=done.dismissed,
        found=done.found + done.found_before,
        low=round(missed.low) if known else None,
        high=round(missed.high) if known else None,
        advice=done.advice,
        earlier=done.found_before,
    )
