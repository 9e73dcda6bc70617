"""Trained models as folders: plain arrays, and a manifest that vouches for every byte.

::

    manifest.json         format, version, libraries, taxonomy, settings, digests, and whatever
                          training adds: the data's fingerprint, figures
    arrays.safetensors    every array of the model; no code, nothing pickled

The same training data and seed give the same bytes: no clock, no path and no machine's name
is written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import safetensors.numpy

from data.errors import BadArtifact, CannotWrite
from data.taxonomy import Taxonomy
from model.classifier import TriageClassifier

FORMAT = 1
KIND = "secondlook-triage"
MANIFEST = "manifest.json"
ARRAYS = "arrays.safetensors"
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "safetensors")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an artefact says of itself.

    Parameters
    ----------
    version
        Digest of everything else in the manifest, the files' digests among it.
    format, kind
        What wrote it; anything unknown is refused.
    files
        SHA-256 of each file.
    model
        Settings of the model, its values and categories.
    libraries
        Versions it was trained with.
    extra
        What training adds: taxonomy, data fingerprint, figures.
    """

    version: str
    format: int
    kind: str
    files: Mapping[str, str]
    model: Mapping[str, Any]
    libraries: Mapping[str, str]
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model read back, with its manifest."""

    model: TriageClassifier
    manifest: Manifest


def save(
    model: TriageClassifier, directory: Path, *, manifest_extra: Mapping[str, Any] | None = None
) -> Manifest:
    """Write a model as a folder, all of it or nothing.

    Parameters
    ----------
    model
        A fitted model.
    directory
        The folder; one that exists is replaced once the new one is complete.
    manifest_extra
        JSON-able facts to keep beside it; no times, or two runs will differ.

    Raises
    ------
    CannotWrite
        When the disk is full or the place cannot be written; nothing is left behind.
    """
    arrays, settings = model.get_state()
    content = safetensors.numpy.save(arrays)
    facts = {
        "format": FORMAT,
        "kind": KIND,
        "files": {ARRAYS: hashlib.sha256(content).hexdigest()},
        "model": settings,
        "libraries": {name: installed(name) for name in _LIBRARIES},
        "extra": dict(manifest_extra or {}),
    }
    facts = json.loads(json.dumps(facts))
    manifest = Manifest(version=_digest(facts), **facts)
    text = json.dumps(asdict(manifest), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    _write(Path(directory), {ARRAYS: content, MANIFEST: text.encode()})
    return manifest


def verify(directory: Path) -> Manifest:
    """Check a folder against its manifest without building the model.

    Raises
    ------
    BadArtifact
        When something is missing, altered or of an unknown format.
    """
    return _read(Path(directory))[0]


def load(directory: Path, *, taxonomy: Taxonomy | None = None) -> LoadedModel:
    """Read a model back.

    Parameters
    ----------
    directory
        What ``save`` wrote.
    taxonomy
        When given, a model that was trained with other values or categories is refused.

    Raises
    ------
    BadArtifact
        When something is missing, altered, of an unknown format or of another taxonomy.
    """
    manifest, content = _read(Path(directory))
    try:
        arrays = safetensors.numpy.load(content)
        model = TriageClassifier.from_state(arrays, manifest.model)
    except (KeyError, TypeError, ValueError, safetensors.SafetensorError) as error:
        raise BadArtifact(
            f"The arrays of {Path(directory).name} are not those of a model of format {FORMAT}."
        ) from error
    if taxonomy is not None:
        _same_taxonomy(model, taxonomy)
    return LoadedModel(model, manifest)


def _digest(facts: Mapping[str, Any]) -> str:
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


def _read(directory: Path) -> tuple[Manifest, bytes]:
    name = directory.name
    try:
        facts = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        content = (directory / ARRAYS).read_bytes()
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise BadArtifact(f"{name} is not a model: it holds no {missing}.") from error
    except (OSError, ValueError) as error:
        raise BadArtifact(f"{name} cannot be read as a model.") from error
    manifest = _manifest(facts, name)
    if hashlib.sha256(content).hexdigest() != manifest.files.get(ARRAYS):
        raise BadArtifact(f"{ARRAYS} of {name} was altered since it was written.")
    return manifest, content


def _manifest(facts: Any, name: str) -> Manifest:  # noqa: ANN401 - any JSON
    if not isinstance(facts, dict) or facts.get("kind") != KIND:
        raise BadArtifact(f"{name} is not a model of Second Look.")
    if facts.get("format") != FORMAT:
        raise BadArtifact(f"{name} has an unknown format; this version reads format {FORMAT}.")
    rest = {key: value for key, value in facts.items() if key != "version"}
    if _digest(rest) != facts.get("version"):
        raise BadArtifact(f"{MANIFEST} of {name} was altered since it was written.")
    try:
        return Manifest(**facts)
    except TypeError as error:
        raise BadArtifact(f"{MANIFEST} of {name} lacks entries or has unknown ones.") from error


def _same_taxonomy(model: TriageClassifier, taxonomy: Taxonomy) -> None:
    strange = sorted(set(model.category_codes_) - set(taxonomy.category_codes))
    if model.value_codes_ != taxonomy.value_codes or strange:
        raise BadArtifact(
            f"The model was trained with another taxonomy than {taxonomy.name}: its values are "
            f"{', '.join(model.value_codes_)}"
            + (f"; unknown categories: {', '.join(strange)}." if strange else ".")
        )


def _write(directory: Path, files: Mapping[str, bytes]) -> None:
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise CannotWrite(f"{directory.name} cannot be written: {error.strerror}.") from error
    try:
        for name, content in files.items():
            _write_through(place / name, content)
        place.chmod(0o755)
        _put_in_place(place, directory)
    except OSError as error:
        raise CannotWrite(f"{directory.name} could not be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_in_place(new: Path, directory: Path) -> None:
    """Rename the finished folder; an older one steps aside first, and back if that fails."""
    if not directory.exists():
        new.replace(directory)
        return
    aside = new.with_name(f"{new.name}-old")
    directory.replace(aside)
    try:
        new.replace(directory)
    except OSError:
        aside.replace(directory)
        raise
    shutil.rmtree(aside, ignore_errors=True)
