"""Turning a page's context into HTML."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.runtime import Macro

from serving.assets import asset
from serving.layout import Layout, service_version
from serving.plots import progress_svg, svg, table_of
from serving.views import SERVICE

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

NO_LAYOUT = Layout()


class Govuk:
    """The macros of GOV.UK Frontend: ``govuk.button({...})`` is its ``govukButton({...})``.

    They expect that an option which is not given counts as absent. Our own templates do not: a
    name that a context lacks is an error. So theirs have an environment of their own.
    """

    def __init__(self) -> None:
        loader = PackageLoader("govuk_frontend_jinja", "templates")
        self._environment = Environment(
            loader=PrefixLoader({"govuk_frontend_jinja": loader}),
            autoescape=True,
            undefined=ChainableUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def __getattr__(self, name: str) -> Macro:
        """Give the macro of a component, such as ``error_summary``."""
        if name.startswith("_"):
            raise AttributeError(name)
        words = name.split("_")
        path = f"govuk_frontend_jinja/components/{'-'.join(words)}/macro.html"
        module = self._environment.get_template(path).module
        macro = cast(Macro, getattr(module, "govuk" + "".join(map(str.title, words))))
        setattr(self, name, macro)
        return macro


@cache
def templates() -> Environment:
    """Give the templates; a name that a context does not have is an error, not a blank."""
    environment = Environment(
        loader=PackageLoader("serving", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        service=SERVICE, version=service_version(), govuk=Govuk(), asset=asset
    )
    environment.filters.update(
        thousands="{:,}".format, svg=svg, table_of=table_of, progress_svg=progress_svg
    )
    return environment


def context_of(context: DataclassInstance, layout: Layout = NO_LAYOUT) -> dict[str, Any]:
    """Give what a template sees: the context's fields, and the frame as ``layout``."""
    shown = {one.name: getattr(context, one.name) for one in fields(context)}
    return {**shown, "layout": layout}


def page(
    template: str, context: DataclassInstance, status: int = 200, layout: Layout = NO_LAYOUT
) -> HTMLResponse:
    """Render a page.

    Parameters
    ----------
    template
        Its file.
    context
        The typed context that the template documents.
    status
        Of the answer.
    layout
        What its frame shows.
    """
    shown = context_of(context, layout)
    return HTMLResponse(templates().get_template(template).render(shown), status)
