"""How people answer to suggestions, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from serving.case_lists import BiasRow
from serving.parts.figures import Cell, Column, Table
from serving.plots import written


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


def _of(count: int, of: int) -> str:
    return f"{count:,} ({written(count / of, 'percent')})" if of else f"{count:,}"
