"""Recall curves of the policies as SVG, with the spread over the seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def draw_recall(path: Path, curves: Mapping[str, NDArray[np.float64]]) -> None:
    """Draw each policy's mean recall against the share reviewed; bands reach over all seeds.

    Parameters
    ----------
    path
        The SVG file to write.
    curves
        For each policy one row per seed: recall after equally spaced shares from 0 to 1.
    """
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlabel="share of the dismissed reviewed", ylabel="share of the missed found")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), title="Second look, replayed")
    for number, (name, rows) in enumerate(curves.items()):
        across = np.linspace(0, 1, rows.shape[1])
        style = STYLES[number % len(STYLES)]
        (line,) = axes.plot(across, rows.mean(axis=0), linestyle=style, label=name)
        axes.fill_between(
            across, rows.min(axis=0), rows.max(axis=0), color=line.get_color(), alpha=0.15
        )
    axes.legend(loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.hashsalt": "secondlook", "svg.fonttype": "none"}):
        figure.savefig(path, format="svg", metadata={"Date": None})
