"""The commands score, simulate and drift."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.arguments import File, Json, Mapping, Seed, Tracking

commands = typer.Typer()


@commands.command()
def score(
    file: File,
    out: Annotated[Path, typer.Option(help="CSV, JSON lines or Parquet, by its ending.")],
    mapping: Mapping = None,
    model: Annotated[
        str, typer.Option(help="A folder, or NAME@ALIAS; the promoted model if unset.")
    ] = "",
    explain: Annotated[bool, typer.Option(help="With details and reasons.")] = True,
    tracking_uri: Tracking = None,
    json: Json = None,
) -> None:
    """Bulk suggestions for a file, streamed: the file is never held in memory whole."""
    from training import score as scoring

    scoring.score_file(file, out, mapping, model, explain, tracking_uri, json)


@commands.command()
def simulate(
    file: File,
    mapping: Mapping = None,
    budget: Annotated[float, typer.Option(help="Share of the dismissed reviewed.")] = 0.3,
    seeds: Annotated[int, typer.Option(min=1, help="Orders of the records replayed.")] = 5,
    audit: Annotated[float, typer.Option(help="Share of our reviews drawn at random.")] = 0.0,
    peers: Annotated[bool, typer.Option(help="Run the installed peers too.")] = True,
    json: Json = None,
    plot: Annotated[Path | None, typer.Option(help="Write the recall curves to this SVG.")] = None,
) -> None:
    """Replay a second look where the reviewed values are known: policy against policies."""
    from training import simulate as replaying

    replaying.simulate(
        file,
        mapping,
        budget=budget,
        seeds=seeds,
        audit=audit,
        peers=peers,
        json_file=json,
        plot=plot,
    )


@commands.command()
def drift(
    file: File,
    mapping: Mapping = None,
    since: Annotated[
        str | None, typer.Option(help="When the later records begin; the newest fifth if unset.")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")] = 5,
    seed: Seed = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes used for the folds.")] = 2,
    json: Json = None,
) -> None:
    """Tell whether what comes in lately is still what the earlier records were."""
    from training import config, watching

    settings = config.Settings(seed=seed, folds=folds, jobs=jobs)
    watching.tell_drift(file, mapping, since, settings, json)
