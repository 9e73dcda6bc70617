"""What a person sees: progress, tables and warnings on the terminal, figures in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from data.terminal import terminal
from training.handover import write_whole

VALUE = ("macro_f1", "no_value_auc", "log_loss", "ece")
CATEGORY = ("macro_f1", "top3")
MOST = 8


def warn(lines: Iterable[str]) -> None:
    """Tell warnings on standard error, so that figures can be piped."""
    errors = terminal(errors=True, soft_wrap=True)
    for line in lines:
        errors.print(f"Warning: {line}")


def show(table: Table) -> None:
    """Show a table on standard output, plain where it is no terminal."""
    terminal(soft_wrap=True).print(table)


def as_json(figures: Mapping[str, Any]) -> str:
    """Figures as JSON text in a fixed order."""
    return json.dumps(figures, indent=1, ensure_ascii=False) + "\n"


def write_figures(path: Path | None, figures: Mapping[str, Any]) -> None:
    """Write the figures file, whole or not at all, where one is wanted."""
    if path is not None:
        write_whole(path, as_json(figures))


def show_figures(figures: Mapping[str, Any]) -> None:
    """Show our figures with the baselines' beside them."""
    table = Table(
        title=f"{figures['records']:,} records, {figures['folds']} folds, "
        f"{figures['seconds']:.1f} s"
    )
    columns = {"ours": figures, **figures["baselines"]}
    table.add_column("held out")
    for name in columns:
        table.add_column(name, justify="right")
    for part, names in (("value", VALUE), ("category", CATEGORY)):
        for name in names:
            cells = [_number(of[part][name]) for of in columns.values()]
            table.add_row(f"{part} {name}", *cells)
    show(table)
    _show_channels(figures["by_channel"])
    _show_groups(figures["fairness"])


def _show_channels(by_channel: Mapping[str, Mapping[str, float]]) -> None:
    if not by_channel:
        return
    table = Table(title="Value by channel")
    for name in ("channel", "records", *VALUE):
        table.add_column(name, justify="left" if name == "channel" else "right")
    for channel, figures in by_channel.items():
        cells = [_number(figures[name]) for name in VALUE]
        table.add_row(channel, f"{figures['records']:,.0f}", *cells)
    show(table)


def _show_groups(groups: Sequence[Mapping[str, Any]]) -> None:
    """Show the groups of whose valuable records more is missed, the widest gap first."""
    told = [one for one in groups if one["missed"] is not None]
    if not told:
        return
    told.sort(key=lambda one: -one["missed"]["low"])
    table = Table(title=f"Valuable records missed by group: {min(len(told), MOST)} of {len(told)}")
    for name in ("group", "records", "missed", "others", "95% interval"):
        table.add_column(name, justify="left" if name == "group" else "right")
    for one in told[:MOST]:
        missed = one["missed"]
        table.add_row(
            f"{one['attribute']}: {one['group']}",
            f"{one['records']:,}",
            _number(missed["share"]),
            _number(missed["others"]),
            f"{missed['low']:+.3f} to {missed['high']:+.3f}",
        )
    show(table)


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def tell(line: str) -> None:
    """Tell one line on standard output."""
    terminal(soft_wrap=True).print(line)
