"""The list of allegations, and recording one that came by telephone, letter or word of mouth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from serving import views_records, worklist
from serving.access import access
from serving.actors import Actor
from serving.narrowing import LIST, address, asked_of, narrowing
from serving.rendering import page
from serving.routes.frame import frame
from serving.routes.shared import Here, Who
from serving.service import Service
from serving.store.search import groups_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

LONGEST_SEARCH = 200
Cursor = Annotated[str | None, Query(max_length=60)]


async def _form(request: Request) -> dict[str, str]:
    sent = await request.form()
    return {name: value for name, value in sent.items() if isinstance(value, str)}


Sent = Annotated[dict[str, str], Depends(_form)]


@router.get(LIST)
@access("read_records")
def records(request: Request, here: Here, who: Who, cursor: Cursor = None) -> HTMLResponse:
    """List allegations; what narrows the list is in the address."""
    return _listed(request, here, who, narrowing(request.query_params), "", cursor)


@router.post(LIST)
@access("read_records")
def search(request: Request, here: Here, who: Who, sent: Sent, cursor: Cursor = None) -> Response:
    """Search the narratives, or narrow the list: the words stay out of the address.

    The rest belongs there, so a form that narrows otherwise than its address is sent on to the
    address that fits, words and all (307 keeps the body).
    """
    words = sent.get("search", "").strip()[:LONGEST_SEARCH]
    narrowed = narrowing(request.query_params)
    wanted = narrowing(sent) if "status" in sent else narrowed
    if not groups_of(words):
        return RedirectResponse(address(wanted), 303)
    if wanted != narrowed:
        return RedirectResponse(address(wanted), 307)
    return _listed(request, here, who, narrowed, words, cursor)


def _listed(
    request: Request,
    here: Service,
    who: Actor,
    narrowed: Mapping[str, str],
    words: str,
    cursor: str | None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    found = worklist.work_list(
        here.store,
        who,
        asked_of(narrowed, words),
        limit=here.settings.page_size,
        cursor=cursor,
        counted=True,
        now=now,
    )
    around = frame(request)
    listing = views_records.Listing(
        found,
        narrowed,
        words,
        first=cursor is None,
        actor=who,
        csrf_token=around.account.csrf_token if around.account else "",
        now=now,
    )
    shown = views_records.records_page(listing, here.taxonomy)
    return page("records.html", shown, layout=around)
