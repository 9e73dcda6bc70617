"""Plots of a cross-validation as SVG, each with the table it was drawn from beside it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.figures import Bools, Floats, Ints, Reliability, precision_curve

POINTS = 50


def _write(folder: Path, name: str, figure: Figure, table: object) -> None:
    """Write the plot and its table; no date and a fixed salt, so the bytes are the same."""
    folder.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "secondlook", "svg.fonttype": "none"}):
        figure.savefig(folder / f"{name}.svg", format="svg", metadata={"Date": None})
    text = json.dumps(table, indent=1, sort_keys=True) + "\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def _axes(title: str, across: str, up: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.set(title=title, xlabel=across, ylabel=up)
    return figure, axes


def draw_reliability(folder: Path, found: Reliability) -> None:
    """Draw the confidence that was claimed against the share that came true."""
    figure, axes = _axes("Is the confidence true?", "confidence claimed", "share correct")
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey")
    axes.plot(found.confidence, found.correct, marker="o")
    rows = zip(found.confidence, found.correct, found.records, strict=True)
    table = [{"confidence": c, "correct": s, "records": n} for c, s, n in rows]
    _write(folder, "reliability", figure, {"bins": table, "ece": found.ece})


def draw_confusion(folder: Path, predicted: Ints, truth: Ints, order: Sequence[str]) -> None:
    """Draw how often each true value was suggested as each value."""
    levels = len(order)
    cells = np.bincount(truth * levels + predicted, minlength=levels**2)
    table = cells.reshape(levels, levels)
    figure, axes = _axes("True value against suggestion", "suggested", "true")
    axes.imshow(table / np.maximum(table.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0)
    axes.set_xticks(range(levels), order)
    axes.set_yticks(range(levels), order)
    for i, j in np.ndindex(levels, levels):
        axes.text(j, i, str(table[i, j]), ha="center", va="center")
    _write(folder, "confusion", figure, {"order": list(order), "counts": table.tolist()})


def draw_second_look(folder: Path, doubt: Floats, wrong: Bools) -> None:
    """Draw the share found wrong among the most doubted "no value" records looked at again."""
    looked_at, precision = precision_curve(doubt, wrong)
    figure, axes = _axes("Second look", "most doubted records looked at", "share found wrong")
    axes.plot(looked_at, precision)
    axes.axhline(float(wrong.mean()), linestyle="--", color="grey")
    axes.set_ylim(0, 1.02)
    at = np.unique(np.linspace(0, len(doubt) - 1, POINTS).astype(int))
    table = {
        "looked_at": looked_at[at].tolist(),
        "precision": precision[at].tolist(),
        "share_wrong": float(wrong.mean()),
    }
    _write(folder, "second_look_precision", figure, table)
