"""The pages: server-rendered, working without a script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from serving import reviewing, views, views_accessibility
from serving.access import access
from serving.rendering import page
from serving.routes.frame import frame
from serving.service import Service

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/accessibility")
@access("open")
def accessibility(request: Request) -> HTMLResponse:
    """Say how accessible the service is."""
    shown = views_accessibility.STATEMENT
    return page("accessibility.html", shown, layout=frame(request))


@router.get("/second-looks")
@access("read_queue")
def second_looks(
    request: Request, cursor: Annotated[str | None, Query(max_length=40)] = None
) -> HTMLResponse:
    """List the second looks."""
    service: Service = request.app.state.service
    listing = reviewing.second_looks(
        service.store, limit=service.settings.page_size, cursor=cursor
    )
    shown = views.list_page(listing, service.taxonomy, first=not cursor)
    return page("second_looks.html", shown, layout=frame(request))


@router.get("/second-looks/{key}")
@access("read_queue")
def second_look(request: Request, key: str) -> HTMLResponse:
    """Show one second look in full."""
    service: Service = request.app.state.service
    look = reviewing.one_second_look(service.store, key)
    return page("second_look.html", views.one_page(look, service.taxonomy), layout=frame(request))
