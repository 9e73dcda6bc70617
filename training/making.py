"""Everything that one training run makes, complete in a temporary folder before it leaves it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.reading import AllegationTable, fingerprint
from model import artifact
from model.artifact import Manifest
from training import card, plots
from training.champion import write_seen
from training.config import Settings
from training.evaluate import Evaluation
from training.figures import reliability
from training.fit import fit_all
from training.report import as_json
from training.swapping import Swapped, swap_shift

FROM_RUN = ("value", "category", "baselines", "records", "folds", "left_out", "fairness")


@dataclass(frozen=True, slots=True)
class Product:
    """What a training run made.

    Parameters
    ----------
    artefact
        Folder with the model, its model card and its ATRS record.
    training
        Folder with plots, figures and the marks of the records learnt from.
    manifest
        The artefact's manifest.
    swapped
        What it made of narratives that told of somebody else.
    """

    artefact: Path
    training: Path
    manifest: Manifest
    swapped: Swapped


@contextmanager
def made(
    table: AllegationTable, evaluation: Evaluation, settings: Settings, stated: card.Facts
) -> Iterator[Product]:
    """Fit on all records and lend everything made from that; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="secondlook-") as place:
        artefact, training = Path(place, "artefact"), Path(place, "training")
        model = fit_all(table, evaluation.labels, settings)
        swapped = swap_shift(table.allegations(), model.predict_proba, settings.seed)
        figures = steady_figures(evaluation) | {"swapped": swapped.as_dict()}
        extra = _extra(table, evaluation, settings, figures)
        manifest = artifact.save(model, artefact, manifest_extra=extra)
        told = figures | {"fairness": {one.name: one.told() for one in evaluation.fairness}}
        card.write(artefact, card.gather(stated, _facts(manifest), told))
        write_seen(training, table.narratives)
        (training / "figures.json").write_text(as_json(evaluation.figures()), encoding="utf-8")
        draw(training / "plots", table, evaluation)
        yield Product(artefact, training, manifest, swapped)


def steady_figures(evaluation: Evaluation) -> dict[str, Any]:
    """Figures that two runs have in common; how long a run took is not among them."""
    figures = evaluation.figures()
    return {name: figures[name] for name in FROM_RUN}


def _extra(
    table: AllegationTable,
    evaluation: Evaluation,
    settings: Settings,
    figures: Mapping[str, Any],
) -> dict[str, Any]:
    labels = evaluation.labels
    return {
        "data": {"fingerprint": fingerprint(table), "records": len(table)},
        "taxonomy": {
            "values": list(labels.value_order),
            "categories": list(labels.category_labels),
        },
        "training": settings.as_parameters(),
        "figures": dict(figures),
    }


def _facts(manifest: Manifest) -> dict[str, Any]:
    extra = manifest.extra
    return {
        "version": manifest.version,
        "architecture": "TF-IDF of words, word pairs and character n-grams of masked narratives, "
        "and structured answers; regularised logistic regression, calibrated on held-out "
        "records; contributions add up to the score",
        "seed": extra["training"]["seed"],
        "structured_answers": list(manifest.model["parameters"]["fields"]) or "none",
        "libraries": dict(manifest.libraries),
        "data_fingerprint": extra["data"]["fingerprint"],
        "taxonomy": dict(extra["taxonomy"]),
    }


def draw(folder: Path, table: AllegationTable, evaluation: Evaluation) -> None:
    """Draw the reliability curve, the confusion matrix and the second look's precision."""
    given, truth = evaluation.ours.value, evaluation.labels.value
    suggested = evaluation.ours.level
    plots.draw_reliability(folder, reliability(given, truth, suggested))
    order = evaluation.labels.value_order
    plots.draw_confusion(folder, suggested, truth, order)
    first = table.frame["value"].eq(order[0]).fillna(False).to_numpy(dtype=bool)
    again = first & table.frame["reviewed_value"].notna().to_numpy(dtype=bool)
    if again.any():
        plots.draw_second_look(folder, 1 - given[again, 0], np.asarray(truth[again] > 0))
