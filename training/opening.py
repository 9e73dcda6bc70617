"""Finding a model: the one in force, a folder, or a registered one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from data.errors import BadArtifact
from training import handover
from training.config import Places


@contextmanager
def opened(model: str, places: Places) -> Iterator[Path]:
    """Lend the folder of a model given as a folder, ``NAME@ALIAS``, a version, or nothing.

    Raises
    ------
    BadArtifact
        Where there is none.
    """
    folder = Path(model) if model else handover.current(places.models)
    if folder is None:
        raise BadArtifact("no model has been promoted yet; train one, or name one with --model")
    if not model or folder.is_dir():
        yield folder
        return
    name, at, alias = model.partition("@")
    if not at and not name.isdigit():
        raise BadArtifact(f"{model!r} is neither a folder nor NAME@ALIAS")
    from training.tracking import Tracking

    tracking = Tracking(replace(places, name=name) if at else places)
    with tracking.fetched(tracking.find(alias if at else name)) as fetched:
        yield fetched
