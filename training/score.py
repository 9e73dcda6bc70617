"""Bulk suggestions: a file of any length through the model, piece by piece, to a new file."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from data.errors import BadArtifact, BadFile, CannotWrite
from data.mapping import load_mapping
from data.reading import AllegationTable, read_in_chunks
from data.terminal import progress_bar
from model.predictor import Predictor
from model.types import Suggestion
from training import report
from training.config import Places

ROWS = 2000
CATEGORIES = 3
Row = Mapping[str, Any]


def score_file(
    file: Path,
    out: Path,
    mapping: Path | None,
    model: str,
    explain: bool,
    tracking_uri: str | None,
    json_file: Path | None,
) -> None:
    """Write one line of suggestions for each record of ``file``.

    The file appears under its name only when it is complete; an error leaves nothing.

    Raises
    ------
    BadFile
        Where the ending of ``out`` is unknown.
    CannotWrite
        Where the place is full or closed.
    """
    from training.opening import opened

    began = time.perf_counter()
    with opened(model, Places.from_environment(tracking_uri)) as folder:
        predictor = Predictor.load(folder)
    chunks = read_in_chunks(file, load_mapping(mapping), rows=ROWS)
    with progress_bar(quiet=True) as shown, _written(out, columns_of(predictor)) as write:
        task = shown.add_task("Scoring", total=None)
        records = 0
        for table in chunks:
            write(rows_of(table, predictor, explain=explain))
            records += len(table)
            shown.update(task, completed=records)
    seconds = time.perf_counter() - began
    figures = {"records": records, "seconds": round(seconds, 3), "model": predictor.version}
    report.write_figures(json_file, figures)
    report.tell(f"{records:,} records scored in {seconds:.1f} s by model {predictor.version}")


def columns_of(predictor: Predictor) -> list[str]:
    """Columns of the output, in order."""
    probabilities = [f"p_{code}" for code in predictor.value_codes]
    rest = ["categories", "details", "reasons", "urgency", "safeguarding", "model_version"]
    return ["reference", "value", "confidence", "unsure", "doubt", *probabilities, *rest]


def rows_of(table: AllegationTable, predictor: Predictor, *, explain: bool) -> list[Row]:
    """One row per record; ``doubt`` is empty where the file records no value.

    Raises
    ------
    BadArtifact
        Where the file records other values than the model knows.
    """
    recorded = table.frame["value"]
    known = recorded.notna().tolist()
    if any(known) and table.value_order != predictor.value_codes:
        raise BadArtifact(
            f"the model was trained with another taxonomy than {table.source}: it knows "
            f"{', '.join(predictor.value_codes)}"
        )
    suggestions = predictor.suggest(table.allegations(), explain=explain, details=explain)
    return [
        _row(suggestion, str(value) if here else None)
        for suggestion, value, here in zip(suggestions, recorded, known, strict=True)
    ]


def _row(given: Suggestion, recorded: str | None) -> Row:
    chances = {code: round(p, 6) for code, p in given.value_probabilities.items()}
    doubt = None if recorded not in chances else round(1 - chances[recorded], 6)
    best = given.categories[:CATEGORIES]
    return {
        "reference": given.reference,
        "value": given.value,
        "confidence": round(given.confidence, 6),
        "unsure": given.unsure,
        "doubt": doubt,
        **{f"p_{code}": chance for code, chance in chances.items()},
        "categories": _json({one.category: round(one.probability, 6) for one in best}),
        "details": _json([[one.kind, one.start, one.end] for one in given.details]),
        "reasons": _json([[one.phrase, round(one.contribution, 6)] for one in given.reasons]),
        "urgency": _json([flag.rule for flag in given.urgency]),
        "safeguarding": _json([flag.rule for flag in given.safeguarding]),
        "model_version": given.model_version,
    }


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


class _Sink(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...
    def close(self) -> None: ...


class _Text:
    """CSV or JSON lines."""

    def __init__(self, path: Path, columns: Sequence[str], *, lines: bool) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._columns, self._lines = columns, lines
        if not lines:
            csv.writer(self._file, lineterminator="\n").writerow(columns)

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        held = io.StringIO()
        if self._lines:
            held.writelines(_json(row) + "\n" for row in rows)
        else:
            csv.DictWriter(held, self._columns, lineterminator="\n").writerows(rows)
        self._file.write(held.getvalue())

    def close(self) -> None:
        """Make sure that every byte is on the disk."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())


class _Parquet:
    """Parquet, one row group a piece."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._schema = pa.schema([(name, _arrow_type(pa, name)) for name in columns])
        self._table = pa.Table
        self._writer = pq.ParquetWriter(path, self._schema)

    def write(self, rows: Sequence[Row]) -> None:
        """Add rows."""
        self._writer.write_table(self._table.from_pylist(list(rows), schema=self._schema))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


def _arrow_type(pa: Any, name: str) -> Any:  # noqa: ANN401  (pyarrow has no types)
    if name == "unsure":
        return pa.bool_()
    number = name in {"confidence", "doubt"} or name.startswith("p_")
    return pa.float64() if number else pa.string()


def _sink(path: Path, ending: str, columns: Sequence[str]) -> _Sink:
    if ending == ".parquet":
        return _Parquet(path, columns)
    return _Text(path, columns, lines=ending == ".jsonl")


@contextmanager
def _written(out: Path, columns: Sequence[str]) -> Iterator[Callable[[Sequence[Row]], None]]:
    """Lend a writer of a file that gets its name only when it is complete."""
    if out.suffix not in {".csv", ".jsonl", ".parquet"}:
        raise BadFile(f"{out.name}: the output ends in .csv, .jsonl or .parquet")
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        sink = _sink(beside, out.suffix, columns)
        try:
            yield sink.write
        finally:
            sink.close()
        beside.replace(out)
    except OSError as problem:
        raise CannotWrite(f"cannot write {out.name}: {problem.strerror}") from None
    finally:
        beside.unlink(missing_ok=True)
