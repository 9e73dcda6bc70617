"""The home page, and the pages of what is done seldom: retention, planted records, identities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from serving import (
    catalogue,
    identities,
    keeping,
    layout,
    planting,
    retention,
    views_home,
    views_identities,
    views_upkeep,
)
from serving.access import access
from serving.actors import Actor
from serving.errors import Conflict, NotAllowed
from serving.needs import needs
from serving.rendering import page
from serving.routes.frame import frame
from serving.routes.intake import ReporterReference
from serving.routes.shared import Here, Key, Who
from serving.service import Service

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Cursor = Annotated[str | None, Query(max_length=60)]
Short = Annotated[str, Form(max_length=60)]
Reason = Annotated[str, Form(max_length=4000)]
Text = Annotated[str, Form(max_length=100_000)]
Codes = Annotated[list[str] | None, Form()]
DUE = "/retention"
PLANTED = "/planted"


@router.get("/")
@access("signed_in")
def home(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Show what needs somebody now."""
    found = needs(here.store, who, keep_days=here.settings.retention_days)
    waits = who.may("read_models") and _challenged(here)
    shown = views_home.home_page(found, who, challenger=waits)
    return page("home.html", shown, layout=frame(request))


@router.get("/identities")
@access("read_identities")
def alerted(request: Request, here: Here, who: Who, cursor: Cursor = None) -> HTMLResponse:
    """List the records with something to mind about who reported."""
    limit = here.settings.page_size
    found = identities.alerted(here.store, who, limit=limit, cursor=cursor)
    shown = views_identities.alerted_page(found, here.taxonomy, first=cursor is None)
    return page("identities.html", shown, layout=frame(request))


@router.get("/identities/{reference}")
@access("read_identities")
def identity(request: Request, here: Here, who: Who, reference: ReporterReference) -> HTMLResponse:
    """Show who reported; the reading is logged."""
    found = identities.identity(here.store, who, reference)
    shown = views_identities.identity_page(found)
    return page("identity.html", shown, layout=frame(request))


@router.get(DUE)
@access("retain")
def due(request: Request, here: Here, who: Who) -> HTMLResponse:
    """List the records that are due to be kept or erased."""
    keep_days = here.settings.retention_days
    found = retention.due(here.store, who, keep_days=keep_days)
    shown = views_upkeep.due_page(found, keep_days, limit=100)
    return page("retention.html", shown, layout=frame(request))


@router.get(DUE + "/{key}")
@access("retain")
def review(request: Request, here: Here, who: Who, key: Key) -> HTMLResponse:
    """Ask whether a record is to be kept or erased."""
    return _review(request, here, who, key, {})


@router.post(DUE + "/{key}/keep")
@access("retain")
def keep(
    request: Request,
    here: Here,
    who: Who,
    key: Key,
    until: Short = "",
    keep_reason: Reason = "",
) -> Response:
    """Keep a record until a later day."""
    given = {"until": until, "keep_reason": keep_reason}
    errors: dict[str, str] = {}
    day = _day(until)
    if day is None or day <= datetime.now(UTC):
        errors["until"] = "Enter a day to come, as year, month and day, such as 2031-03-27"
    if not keep_reason.strip():
        errors["keep_reason"] = "Say why it is kept"
    if errors or day is None:
        return _review(request, here, who, key, given, errors)
    retention.keep(here.store, who, key, until=day, reason=keep_reason)
    return RedirectResponse(DUE, 303)


@router.post(DUE + "/{key}/erase")
@access("retain")
def erase(
    request: Request,
    here: Here,
    who: Who,
    key: Key,
    erase_reason: Reason = "",
    sure: Short = "",
) -> Response:
    """Say what would go; erase it when that was confirmed."""
    if not erase_reason.strip():
        errors = {"erase_reason": "Say why it is erased"}
        return _review(request, here, who, key, {"erase_reason": erase_reason}, errors)
    folder = here.settings.models_dir
    if sure != "yes":
        goes = keeping.doomed(here.store, who, key, models_dir=folder)
        shown = views_upkeep.erasing_page(goes, erase_reason)
        return page("retention_erase.html", shown, layout=frame(request))
    retention.erase(here.store, who, key, reason=erase_reason, models_dir=folder)
    here.something_new()
    return RedirectResponse(f"{DUE}/{key}/erased", 303)


@router.get(DUE + "/{key}/erased")
@access("retain")
def erased(request: Request, here: Here, key: Key) -> HTMLResponse:
    """Say that a record was erased, and which models were trained on it."""
    shown = views_upkeep.erased_page(*keeping.erasure(here.store, key))
    return page("retention_erased.html", shown, layout=frame(request))


@router.get(PLANTED)
@access("plant")
def planted(
    request: Request, here: Here, who: Who, done: Annotated[str, Query(max_length=1)] = ""
) -> HTMLResponse:
    """Show how reviewers answer records whose answer is known, and offer to plant one."""
    notice = layout.Notice("It is planted among the second looks.") if done else None
    around = layout.told(frame(request), notice=notice)
    return _planted(request, here, who, {}, (), around=around)


@router.post(PLANTED)
@access("plant")
def plant(
    request: Request,
    here: Here,
    who: Who,
    narrative: Text = "",
    true_value: Short = "",
    categories: Codes = None,
) -> Response:
    """Plant a record."""
    ticked = tuple(one for one in categories or () if one in here.taxonomy.category_codes)
    given = {"narrative": narrative, "true_value": true_value}
    errors: dict[str, str] = {}
    if not narrative.strip():
        errors["narrative"] = "Write what it says"
    if true_value not in here.taxonomy.value_codes:
        errors["true_value"] = "Choose the value that it should have"
    if not ticked:
        errors["categories"] = "Choose at least one category"
    if errors:
        return _planted(request, here, who, given, ticked, errors)
    try:
        planting.plant(here.store, who, narrative, ticked, true_value)
    except NotAllowed as wrong:
        errors = {wrong.field.strip("/"): wrong.rule}
    except Conflict as wrong:
        errors = {"narrative": str(wrong).capitalize()}
    if errors:
        return _planted(request, here, who, given, ticked, errors)
    here.something_new()
    return RedirectResponse(f"{PLANTED}?done=1", 303)


def _challenged(here: Service) -> bool:
    return (here.settings.models_dir / catalogue.CHALLENGER).exists()


def _review(
    request: Request,
    here: Service,
    who: Actor,
    key: str,
    given: Mapping[str, str],
    errors: Mapping[str, str] | None = None,
) -> HTMLResponse:
    found = keeping.review(here.store, who, key)
    shown = views_upkeep.keeping_page(found, given, errors or {}, datetime.now(UTC))
    around = layout.told(frame(request), errors=errors or {})
    return page("retention_review.html", shown, 422 if errors else 200, around)


def _planted(
    request: Request,
    here: Service,
    who: Actor,
    given: Mapping[str, str],
    ticked: tuple[str, ...],
    errors: Mapping[str, str] | None = None,
    around: layout.Layout | None = None,
) -> HTMLResponse:
    measures = planting.reviewer_measures(here.store, who)
    shown = views_upkeep.planted_page(measures, here.taxonomy, given, ticked, errors or {})
    frame_of = around or layout.told(frame(request), errors=errors or {})
    return page("planted.html", shown, 422 if errors else 200, frame_of)


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time(), UTC)
    except ValueError:
        return None
