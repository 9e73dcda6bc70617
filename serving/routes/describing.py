"""The API's description: refusals as problem details, and who may call what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts

from serving.access import access, declared
from serving.actors import ANYBODY, SCOPES, Permission
from serving.problems import MEDIA_TYPE, ProblemDetails

router = APIRouter(prefix="/api/v1", include_in_schema=False)

SCHEMES: dict[str, dict[str, str]] = {
    "service_key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A service client's key: `Authorization: Bearer sl_…`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-secondlook",
        "description": "A person's session, begun at `/sign-in`; without TLS, on the machine "
        "itself, the cookie is called `secondlook`. What changes something must also carry the "
        "session's CSRF token in `X-CSRF-Token`.",
    },
}
REFUSED = {
    "401": "Nobody known asks: no key and no session, or one that holds no longer.",
    "403": "Whoever asks may not.",
}


@router.get("/openapi.json")
@access("known")
def openapi(request: Request) -> JSONResponse:
    """Describe the API."""
    app: FastAPI = request.app
    return JSONResponse(app.openapi())


def describe(app: FastAPI) -> None:
    """Put problem details and access into the description, in place of the framework's own."""
    made = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        described = made()
        _put_problems(described)
        described["components"]["securitySchemes"] = SCHEMES
        for operation, permission in _operations(app, described):
            _put_access(operation, permission)
        return described

    app.openapi = whole  # type: ignore[method-assign]


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Give every route that has a function of ours."""
    found = (one.original_route for one in iter_route_contexts(app.routes))
    return [one for one in found if isinstance(one, APIRoute)]


def _operations(
    app: FastAPI, described: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], Permission]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        permission = declared(route.endpoint) if isinstance(route, APIRoute) else None
        if permission is None or not isinstance(route, APIRoute):
            continue
        for method in route.methods or ():
            operation = described["paths"].get(context.path, {}).get(method.lower())
            if operation is not None:
                yield operation, permission


def _put_problems(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    whole = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(whole.pop("$defs"))
    schemas["ProblemDetails"] = whole


def _put_access(operation: dict[str, Any], permission: Permission) -> None:
    operation["x-permission"] = permission
    if permission == "open":
        return
    ways: list[dict[str, list[str]]] = [{"session": []}]
    if permission in SCOPES:
        ways.append({"service_key": [permission]})
    elif "service" in ANYBODY.get(permission, frozenset()):
        ways.append({"service_key": []})
    operation["security"] = ways
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    for status, told in REFUSED.items():
        content = {MEDIA_TYPE: {"schema": schema}}
        operation["responses"].setdefault(status, {"description": told, "content": content})
