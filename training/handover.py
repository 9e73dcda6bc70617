"""How a promoted artefact reaches serving: a plain folder and a pointer file, no MLflow.

``var/models/<name>/`` holds one artefact; ``var/models/CURRENT`` names the one in force, and
``CHALLENGER`` the newest that the gate held back. A pointer is replaced in one step, so a reader
sees the old or the new, never half. ``HISTORY.jsonl`` tells who put which in force, and why.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from data.errors import BadArtifact, CannotWrite

POINTER = "CURRENT"
CHALLENGER = "CHALLENGER"
HISTORY = "HISTORY.jsonl"
MANIFEST = "manifest.json"


def fingerprint(artefact: Path) -> str:
    """SHA-256 of the manifest, which itself holds the digest of every other file.

    Raises
    ------
    BadArtifact
        Where there is no manifest.
    """
    try:
        return hashlib.sha256((artefact / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        raise BadArtifact(f"{artefact} holds no {MANIFEST}; it is not a trained model") from None


def folder_name(version: str, artefact: Path) -> str:
    """Name that changes whenever the artefact does, even if version numbers start again."""
    return f"{version}-{fingerprint(artefact)[:8]}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write ``path`` in one step: beside it first, then renamed into place.

    Raises
    ------
    CannotWrite
        Where the place is full or closed; the old content stays.
    """
    raw = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise CannotWrite(f"cannot write {path.name}: {problem.strerror}") from None


def copy_whole(source: Path, target: Path) -> None:
    """Copy a folder in one step; another model that stood there is replaced.

    Raises
    ------
    CannotWrite
        Where the place is full or closed, or holds something that is no model; nothing
        half-written stays.
    """
    if target.exists() and not _may_be_replaced(target):
        raise CannotWrite(f"{target.name} exists and is no model; it is left as it is")
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
        shutil.copytree(source, staging / "new", copy_function=shutil.copyfile)
        if target.exists():
            target.replace(staging / "old")
        (staging / "new").replace(target)
    except (OSError, shutil.Error) as problem:
        why = getattr(problem, "strerror", None) or "the disk may be full"
        raise CannotWrite(f"cannot write {target.name}: {why}") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _may_be_replaced(target: Path) -> bool:
    return target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))


def current(models: Path) -> Path | None:
    """Folder in force, or ``None`` before the first promotion."""
    try:
        name = (models / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return models / name


def bring(artefact: Path, version: str, models: Path) -> str:
    """Copy a verified artefact into ``models``; its folder's name. Not yet in force."""
    name = folder_name(version, artefact)
    copy_whole(artefact, models / name)
    return name


def put_in_force(name: str, models: Path) -> None:
    """Point serving at a folder that was brought before."""
    write_whole(models / POINTER, name + "\n")


def challenge(name: str | None, models: Path) -> None:
    """Name the challenger that serving may be compared with, or say that there is none."""
    if name is None:
        (models / CHALLENGER).unlink(missing_ok=True)
    else:
        write_whole(models / CHALLENGER, name + "\n")


def note(models: Path, event: str, name: str, version: str, because: str) -> None:
    """Add a line to the history: what happened to which model, by whom, and why."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": getpass.getuser(),
        "event": event,
        "folder": name,
        "version": version,
        "because": because,
    }
    try:
        with (models / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, sort_keys=True) + "\n")
    except OSError as problem:
        raise CannotWrite(f"cannot write {HISTORY}: {problem.strerror}") from None
