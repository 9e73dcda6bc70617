"""What the command line asks of oversight: check the audit log, let decisions out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from data.errors import CannotWrite, Refused
from data.taxonomy import load_taxonomy
from serving import auditing, exporting, labelled
from serving.actors import SYSTEM
from serving.settings import Settings
from serving.store.database import Store


def verify_audit(settings: Settings, expected_head: str | None, figures: Path | None) -> None:
    """Check the audit log and say what was found.

    Raises
    ------
    Refused
        When a row was altered, removed or reordered.
    """
    store = Store(settings.database_url)
    verdict = auditing.verify(store, expected_head=expected_head)
    store.close()
    if figures:
        content = {**asdict(verdict), "sound": verdict.sound}
        figures.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    if not verdict.sound:
        found = "\n".join(f"- {one.told}" for one in verdict.faults)
        raise Refused(f"The audit log is not as it was written:\n{found}")
    print(f"{verdict.rows:,} rows, every one as it was written.")  # noqa: T201
    print(f"Head: {verdict.head}")  # noqa: T201
    print("Note the head elsewhere and give it to a later check as --expect.")  # noqa: T201


def export_decisions(settings: Settings, out: Path, *, every: bool) -> None:
    """Write second looks as CSV, as ``train`` takes them in."""
    store = Store(settings.database_url)
    questions = tuple(one.code for one in load_taxonomy(settings.taxonomy).questions)
    _write(out, exporting.decisions_csv(store, SYSTEM, every=every, questions=questions))
    store.close()


def export_labelled(settings: Settings, folder: Path) -> tuple[Path, Path]:
    """Write every labelled allegation and the mapping to read it with, to train on."""
    store = Store(settings.database_url)
    folder.mkdir(parents=True, exist_ok=True)
    table, mapping = folder / "allegations.csv", folder / "mapping.toml"
    _write(mapping, iter([labelled.mapping_toml(store)]))
    store.close()
    export_decisions(settings, table, every=True)
    return table, mapping


def export_audit(settings: Settings, out: Path) -> None:
    """Write the audit log as lines of JSON."""
    store = Store(settings.database_url)
    _write(out, exporting.audit_lines(store, SYSTEM))
    store.close()


def _write(out: Path, lines: Iterator[str]) -> None:
    """Write beside the place and rename: half a file never stands under the name."""
    beside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.writelines(lines)
        beside.replace(out)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise CannotWrite(f"cannot write {out.name}: {problem.strerror}") from None
    print(f"Written: {out.name}")  # noqa: T201
