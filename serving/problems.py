"""Refusals as problem details (RFC 9457): they name the field and the rule, and quote nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from data.errors import BadInput, CannotWrite, SecondLookError
from serving.errors import (
    BadMessage,
    Conflict,
    Forbidden,
    Gone,
    NotAllowed,
    NotFound,
    NotReady,
    NotSignedIn,
    Stale,
    Unconditional,
)

MEDIA_TYPE = "application/problem+json"
PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)
TAGS = frozenset({"one", "many"})

STATUS: Mapping[type[SecondLookError], int] = {
    NotFound: 404,
    Gone: 410,
    Conflict: 409,
    Stale: 412,
    Unconditional: 428,
    NotSignedIn: 401,
    Forbidden: 403,
    NotAllowed: 422,
    BadMessage: 400,
    BadInput: 422,
    NotReady: 503,
    CannotWrite: 503,
}

SAID_WITH: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="secondlook"'},
    503: {"Retry-After": "5"},
}


class FieldProblem(BaseModel):
    """A field and the rule that it breaks."""

    field: str = Field(description="JSON pointer into the body, or a parameter's name.")
    rule: str = Field(description="The rule, in words.")


class ProblemDetails(BaseModel):
    """A refusal, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:secondlook:problem:unprocessable-content",
                    "title": "Unprocessable Content",
                    "status": 422,
                    "detail": "1 field breaks a rule.",
                    "errors": [
                        {
                            "field": "/0/narrative",
                            "rule": "String should have at least 1 character",
                        }
                    ],
                }
            ]
        }
    )

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


def problem(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Answer with problem details."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"urn:secondlook:problem:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


def status_of(error: SecondLookError) -> int:
    """Give the status for an error of ours."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def of_error(error: SecondLookError) -> JSONResponse:
    """Answer for an error of ours; what is not meant for callers is not told."""
    status = status_of(error)
    if isinstance(error, NotAllowed):
        return problem(
            status, "1 field breaks a rule.", [{"field": error.field, "rule": error.rule}]
        )
    if isinstance(error, BadInput):
        listed = [{"field": one.where, "rule": one.rule} for one in error.problems[:50]]
        return problem(status, error.message, listed)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return problem(status, "The service failed; its log says where.")
    return problem(status, str(error), headers=SAID_WITH.get(status))


def of_validation(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """Answer for a body or parameters that do not validate; the input is never echoed."""
    if any(one["type"] == "json_invalid" for one in errors):
        return problem(400, "The body is not valid JSON.", [{"field": "", "rule": "RFC 8259"}])
    listed = [{"field": _field(one["loc"]), "rule": _rule(one)} for one in errors[:50]]
    count = len(errors)
    detail = "1 field breaks a rule." if count == 1 else f"{count} fields break a rule."
    return problem(422, detail, listed)


def _field(loc: Sequence[str | int]) -> str:
    where, *rest = loc or ("body",)
    inner = [_name(part) for part in rest if part not in TAGS and part != "[key]"]
    return "/" + "/".join(inner) if where == "body" and inner else "/".join(inner) or str(where)


def _name(part: str | int) -> str:
    # a name that a caller made up may hold anything, so only plain ones are repeated
    return str(part) if isinstance(part, int) or PLAIN_NAME.fullmatch(part) else "(name)"


def _rule(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")
