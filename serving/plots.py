"""Plots as SVG that is read without seeing it: a title, a description, and a table beside each.

Only attributes and classes are used, so a page that forbids inline styles shows them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from serving.parts.figures import Cell, Column, ReviewProgress, Table

Unit = Literal["count", "percent", "hours"]

WIDTH = 640
LEFT, RIGHT, TOP = 56, 16, 34
NAMES = 110
PLOT_HEIGHT, AXIS_HEIGHT = 220, 48
BAR, GAP, NAME_WIDTH, LONGEST_NAME = 18, 14, 232, 34
MOST_TICKS, MOST_DOTS = 6, 60
SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval.

    Parameters
    ----------
    label
        Where it stands: a week, a channel, a number of reviews.
    value
        The value, or ``None`` where there is none.
    low, high
        Its interval, or ``None``.
    url
        The records behind it, or empty.
    """

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a plot.

    Parameters
    ----------
    name
        What it shows; empty where the plot has one line.
    points
        Its points, in order; lines of one plot have the same labels.
    """

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Values over time or over an amount, each line with a band where it has intervals.

    Parameters
    ----------
    key
        Identifier on the page.
    title
        What is shown, as a sentence that states the finding where there is one.
    told
        What to see in it, for those who do not.
    lines
        One to three lines.
    x_title, y_title
        What the axes are.
    unit
        How values are written; a share from 0 to 1 for ``percent``.
    limit
        A line across, such as a target, or ``None``.
    limit_text
        What that line is.
    csv_url
        Where the table can be downloaded, or empty.
    """

    key: str
    title: str
    told: str
    lines: tuple[Line, ...]
    x_title: str
    y_title: str
    unit: Unit = "count"
    limit: float | None = None
    limit_text: str = ""
    csv_url: str = ""


@dataclass(frozen=True, slots=True)
class BarPlot:
    """Values by group, each with its interval.

    Parameters
    ----------
    key
        Identifier on the page.
    title
        What is shown, as a sentence that states the finding where there is one.
    told
        What to see in it, for those who do not.
    bars
        A bar for each group.
    group_title, value_title
        What the groups and the values are.
    unit
        How values are written; a share from 0 to 1 for ``percent``.
    csv_url
        Where the table can be downloaded, or empty.
    """

    key: str
    title: str
    told: str
    bars: tuple[Point, ...]
    group_title: str
    value_title: str
    unit: Unit = "count"
    csv_url: str = ""


Plot = LinePlot | BarPlot


def svg(plot: Plot) -> Markup:
    """Draw a plot."""
    return _lines(plot) if isinstance(plot, LinePlot) else _bars(plot)


def table_of(plot: Plot) -> Table:
    """Give the table that belongs beside a plot."""
    lines = plot.lines if isinstance(plot, LinePlot) else (Line("", plot.bars),)
    first = plot.x_title if isinstance(plot, LinePlot) else plot.group_title
    value = plot.y_title if isinstance(plot, LinePlot) else plot.value_title
    ranged = [any(one.low is not None for one in line.points) for line in lines]
    columns = [Column(first)]
    for line, wide in zip(lines, ranged, strict=True):
        columns.append(Column(line.name or value, numeric=True))
        interval = f"{line.name}: interval" if line.name else "Interval"
        columns += [Column(interval, numeric=True)] if wide else []
    rows = zip(*(line.points for line in lines), strict=True)
    cells = (tuple(_row(points, plot.unit, ranged)) for points in rows)
    return Table(plot.title, tuple(columns), tuple(cells), plot.csv_url)


def written(value: float | None, unit: Unit) -> str:
    """Write a value as its table and axis do."""
    if value is None:
        return "–"
    if unit == "percent":
        return f"{value * 100:.0f}%" if value in {0, 1} else f"{value * 100:.1f}%"
    digits = 0 if float(value).is_integer() else 1
    return f"{value:,.{digits}f}{' hours' if unit == 'hours' else ''}"


