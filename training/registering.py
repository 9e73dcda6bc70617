"""Log, register, judge and promote; promotion by hand and rollback go the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.reading import AllegationTable
from model import artifact
from training import handover
from training.champion import first_verdict, verdict_against
from training.config import Places, Settings
from training.evaluate import Evaluation
from training.fit import recipe_of
from training.gate import Verdict, unless_unfair
from training.making import Product
from training.tracking import ARTEFACT, Registered, Tracking

TRAINING = "training"
MADE, ALLOWED, BECAUSE = "artefact_version", "gate_promoted", "gate_because"


def register(
    table: AllegationTable,
    evaluation: Evaluation,
    settings: Settings,
    product: Product,
    places: Places,
) -> Verdict:
    """Log the run, register its artefact, and promote it where the gate says so."""
    tracking = Tracking(places)
    champion = tracking.champion()
    if champion is not None and champion.tags.get(MADE) == product.manifest.version:
        promote_whole(tracking, champion, places, "the same model was trained again")
        told = f"the same model as champion {champion.version}; nothing new to register"
        return Verdict(True, told, f"champion {champion.version}")
    better = judge(tracking, champion, table, evaluation, settings)
    verdict = unless_unfair(better, evaluation.fairness, product.swapped, settings.gate)
    with tracking.run(product.manifest.version) as run:
        tracking.log(
            run,
            parameters=settings.as_parameters() | _texts(product.manifest.model["parameters"]),
            figures=flat(evaluation.figures() | {"swapped": product.swapped.as_dict()}),
            tags=_tags(table, product, verdict),
            folders={ARTEFACT: product.artefact, TRAINING: product.training},
        )
        version = tracking.register(run)
    if verdict.promoted:
        promote_whole(tracking, version, places, verdict.because)
    else:
        _hold_back(tracking, version, places, verdict.because)
    return verdict


def judge(
    tracking: Tracking,
    champion: Registered | None,
    table: AllegationTable,
    evaluation: Evaluation,
    settings: Settings,
) -> Verdict:
    """Ask the gate, against the champion where there is one."""
    if champion is None:
        return first_verdict(evaluation)
    recipe = recipe_of(settings, table)
    name = f"champion {champion.version}"
    with tracking.fetched(champion) as artefact, tracking.fetched(champion, TRAINING) as marks:
        return verdict_against(name, artefact, marks, table, evaluation, recipe, settings)


def promote_whole(tracking: Tracking, version: Registered, places: Places, because: str) -> None:
    """Make a version the champion and put a verified copy of it in force.

    The copy comes first and the pointer last: whatever fails, serving keeps a whole model.
    """
    name = _bring(tracking, version, places)
    tracking.promote(version.version)
    handover.put_in_force(name, places.models)
    handover.challenge(None, places.models)
    handover.note(places.models, "promoted", name, version.version, because)


def roll_back_whole(tracking: Tracking, before: str, places: Places) -> None:
    """Put an earlier champion back, in the same order as a promotion."""
    name = _bring(tracking, tracking.find(before), places)
    tracking.roll_back()
    handover.put_in_force(name, places.models)
    handover.note(places.models, "rolled back", name, before, "put back in force")


def _hold_back(tracking: Tracking, version: Registered, places: Places, because: str) -> None:
    """Bring a challenger that the gate refused, so that people can see what it would change."""
    name = _bring(tracking, version, places)
    handover.challenge(name, places.models)
    handover.note(places.models, "held back", name, version.version, because)


def _bring(tracking: Tracking, version: Registered, places: Places) -> str:
    with tracking.fetched(version) as artefact:
        artifact.verify(artefact)
        return handover.bring(artefact, version.version, places.models)


def flat(figures: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Flatten nested figures to names the tracking store takes; lists and texts are left out."""
    found: dict[str, float] = {}
    for name, figure in figures.items():
        if isinstance(figure, Mapping):
            found |= flat(figure, f"{prefix}{name}_")
        elif isinstance(figure, int | float):
            found[f"{prefix}{name}"] = float(figure)
    return found


def _texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    return {f"model_{name}": str(setting) for name, setting in parameters.items()}


def _tags(table: AllegationTable, product: Product, verdict: Verdict) -> dict[str, str]:
    return {
        MADE: product.manifest.version,
        ALLOWED: "yes" if verdict.promoted else "no",
        BECAUSE: f"{verdict.because} (against {verdict.against})",
        "data_fingerprint": str(product.manifest.extra["data"]["fingerprint"]),
        "source": table.source,
    }
