"""Signing in and out, and one's password: pages with a form each."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from serving import signing
from serving.access import access
from serving.errors import NotAllowed, NotFound, NotSignedIn
from serving.layout import told
from serving.oidc import Departure, Provider
from serving.rendering import page
from serving.routes.frame import frame
from serving.routes.security import (
    VISIT,
    drop,
    forget_session,
    gate_of,
    keep,
    keep_session,
    kept,
    token_of,
    visit,
    visit_token,
)
from serving.service import Service
from serving.sessions import Session
from serving.views_access import PasswordPage, SignInPage
from serving.vouching import sign_in_vouched

AWAY, AWAY_SECONDS = "secondlook-away", 600
NOT_VOUCHED = (
    "Your organisation’s account could not be checked, or gives you no role here. Try again, or "
    "ask whoever runs the service."
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Username = Annotated[str, Form(max_length=200)]
Password = Annotated[str, Form(max_length=4000)]
Next = Annotated[str, Form(alias="next", max_length=2000)]
NextQuery = Annotated[str, Query(alias="next", max_length=2000)]


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


@router.get("/sign-in/oidc")
@access("open")
def depart(request: Request, after: NextQuery = "/") -> Response:
    """Send somebody to the OpenID provider."""
    url, departure = _provider(request).depart(_callback(request))
    response = RedirectResponse(url, 303)
    keep(request, response, AWAY, {"after": own_path(after), **asdict(departure)})
    return response


@router.get("/sign-in/oidc/callback")
@access("open")
def arrive(request: Request) -> Response:
    """Take the OpenID provider's answer."""
    service: Service = request.app.state.service
    away = kept(request, AWAY, AWAY_SECONDS)
    begun = None
    if away is not None:
        after = away.pop("after")
        with suppress(NotSignedIn):
            identity = _provider(request).arrive(
                dict(request.query_params), Departure(**away), _callback(request)
            )
            begun = sign_in_vouched(
                service.store, service.gate.policy, identity, replacing=token_of(request)
            )
    if begun is None:
        response = _form(request, "/", {"username": NOT_VOUCHED})
    else:
        response = RedirectResponse(after, 303)
        keep_session(request, response, begun.token)
    drop(request, response, AWAY)
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


def _provider(request: Request) -> Provider:
    provider = gate_of(request).provider
    if provider is None:
        raise NotFound("people sign in here with accounts of the service alone")
    return provider


def _callback(request: Request) -> str:
    service: Service = request.app.state.service
    base = service.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/sign-in/oidc/callback"


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
