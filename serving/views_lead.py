"""The lead's page: figures with their intervals, plots with their tables, links to the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.taxonomy import Taxonomy
from serving.agreement import Agreement
from serving.case_lists import BiasRow
from serving.oversight import LeadFigures
from serving.parts.figures import Figure, ReviewProgress, Table
from serving.plots import Plot, table_of
from serving.views import moment
from serving.views_bias import bias_table
from serving.views_lead_numbers import backlog_numbers, quality_numbers
from serving.views_lead_plots import PLOTS, plots
from serving.views_progress import bar


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
        backlog=backlog_numbers(found.backlog),
        quality=quality_numbers(found, agreed),
        progress=bar(found.progress),
        plots=plots(found, taxonomy),
        bias=bias_table(bias),
    )


def plot_table(name: str, found: LeadFigures, taxonomy: Taxonomy) -> Table | None:
    """Give the table of one plot, and work nothing else out; ``None`` where there is none."""
    make = PLOTS.get(name)
    return table_of(make(found, taxonomy)) if make else None
