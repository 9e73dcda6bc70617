"""A browser, and pages that are watched while they are tested."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import AXE, NARROW, WIDE, Watch, chromium, served
from factories import VALUES, first_assessed, write_csv
from gallery import gallery_app
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from data.schema import Allegation
from model.artifact import save
from model.classifier import TriageClassifier
from serving.app import create_app
from serving.assets import built
from serving.intake import import_file
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


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the service itself, with a small model, records and a ranking."""
    folder = tmp_path_factory.mktemp("site")
    settings = Settings(
        database_url=f"sqlite:///{folder / 'secondlook.db'}",
        models_dir=folder / "models",
        ranking_worker=False,
        page_size=5,
    )
    promote_small_model(folder / "models")
    store = Store(settings.database_url)
    store.migrate()
    import_file(store, write_csv(folder / "first.csv", first_assessed()))
    assert RankingWorker(store, PromotedModel(settings.models_dir), settings).step() == 1
    store.close()
    with served(create_app(settings)) as base:
        yield base


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
