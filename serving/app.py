"""Putting the service together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from data.errors import SecondLookError
from data.taxonomy import load_taxonomy
from serving import problems
from serving.assets import STATIC, Assets, built
from serving.guard import Guard
from serving.metrics import Metrics
from serving.promoted import PromotedModel
from serving.ranking import RankingWorker
from serving.rendering import page
from serving.routes import api, health, pages
from serving.service import Service
from serving.settings import Settings
from serving.store.database import Store
from serving.views import ErrorPage

ABOUT = (
    "Suggests a value and categories for allegations, says how doubtful recorded values are, and "
    "lists the dismissed allegations that deserve a second look. A person decides each of them."
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
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.service = service
    for router in (api.router, health.router, pages.router):
        app.include_router(router)
    app.mount("/static", Assets(directory=STATIC), name="static")
    _refuse_plainly(app)
    _describe(app)
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
    return Service(settings, store, promoted, taxonomy, Metrics(), worker)


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


def _refuse_plainly(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        if _wants_page(request):
            return _error_page(422)
        return problems.of_validation(error.errors())

    @app.exception_handler(SecondLookError)
    async def ours(request: Request, error: SecondLookError) -> Response:
        if _wants_page(request):
            return _error_page(problems.status_of(error))
        return problems.of_error(error)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if _wants_page(request):
            return _error_page(error.status_code)
        told = {
            400: "The body is not valid JSON in UTF-8.",
            404: "There is nothing at this address.",
            405: "This address does not take that method.",
        }
        detail = told.get(error.status_code, HTTPStatus(error.status_code).phrase)
        return problems.problem(error.status_code, detail, headers=error.headers)


def _wants_page(request: Request) -> bool:
    path = request.url.path
    machine = path.startswith(("/api/", "/static/")) or path in {"/healthz", "/readyz", "/metrics"}
    return not machine and "application/json" not in request.headers.get("accept", "")


ERRORS = {
    404: ("Page not found", "If you typed the address, check that it is correct."),
    410: ("This list has changed", "It has been ranked anew. Start again from the first page."),
    422: ("This address does not work", "Start again from the list of second looks."),
    503: ("The service is not ready", "Try again in a moment."),
}


def _error_page(status: int) -> Response:
    title, told = ERRORS.get(status, ("Sorry, there is a problem", "Try again later."))
    return page("error.html", ErrorPage(title, told), status)


def _describe(app: FastAPI) -> None:
    """Put problem details into the OpenAPI, in place of the framework's own error."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            described = made()
            schemas = described["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            whole = problems.ProblemDetails.model_json_schema(
                ref_template="#/components/schemas/{model}"
            )
            schemas.update(whole.pop("$defs"))
            schemas["ProblemDetails"] = whole
        return app.openapi_schema or described

    app.openapi = openapi  # type: ignore[method-assign]
