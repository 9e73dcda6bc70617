"""Bringing champion and challenger to the same records, fairly.

A champion that is asked about records it learnt from would win by memory. So it is asked only
about records new to it, where there are enough; else its recipe is fitted again, fold by fold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.reading import AllegationTable
from model import artifact
from training.config import Settings
from training.evaluate import MAJORITY, Evaluation, held_out
from training.figures import Bools, macro_f1
from training.fit import Ours
from training.gate import Verdict, compare
from training.learner import Answers, likeliest

SEEN = "seen.npy"
NOT_A_RECIPE = {"value_order", "n_jobs"}


def marks_of(narratives: Sequence[str]) -> NDArray[np.uint64]:
    """64-bit marks that tell whether a narrative was learnt from, without keeping it."""
    plain = (" ".join(text.lower().split()).encode() for text in narratives)
    digests = (hashlib.sha256(text).digest()[:8] for text in plain)
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)


def write_seen(folder: Path, narratives: Sequence[str]) -> None:
    """Write the marks of the training records, sorted, for the next challenger's sake."""
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / SEEN, np.unique(marks_of(narratives)), allow_pickle=False)


def unseen(folder: Path, narratives: Sequence[str]) -> Bools:
    """Which narratives the model whose marks lie in ``folder`` has not learnt from."""
    seen = np.load(folder / SEEN, allow_pickle=False)
    return np.asarray(~np.isin(marks_of(narratives), seen))


def first_verdict(evaluation: Evaluation) -> Verdict:
    """Judge the first model: it must at least be better than always naming the majority."""
    truth = evaluation.labels.value
    ours = macro_f1(evaluation.ours.level, truth)
    least = macro_f1(evaluation.answers[MAJORITY].level, truth)
    told = f"macro-F1 of value {ours:.3f} against {least:.3f} for the majority class"
    return Verdict(ours > least, told, "majority", len(truth), ours - least, ours - least)


def verdict_against(
    name: str,
    artefact: Path,
    marks: Path,
    table: AllegationTable,
    evaluation: Evaluation,
    recipe: Mapping[str, Any],
    settings: Settings,
) -> Verdict:
    """Judge a challenger against the champion in force.

    Parameters
    ----------
    name
        What the champion is called in the verdict.
    artefact, marks
        Its folders.
    table, evaluation
        The records, and the challenger's held-out answers for them.
    recipe
        The challenger's parameters.
    settings
        Margin and confidence, folds' seed and processes.
    """
    loaded = artifact.load(artefact)
    if loaded.model.value_codes_ != evaluation.labels.value_order:
        return Verdict(False, "it orders other values, so the two cannot be compared", name)
    fresh = unseen(marks, table.narratives)
    if fresh.sum() >= settings.gate.least_unseen:
        return _on_fresh_records(name, loaded.model, fresh, table, evaluation, settings)
    theirs = _comparable(loaded.model.get_params())
    if theirs == _comparable(type(loaded.model)(**recipe).get_params()):
        told = (
            f"the same recipe, and only {int(fresh.sum())} records that the champion has not "
            f"learnt from; {settings.gate.least_unseen} are needed to tell the two apart"
        )
        return Verdict(False, told, name, int(fresh.sum()))
    return _by_recipe(name, theirs, table, evaluation, settings)


def _on_fresh_records(
    name: str,
    champion: Any,  # noqa: ANN401
    fresh: Bools,
    table: AllegationTable,
    evaluation: Evaluation,
    settings: Settings,
) -> Verdict:
    rows = np.flatnonzero(fresh)
    value = champion.predict_proba(table.select(rows).allegations())
    nothing = np.zeros((len(rows), 0))
    theirs = Answers(value, nothing, champion.choose(value), likeliest(nothing))
    ours, truth = evaluation.ours.select(rows), evaluation.labels.value[rows]
    return compare(truth, ours, theirs, against=name, settings=settings.gate, seed=settings.seed)


def _by_recipe(
    name: str,
    recipe: Mapping[str, Any],
    table: AllegationTable,
    evaluation: Evaluation,
    settings: Settings,
) -> Verdict:
    again = {name: partial(Ours, recipe)}
    answers = held_out(
        again, table.allegations(), evaluation.labels, evaluation.folds, settings.jobs
    )
    return compare(
        evaluation.labels.value,
        evaluation.ours,
        answers[name],
        against=name,
        settings=settings.gate,
        seed=settings.seed,
    )


def _comparable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in parameters.items() if k not in NOT_A_RECIPE}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()}
