"""The command line: each command hands over to training or serving, and errors end in one place.

Exit status 0: done. 1: refused by a gate. 2: bad input, or a place that cannot be written.
70: a fault in this program, told without the text of any record.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from data.errors import SecondLookError
from serving import command_line_accounts

DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}
FAULT = 70


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _fault(problem: BaseException) -> None:
    """Tell where the program failed; never the message, which may quote a narrative."""
    frames = traceback.extract_tb(problem.__traceback__)
    here = [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames[-6:]]
    _say("\n".join([f"Fault in Second Look ({type(problem).__name__}) at:", *here]))


class PlainErrors(TyperGroup):
    """Turns errors into a plain line and an exit status, for every command alike."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (Typer keeps its context type private)
        """Run the command; the one place where an error becomes an exit status."""
        try:
            return super().invoke(ctx)
        except SecondLookError as problem:
            _say(f"{'Refused' if problem.exit_code == 1 else 'Error'}: {problem}")
            raise typer.Exit(problem.exit_code) from None
        except OSError as problem:
            if problem.errno not in DISK:
                _fault(problem)
                raise typer.Exit(FAULT) from None
            _say(f"Error: cannot read or write: {os.strerror(problem.errno or 0)}")
            raise typer.Exit(2) from None
        except Exception as problem:
            if type(problem).__module__.startswith(("typer", "click")):
                raise
            _fault(problem)
            raise typer.Exit(FAULT) from None


