"""What surrounds every request: limits before, headers and a log line after, no leak between."""

from __future__ import annotations

import logging
import secrets
import time
import traceback
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.metrics import Metrics
from serving.problems import problem

log = logging.getLogger("serving.requests")

GONE = 499
"""Noted where whoever asked went away before the whole answer was sent; nobody receives it."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TooLarge(Exception):  # noqa: N818 - named for what happened
    """More of a body arrived than is read."""


class Guard:
    """Wraps the application.

    A request under an unknown host name, with too large a body or, on the API, of another
    content type than JSON is refused before it is read. A page of another site can therefore
    not post to the service: JSON needs its consent, which is never given. Whoever goes away before
    the answer is no failure of the service: it is noted under a status of its own.

    Parameters
    ----------
    app
        The application within.
    metrics
        Where requests are counted, by the route's pattern.
    allowed_hosts
        Names under which requests are answered; ``*`` answers under any.
    max_body_bytes
        Largest body that is read.
    """

    def __init__(
        self, app: ASGIApp, metrics: Metrics, allowed_hosts: tuple[str, ...], max_body_bytes: int
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._hosts = allowed_hosts
        self._limit = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        exchange = _Exchange(receive, send, self._limit)
        try:
            refusal = self._refusal(Headers(scope=scope), scope)
            await (refusal or self._app)(scope, exchange.receive, exchange.send)
        except ClientDisconnect:
            exchange.gone = True
        except TooLarge:
            await exchange.answer(scope, self._too_large())
        except Exception as fault:  # noqa: BLE001 - a traceback's message may quote a narrative
            log.error("request %s failed: %s", exchange.id, _where(fault))  # noqa: TRY400
            await exchange.answer(scope, problem(500, "The service failed; its log says where."))
        finally:
            self._note(scope, exchange, time.perf_counter() - began)

    def _refusal(self, headers: Headers, scope: Scope) -> Response | None:
        host = headers.get("host", "")
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if "*" not in self._hosts and name not in self._hosts:
            return problem(421, "The service does not answer under this host name.")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self._limit:
            return self._too_large()
        kind = headers.get("content-type", "").split(";")[0].strip().lower()
        posts = scope["method"] in {"POST", "PUT", "PATCH"} and scope["path"].startswith("/api/")
        sends = int(length) > 0 or "transfer-encoding" in headers
        if posts and sends and kind != "application/json":
            return problem(415, "Send JSON, with the content type application/json.")
        return None

    def _too_large(self) -> Response:
        return problem(413, f"The body may hold at most {self._limit:,} bytes.")

    def _note(self, scope: Scope, exchange: _Exchange, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"].isalpha() else "(odd)"
        status = GONE if exchange.gone else exchange.status
        self._metrics.requests.labels(route, method, str(status)).inc()
        self._metrics.seconds.labels(route, method).observe(seconds)
        log.info("%s %s %s %d %.1f ms", exchange.id, method, route, status, seconds * 1000)


class _Exchange:
    """One request's receiving and sending, watched.

    Attributes
    ----------
    gone
        Whether whoever asked went away before the whole answer was sent.
    """

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self.id = secrets.token_hex(8)
        self.status = 500
        self.gone = False
        self._receive, self._send, self._limit = receive, send, limit
        self._got = 0
        self._started = self._ended = False

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self._ended:
            self.gone = True  # after the end, a server says the same of every request
        self._got += len(message.get("body", b""))
        if self._got > self._limit:
            raise TooLarge
        return message

    async def send(self, message: Message) -> None:
        if self._got > self._limit and not self._started:
            self._got = 0
            raise TooLarge  # the framework took the first one for a broken body
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            headers["X-Request-ID"] = self.id
        elif not message.get("more_body", False):
            self._ended = True
        await self._send(message)

    async def answer(self, scope: Scope, response: Response) -> None:
        if not self._started:
            await response(scope, self._receive, self.send)


def _where(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)[-8:]
    places = [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]
    return f"{type(fault).__name__} at {' < '.join(reversed(places))}"
