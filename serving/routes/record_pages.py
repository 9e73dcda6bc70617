"""The list of allegations, and recording one that came by telephone, letter or word of mouth."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from data.checks import NARRATIVE_LIMIT
from serving import views_recording, views_records, worklist
from serving.access import access
from serving.actors import Actor
from serving.casework import person
from serving.errors import NotAllowed
from serving.hinting import hints
from serving.layout import told
from serving.narrowing import LIST, address, asked_of, narrowing
from serving.recording import Answers, errors_of, fields_of, record, reporter_of, subjects_of
from serving.rendering import page
from serving.routes.frame import frame
from serving.routes.shared import Here, Key, Who
from serving.service import Service
from serving.worklist import words_of

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

LONGEST_SEARCH = 200
NEW = LIST + "/new"
Cursor = Annotated[str | None, Query(max_length=60)]


async def _form(request: Request) -> dict[str, str]:
    sent = await request.form()
    return {name: value for name, value in sent.items() if isinstance(value, str)}


async def _filled(request: Request) -> Answers:
    sent = await request.form()
    ticked = [one for one in sent.getlist("categories") if isinstance(one, str)]
    given = await _form(request)
    given.pop("categories", None)
    return Answers(given, tuple(ticked))


Sent = Annotated[dict[str, str], Depends(_form)]
Filled = Annotated[Answers, Depends(_filled)]


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
    if not words_of(words):
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


@router.get(NEW)
@access("intake")
def recording(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Offer the form for an allegation that came by telephone, letter or word of mouth."""
    return _form_page(request, here, who, Answers({}))


@router.post(NEW + "/check")
@access("intake")
def check(request: Request, here: Here, who: Who, answers: Filled) -> HTMLResponse:
    """Say what would make it investigable; nothing is recorded."""
    return _form_page(request, here, who, answers)


@router.post(NEW)
@access("intake")
def record_it(request: Request, here: Here, who: Who, answers: Filled) -> Response:
    """Record an allegation."""
    now = datetime.now(UTC)
    clock = here.settings.clock
    errors = errors_of(answers, here.taxonomy, now, clock.zone)
    if not errors:
        try:
            made = record(
                here.store, who, answers, here.promoted.current(), clock, here.taxonomy, now=now
            )
        except NotAllowed as wrong:
            errors = {"narrative": wrong.rule}
    if errors:
        return _form_page(request, here, who, answers, errors)
    here.something_new()
    return RedirectResponse(f"{NEW}/{made}", 303)


@router.get(NEW + "/{key}")
@access("read_records")
def recorded(request: Request, here: Here, who: Who, key: Key) -> HTMLResponse:
    """Say what was noticed about what was recorded; never what it is worth."""
    found = worklist.read(here.store, who, key)
    shown = views_recording.recorded_page(found, datetime.now(UTC))
    return page("record_new_done.html", shown, layout=frame(request))


def _form_page(
    request: Request,
    here: Service,
    who: Actor,
    answers: Answers,
    errors: Mapping[str, str] = MappingProxyType({}),
) -> HTMLResponse:
    person(who, "intake")
    found = hints(
        answers.of("narrative")[:NARRATIVE_LIMIT],
        fields_of(answers, here.taxonomy),
        subjects_of(answers),
        reporter_of(answers),
    )
    shown = views_recording.recording_page(
        answers, found, here.taxonomy, errors, secrets.token_urlsafe(16)
    )
    around = told(frame(request), errors=errors)
    return page("record_new.html", shown, 422 if errors else 200, around)
