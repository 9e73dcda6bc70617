"""Assessing under ``/api/v1``: one record at a time, the own view first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from serving import taking_back
from serving.access import access
from serving.assessing import Assessed, assess
from serving.assessment_rules import AssessmentAnswer
from serving.countersigning import countersign
from serving.opening import OpenRecord, open_record
from serving.own_view import give_own_view
from serving.routes import schemas_assessing as schemas
from serving.routes.casework import CHANGE, RECORD, told_version
from serving.routes.shared import (
    Here,
    IdempotencyKey,
    IfMatch,
    Key,
    Who,
    etag,
    refusals,
    version_of,
)
from serving.store.records_assessing import OwnView
from serving.suggestion_shown import suggestion_for

router = APIRouter(prefix="/api/v1", tags=["assessing"], responses=refusals(421, 422, 500, 503))

FLAGS = tuple(schemas.FlagsOut.model_fields)


@router.post(
    f"{RECORD}/readings",
    status_code=201,
    response_model=schemas.ReadingOut,
    responses=refusals(404, 413, 415),
)
@access("read_records")
def readings(key: Key, here: Here, who: Who) -> Response:
    """Open a record: the reading is kept. The suggested value is not part of the answer."""
    opened = open_record(here.store, who, key)
    out = schemas.ReadingOut.model_validate(_of_record(opened))
    return JSONResponse(out.model_dump(mode="json"), 201, headers=etag(opened.case.version))


@router.post(f"{RECORD}/own-views", status_code=201, responses=CHANGE)
@access("assess")
def own_views(key: Key, sent: schemas.OwnViewIn, here: Here, who: Who) -> schemas.OwnViewOut:
    """Say what you think before the suggestion is shown; it stays as you say it."""
    view = give_own_view(
        here.store, who, key, sent.value, sent.categories, sent.reading, taxonomy=here.taxonomy
    )
    return schemas.OwnViewOut.model_validate(_of_view(view))


@router.get(f"{RECORD}/suggestion", responses=refusals(404, 409))
@access("assess")
def suggestion(key: Key, here: Here, who: Who, response: Response) -> schemas.SuggestionShownOut:
    """Show what the model suggests, once you have given your own view."""
    shown = suggestion_for(here.store, who, key)
    response.headers["Cache-Control"] = "private, no-store"
    return schemas.SuggestionShownOut.model_validate({**shown.content, "exhibit": shown.exhibit})


@router.post(
    f"{RECORD}/assessments",
    status_code=201,
    response_model=schemas.AssessedOut,
    responses={
        200: {
            "description": "This request was answered before: the same answer again.",
            "model": schemas.AssessedOut,
        },
        **CHANGE,
        **refusals(412, 428),
    },
)
@access("assess")
def assessments(
    key: Key,
    sent: schemas.AssessmentIn,
    here: Here,
    who: Who,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Assess a record: leave it open for pursuit, or close it with a reason and an outcome.

    A record flagged for safeguarding is not closed as of no value, at the lowest value or as
    suspected false by one person: the answer then says that it awaits a second one.
    """
    given = sent.model_dump()
    done = assess(
        here.store,
        who,
        key,
        AssessmentAnswer(**{**given, "categories": tuple(sent.categories)}),
        taxonomy=here.taxonomy,
        expected_version=version_of(if_match),
        idempotency_key=idempotency_key,
    )
    if done.status == "closed" and not done.repeated:
        here.something_new()
    return _assessed(done)


@router.delete(f"{RECORD}/assessments/current", responses=refusals(404, 409))
@access("assess")
def undo(key: Key, here: Here, who: Who, response: Response) -> schemas.VersionOut:
    """Take back your own assessment while there is time."""
    minutes = here.settings.undo_minutes
    return told_version(
        key, taking_back.undo(here.store, who, key, undo_minutes=minutes), response
    )


@router.post(f"{RECORD}/cycles", status_code=201, responses=refusals(404, 409, 412, 413, 415, 428))
@access("assess")
def cycles(
    key: Key, here: Here, who: Who, response: Response, if_match: IfMatch = None
) -> schemas.VersionOut:
    """Take an open record up again: it waits for another assessment."""
    expected = version_of(if_match)
    made = taking_back.take_up(here.store, who, key, expected_version=expected)
    return told_version(key, made, response)


@router.post(f"{RECORD}/countersignatures", status_code=201, responses=CHANGE)
@access("countersign")
def countersignatures(
    key: Key, sent: schemas.CountersignatureIn, here: Here, who: Who, response: Response
) -> schemas.CountersignedOut:
    """Agree or not, as the second person, with closing a flagged record."""
    done = countersign(
        here.store,
        who,
        sent.assessment,
        sent.agree,
        sent.note,
        taxonomy=here.taxonomy,
        key=key,
    )
    if done.status == "closed":
        here.something_new()
    response.headers.update(etag(done.version))
    return schemas.CountersignedOut.model_validate(asdict(done))


def _assessed(done: Assessed) -> Response:
    out = schemas.AssessedOut.model_validate(asdict(done))
    status = 200 if done.repeated else 201
    return JSONResponse(out.model_dump(mode="json"), status, headers=etag(done.version))


def _of_view(view: OwnView) -> dict[str, Any]:
    return {**asdict(view), "own_view": view.id}


def _of_record(opened: OpenRecord) -> dict[str, Any]:
    shown = asdict(opened)
    case = shown.pop("case")
    return {
        **case,
        **shown,
        "value": case["first_value"],
        "flags": {name: case[name] for name in FLAGS},
        "own_view": _of_view(opened.own_view) if opened.own_view else None,
    }
