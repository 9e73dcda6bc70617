"""The commands on registered models: list, show, promote, roll back, verify."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from data.errors import BadArtifact, Refused, SecondLookError
from model import artifact
from training import handover, report
from training.config import Places
from training.opening import opened
from training.registering import ALLOWED, BECAUSE, MADE, promote_whole, roll_back_whole
from training.tracking import Registered, Tracking

MAIN = ("value_macro_f1", "value_no_value_auc", "value_ece", "category_macro_f1")


def show_all(tracking_uri: str | None, json: Path | None) -> None:
    """Show every version, newest first."""
    versions = Tracking(Places.from_environment(tracking_uri)).versions()
    table = Table(title="Registered models")
    for name in ("version", "aliases", *MAIN, "artefact"):
        table.add_column(name)
    for one in versions:
        figures = [f"{one.figures[name]:.3f}" if name in one.figures else "–" for name in MAIN]
        table.add_row(one.version, ", ".join(one.aliases), *figures, one.tags.get(MADE, ""))
    report.write_figures(json, {"versions": [asdict(one) for one in versions]})
    report.show(table)


def show_one(version: str, tracking_uri: str | None, json: Path | None) -> None:
    """Show what is known of one version."""
    found = Tracking(Places.from_environment(tracking_uri)).find(version)
    report.write_figures(json, asdict(found))
    table = Table(title=f"Version {found.version} {', '.join(found.aliases)}".strip())
    table.add_column("what")
    table.add_column("is")
    for facts in (found.tags, found.parameters):
        for name, text in sorted(facts.items()):
            table.add_row(name, text)
    for name, figure in sorted(found.figures.items()):
        table.add_row(name, f"{figure:.4g}")
    report.show(table)


def promote(version: str, despite_gate: str | None, tracking_uri: str | None) -> None:
    """Make a version the champion.

    Raises
    ------
    Refused
        Where the gate refused it and no reason is given for going against that.
    """
    places = Places.from_environment(tracking_uri)
    tracking = Tracking(places)
    found = tracking.find(version)
    if found.tags.get(ALLOWED) != "yes":
        if not (despite_gate or "").strip():
            why = found.tags.get(BECAUSE, "it never passed the gate")
            raise Refused(f"{why}; to promote it all the same, say why with --despite-gate")
        tracking.tag(found.run, "promoted_despite_gate", str(despite_gate))
    because = despite_gate.strip() if despite_gate else found.tags.get(BECAUSE, "")
    promote_whole(tracking, found, places, because)
    report.tell(f"Version {found.version} is the champion and in force")


def roll_back(tracking_uri: str | None) -> None:
    """Put the champion before the one in force back.

    Raises
    ------
    Refused
        Where there was none.
    """
    places = Places.from_environment(tracking_uri)
    tracking = Tracking(places)
    history = tracking.history()
    if len(history) < 2:
        raise Refused("there is no champion before this one to go back to")
    roll_back_whole(tracking, history[-2], places)
    report.tell(f"Version {history[-2]} is the champion again and in force")


def verify(model: str, tracking_uri: str | None) -> None:
    """Check one artefact, or every registered one and what serving has.

    Raises
    ------
    BadArtifact
        Naming every artefact that is missing or altered.
    """
    places = Places.from_environment(tracking_uri)
    if model:
        with opened(model, places) as folder:
            manifest = artifact.verify(folder)
        report.tell(f"{model}: version {manifest.version}, every digest is right")
        return
    troubles = _troubles(places)
    if troubles:
        raise BadArtifact("\n  ".join([f"{len(troubles)} found:", *troubles]))
    report.tell("every registered artefact, and the one in force, is as it was made")


def _troubles(places: Places) -> list[str]:
    tracking, troubles = Tracking(places), []
    for one in tracking.versions():
        try:
            with tracking.fetched(one) as folder:
                artifact.verify(folder)
        except SecondLookError as problem:
            troubles.append(f"version {one.version}: {problem}")
    return troubles + _in_force_troubles(tracking.champion(), places)


def _in_force_troubles(champion: Registered | None, places: Places) -> list[str]:
    folder = handover.current(places.models)
    if folder is None:
        return ["a champion is registered, but none is in force"] if champion else []
    try:
        version = artifact.verify(folder).version
    except SecondLookError as problem:
        return [f"in force: {problem}"]
    if champion is None or champion.tags.get(MADE) != version:
        return [f"{folder.name} is in force, but is not the registry's champion"]
    return []
