from __future__ import annotations

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from serving.access import declared


def test_every_route_declares_who_may_call_it(client: TestClient) -> None:
    application = client.app
    assert isinstance(application, FastAPI)
    routes = [one.original_route for one in iter_route_contexts(application.routes)]
    own = [one for one in routes if isinstance(one, APIRoute)]
    assert len(own) == 11
    assert [one.path for one in own if declared(one.endpoint) is None] == []
    others = [getattr(one, "path", "") for one in routes if not isinstance(one, APIRoute)]
    assert others == ["/api/v1/openapi.json", "/static"]
