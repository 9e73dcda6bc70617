"""The commands ``train`` and ``evaluate``; nothing heavy loads before they run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.arguments import File, Json, Mapping, Seed, Tracking

commands = typer.Typer()

Folds = Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes used for the folds.")]
Group = Annotated[str | None, typer.Option(help="Column whose groups are held out whole.")]
Plain = Annotated[bool, typer.Option(help="Plain stratified folds: near-duplicates may part.")]
FewRows = Annotated[int, typer.Option(min=1, help="Categories with fewer records are left out.")]
Sensitive = Annotated[
    Path | None,
    typer.Option(help="Table of sensitive attributes by reference, to compare groups."),
]
NoCategory = Annotated[
    list[str] | None, typer.Option("--no-category", help="A label that means no category.")
]


@commands.command()
def train(
    file: File,
    mapping: Mapping = None,
    out: Annotated[Path | None, typer.Option(help="Also write the artefact here.")] = None,
    register: Annotated[bool, typer.Option(help="Log, register and try to promote.")] = True,
    folds: Folds = 5,
    seed: Seed = 0,
    jobs: Jobs = 2,
    plain_folds: Plain = False,
    group: Group = None,
    category_rows: FewRows = 10,
    no_category: NoCategory = None,
    about: Annotated[
        Path | None, typer.Option(help="TOML with your organisation's model card facts.")
    ] = None,
    sensitive: Sensitive = None,
    tracking_uri: Tracking = None,
    json: Json = None,
) -> None:
    """Fit, cross-validate, compare with baselines and the champion, log, register, promote."""
    from training import config, run

    settings = config.Settings(
        seed=seed,
        folds=folds,
        jobs=jobs,
        plain_folds=plain_folds,
        group_column=group,
        category_rows=category_rows,
        not_categories=tuple(no_category or ()),
    )
    run.train(file, mapping, settings, out, register, about, sensitive, tracking_uri, json)


@commands.command()
def evaluate(
    file: File,
    mapping: Mapping = None,
    folds: Folds = 5,
    seed: Seed = 0,
    jobs: Jobs = 2,
    plain_folds: Plain = False,
    group: Group = None,
    category_rows: FewRows = 10,
    no_category: NoCategory = None,
    by_category: Annotated[bool, typer.Option(help="Spread categories over the folds.")] = False,
    time_ordered: Annotated[bool, typer.Option(help="Test on later records only.")] = False,
    baselines: Annotated[bool, typer.Option(help="Measure the baselines side by side.")] = True,
    sensitive: Sensitive = None,
    json: Json = None,
) -> None:
    """Cross-validated figures side by side with the baselines; nothing is registered."""
    from training import config, run

    settings = config.Settings(
        seed=seed,
        folds=folds,
        jobs=jobs,
        plain_folds=plain_folds,
        group_column=group,
        by_category=by_category,
        time_ordered=time_ordered,
        category_rows=category_rows,
        not_categories=tuple(no_category or ()),
    )
    run.evaluate(file, mapping, settings, baselines, sensitive, json)