def progress_svg(progress: ReviewProgress, key: str = "progress") -> Markup:
    """Draw what was found, what surely remains and what may remain, on one scale."""
    low, high = progress.low or 0, progress.high or 0
    top = max(progress.found + high, 1)
    root = _root(key, 100, 12, "What was found and what may remain", _progress_words(progress))
    root.set("preserveAspectRatio", "none")
    root.set("class", "app-interval")
    ends = [progress.found, progress.found + low, progress.found + high]
    starts = [0, *ends[:2]]
    for name, start, end in zip(("found", "sure", "maybe"), starts, ends, strict=True):
        if end > start:
            _rect(
                root, f"app-interval__{name}", 100 * start / top, 0, 100 * (end - start) / top, 12
            )
    return _markup(root)


def _progress_words(progress: ReviewProgress) -> str:
    return f"{progress.found:,} found; {progress.remaining} estimated to remain."


def _row(points: Sequence[Point], unit: Unit, ranged: Sequence[bool]) -> Iterator[Cell]:
    yield Cell(points[0].label)
    for one, wide in zip(points, ranged, strict=True):
        yield Cell(written(one.value, unit), one.url)
        if wide:
            between = f"{written(one.low, unit)} to {written(one.high, unit)}"
            yield Cell(between if one.low is not None else "–")


def _lines(plot: LinePlot) -> Markup:
    height = TOP + PLOT_HEIGHT + AXIS_HEIGHT
    root = _root(plot.key, WIDTH, height, plot.title, plot.told)
    points = [one for line in plot.lines for one in line.points]
    top, ticks = _scale(points, plot.limit)
    right = WIDTH - (NAMES if any(line.name for line in plot.lines) else RIGHT)

    def down(value: float) -> float:
        return round(TOP + PLOT_HEIGHT * (1 - value / top), 1)

    _text(root, plot.y_title, 0, 14, "start", "app-plot__axis")
    for tick in ticks:
        _path(root, "app-plot__grid", [(LEFT, down(tick)), (right, down(tick))])
        _text(root, _short_number(tick, plot.unit), LEFT - 8, down(tick) + 4, "end")
    across = _across(len(plot.lines[0].points) if plot.lines else 0, right)
    _labels(root, plot, across, right)
    if plot.limit is not None:
        at = down(plot.limit)
        _path(root, "app-plot__limit", [(LEFT, at), (right, at)])
        _text(root, plot.limit_text, LEFT + 6, at + 16, "start")
    for number, line in enumerate(plot.lines):
        _line(root, line, number, across, down)
    _names(root, plot.lines, right, down)
    return _markup(root)


def _line(
    root: Element,
    line: Line,
    number: int,
    across: list[float],
    down: Callable[[float], float],
) -> None:
    placed = [
        (x, one) for x, one in zip(across, line.points, strict=True) if one.value is not None
    ]
    upper = [(x, down(one.high)) for x, one in placed if one.high is not None]
    lower = [(x, down(one.low)) for x, one in placed if one.low is not None]
    if upper and lower:
        _path(root, f"app-plot__band app-plot__band--{number}", [*upper, *reversed(lower)])
    heights = [(x, down(one.value)) for x, one in placed if one.value is not None]
    _path(root, f"app-plot__line app-plot__line--{number}", heights)
    if len(heights) <= MOST_DOTS:
        for x, y in heights:
            circle = {"class": f"app-plot__dot app-plot__dot--{number}", "r": "3.5"}
            SubElement(root, "circle", {**circle, "cx": f"{x:g}", "cy": f"{y:g}"})


def _names(
    root: Element, lines: Sequence[Line], right: float, down: Callable[[float], float]
) -> None:
    """Write each line's name at its end, far enough from the name above."""
    ends = [
        (down(values[-1]), line.name)
        for line in lines
        if line.name and (values := [one.value for one in line.points if one.value is not None])
    ]
    last = 0.0
    for y, name in sorted(ends):
        last = max(y + 4, last + 16)
        _text(root, name, right + 4, last, "start", "app-plot__name")


