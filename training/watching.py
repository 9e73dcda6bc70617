"""The command ``drift``: reads a file, compares its later records with the earlier, tells."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.table import Table

from data.dates import NotADate, parse_received
from data.errors import BadInput
from data.mapping import load_mapping
from data.reading import read_allegations
from training import report
from training.config import Settings
from training.drift import Drift, ToldApart, drift_of


def tell_drift(
    file: Path, mapping: Path | None, since: str | None, settings: Settings, json: Path | None
) -> None:
    """Compare the later records of a file with the earlier ones; write and show what is found.

    Raises
    ------
    BadInput
        Where ``since`` is no date, or the records cannot be compared.
    """
    needs = frozenset({"narrative", "received_at"})
    begins = _moment(since)
    table = read_allegations(file, load_mapping(mapping), needs=needs)
    found = drift_of(table, begins, settings)
    report.write_figures(json, found.as_dict())
    _show(found)


def _moment(since: str | None) -> pd.Timestamp | None:
    if since is None:
        return None
    try:
        return pd.Timestamp(parse_received(since))
    except NotADate as problem:
        raise BadInput(f"--since {since}: {problem}; write it as 2026-11-24.") from None


def _show(found: Drift) -> None:
    begins = f"{found.since:%Y-%m-%d %H:%M}"
    table = Table(title=f"{found.earlier:,} records before {begins}, {found.later:,} since")
    for name in ("", "earlier", "later", "difference (95%)"):
        table.add_column(name, justify="right" if name else "left")
    for name, change in found.figures.items():
        _row(table, f"value {name}", change.earlier, change.later, change.low, change.high)
    for field, entries in found.shares.items():
        for entry, gap in entries.items():
            _row(table, f"share of {field} {entry}", gap.others, gap.share, gap.low, gap.high)
    report.show(table)
    report.tell(_apart(found.told_apart))


def _apart(told: ToldApart | None) -> str:
    if told is None:
        return "Too few different narratives to say whether they can be told apart."
    interval = f"{told.low:.3f} to {told.high:.3f}; 0.5 is chance"
    said = f"Narratives told apart: {told.auc:.3f} ({interval})."
    words = ", ".join(told.words)
    return f"{said} Words that tell the later ones: {words}" if words else said


def _row(table: Table, name: str, earlier: float, later: float, low: float, high: float) -> None:
    table.add_row(name, f"{earlier:.3f}", f"{later:.3f}", f"{low:+.3f} to {high:+.3f}")
