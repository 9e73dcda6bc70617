"""Is it up, can it work, and how is it doing."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from data.errors import SecondLookError
from serving.access import access
from serving.routes.shared import refusals
from serving.service import Service

router = APIRouter(tags=["health"], responses=refusals(421, 500))

MISSING: dict[int | str, dict[str, Any]] = {
    503: {
        "description": "Something is missing.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.get("/healthz")
@access("open")
def healthz() -> dict[str, str]:
    """Say that the process is up."""
    return {"status": "up"}


@router.get("/readyz", responses=MISSING)
@access("open")
def readyz(request: Request) -> JSONResponse:
    """Say whether a model is loaded and the store can be reached and is up to date."""
    service: Service = request.app.state.service
    checks = {"model": _model(service), "store": _store(service), "ranking": _ranking(service)}
    ready = all(check["ready"] for check in checks.values())
    return JSONResponse({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse, responses=refusals(503))
@access("read_metrics")
def metrics(request: Request) -> Response:
    """Give the service's figures in Prometheus' text format."""
    service: Service = request.app.state.service
    service.metrics.model.set(service.promoted.current() is not None)
    ranking, queued = service.ranked()
    service.metrics.ranking.set(ranking)
    service.metrics.waiting.set(queued)
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _model(service: Service) -> dict[str, Any]:
    predictor = service.promoted.current()
    version = predictor.version if predictor else None
    trouble = service.promoted.trouble
    if predictor is None:
        told = trouble or "no model has been promoted yet"
    else:
        told = f"the newer model was refused: {trouble}" if trouble else "in service"
    return {"ready": predictor is not None, "version": version, "detail": told}


def _store(service: Service) -> dict[str, Any]:
    try:
        migrated = service.store.is_migrated()
    except SecondLookError as problem:
        return {"ready": False, "detail": str(problem)}
    told = "up to date" if migrated else "its tables are those of another version"
    return {"ready": migrated, "detail": told}


def _ranking(service: Service) -> dict[str, Any]:
    trouble = service.worker.trouble if service.worker else None
    return {"ready": True, "detail": trouble or "in order"}