def _labels(root: Element, plot: LinePlot, across: list[float], right: float) -> None:
    step = max(1, math.ceil(len(across) / MOST_TICKS))
    points = plot.lines[0].points if plot.lines else ()
    for x, one in list(zip(across, points, strict=True))[::step]:
        _text(root, one.label, x, TOP + PLOT_HEIGHT + 18, "middle")
    middle = (LEFT + right) / 2
    _text(root, plot.x_title, middle, TOP + PLOT_HEIGHT + 40, "middle", "app-plot__axis")


def _bars(plot: BarPlot) -> Markup:
    height = TOP + GAP + len(plot.bars) * (BAR + GAP)
    root = _root(plot.key, WIDTH, height, plot.title, plot.told)
    top, _ = _scale(plot.bars, None)
    room = WIDTH - NAME_WIDTH - RIGHT - 60

    def right(value: float) -> float:
        return round(NAME_WIDTH + room * value / top, 1)

    _text(root, plot.value_title, NAME_WIDTH, 14, "start", "app-plot__axis")
    for number, bar in enumerate(plot.bars):
        y = TOP + number * (BAR + GAP)
        _text(root, _short(bar.label), NAME_WIDTH - 10, y + BAR - 4, "end")
        end = right(bar.value or 0)
        _rect(root, "app-plot__bar", NAME_WIDTH, y, end - NAME_WIDTH, BAR)
        if bar.low is not None and bar.high is not None:
            middle = y + BAR / 2
            _whisker(root, right(bar.low), right(bar.high), middle)
            end = max(end, right(bar.high))
        _text(root, written(bar.value, plot.unit), end + 8, y + BAR - 4, "start", "app-plot__name")
    _path(root, "app-plot__base", [(NAME_WIDTH, TOP - 6), (NAME_WIDTH, height - GAP)])
    return _markup(root)


def _whisker(root: Element, low: float, high: float, y: float) -> None:
    _path(root, "app-plot__whisker", [(low, y), (high, y)])
    for x in (low, high):
        _path(root, "app-plot__whisker", [(x, y - 5), (x, y + 5)])


def _scale(points: Sequence[Point], limit: float | None) -> tuple[float, list[float]]:
    values = [limit or 0.0]
    values += [v for one in points for v in (one.value, one.high) if v is not None]
    most = max(values) if max(values) > SMALLEST else 1.0
    rough = most / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 2.5, 5, 10) if unit * times >= rough)
    count = math.ceil(round(most / step, 6))
    return step * count, [round(step * number, 10) for number in range(count + 1)]


def _across(count: int, right: float) -> list[float]:
    room = right - LEFT - 24
    step = room / max(count - 1, 1)
    return [round(LEFT + 12 + step * number, 1) for number in range(count)]


def _short_number(value: float, unit: Unit) -> str:
    return f"{value * 100:g}%" if unit == "percent" else f"{value:,.10g}"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_NAME else label[: LONGEST_NAME - 1].rstrip() + "…"


def _root(key: str, width: int, height: float, title: str, told: str) -> Element:
    named = {"aria-labelledby": f"{key}-title {key}-told", "role": "img", "focusable": "false"}
    box = {"viewBox": f"0 0 {width} {height:g}", "class": "app-plot"}
    root = Element("svg", {**box, **named})
    SubElement(root, "title", {"id": f"{key}-title"}).text = title
    SubElement(root, "desc", {"id": f"{key}-told"}).text = told
    return root


def _text(
    root: Element, words: str, x: float, y: float, anchor: str, looks: str = "app-plot__text"
) -> None:
    place = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor, "class": looks}
    SubElement(root, "text", place).text = words


def _path(root: Element, looks: str, points: Sequence[tuple[float, float]]) -> None:
    steps = " ".join(f"{x:g},{y:g}" for x, y in points)
    kind = "polygon" if "band" in looks else "polyline"
    SubElement(root, kind, {"class": looks, "points": steps})


def _rect(root: Element, looks: str, x: float, y: float, width: float, height: float) -> None:
    size = {"width": f"{max(width, 0):g}", "height": f"{height:g}"}
    SubElement(root, "rect", {"class": looks, "x": f"{x:g}", "y": f"{y:g}", **size})


def _markup(root: Element) -> Markup:
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704 - every text went through the tree
