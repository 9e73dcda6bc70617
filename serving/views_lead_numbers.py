"""The large numbers of the lead's page, each with the records behind it."""

from __future__ import annotations

from serving.agreement import Agreement
from serving.oversight import LeadFigures
from serving.parts.figures import Figure
from serving.plots import written
from serving.store.records_figures import Backlog


def backlog_numbers(waits: Backlog) -> tuple[Figure, ...]:
    """Show what waits, each number with its records."""
    return (
        Figure("To assess", f"{waits.unassessed:,}", url="/records?status=unassessed"),
        Figure("Past the time limit", f"{waits.overdue:,}", url="/records?overdue=1"),
        Figure("Urgent", f"{waits.urgent:,}", url="/records?status=unassessed&urgency=1"),
        Figure(
            "With a safeguarding flag",
            f"{waits.safeguarding:,}",
            url="/records?status=unassessed&safeguarding=1",
        ),
        Figure("For a second person", f"{waits.awaiting_second_person:,}", url="/second-person"),
        Figure("Waiting for a second look", f"{waits.second_looks:,}", url="/second-looks"),
        Figure("To discuss", f"{waits.to_discuss:,}", url="/to-discuss"),
        Figure("Overturned, to be worked", f"{waits.overturned:,}", url="/records?overturned=1"),
    )


def quality_numbers(found: LeadFigures, agreed: Agreement) -> tuple[Figure, ...]:
    """Show how often no value was wrong, what was found of it, and how reviewers agree."""
    rate, recall = found.error_rate, found.progress.recall
    return (
        Figure(
            "“No value” that was wrong",
            written(rate.share, "percent"),
            _between(rate.low, rate.high),
            "/records?overturned=1",
        ),
        Figure(
            "Wrong ones found so far",
            written(recall.estimate, "percent"),
            _between(recall.low, recall.high),
        ),
        Figure(
            "Reviewers agree (kappa)",
            "–" if agreed.kappa.estimate is None else f"{agreed.kappa.estimate:.2f}",
            _kappa(agreed),
        ),
    )


def _kappa(agreed: Agreement) -> str:
    pairs = f"{agreed.pairs:,} record{'s' * (agreed.pairs != 1)} read twice"
    low, high = agreed.kappa.low, agreed.kappa.high
    if low is None or high is None:
        return f"{pairs}: too few to say"
    return f"between {low:.2f} and {high:.2f}; {pairs}"


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "not known yet"
    return f"between {written(low, 'percent')} and {written(high, 'percent')}"
