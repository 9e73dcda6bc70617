"""Backing up and restoring from the command line: progress, figures, what was done in words."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.terminal import progress_bar
from serving.actors import SYSTEM
from serving.settings import Settings
from serving.store import backup
from serving.store.database import Store
from serving.store.packing import Manifest, rows_in


def back_up(settings: Settings, to: Path, figures: Path | None = None) -> Manifest:
    """Write a backup of the store, consistent while the service goes on.

    Raises
    ------
    NotReady
        When the store cannot be reached, or is of another version than this service.
    CannotWrite
        When the file is there already or cannot be written.
    """
    began = time.perf_counter()
    with _opened(settings) as store, _progress("Backing up", backup.size(store)) as told:
        _recorded(store, "backed up the store")
        manifest = backup.back_up(store, to, told)
    _figures(figures, to, manifest, began)
    print(f"{manifest.rows:,} rows of {len(manifest.tables)} tables in {to}")  # noqa: T201
    return manifest


def restore(settings: Settings, file: Path, figures: Path | None = None) -> Manifest:
    """Fill an empty store from a backup, whole or not at all.

    Raises
    ------
    BadFile
        When the file is no backup, is damaged, or comes from a later version.
    Conflict
        When the store is not empty.
    """
    began = time.perf_counter()
    # every row is checked before the first is restored
    with _opened(settings) as store, _progress("Restoring", 2 * rows_in(file)) as told:
        manifest = backup.restore(store, file, told)
        _recorded(store, "restored the store", {"made_at": manifest.made_at})
    _figures(figures, file, manifest, began)
    print(f"{manifest.rows:,} rows restored, backed up {manifest.made_at}")  # noqa: T201
    return manifest


def _recorded(store: Store, action: str, details: dict[str, str] | None = None) -> None:
    with store.writing() as unit:
        unit.audit.append(SYSTEM, action, None, details)


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _progress(doing: str, total: int) -> Iterator[Callable[[int], None]]:
    with progress_bar() as bar:
        task = bar.add_task(doing, total=total)
        yield lambda rows: bar.update(task, advance=rows)


def _figures(to: Path | None, file: Path, manifest: Manifest, began: float) -> None:
    if to is None:
        return
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    said = {
        "revision": manifest.revision,
        "made_at": manifest.made_at,
        "rows": manifest.rows,
        "tables": {table.name: table.rows for table in manifest.tables},
        "bytes": file.stat().st_size,
        "sha256": digest,
        "seconds": round(time.perf_counter() - began, 3),
    }
    to.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
