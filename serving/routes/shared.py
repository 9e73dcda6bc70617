"""What every route needs: the service, who calls, and what it may refuse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse

from serving.actors import Actor
from serving.deciding import Recorded
from serving.problems import MEDIA_TYPE
from serving.service import Service

TOLD: Mapping[int, str] = {
    400: "The body is not JSON.",
    404: "There is no such record.",
    409: "The record is not in a state that allows this.",
    410: "The list has been ranked anew; start again from its first page.",
    412: "The record changed since it was read.",
    413: "The body is too large.",
    415: "The body is of another type than JSON.",
    421: "The service does not answer under that host name.",
    422: "A field or parameter breaks a rule.",
    428: "If-Match is missing: say which version was read.",
    500: "The service failed.",
    503: "No model, or no store, to answer with yet.",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the refusals that a route may answer with."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": TOLD[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


# async, so that they are worked out at once and not in a thread of the pool
async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def _actor(request: Request) -> Actor:
    actor: Actor = request.state.actor
    return actor


Here = Annotated[Service, Depends(_service)]
Who = Annotated[Actor, Depends(_actor)]
Key = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$")]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
]
IfMatch = Annotated[
    str | None,
    Header(
        pattern=r'^"[0-9]{1,15}"$', description="ETag of the version that was read, in quotes."
    ),
]


def version_of(if_match: str | None) -> int | None:
    """Give the version that a header If-Match names."""
    return int(if_match.strip('"')) if if_match else None


def etag(version: int) -> dict[str, str]:
    """Give the header that names a record's version."""
    return {"ETag": f'"{version}"', "Cache-Control": "private, no-store"}


def decided(here: Service, verdict: str, recorded: Recorded) -> Response:
    """Answer a decision: counted, and the queue ranked again, unless it was told before."""
    if recorded.repeated:
        return JSONResponse(dict(recorded.answer))
    here.metrics.decisions.labels(verdict).inc()
    here.something_new()
    return JSONResponse(dict(recorded.answer), 201)
