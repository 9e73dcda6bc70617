"""The model in service: the promoted artefact, replaced without a restart."""

from __future__ import annotations

import logging
import re
import threading
from pathlib import Path

from data.errors import SecondLookError
from data.taxonomy import Taxonomy
from model.predictor import Predictor
from serving.errors import NotReady

CURRENT = "CURRENT"
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)

log = logging.getLogger(__name__)


class PromotedModel:
    """Gives the promoted predictor, and notices when another one is promoted.

    Each question costs one ``stat`` of the file ``CURRENT``. When it has changed, one thread
    loads what it names while the others keep the model that they had. An artefact that cannot
    be loaded is refused: a log line, :attr:`trouble`, and the old model goes on serving.

    Parameters
    ----------
    directory
        Folder with one folder per version, and ``CURRENT`` naming one of them.
    taxonomy
        Refuse models trained with another taxonomy; ``None`` takes any.
    """

    def __init__(self, directory: Path, taxonomy: Taxonomy | None = None) -> None:
        self.trouble: str | None = None
        self._directory = directory
        self._taxonomy = taxonomy
        self._predictor: Predictor | None = None
        self._seen: tuple[int, int, int] | None = None
        self._loading = threading.Lock()

    def current(self) -> Predictor | None:
        """Give the predictor in service, or ``None`` before the first promotion."""
        mark = self._mark()
        if mark != self._seen and self._loading.acquire(blocking=self._predictor is None):
            try:
                if mark != self._seen:
                    self._load()
                    self._seen = mark
            finally:
                self._loading.release()
        return self._predictor

    def required(self) -> Predictor:
        """Give the predictor in service.

        Raises
        ------
        NotReady
            Before the first promotion.
        """
        predictor = self.current()
        if predictor is None:
            raise NotReady("no model has been promoted yet")
        return predictor

    def _mark(self) -> tuple[int, int, int] | None:
        try:
            found = (self._directory / CURRENT).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _load(self) -> None:
        try:
            self._predictor = Predictor.load(self._named())
        except (SecondLookError, OSError, ValueError) as problem:
            self.trouble = _told(problem)
            log.error("promoted model refused, the one before goes on: %s", self.trouble)  # noqa: TRY400
        else:
            self.trouble = None
            log.info("model %s in service", self._predictor.version)

    def _named(self) -> Path:
        name = (self._directory / CURRENT).read_text(encoding="utf-8").strip()
        if not VERSION.fullmatch(name):
            raise NotReady("CURRENT does not name a folder beside it")
        return self._directory / name


def _told(problem: Exception) -> str:
    """Give what may be told to others: our own words, or else only the kind of failure."""
    return str(problem) if isinstance(problem, SecondLookError) else type(problem).__name__
