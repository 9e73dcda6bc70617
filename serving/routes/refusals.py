"""How a refusal reaches who asked: problem details for programs, a page for people."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from data.errors import SecondLookError
from serving import problems
from serving.errors import Forbidden, NotSignedIn, OutOfDate
from serving.rendering import page
from serving.routes.frame import frame
from serving.views import ErrorPage

TOLD = {
    400: "The body is not valid JSON in UTF-8.",
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}
PAGES = {
    401: ("You are not signed in", "The key that was sent opens nothing."),
    403: ("You cannot see or do this", "Your account does not have the role that it needs."),
    404: ("Page not found", "If you typed the address, check that it is correct."),
    410: ("This list has changed", "It has been ranked anew. Start again from the first page."),
    422: ("This address does not work", "Start again from the start page."),
    503: ("The service is not ready", "Try again in a moment."),
}
OUT_OF_DATE = (
    "This form is out of date",
    "Nothing was changed. Go back, load the page again and send it again.",
)
PROGRAMS = frozenset({"/healthz", "/readyz", "/metrics"})


def refuse_plainly(app: FastAPI) -> None:
    """Answer every error of the application in our own words."""
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SecondLookError, _ours)
    app.add_exception_handler(HTTPException, _http)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it was registered
    if wants_page(request):
        return error_page(request, 422)
    return problems.of_validation(error.errors())


async def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, SecondLookError)  # noqa: S101 - as it was registered
    if wants_page(request):
        return _page_of(request, error)
    return problems.of_error(error)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    if wants_page(request):
        return error_page(request, error.status_code)
    detail = TOLD.get(error.status_code, HTTPStatus(error.status_code).phrase)
    return problems.problem(error.status_code, detail, headers=error.headers)


def wants_page(request: Request) -> bool:
    """Whether a person asks, who is told with a page."""
    path = request.url.path
    machine = path.startswith(("/api/", "/static/")) or path in PROGRAMS
    return not machine and "application/json" not in request.headers.get("accept", "")


def error_page(request: Request, status: int) -> Response:
    """Say on a page what went wrong."""
    title, told = PAGES.get(status, ("Sorry, there is a problem", "Try again later."))
    response = page("error.html", ErrorPage(title, told), status, frame(request))
    response.headers.update(problems.SAID_WITH.get(status, {}))
    return response


def _page_of(request: Request, error: SecondLookError) -> Response:
    if isinstance(error, NotSignedIn) and "authorization" not in request.headers:
        return RedirectResponse(_sign_in(request), 303)
    session = getattr(request.state, "session", None)
    if isinstance(error, Forbidden) and session and session.must_change_password:
        return RedirectResponse("/account/password", 303)
    if isinstance(error, OutOfDate):
        return page("error.html", ErrorPage(*OUT_OF_DATE), 403, frame(request))
    return error_page(request, problems.status_of(error))


def _sign_in(request: Request) -> str:
    if request.method not in {"GET", "HEAD"} or request.url.path == "/":
        return "/sign-in"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/sign-in?next={quote(request.url.path + query, safe='/')}"
