"""The inspector's samples."""

from __future__ import annotations

from dataclasses import dataclass

from serving.parts.figures import Cell, Column, Table
from serving.sampling import Sample


@dataclass(frozen=True, slots=True)
class SamplePage:
    """Context of ``samples.html``.

    Parameters
    ----------
    title
        Heading and title of the page.
    population, seed, size
        What was asked for.
    told
        What it takes to draw the sample again; empty before one was drawn.
    records
        The records drawn.
    """

    title: str
    population: str
    seed: str
    size: str
    told: str
    records: Table


def sample_page(population: str, seed: str, size: str, drawn: Sample | None) -> SamplePage:
    """Make the context of the samples' page."""
    records = drawn.records if drawn else ()
    rows = tuple(
        (
            Cell(one.reference, f"/records/{one.key}"),
            Cell(*_decision(one.decision)),
        )
        for one in records
    )
    told = ""
    if drawn:
        told = (
            f"{len(records):,} of {drawn.of:,} records, seed {drawn.seed}, numbers up to "
            f"{drawn.up_to}. Seed and number draw the same sample again."
        )
    return SamplePage(
        "Random sample",
        population,
        seed,
        size,
        told,
        Table("Records drawn", (Column("Allegation"), Column("Second look")), rows),
    )


def _decision(number: int | None) -> tuple[str, str]:
    return (f"Replay {number}", f"/audit/replays/decision/{number}") if number else ("None", "")
