"""The plots of the lead's page, each with its table and the records behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

from data.taxonomy import Taxonomy
from serving.oversight import UNKNOWN, LeadFigures
from serving.plots import BarPlot, Line, LinePlot, Plot, Point, written
from serving.rates import Rate

NOT_KNOWN = "Not known"


def plots(found: LeadFigures, taxonomy: Taxonomy) -> tuple[Plot, ...]:
    """Make the plots of the lead's page."""
    return tuple(make(found, taxonomy) for make in PLOTS.values())


def _by_channel(found: LeadFigures, taxonomy: Taxonomy) -> BarPlot:
    return _rates("channel", "by channel", found.by_channel, taxonomy, "Channel")


def _by_category(found: LeadFigures, taxonomy: Taxonomy) -> BarPlot:
    return _rates("category", "by category", found.by_category, taxonomy, "Category")


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


def _weekly(found: LeadFigures, _: Taxonomy) -> LinePlot:
    points = tuple(
        Point(one.group, one.share, one.low, one.high, f"/records?no_value=1&week={one.group}")
        for one in found.by_week
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


def _clock(found: LeadFigures, _: Taxonomy) -> LinePlot:
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


def _recall(found: LeadFigures, _: Taxonomy) -> LinePlot:
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


PLOTS: Mapping[str, Callable[[LeadFigures, Taxonomy], Plot]] = {
    "channel": _by_channel,
    "category": _by_category,
    "week": _weekly,
    "clock": _clock,
    "recall": _recall,
}
"""What makes each plot, by the name under which its table downloads."""
