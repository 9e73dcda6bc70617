"""The lead's page: figures with their intervals, plots with their tables, links to the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from data.taxonomy import Taxonomy
from serving.agreement import Agreement
from serving.case_lists import BiasRow
from serving.oversight import UNKNOWN, LeadFigures, Rate
from serving.parts.figures import Cell, Column, Figure, ReviewProgress, Table
from serving.plots import BarPlot, Line, LinePlot, Plot, Point, table_of, written
from serving.store.records_figures import Backlog
from serving.views import moment

NOT_KNOWN = "Not known"


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


def plots(found: LeadFigures, taxonomy: Taxonomy) -> tuple[Plot, ...]:
    """Make the plots of the lead's page, by the names under which their tables download."""
    return (
        _rates("channel", "by channel", found.by_channel, taxonomy, "Channel"),
        _rates("category", "by category", found.by_category, taxonomy, "Category"),
        _weekly(found.by_week),
        _clock(found),
        _recall(found),
    )


def tables(found: LeadFigures, bias: Sequence[BiasRow], taxonomy: Taxonomy) -> dict[str, Table]:
    """Give every table of the page by the name under which it downloads."""
    named = {plot.key: table_of(plot) for plot in plots(found, taxonomy)}
    return {**named, "bias": bias_table(bias)}


def bias_table(bias: Sequence[BiasRow]) -> Table:
    """Tell how people answer to suggestions, team by team."""
    heads = (
        "Assessments",
        "With a suggestion",
        "Own view the same",
        "Moved towards it",
        "Moved away",
        "Median seconds",
    )
    return Table(
        "How people answer to suggestions",
        (Column("Team"), *(Column(one, numeric=True) for one in heads)),
        tuple(_bias(one) for one in bias),
        "/lead/bias.csv",
        "Nobody has assessed an allegation here yet.",
    )


def _bias(one: BiasRow) -> tuple[Cell, ...]:
    seconds = "–" if one.median_seconds is None else f"{one.median_seconds:,.0f}"
    counted = (one.own_equal, one.towards, one.away)
    return (
        Cell(one.who or "No team"),
        Cell(f"{one.assessments:,}"),
        Cell(f"{one.shown:,}"),
        *(Cell(_of(count, one.shown)) for count in counted),
        Cell(seconds),
    )


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


def _rates(
    key: str, words: str, rates: Sequence[Rate], taxonomy: Taxonomy, group_title: str
) -> BarPlot:
    return BarPlot(
        key=key,
        title=f"Closed as of no value, {words}",
        told=_extremes(rates, taxonomy),
        bars=tuple(_rate(one, key, taxonomy) for one in rates),
        group_title=group_title,
        value_title="Share of no value",
        unit="percent",
        csv_url=f"/lead/{key}.csv",
    )


def _extremes(rates: Sequence[Rate], taxonomy: Taxonomy) -> str:
    known = [one for one in rates if one.share is not None and one.of >= 30]
    if len(known) < 2:
        return "Too few allegations to compare yet."
    least, most = (pick(known, key=lambda one: one.share or 0) for pick in (min, max))
    return (
        f"Highest for {_title(most.group, taxonomy)} ({written(most.share, 'percent')}), lowest "
        f"for {_title(least.group, taxonomy)} ({written(least.share, 'percent')}), among groups "
        "of 30 and more."
    )


def _rate(one: Rate, key: str, taxonomy: Taxonomy) -> Point:
    known = one.group != UNKNOWN
    url = f"/records?{urlencode({'no_value': 1, key: one.group})}" if known else ""
    return Point(_title(one.group, taxonomy), one.share, one.low, one.high, url)


def _title(code: str, taxonomy: Taxonomy) -> str:
    return NOT_KNOWN if code == UNKNOWN else taxonomy.title(code)


def _weekly(rates: Sequence[Rate]) -> LinePlot:
    points = tuple(
        Point(one.group, one.share, one.low, one.high, f"/records?no_value=1&week={one.group}")
        for one in rates
    )
    return LinePlot(
        key="week",
        title="Closed as of no value, by week received",
        told="Share of the valued allegations, with 95% intervals.",
        lines=(Line("", points),),
        x_title="Week from",
        y_title="Share of no value",
        unit="percent",
        csv_url="/lead/week.csv",
    )


def _clock(found: LeadFigures) -> LinePlot:
    points = tuple(
        Point(str(one.monday), one.share_met, url=f"/records?timed=1&week={one.monday}")
        for one in found.weeks
    )
    late = sum(one.late + one.overdue for one in found.weeks)
    return LinePlot(
        key="clock",
        title="Assessed within the time limit, by week received",
        told=f"{late:,} late or overdue in the weeks shown.",
        lines=(Line("", points),),
        x_title="Week from",
        y_title="Share in time",
        unit="percent",
        limit=1.0,
        limit_text="all in time",
        csv_url="/lead/clock.csv",
    )


def _recall(found: LeadFigures) -> LinePlot:
    points = tuple(
        Point(f"{one.reviewed:,}", one.recall, one.low, one.high) for one in found.curve
    )
    return LinePlot(
        key="recall",
        title="Wrong dismissals found, by second looks made",
        told="Share of all wrong dismissals, by the estimate as it stands now, with its 95% "
        "interval.",
        lines=(Line("", points),),
        x_title="Second looks",
        y_title="Share found",
        unit="percent",
        csv_url="/lead/recall.csv",
    )


def _between(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "not known yet"
    return f"between {written(low, 'percent')} and {written(high, 'percent')}"


def _of(count: int, of: int) -> str:
    return f"{count:,} ({written(count / of, 'percent')})" if of else f"{count:,}"
