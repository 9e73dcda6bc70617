"""The command line: each command hands over to training or serving, and errors end in one place.

Exit status 0: done. 1: refused by a gate. 2: bad input, or a place that cannot be written.
70: a fault in this program, told without the text of any record.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from data.arguments import Seed, Tracking
from data.command_errors import PlainErrors
from serving import command_line, command_line_accounts, command_line_oversight
from training import command_line as training_line
from training import command_line_bulk, command_line_models

app = typer.Typer(
    cls=PlainErrors,
    help="Triage for allegations: suggests a category and a value, and finds the "
    "'no value' closures most likely to be wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(training_line.commands)
app.add_typer(command_line_bulk.commands)
app.add_typer(command_line_models.models, name="models")
app.add_typer(command_line.commands)
app.add_typer(command_line_oversight.commands)
app.add_typer(command_line_oversight.audit, name="audit")
app.add_typer(command_line_oversight.export, name="export")
app.add_typer(command_line_accounts.users, name="user")
app.add_typer(command_line_accounts.keys, name="key")


@app.command()
def sample(
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    rows: Annotated[int, typer.Option(min=1, help="How many allegations.")] = 6000,
    seed: Seed = 0,
) -> None:
    """Write generated allegations with their known answer: nothing in them is real."""
    from data import synthetic

    for path in synthetic.write_sample(out, rows, seed):
        print(path)


@app.command()
def retrain(tracking_uri: Tracking = None) -> None:
    """Train a challenger on the store's labelled allegations and the reviewers' decisions."""
    from serving import commands, commands_oversight
    from training.config import Places

    folder = Places.from_environment(tracking_uri).var / "labelled"
    table, mapping = commands_oversight.export_labelled(commands.settings(), folder)
    training_line.train(table, mapping, tracking_uri=tracking_uri)


@app.command()
def demo(
    host: Annotated[str | None, typer.Option(help="Address; this machine alone if unset.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
) -> None:
    """Train on the sample if there is no model, import it, let people work on it, and serve."""
    from serving import commands, commands_demo, gate

    settings = commands.settings(host, port)
    gate.check(settings)
    sample = Path(__file__).parent / "data" / "sample"
    if not commands.has_model(settings):
        print("No model yet: training on the sample, which takes a few minutes, once.", flush=True)
        truth = sample / "truth.csv"
        training_line.train(sample / "allegations.csv", sample / "mapping.toml", sensitive=truth)
    commands.take_in(settings, sample / "allegations.csv", sample / "mapping.toml")
    commands_demo.set_the_scene(settings, sample / "truth.csv")
    commands.serve(settings)


if __name__ == "__main__":
    app()
