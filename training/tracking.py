"""The tracking store and model registry: the only place that knows MLflow.

Nothing leaves the machine unless a tracking URI says so: telemetry is off, and the default
store is SQLite under ``var``. The artefact is stored as plain files; MLflow never pickles it.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import BadArtifact, CannotWrite, SecondLookError
from training.config import Places

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
os.environ.update(QUIET)

from mlflow import MlflowClient  # noqa: E402  (reads the environment when imported)
from mlflow.entities import Metric, Param, RunTag  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

logging.getLogger("alembic").setLevel(logging.WARNING)

ARTEFACT = "artefact"
CHAMPION, CHALLENGER = "champion", "challenger"
HISTORY = "champion_history"


@dataclass(frozen=True, slots=True)
class Registered:
    """One registered version.

    Parameters
    ----------
    version
        Its number in the registry, as text.
    run
        The run that made it.
    aliases
        ``champion``, ``challenger``, both or none.
    figures, parameters, tags
        What its run logged.
    """

    version: str
    run: str
    aliases: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


class Tracking:
    """A tracking store and registry of one model's versions.

    Parameters
    ----------
    places
        Where the default store lies, or the URI of another one, and the model's name.

    Raises
    ------
    CannotWrite
        Where the store cannot be opened or written.
    """

    def __init__(self, places: Places) -> None:
        self.name = places.name
        self._local = places.var.resolve() if places.tracking_uri is None else None
        if self._local is not None:
            self._local.mkdir(parents=True, exist_ok=True)
        uri = places.tracking_uri or f"sqlite:///{self._local}/mlflow.db"
        with _told_plainly("the tracking store could not be opened"):
            self._client = MlflowClient(tracking_uri=uri, registry_uri=uri)
            self._known = bool(self._client.search_registered_models(f"name = '{self.name}'"))

    def _experiment_id(self) -> str:
        found = self._client.get_experiment_by_name(self.name)
        if found is not None:
            return str(found.experiment_id)
        where = (self._local / "mlartifacts").as_uri() if self._local is not None else None
        return str(self._client.create_experiment(self.name, artifact_location=where))

    @contextmanager
    def run(self, name: str) -> Iterator[str]:
        """Open a run; it ends as finished, or as failed where the block raises."""
        with _told_plainly("the run could not be logged"):
            opened = self._client.create_run(self._experiment_id(), run_name=name)
            identifier = str(opened.info.run_id)
        try:
            yield identifier
        except BaseException:
            with _told_plainly("the run could not be closed"):
                self._client.set_terminated(identifier, status="FAILED")
            raise
        with _told_plainly("the run could not be closed"):
            self._client.set_terminated(identifier)

    def log(
        self,
        run: str,
        *,
        parameters: Mapping[str, str],
        figures: Mapping[str, float],
        tags: Mapping[str, str],
        folders: Mapping[str, Path],
    ) -> None:
        """Log everything about one run; ``folders`` maps artefact paths to local folders."""
        with _told_plainly("the run could not be logged"):
            self._client.log_batch(
                run,
                metrics=[Metric(k, v, 0, 0) for k, v in sorted(figures.items())],
                params=[Param(k, v) for k, v in sorted(parameters.items())],
                tags=[RunTag(k, v) for k, v in sorted(tags.items())],
            )
            for path, folder in folders.items():
                self._client.log_artifacts(run, str(folder), path)

    def register(self, run: str) -> Registered:
        """Register the run's artefact as a new version, and call it the challenger."""
        with _told_plainly("the version could not be registered"):
            if not self._known:
                self._client.create_registered_model(self.name)
                self._known = True
            source = f"{self._client.get_run(run).info.artifact_uri}/{ARTEFACT}"
            made = self._client.create_model_version(self.name, source=source, run_id=run)
            self._client.set_registered_model_alias(self.name, CHALLENGER, made.version)
        return self.find(str(made.version))

    def versions(self) -> list[Registered]:
        """Every version, newest first."""
        with _told_plainly("the registry could not be read"):
            found = self._client.search_model_versions(f"name = '{self.name}'")
        numbers = sorted((int(entry.version) for entry in found), reverse=True)
        return [self.find(str(number)) for number in numbers]

    def find(self, version: str) -> Registered:
        """One version by number or alias.

        Raises
        ------
        BadArtifact
            Where no version has that number or alias.
        """
        try:
            if version.isdigit():
                entry = self._client.get_model_version(self.name, version)
            else:
                entry = self._client.get_model_version_by_alias(self.name, version)
            run = self._client.get_run(entry.run_id)
        except MlflowException:
            raise BadArtifact(f"no model {self.name!r} is registered as {version!r}") from None
        return _registered(entry, run, self._aliases(str(entry.version)))

    def _aliases(self, version: str) -> tuple[str, ...]:
        aliases = self._client.get_registered_model(self.name).aliases
        return tuple(sorted(a for a, number in aliases.items() if str(number) == version))

    def champion(self) -> Registered | None:
        """Find the version in force; ``None`` before the first promotion."""
        try:
            return self.find(CHAMPION)
        except BadArtifact:
            return None

    def promote(self, version: str) -> None:
        """Make ``version`` the champion and remember the one before it."""
        history = self.history()
        if not history or history[-1] != version:
            self._set_champion(version, [*history, version])
        if CHALLENGER in self.find(version).aliases:
            self._client.delete_registered_model_alias(self.name, CHALLENGER)

    def history(self) -> list[str]:
        """Champions in the order they were promoted, the one in force last."""
        if not self._known:
            return []
        kept = self._client.get_registered_model(self.name).tags.get(HISTORY, "")
        return [version for version in kept.split(",") if version]

    def roll_back(self) -> None:
        """Put the champion before the one in force back; see :meth:`history` first."""
        history = self.history()[:-1]
        self._set_champion(history[-1], history)

    def _set_champion(self, version: str, history: list[str]) -> None:
        with _told_plainly("the registry could not be written"):
            self._client.set_registered_model_alias(self.name, CHAMPION, version)
            self._client.set_registered_model_tag(self.name, HISTORY, ",".join(history))

    def tag(self, run: str, key: str, text: str) -> None:
        """Add a tag to a run."""
        with _told_plainly("the registry could not be written"):
            self._client.set_tag(run, key, text)

    @contextmanager
    def fetched(self, version: Registered, path: str = ARTEFACT) -> Iterator[Path]:
        """Lend a local copy of one of the version's logged folders.

        Raises
        ------
        BadArtifact
            Where the store no longer has it.
        """
        place = Path(tempfile.mkdtemp(prefix="secondlook-"))
        try:
            yield self._fetch(version, path, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _fetch(self, version: Registered, path: str, place: Path) -> Path:
        try:
            return Path(self._client.download_artifacts(version.run, path, str(place)))
        except (MlflowException, OSError):
            raise BadArtifact(
                f"version {version.version} has no {path} in the tracking store"
            ) from None


def _registered(entry: Any, run: Any, aliases: tuple[str, ...]) -> Registered:  # noqa: ANN401
    tags = {k: v for k, v in run.data.tags.items() if not k.startswith("mlflow.")}
    return Registered(
        version=str(entry.version),
        run=str(entry.run_id),
        aliases=aliases,
        figures=dict(run.data.metrics),
        parameters=dict(run.data.params),
        tags=tags,
    )


@contextmanager
def _told_plainly(what: str) -> Iterator[None]:
    """Turn a store's error into one of ours, without the store's own text."""
    try:
        yield
    except SecondLookError:
        raise
    except Exception as problem:  # noqa: BLE001  (a store lets its database's errors through)
        raise CannotWrite(
            f"{what} ({type(problem).__name__}); is the disk full, or the tracking URI wrong?"
        ) from None