app = typer.Typer(
    cls=PlainErrors,
    help="Triage for allegations: suggests a category and a value, and finds the "
    "'no value' closures most likely to be wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="The registered models: list, show, promote, roll back, verify.")
app.add_typer(models, name="models")
app.add_typer(command_line_accounts.users, name="user")
app.add_typer(command_line_accounts.keys, name="key")

File = Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet, each may be gzipped.")]
Mapping = Annotated[Path | None, typer.Option(help="TOML file that names the columns.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]
Folds = Annotated[int, typer.Option(min=2, help="Folds of the cross-validation.")]
Seed = Annotated[int, typer.Option(help="The same file and seed give the same bytes.")]
Jobs = Annotated[int, typer.Option(min=1, help="Processes used for the folds.")]
Group = Annotated[str | None, typer.Option(help="Column whose groups are held out whole.")]
Plain = Annotated[bool, typer.Option(help="Plain stratified folds: near-duplicates may part.")]
FewRows = Annotated[int, typer.Option(min=1, help="Categories with fewer records are left out.")]
NoCategory = Annotated[
    list[str] | None, typer.Option("--no-category", help="A label that means no category.")
]
Tracking = Annotated[
    str | None, typer.Option(help="MLflow tracking URI; SQLite under the var folder if unset.")
]
Version = Annotated[str, typer.Argument(help="A version number, or an alias such as champion.")]


@app.command()
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
    run.train(file, mapping, settings, out, register, about, tracking_uri, json)


@app.command()
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
    run.evaluate(file, mapping, settings, baselines, json)


@app.command()
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


@app.command()
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


@models.command("list")
def models_list(tracking_uri: Tracking = None, json: Json = None) -> None:
    """List every registered version with its aliases and main figures."""
    from training import models as registered

    registered.show_all(tracking_uri, json)


@models.command("show")
def models_show(version: Version, tracking_uri: Tracking = None, json: Json = None) -> None:
    """Show one version: figures, gate's verdict, fingerprints."""
    from training import models as registered

    registered.show_one(version, tracking_uri, json)


@models.command("promote")
def models_promote(
    version: Version,
    despite_gate: Annotated[
        str | None, typer.Option(help="Why a version that the gate refused is promoted.")
    ] = None,
    tracking_uri: Tracking = None,
) -> None:
    """Make a version the champion and hand it to serving."""
    from training import models as registered

    registered.promote(version, despite_gate, tracking_uri)


@models.command("rollback")
def models_rollback(tracking_uri: Tracking = None) -> None:
    """Put the champion before this one back."""
    from training import models as registered

    registered.roll_back(tracking_uri)


@models.command("verify")
def models_verify(
    model: Annotated[
        str, typer.Argument(help="A folder, NAME@ALIAS or a version; all if unset.")
    ] = "",
    tracking_uri: Tracking = None,
) -> None:
    """Check every digest of an artefact, and that serving has what the registry promoted."""
    from training import models as registered

    registered.verify(model, tracking_uri)


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
def serve(
    host: Annotated[str | None, typer.Option(help="Address; this machine alone if unset.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes; 1 if unset.")] = None,
) -> None:
    """Answer requests and rank second looks; everything else is set by SECONDLOOK_… variables."""
    from serving import commands

    commands.serve(commands.settings(host, port, workers))


@app.command()
def work() -> None:
    """Rank second looks as a process of its own, beside a server with its worker off."""
    from serving import commands

    commands.work(commands.settings())


@app.command("import")
def import_(file: File, mapping: Mapping = None, json: Json = None) -> None:
    """Take a file of allegations in, assessed or not; run again, it goes on where it was."""
    from serving import commands

    commands.take_in(commands.settings(), file, mapping, json)


@app.command()
def consume(
    queue_url: Annotated[str, typer.Option(help="The queue that the form puts its messages on.")],
    region: Annotated[str | None, typer.Option(help="Where it is, if nothing else says.")] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(help="Another server that speaks SQS's protocol.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """Take the form's messages from their SQS queue until interrupted."""
    from serving import commands

    commands.consume(commands.settings(), queue_url, region, endpoint_url, once=once)


audit = typer.Typer(no_args_is_help=True, help="Check the audit log.")
app.add_typer(audit, name="audit")


@audit.command("verify")
def audit_verify(
    expect: Annotated[
        str | None, typer.Option(help="A head noted earlier; some row must still have it.")
    ] = None,
    json: Json = None,
) -> None:
    """Recompute every hash of the audit log; finds altered, removed and reordered rows."""
    from serving import commands, commands_oversight

    commands_oversight.verify_audit(commands.settings(), expect, json)


export = typer.Typer(no_args_is_help=True, help="Let decisions or the audit log out as a file.")
app.add_typer(export, name="export")


@export.command("decisions")
def export_decisions(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    every: Annotated[
        bool, typer.Option("--every", help="Valued allegations without a second look too.")
    ] = False,
) -> None:
    """Write second looks with their sampling weights, as train takes them in."""
    from serving import commands, commands_oversight

    commands_oversight.export_decisions(commands.settings(), out, every=every)


@export.command("audit")
def export_audit(
    out: Annotated[Path, typer.Option(help="The file to write, a line of JSON for each row.")],
) -> None:
    """Write the audit log with its hashes."""
    from serving import commands, commands_oversight

    commands_oversight.export_audit(commands.settings(), out)


@app.command()
def retrain(tracking_uri: Tracking = None) -> None:
    """Train a challenger on the store's labelled allegations and the reviewers' decisions."""
    from serving import commands, commands_oversight
    from training.config import Places

    folder = Places.from_environment(tracking_uri).var / "labelled"
    table, mapping = commands_oversight.export_labelled(commands.settings(), folder)
    train(table, mapping, tracking_uri=tracking_uri)


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
        train(sample / "allegations.csv", sample / "mapping.toml")
    commands.take_in(settings, sample / "allegations.csv", sample / "mapping.toml")
    commands_demo.set_the_scene(settings, sample / "truth.csv")
    commands.serve(settings)


@app.command()
def backup(
    to: Annotated[Path, typer.Option(help="The file to write; one that is there stays.")],
    json: Json = None,
) -> None:
    """Write the whole store to one file, consistent while the service goes on."""
    from serving import backing_up, commands

    backing_up.back_up(commands.settings(), to, json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What backup wrote.")], json: Json = None
) -> None:
    """Fill an empty store from a backup, of SQLite or PostgreSQL, whole or not at all."""
    from serving import backing_up, commands

    backing_up.restore(commands.settings(), file, json)


if __name__ == "__main__":
    app()
