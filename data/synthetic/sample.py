"""The sample as tables and as files."""

import csv
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from data.errors import BadInput, CannotWrite
from data.synthetic.answers import COLUMNS
from data.synthetic.reports import BLOCK, Report, block_of_reports, jobs

MANY_ROWS, PROCESSES = 50_000, 2
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


Rows = list[tuple[str, ...]]


def _tables(number: int, size: int, rows: int, seed: int) -> tuple[Rows, Rows, Rows]:
    """Return the rows of one block for the three files."""
    allegations, truths, replays = [], [], []
    at = ALLEGATION_COLUMNS.index("reviewed_value")
    for place, report in enumerate(block_of_reports(number, size, rows, seed), number * BLOCK):
        reference = f"IMA-{place + 1:07d}"
        allegation = _allegation(reference, report)
        allegations.append(allegation)
        truths.append(_truth(reference, report))
        replays.append((*allegation[:at], report.truth, *allegation[at + 1 :]))
    return allegations, truths, replays


def _texts(job: tuple[int, int, int, int]) -> tuple[str, ...]:
    return tuple(map(_as_csv, _tables(*job)))


def _as_csv(rows: Rows) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


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
    BadInput
        When fewer than one row is asked for.
    """
    _check(rows)
    allegations: Rows = []
    truth: Rows = []
    for job in jobs(rows, seed):
        block = _tables(*job)
        allegations += block[0]
        truth += block[1]
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
    BadInput
        When fewer than one row is asked for.
    CannotWrite
        When the folder cannot be written; nothing half-written is left.
    """
    _check(rows)
    names = ("allegations.csv", "truth.csv", "replay.csv", "mapping.toml")
    parts = [out / f".{name}.part" for name in names]
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write_tables(parts, rows, seed)
        parts[3].write_text(MAPPING, "utf-8", newline="\n")
        for part, name in zip(parts, names, strict=True):
            part.replace(out / name)
    except OSError as error:
        raise CannotWrite(
            f"the sample cannot be written to {out.name}: {error.strerror}"
        ) from error
    finally:
        for part in parts:
            with suppress(OSError):
                part.unlink()
    return tuple(out / name for name in names)


def _write_tables(parts: list[Path], rows: int, seed: int) -> None:
    headers = (ALLEGATION_COLUMNS, TRUTH_COLUMNS, ALLEGATION_COLUMNS)
    with ExitStack() as stack:
        handles = [
            stack.enter_context(p.open("w", encoding="utf-8", newline="")) for p in parts[:3]
        ]
        for handle, header in zip(handles, headers, strict=True):
            handle.write(_as_csv([header]))
        for texts in _all_texts(rows, seed):
            for handle, text in zip(handles, texts, strict=True):
                handle.write(text)


def _all_texts(rows: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield the text of each block in order; two processes draw them where there are many."""
    if rows < MANY_ROWS:
        yield from map(_texts, jobs(rows, seed))
        return
    parallel = Parallel(n_jobs=PROCESSES, return_as="generator", batch_size=4)
    yield from parallel(delayed(_texts)(job) for job in jobs(rows, seed))


def _check(rows: int) -> None:
    if rows < 1:
        raise BadInput(f"a sample needs at least one row, not {rows}")
