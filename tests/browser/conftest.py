"""A browser, and pages that are watched while they are tested."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from browsing import AXE, NARROW, PASSWORD, WIDE, Watch, chromium, served, sign_in
from factories import VALUES, first_assessed, write_csv
from gallery import gallery_app
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from data.schema import Allegation
from model.artifact import save
from model.classifier import TriageClassifier
from serving.accounts import create_account
from serving.actors import SYSTEM, Role
from serving.app import create_app
from serving.assets import built
from serving.intake import import_file
from serving.passwords import Passwords
from serving.promoted import CURRENT, PromotedModel
from serving.ranking import RankingWorker
from serving.settings import Settings
from serving.store.database import Store

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; tests skip, saying so, where there is none."""
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium on this machine: install one to run the browser tests")
    if not AXE.exists() or not built():
        pytest.fail("the pages' styles are not built: run `make assets`")
    with sync_playwright() as playwright:
        # as root Chromium has no sandbox; what it opens is ours alone
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def gallery() -> Iterator[str]:
    """Address of a site that shows every piece of the pages."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    with served(gallery_app()) as base:
        yield base


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Open pages of a site: ``open_page(base, path, narrow=…, script=…)``.

    When the test ends, every page opened must have been quiet: no error on the console, nothing
    that the security policy had to stop, no request to another host.
    """
    watched: list[tuple[BrowserContext, Watch]] = []

    def opened(
        base: str, path: str = "/", *, narrow: bool = False, script: bool = True, **options: object
    ) -> Page:
        size = NARROW if narrow else WIDE
        context = browser.new_context(viewport=size, java_script_enabled=script, **options)
        context.set_default_timeout(15_000)
        watch = Watch(context, base)
        watched.append((context, watch))
        page = context.new_page()
        page.watch = watch
        page.goto(base + path)
        return page

    yield opened
    for context, watch in watched:
        context.close()
        watch.assert_quiet()


@dataclass(frozen=True)
class Site:
    """A running service.

    Each role has a person of its name, with the password of `browsing.PASSWORD`.
    """

    base: str
    settings: Settings


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small model, 240 records, a ranking and a person for each role."""
    folder = tmp_path_factory.mktemp("prepared")
    settings = settings_of(folder)
    promote_small_model(settings.models_dir)
    store = Store(settings.database_url)
    store.migrate()
    import_file(store, write_csv(folder / "first.csv", first_assessed()))
    for role in get_args(Role):
        create_account(store, SYSTEM, role, [role], Passwords("cheapest"), password=PASSWORD)
    assert RankingWorker(store, PromotedModel(settings.models_dir), settings).step() == 1
    store.close()
    return folder


@pytest.fixture(scope="session")
def site(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The service, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("sites") / "shared"
    shutil.copytree(prepared, folder)
    yield from running(folder)


@pytest.fixture
def own_site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    """The service over a store of the test's own."""
    folder = tmp_path / "site"
    shutil.copytree(prepared, folder)
    yield from running(folder)


@pytest.fixture
def signed_in(open_page: Open, request: pytest.FixtureRequest) -> Open:
    """Open a page as somebody with a role: ``signed_in("lead", "/lead", site=…, narrow=…)``.

    The site is the shared one unless one is given.
    """

    def opened(role: str, path: str = "/", *, site: Site | None = None, **how: object) -> Page:
        base = (site or request.getfixturevalue("site")).base
        page = open_page(base, "/sign-in", **how)
        sign_in(page, base, role)
        page.goto(base + path)
        return page

    return opened


def settings_of(folder: Path) -> Settings:
    """Settings of a service over a folder; ranking is done by hand."""
    return Settings(
        database_url=f"sqlite:///{folder / 'secondlook.db'}",
        models_dir=folder / "models",
        ranking_worker=False,
        page_size=5,
        password_cost="cheapest",
    )


def running(folder: Path) -> Iterator[Site]:
    """Serve what a folder holds."""
    settings = settings_of(folder)
    with served(create_app(settings)) as base:
        yield Site(base, settings)


def promote_small_model(models: Path) -> None:
    """Train on the factories' allegations and put the model in force."""
    columns = first_assessed(seed=3)
    model = TriageClassifier(value_order=VALUES, folds=3, seed=0)
    model.fit(
        list(map(Allegation, columns["reference"], columns["narrative"])),
        columns["value"],
        [(one,) for one in columns["categories"]],
    )
    save(model, models / "v3")
    (models / CURRENT).write_text("v3\n")
