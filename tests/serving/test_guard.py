from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.accounts import issue_key
from serving.actors import SYSTEM
from serving.guard import Guard
from serving.intake import QUEUE
from serving.metrics import Metrics
from serving.store.database import Store

PART: Message = {"type": "http.request", "body": b"a van", "more_body": True}
WHOLE: Message = {"type": "http.request", "body": b"a van", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


def ask(app: ASGIApp, arrives: Sequence[Message], **more: object) -> list[Message]:
    """Ask over the bare interface, with just these messages arriving; gives what was sent."""
    sent: list[Message] = []
    coming = iter(arrives)

    async def receive() -> Message:
        return next(coming, GONE)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        **more,
    }
    asyncio.run(app(scope, receive, send))
    return sent


def guarded(app: ASGIApp) -> tuple[Guard, Metrics]:
    metrics = Metrics()
    return Guard(app, metrics, ("localhost",), 1000), metrics


def counted(metrics: Metrics, status: int) -> bool:
    return f'status="{status}"}} 1.0' in metrics.text().decode()


async def echoing(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(body)(scope, receive, send)


async def refusing_broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Take whatever happens while the body is read for a broken body, as the framework does."""
    response: Response
    try:
        response = PlainTextResponse(await Request(scope, receive).body())
    except Exception:  # noqa: BLE001 - as the framework does
        response = PlainTextResponse("broken", 400)
    await response(scope, receive, send)


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive, send
    raise RuntimeError("broken")


@pytest.mark.parametrize("app", [echoing, refusing_broken])
def test_a_client_that_goes_away_while_sending_is_no_failure(
    app: ASGIApp, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    guard, metrics = guarded(app)
    ask(guard, [PART, GONE])
    assert [one.levelname for one in caplog.records] == ["INFO"]
    assert " 499 " in caplog.text
    assert counted(metrics, 499)


def test_a_client_that_goes_away_while_it_is_answered_is_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def never_ending(scope: Scope, receive: Receive, send: Send) -> None:
        async def lines() -> object:
            while True:
                yield b"line"
                await asyncio.sleep(0)

        await StreamingResponse(lines())(scope, receive, send)

    guard, metrics = guarded(never_ending)
    ask(guard, [GONE])
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert counted(metrics, 499)


def test_a_request_that_was_answered_is_counted_by_its_answer() -> None:
    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        await echoing(scope, receive, send)
        assert (await receive())["type"] == "http.disconnect"

    guard, metrics = guarded(watching)
    assert ask(guard, [WHOLE])[1]["body"] == b"a van"
    assert counted(metrics, 200)


def test_a_failure_is_one_still(caplog: pytest.LogCaptureFixture) -> None:
    guard, metrics = guarded(failing)
    assert ask(guard, [WHOLE])[0]["status"] == 500
    assert "RuntimeError" in caplog.text
    assert counted(metrics, 500)


@pytest.mark.sqlite_alone
def test_a_form_that_breaks_off_leaves_no_failure_and_no_record(
    anonymous: TestClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    key = issue_key(store, SYSTEM, "form", ["intake"])
    headers = [
        (b"host", b"localhost"),
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {key}".encode()),
    ]
    caplog.set_level(logging.INFO)
    where = "/api/v1/intake/eform"
    ask(anonymous.app, [PART, GONE], path=where, raw_path=where.encode(), headers=headers)
    assert [one.levelname for one in caplog.records if one.name == "serving.requests"] == ["INFO"]
    assert f"POST {where} 499" in caplog.text
    with store.reading() as unit:
        assert unit.decisions.newest(QUEUE) == 0
