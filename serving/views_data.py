"""The data scientist's page: models with figures, what promoting would change, who did what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.taxonomy import Taxonomy
from serving.catalogue import Event, ModelFacts
from serving.comparing import Comparison, Flip
from serving.parts.figures import Cell, Column, Table
from serving.plots import written
from serving.views import moment

NAMES = {
    "macro_f1": "Macro-F1 of value",
    "no_value_auc": "AUC of no value",
    "log_loss": "Log loss",
    "ece": "Calibration error (ECE)",
    "moved": "Share moved when told of somebody else",
}
MOST_GROUPS = 6
STANDINGS = {"champion": "Champion, in force", "challenger": "Challenger", "earlier": "Earlier"}


@dataclass(frozen=True, slots=True)
class DataPage:
    """Context of ``data.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    figures
        Champion and challenger side by side, a row for each figure.
    groups
        Of which groups the champion and the challenger miss more that is of value.
    models
        Every model that was handed over.
    history
        Who put which in force, and why.
    flips
        How many suggestions would change if the challenger were promoted, by group.
    told
        What that comes to, in a sentence; empty where there is no challenger.
    examples
        Records whose suggestion would change.
    tracking_url
        Where MLflow shows the runs, or empty.
    """

    title: str
    figures: Table
    groups: Table
    models: Table
    history: Table
    flips: Table
    told: str
    examples: tuple[Cell, ...]
    tracking_url: str


def data_page(
    models: Sequence[ModelFacts],
    history: Sequence[Event],
    comparison: Comparison | None,
    taxonomy: Taxonomy,
    tracking_url: str,
) -> DataPage:
    """Make the context of the data scientist's page."""
    return DataPage(
        title="Models",
        figures=_side_by_side(models),
        groups=_groups(models),
        models=_listed(models),
        history=_history(history),
        flips=_flips(comparison, taxonomy),
        told=_told(comparison),
        examples=_examples(comparison),
        tracking_url=tracking_url,
    )


def _side_by_side(models: Sequence[ModelFacts]) -> Table:
    shown = [one for one in models if one.standing != "earlier"]
    rows = tuple(
        (
            Cell(title),
            *(Cell(f"{one.figures[name]:.4f}" if name in one.figures else "–") for one in shown),
        )
        for name, title in NAMES.items()
    )
    columns = (Column("Figure"), *(Column(STANDINGS[one.standing], numeric=True) for one in shown))
    empty = "No model has been promoted yet."
    return Table("Champion and challenger", columns, rows if shown else (), empty=empty)


def _groups(models: Sequence[ModelFacts]) -> Table:
    rows = tuple(
        (
            Cell(one.group[:1].upper() + one.group[1:]),
            Cell(STANDINGS[model.standing]),
            Cell(f"{one.records:,}"),
            Cell(written(one.share, "percent")),
            Cell(written(one.others, "percent")),
            Cell(f"{one.low * 100:+.1f} to {one.high * 100:+.1f}"),
        )
        for model in models
        if model.standing != "earlier"
        for one in model.groups[:MOST_GROUPS]
    )
    heads = ("Group", "Model", "Of value", "Missed", "Others missed", "Difference in points (95%)")
    columns = tuple(Column(one, numeric=one not in {"Group", "Model"}) for one in heads)
    empty = "No model in force was trained on groups large enough to compare."
    return Table("Missed by group, widest gap first", columns, rows, empty=empty)


def _listed(models: Sequence[ModelFacts]) -> Table:
    rows = tuple(
        (
            Cell(one.name),
            Cell(STANDINGS[one.standing]),
            Cell(one.version[:12]),
            Cell(one.facts.get("data: records", "–")),
            Cell(one.trouble or "As it was made"),
        )
        for one in models
    )
    heads = ("Model", "Standing", "Version", "Trained on", "Digests")
    columns = tuple(Column(one, numeric=one == "Trained on") for one in heads)
    return Table("Models handed over", columns, rows, empty="No model has been handed over yet.")


def _history(history: Sequence[Event]) -> Table:
    rows = tuple(
        (
            Cell(moment(one.at)),
            Cell(one.by),
            Cell(one.event.capitalize()),
            Cell(one.version),
            Cell(one.because),
        )
        for one in history
    )
    columns = tuple(Column(one) for one in ("When (UTC)", "Who", "What", "Version", "Why"))
    return Table("History", columns, rows, empty="Nothing has been promoted yet.")


def _flips(comparison: Comparison | None, taxonomy: Taxonomy) -> Table:
    flips = comparison.flips if comparison else ()
    rows = tuple(_flip(one, taxonomy) for one in flips if one.flipped or one.kind == "all")
    columns = (
        Column("Group"),
        Column("Would change", numeric=True),
        Column("Of", numeric=True),
        Column("Newly no value", numeric=True),
        Column("No longer no value", numeric=True),
    )
    return Table(
        "Suggestions that would change",
        columns,
        rows,
        "/data/flips.csv" if rows else "",
        "There is no challenger to compare with.",
    )


def _flip(one: Flip, taxonomy: Taxonomy) -> tuple[Cell, ...]:
    title = {"all": "All records", "not_known": "Not known"}.get(one.group)
    counts = (one.flipped, one.of, one.to_no_value, one.from_no_value)
    return (
        Cell(title or taxonomy.title(one.group)),
        *(Cell(f"{count:,}") for count in counts),
    )


def _told(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    every = next(one for one in comparison.flips if one.kind == "all")
    return (
        f"Over the newest {every.of:,} records, {every.flipped:,} suggestions would change: "
        f"{every.to_no_value:,} newly to no value, {every.from_no_value:,} away from it."
    )


def _examples(comparison: Comparison | None) -> tuple[Cell, ...]:
    keys = comparison.examples if comparison else ()
    return tuple(Cell(key, f"/records/{key}") for key in keys[:20])
