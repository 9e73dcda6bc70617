"""The sample as tables and as files."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from data.synthetic.answers import COLUMNS
from data.synthetic.reports import Report, blocks

ALLEGATION_COLUMNS = (
    "reference",
    "narrative",
    "value",
    "categories",
    "reviewed_value",
    "received_at",
    "channel",
    "assessor",
    "assessed_at",
    "review_reason",
    *COLUMNS,
)
TRUTH_COLUMNS = (
    "reference",
    "true_value",
    "true_categories",
    "kind_of_miss",
    "duplicate_group",
    "nationality",
    "gender",
    "first_value",
)
MAPPING = """\
# How the columns of allegations.csv and replay.csv are read.
[columns]
reference = "reference"
narrative = "narrative"
value = "value"
categories = "categories"
reviewed_value = "reviewed_value"
received_at = "received_at"
channel = "channel"

[value]
order = ["no_value", "low", "medium", "high"]

[categories]
separator = "|"
"""


@dataclass(frozen=True)
class Sample:
    """Allegations as a service would hold them, and what is true of each."""

    allegations: pd.DataFrame
    truth: pd.DataFrame


def _rows(rows: int, seed: int) -> Iterator[tuple[Report, tuple[str, ...], tuple[str, ...]]]:
    at = 0
    for block in blocks(rows, seed):
        for report in block:
            at += 1
            reference = f"IMA-{at:07d}"
            yield report, _allegation(reference, report), _truth(reference, report)


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M")


def _allegation(reference: str, r: Report) -> tuple[str, ...]:
    return (
        reference,
        r.narrative,
        r.first,
        "|".join(r.ticked),
        r.truth if r.review_reason else "",
        _moment(r.received),
        r.facts.channel,
        r.assessor,
        _moment(r.assessed),
        r.review_reason,
        *r.answers,
    )


def _truth(reference: str, r: Report) -> tuple[str, ...]:
    f = r.facts
    categories = "|".join(f.categories)
    gender = "male" if f.gender == "m" else "female"
    return (
        reference, r.truth, categories, r.kind_of_miss, r.group, f.nationality, gender, r.first,
    )  # fmt: skip


def generate(rows: int = 6000, seed: int = 0) -> Sample:
    """Draw a sample in memory.

    Parameters
    ----------
    rows
        How many allegations; for hundreds of thousands use `write_sample`, which streams.
    seed
        The same rows and seed give the same sample, whatever the machine's hash seed.

    Raises
    ------
    ValueError
        When fewer than one row is asked for.
    """
    _check(rows)
    allegations, truth = [], []
    for _, allegation, answer in _rows(rows, seed):
        allegations.append(allegation)
        truth.append(answer)
    return Sample(
        pd.DataFrame(allegations, columns=list(ALLEGATION_COLUMNS)),
        pd.DataFrame(truth, columns=list(TRUTH_COLUMNS)),
    )


def write_sample(out: Path, rows: int = 6000, seed: int = 0) -> tuple[Path, ...]:
    """Write ``allegations.csv``, ``truth.csv``, ``replay.csv`` and ``mapping.toml``.

    ``replay.csv`` holds the same allegations with the true value as ``reviewed_value``, for
    replaying a second look. Files are written row by row; each replaces an older one only when
    it is complete.

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    ValueError
        When fewer than one row is asked for.
    OSError
        When the folder cannot be written; nothing half-written is left.
    """
    _check(rows)
    out.mkdir(parents=True, exist_ok=True)
    names = ("allegations.csv", "truth.csv", "replay.csv", "mapping.toml")
    parts = [out / f".{name}.part" for name in names]
    try:
        _write_tables(parts, rows, seed)
        parts[3].write_text(MAPPING, "utf-8", newline="\n")
        for part, name in zip(parts, names, strict=True):
            part.replace(out / name)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return tuple(out / name for name in names)


def _write_tables(parts: list[Path], rows: int, seed: int) -> None:
    headers = (ALLEGATION_COLUMNS, TRUTH_COLUMNS, ALLEGATION_COLUMNS)
    with ExitStack() as stack:
        writers = []
        for part, header in zip(parts, headers, strict=False):
            handle = stack.enter_context(part.open("w", encoding="utf-8", newline=""))
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            writers.append(writer)
        at = ALLEGATION_COLUMNS.index("reviewed_value")
        for report, allegation, truth in _rows(rows, seed):
            writers[0].writerow(allegation)
            writers[1].writerow(truth)
            writers[2].writerow((*allegation[:at], report.truth, *allegation[at + 1 :]))


def _check(rows: int) -> None:
    if rows < 1:
        raise ValueError(f"a sample needs at least one row, not {rows}")
