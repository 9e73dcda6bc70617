"""Putting the service together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from data.taxonomy import load_taxonomy
from serving.assets import STATIC, Assets, built
from serving.comparing import Comparisons
from serving.gate import make_gate
from serving.guard import Guard
from serving.metrics import Metrics
from serving.promoted import PromotedModel
from serving.ranking import RankingWorker
from serving.routes import (
    api,
    assess_pages,
    assessing,
    casework,
    describing,
    health,
    home_pages,
    intake,
    oversight,
    oversight_pages,
    pages,
    record_pages,
    review_pages,
    reviewing,
    signing_in,
)
from serving.routes.describing import describe
from serving.routes.refusals import refuse_plainly
from serving.routes.security import authorise
from serving.service import Service
from serving.settings import Settings
from serving.store.database import Store

ABOUT = (
    "Suggests a value and categories for allegations, says how doubtful recorded values are, and "
    "lists the dismissed allegations that deserve a second look. A person decides each of them."
)


ROUTES = (
    api,
    record_pages,  # /records/new before /records/{key}
    assess_pages,
    assessing,
    casework,
    health,
    home_pages,
    intake,
    oversight,
    oversight_pages,
    pages,
    review_pages,
    reviewing,
    signing_in,
    describing,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the service.

    Parameters
    ----------
    settings
        Read from the environment where they are not given.
    """
    service = _service(settings or Settings())
    app = FastAPI(
        title="Second Look",
        version="1",
        description=ABOUT,
        # ours is a route like any other, so that it too declares who may call it
        openapi_url=None,
        dependencies=[Depends(authorise)],
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.service = service
    for module in ROUTES:
        app.include_router(module.router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    refuse_plainly(app)
    describe(app)
    limits = service.settings
    app.add_middleware(
        Guard,
        metrics=service.metrics,
        allowed_hosts=limits.allowed_hosts,
        max_body_bytes=limits.max_body_bytes,
    )
    return app


def _service(settings: Settings) -> Service:
    taxonomy = load_taxonomy(settings.taxonomy)
    store = Store(settings.database_url)
    promoted = PromotedModel(settings.models_dir, taxonomy if settings.taxonomy else None)
    worker = RankingWorker(store, promoted, settings) if settings.ranking_worker else None
    return Service(
        settings,
        store,
        promoted,
        taxonomy,
        Metrics(),
        worker,
        make_gate(settings),
        Comparisons(store, settings.models_dir),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    if service.settings.migrate_on_start:
        service.store.migrate()
    service.promoted.current()
    built()
    if service.worker:
        service.worker.start()
    yield
    if service.worker:
        service.worker.stop()
    service.store.close()
