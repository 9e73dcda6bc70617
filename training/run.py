"""The whole story of training, and of evaluating alone."""

from __future__ import annotations

from pathlib import Path

from data.errors import Refused
from data.mapping import load_mapping
from data.reading import AllegationTable, read_allegations
from data.terminal import progress_bar
from training import card, report
from training.config import Places, Settings
from training.evaluate import OURS, Evaluation
from training.evaluate import evaluate as cross_validate
from training.gate import Verdict
from training.groups import groups_in
from training.handover import copy_whole
from training.labels import Labels, labels_of, with_value
from training.making import made
from training.sensitive import sensitive_groups


def evaluate(
    file: Path,
    mapping: Path | None,
    settings: Settings,
    baselines: bool,
    sensitive: Path | None,
    json: Path | None,
) -> None:
    """Cross-validate, write and show the figures; register nothing."""
    table, labels = read(file, mapping, settings)
    figures = measure(table, labels, settings, sensitive, baselines=baselines).figures()
    report.write_figures(json, figures)
    report.show_figures(figures)


def train(
    file: Path,
    mapping: Path | None,
    settings: Settings,
    out: Path | None,
    register: bool,
    about: Path | None,
    sensitive: Path | None,
    tracking_uri: str | None,
    json: Path | None,
) -> None:
    """Fit, measure, describe; then, where asked, log, register, judge and promote.

    Raises
    ------
    Refused
        Where the gate keeps the champion; the new version stays registered as challenger.
    """
    stated = card.stated_facts(about)
    table, labels = read(file, mapping, settings)
    evaluation = measure(table, labels, settings, sensitive)
    verdict: Verdict | None = None
    with made(table, evaluation, settings, stated) as product:
        if out is not None:
            copy_whole(product.artefact, out)
        if register:
            from training.registering import register as to_registry

            places = Places.from_environment(tracking_uri)
            verdict = to_registry(table, evaluation, settings, product, places)
        figures = evaluation.figures() | {
            "swapped": product.swapped.as_dict(),
            "version": product.manifest.version,
        }
    report.write_figures(json, figures | {"gate": verdict.as_dict() if verdict else None})
    report.show_figures(figures)
    if verdict is not None and not verdict.promoted:
        raise Refused(f"not promoted: {verdict.because} (against: {verdict.against})")
    report.tell(f"Model {product.manifest.version}: {verdict.because if verdict else 'made'}")


def read(file: Path, mapping: Path | None, settings: Settings) -> tuple[AllegationTable, Labels]:
    """Read and check the file, and tell what is left out of the training."""
    needs = frozenset({"narrative", "value"})
    table = with_value(read_allegations(file, load_mapping(mapping), needs=needs))
    labels = labels_of(table, settings)
    report.warn(labels.warnings())
    return table, labels


def measure(
    table: AllegationTable,
    labels: Labels,
    settings: Settings,
    sensitive: Path | None = None,
    *,
    baselines: bool = True,
) -> Evaluation:
    """Cross-validate, showing progress."""
    groups = dict(groups_in(table.narratives))
    if sensitive is not None:
        apart, known = sensitive_groups(sensitive, table)
        groups |= apart
        report.tell(f"{sensitive.name} speaks of {known:,} of {len(table):,} records")
    with progress_bar(quiet=True) as shown:
        runs = settings.folds * (3 if baselines else 1)
        task = shown.add_task("Cross-validating", total=runs)

        def done(name: str) -> None:
            after = "our model" if name == OURS else f"baseline {name}"
            shown.update(task, advance=1, description=f"Cross-validated {after}")

        return cross_validate(
            table, labels, settings, baselines=baselines, done=done, groups=groups
        )
