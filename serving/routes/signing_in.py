"""Signing in and out, and one's password: pages with a form each."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from serving import signing
from serving.access import access
from serving.errors import NotAllowed
from serving.layout import told
from serving.rendering import page
from serving.routes.frame import LINKS, frame
from serving.routes.security import (
    VISIT,
    drop,
    forget_session,
    gate_of,
    keep,
    keep_session,
    token_of,
    visit,
    visit_token,
)
from serving.service import Service
from serving.sessions import Session
from serving.views_access import PasswordPage, SignInPage

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Username = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=4000)]
Next = Annotated[str, Form(alias="next", max_length=2000)]
NextQuery = Annotated[str, Query(alias="next", max_length=2000)]


@router.get("/")
@access("signed_in")
def home(request: Request) -> RedirectResponse:
    """Go to the first page that somebody's roles lead to."""
    may = request.state.actor.may
    found = (url for _, url, needed in LINKS if may(needed))
    return RedirectResponse(next(found, "/account/password"), 303)


@router.get("/sign-in")
@access("open")
def sign_in_page(request: Request, after: NextQuery = "/") -> Response:
    """Show the form."""
    if request.state.session is not None:
        return RedirectResponse(own_path(after), 303)
    return _form(request, own_path(after))


@router.post("/sign-in")
@access("open")
def sign_in(
    request: Request, username: Username = "", password: Password = "", after: Next = "/"
) -> Response:
    """Begin a session."""
    service: Service = request.app.state.service
    begun = signing.sign_in(
        service.store,
        service.gate.passwords,
        service.gate.policy,
        username,
        password,
        replacing=token_of(request),
    )
    if begun is None:
        return _form(request, own_path(after), {"username": signing.REFUSED})
    response = RedirectResponse(own_path(after), 303)
    keep_session(request, response, begun.token)
    drop(request, response, VISIT)
    return response


@router.post("/sign-out")
@access("signed_in")
def sign_out(request: Request, everywhere: Annotated[str, Form(max_length=5)] = "") -> Response:
    """End this session, or every one of the same person."""
    service: Service = request.app.state.service
    end = signing.sign_out_everywhere if everywhere else signing.sign_out
    end(service.store, request.state.session)
    response = RedirectResponse("/sign-in", 303)
    forget_session(request, response)
    return response


@router.get("/account/password")
@access("signed_in")
def password_page(request: Request) -> Response:
    """Show the form for another password."""
    return _password_form(request)


@router.post("/account/password")
@access("signed_in")
def change_password(
    request: Request, current: Password = "", new: Password = "", again: Password = ""
) -> Response:
    """Change one's own password; every other session ends."""
    service: Service = request.app.state.service
    session: Session = request.state.session
    if new != again:
        return _password_form(request, {"again": "Both new passwords must be the same"})
    try:
        begun = signing.change_password(
            service.store, service.gate.passwords, service.gate.policy, session, current, new
        )
    except NotAllowed as wrong:
        which = "Your new password" if wrong.field == "new" else "This"
        return _password_form(request, {wrong.field: f"{which} {wrong.rule}"})
    response = RedirectResponse("/", 303)
    keep_session(request, response, begun.token)
    return response


def own_path(after: str) -> str:
    """Give where to go next: a page of ours, whatever was asked for."""
    plain = re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", after, re.ASCII)
    parts = urlsplit(after) if plain and "\\" not in after else None
    if parts is None or parts.scheme or parts.netloc or parts.path.startswith("/sign-"):
        return "/"
    return after


def _form(request: Request, after: str, errors: dict[str, str] | None = None) -> Response:
    number = visit(request)
    provider = gate_of(request).provider
    shown = SignInPage(
        title="Sign in",
        csrf_token=visit_token(request, number),
        after=after,
        provider_url=f"/sign-in/oidc?next={quote(after)}" if provider else "",
    )
    layout = told(frame(request), errors=errors or {})
    response = page("sign_in.html", shown, 422 if errors else 200, layout)
    keep(request, response, VISIT, number)
    return response


def _password_form(request: Request, errors: dict[str, str] | None = None) -> Response:
    session: Session = request.state.session
    shown = PasswordPage(
        title="Change your password",
        csrf_token=session.csrf_token,
        username=session.actor.name,
        needed=session.must_change_password,
    )
    layout = told(frame(request), errors=errors or {})
    return page("password.html", shown, 422 if errors else 200, layout)
