"""A real trained model, a real store and the real application."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from factories import VALUES, first_assessed, write_csv
from starlette.testclient import TestClient

from data.schema import Allegation
from model.artifact import save
from model.classifier import TriageClassifier
from model.predictor import Predictor
from serving.app import create_app
from serving.intake import import_file
from serving.promoted import CURRENT, PromotedModel
from serving.ranking import RankingWorker
from serving.settings import Settings
from serving.store.database import Store


def trained(folder: Path, seed: int) -> str:
    """Train a small model into a folder of ``folder`` and give its name."""
    columns = first_assessed(seed=seed)
    model = TriageClassifier(value_order=VALUES, folds=3, seed=0)
    model.fit(
        list(map(Allegation, columns["reference"], columns["narrative"])),
        columns["value"],
        [(one,) for one in columns["categories"]],
    )
    name = f"v{seed}"
    save(model, folder / name)
    return name


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trained artefacts, ``v3`` and ``v4``."""
    folder = tmp_path_factory.mktemp("artefacts")
    for seed in (3, 4):
        trained(folder, seed)
    return folder


@pytest.fixture
def promote(tmp_path: Path, artefacts: Path) -> Callable[[str], Path]:
    """Put a trained artefact in force under ``models``, as training does."""
    models = tmp_path / "models"

    def put(name: str) -> Path:
        if not (models / name).exists():
            shutil.copytree(artefacts / name, models / name)
        beside = models / ".part"
        beside.write_text(name + "\n")
        beside.replace(models / CURRENT)
        return models / name

    models.mkdir()
    return put


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a service of its own; ranking is done by hand, so nothing needs waiting for."""
    return Settings(
        database_url=f"sqlite:///{tmp_path / 'secondlook.db'}",
        models_dir=tmp_path / "models",
        ranking_worker=False,
        page_size=5,
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store."""
    store = Store(settings.database_url)
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Store:
    """A store with 240 allegations, 132 of them dismissed, 12 of those wrongly."""
    import_file(store, write_csv(tmp_path / "first.csv", first_assessed()))
    return store


@pytest.fixture
def worker(imported: Store, settings: Settings, promote: Callable[[str], Path]) -> RankingWorker:
    """A ranking worker over the imported allegations and a promoted model."""
    promote("v3")
    return RankingWorker(imported, PromotedModel(settings.models_dir), settings)


@pytest.fixture
def ranked(worker: RankingWorker) -> RankingWorker:
    """The worker after its first ranking."""
    assert worker.step() == 1
    return worker


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """The application over whatever store and model the test has."""
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


@pytest.fixture
def served(ranked: RankingWorker, client: TestClient) -> TestClient:
    """The application with a model, records and a ranking."""
    assert ranked
    return client


@pytest.fixture
def predictor(artefacts: Path) -> Predictor:
    """The first trained model."""
    return Predictor.load(artefacts / "v3")


@pytest.fixture
def an_allegation() -> dict[str, Any]:
    """What a caller sends."""
    return {
        "reference": "B-1",
        "narrative": "sells cigarettes from a white van AB12 CDE outside 14 Mill Lane NE1 4ST",
    }
