"""Turning a page's context into HTML."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from serving.views import SERVICE, ErrorPage, ListPage, OnePage

Context = ListPage | OnePage | ErrorPage


@cache
def templates() -> Environment:
    """Give the templates; a name that a context does not have is an error, not a blank."""
    return Environment(
        loader=PackageLoader("serving", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def context_of(context: Context) -> dict[str, Any]:
    """Give what a template sees: the context's fields and the service's name."""
    shown = {one.name: getattr(context, one.name) for one in fields(context)}
    return {**shown, "service": SERVICE}


def page(template: str, context: Context, status: int = 200) -> HTMLResponse:
    """Render a page."""
    return HTMLResponse(templates().get_template(template).render(context_of(context)), status)
