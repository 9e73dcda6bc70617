"""How a promoted artefact reaches serving: a plain folder and a pointer file, no MLflow.

``var/models/<name>/`` holds one promoted artefact; ``var/models/CURRENT`` names the one in
force. The pointer is replaced in one step, so a reader sees the old or the new, never half.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from data.errors import BadArtifact, CannotWrite

POINTER = "CURRENT"
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


def copy_whole(artefact: Path, target: Path) -> None:
    """Copy an artefact's folder in one step; an equal one already there is left alone.

    Raises
    ------
    CannotWrite
        Where the place is full or closed; nothing half-written stays.
    """
    if (target / MANIFEST).is_file():
        return
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".part-", dir=target.parent))
        shutil.copytree(artefact, staging / "copy", copy_function=shutil.copyfile)
        (staging / "copy").replace(target)
    except (OSError, shutil.Error) as problem:
        why = getattr(problem, "strerror", None) or "the disk may be full"
        raise CannotWrite(f"cannot write {target.name}: {why}") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def current(models: Path) -> str | None:
    """Name of the folder in force, or ``None`` before the first promotion."""
    pointer = models / POINTER
    return pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def hand_over(artefact: Path, version: str, models: Path) -> Path:
    """Copy a verified artefact into ``models`` and put it in force."""
    target = models / folder_name(version, artefact)
    copy_whole(artefact, target)
    write_whole(models / POINTER, target.name + "\n")
    return target
