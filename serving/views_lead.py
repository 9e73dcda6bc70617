"""The lead's page: figures with their intervals, plots with their tables, links to the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.taxonomy import Taxonomy
from serving.agreement import Agreement
from serving.case_lists import BiasRow
from serving.oversight import LeadFigures
from serving.parts.figures import Figure, ReviewProgress, Table
from serving.plots import Plot, table_of, written
from serving.store.records_figures import Backlog
from serving.views import moment
from serving.views_bias import bias_table
from serving.views_lead_plots import plots


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Context of ``lead.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    made
        When the figures were worked out.
    backlog
        What waits, each with the records behind it.
    quality
        The error rate of "no value", recall and agreement.
    progress
        How far the second look has come.
    plots
        Plots, each with its table.
    bias
        How people answer to suggestions.
    """

    title: str
    made: str
    backlog: tuple[Figure, ...]
    quality: tuple[Figure, ...]
    progress: ReviewProgress
    plots: tuple[Plot, ...]
    bias: Table


def lead_page(
    found: LeadFigures, agreed: Agreement, bias: Sequence[BiasRow], taxonomy: Taxonomy
) -> LeadPage:
    """Make the context of the lead's page."""
    return LeadPage(
        title="Figures",
        made=moment(found.made_at),
        backlog=_backlog(found.backlog),
        quality=_quality(found, agreed),
        progress=_progress(found),
        plots=plots(found, taxonomy),
        bias=bias_table(bias),
    )


def tables(found: LeadFigures, bias: Sequence[BiasRow], taxonomy: Taxonomy) -> dict[str, Table]:
    """Give every table of the page by the name under which it downloads."""
    named = {plot.key: table_of(plot) for plot in plots(found, taxonomy)}
    return {**named, "bias": bias_table(bias)}


def _backlog(waits: Backlog) -> tuple[Figure, ...]:
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


def _quality(found: LeadFigures, agreed: Agreement) -> tuple[Figure, ...]:
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


def _progress(found: LeadFigures) -> ReviewProgress:
    done = found.progress
    known = done.still_missed.estimate is not None
    return ReviewProgress(
        reviewed=done.reviewed + done.reviewed_before,
        total=done.dismissed,
        found=done.found + done.found_before,
        low=round(done.still_missed.low) if known else None,
        high=round(done.still_missed.high) if known else None,
        advice=done.advice,
    )


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "not known yet"
    return f"between {written(low, 'percent')} and {written(high, 'percent')}"
