"""Who asks, and whether they may: worked out before every route's function is called.

A person's session is in a cookie, a service client's key in the ``Authorization`` header. What
changes something by a session must carry its CSRF token, in the form or in ``X-CSRF-Token``; a
key is sent by no browser on its own, so it needs none. A route that declares nothing is closed.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any, cast
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from serving import accounts, sessions
from serving.access import declared
from serving.actors import ANYBODY, Actor, Permission
from serving.errors import Forbidden, NotReady, NotSignedIn, OutOfDate
from serving.gate import Gate
from serving.service import Service
from serving.sessions import Session
from serving.signing import NOBODY

SESSION, VISIT = "secondlook", "secondlook-visit"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PROGRAMS = frozenset({"/healthz", "/readyz", "/metrics"})
BEFORE_CHANGE = frozenset({"/account/password", "/sign-out"})
MUST_CHANGE = "change your password at /account/password before you go on"


async def authorise(request: Request) -> None:
    """Find out who asks, and refuse whoever may not; a dependency of the whole application.

    Afterwards ``request.state.actor`` is who asks and ``request.state.session`` their session,
    if they have one.

    Raises
    ------
    NotSignedIn
        When nobody known asks for what is not open to everybody.
    Forbidden
        When somebody known asks who may not, or a request is not known to come from our page.
    """
    permission = declared(request.scope["endpoint"])
    actor, session = await run_in_threadpool(_known, request, permission)
    request.state.actor, request.state.session = actor, session
    if permission is None:
        raise Forbidden("nobody may do this")
    if actor is NOBODY and permission != "open":
        raise NotSignedIn("sign in, or send a service key")
    if request.method not in SAFE and actor.kind != "service":
        await _check_sent_from_here(request, session, permission)
    if session and session.must_change_password and not _before_change(request, permission):
        raise Forbidden(MUST_CHANGE)
    if actor.kind == "service" and permission != "open" and not for_programs(request):
        raise Forbidden("a service key opens the API, not the pages")
    if not actor.may(permission):
        raise Forbidden(f"this needs the permission {permission}, which you do not have")


def for_programs(request: Request) -> bool:
    """Whether an address is for programs, and no page for people."""
    return request.url.path.startswith(("/api/", "/static/")) or request.url.path in PROGRAMS


def gate_of(request: Request) -> Gate:
    """Give what guards the service."""
    service: Service = request.app.state.service
    return service.gate


def _known(request: Request, permission: Permission | None) -> tuple[Actor, Session | None]:
    service: Service = request.app.state.service
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        client = accounts.service_client(service.store, key.strip())
        if client is None:
            raise NotSignedIn("this key opens nothing: it is unknown, revoked or expired")
        return client, None
    token = token_of(request)
    if token is None:
        return NOBODY, None
    try:
        session = sessions.resume(service.store, token, service.gate.policy)
    except NotReady:
        if permission != "open":
            raise
        session = None
    return (session.actor, session) if session else (NOBODY, None)


def token_of(request: Request) -> str | None:
    """Give the session's token that the browser sent, if it bears our seal."""
    gate = gate_of(request)
    sealed = request.cookies.get(gate.cookie(SESSION), "")
    token = gate.seal.take("session", sealed) if sealed else None
    return token if isinstance(token, str) else None


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser its session's token."""
    _keep(request, response, SESSION, gate_of(request).seal.put("session", token))


def forget_session(request: Request, response: Response) -> None:
    """Take the session's token from the browser."""
    gate = gate_of(request)
    response.delete_cookie(gate.cookie(SESSION), secure=gate.secure, httponly=True, samesite="lax")


def keep(request: Request, response: Response, name: str, content: Any) -> None:  # noqa: ANN401
    """Let the browser keep something under our seal until it is closed."""
    _keep(request, response, name, gate_of(request).seal.put(name, content))


def kept(request: Request, name: str, max_age: int | None = None) -> Any:  # noqa: ANN401
    """Give what the browser kept for us, or ``None``."""
    gate = gate_of(request)
    return gate.seal.take(name, request.cookies.get(gate.cookie(name), ""), max_age)


def drop(request: Request, response: Response, name: str) -> None:
    """Let the browser forget what it kept."""
    gate = gate_of(request)
    response.delete_cookie(gate.cookie(name), secure=gate.secure, httponly=True, samesite="lax")


def _keep(request: Request, response: Response, name: str, sealed: str) -> None:
    gate = gate_of(request)
    # Lax and not Strict: a link from a message, and the OpenID provider's answer, must find it.
    # Nothing is changed by a GET, and whatever else is sent carries a token beside it.
    response.set_cookie(
        gate.cookie(name), sealed, path="/", secure=gate.secure, httponly=True, samesite="lax"
    )


def visit(request: Request) -> str:
    """Give the visit's number, by which a form is known before anybody has signed in."""
    number = kept(request, VISIT)
    return number if isinstance(number, str) else secrets.token_urlsafe(16)


def visit_token(request: Request, number: str) -> str:
    """Give the token that the forms of a visit carry."""
    return gate_of(request).seal.derive("visit", number)


async def _check_sent_from_here(
    request: Request, session: Session | None, permission: Permission
) -> None:
    _check_origin(request)
    if permission == "open":
        number = kept(request, VISIT)
        expected = visit_token(request, number) if isinstance(number, str) else None
    else:
        expected = session.csrf_token if session else None
    given = await _token_given(request)
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise OutOfDate(
            "the form is out of date: load its page again, or send the session's X-CSRF-Token"
        )


def _check_origin(request: Request) -> None:
    """Refuse what a browser says another site made it send."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        raise Forbidden("this was sent from another site")
    # "null" is what a browser says that keeps our address to itself
    if origin in {None, "null"} and (origin is None or site == "same-origin"):
        return
    service: Service = request.app.state.service
    ours = {request.headers.get("host"), urlsplit(service.settings.public_url or "").netloc}
    if urlsplit(origin or "").netloc not in ours - {""}:
        raise Forbidden("this was sent from another site")


async def _token_given(request: Request) -> str:
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith(FORMS):
        given = cast("str | None", (await request.form()).get("csrf_token"))
    return given if isinstance(given, str) else ""


def _before_change(request: Request, permission: Permission) -> bool:
    path = getattr(request.scope.get("route"), "path", "")
    return permission == "open" or path in BEFORE_CHANGE


def needs_role(permission: Permission) -> bool:
    """Whether a permission comes with a role or a scope, and not with being known."""
    return permission != "open" and permission not in ANYBODY
