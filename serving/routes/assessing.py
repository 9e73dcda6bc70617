"""Assessing under ``/api/v1``: one record at a time, the own view first."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from serving import grading as grades
from serving import own_view, settling
from serving.access import access
from serving.assessing import Assessed, assess
from serving.assessment_rules import AssessmentAnswer
from serving.case_history import history
from serving.case_lists import (
    awaiting_second_person,
    bias_rows,
    my_assessments,
    returned_to_work,
)
from serving.opening import OpenRecord, open_record
from serving.routes import schemas_assessing as schemas
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

router = APIRouter(prefix="/api/v1", tags=["assessing"], responses=refusals(421, 422, 500, 503))

CHANGE = refusals(400, 404, 409, 413, 415)
LAST = datetime(9000, 1, 1, tzinfo=UTC)
RECORD = "/allegations/{key}"
FLAGS = tuple(schemas.FlagsOut.model_fields)
Moment = Annotated[AwareDatetime, Query(ge=datetime(1970, 1, 2, tzinfo=UTC), lt=LAST)]
Limit = Annotated[int, Query(ge=1, le=500)]


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
    view = own_view.give_own_view(
        here.store, who, key, sent.value, sent.categories, sent.reading, taxonomy=here.taxonomy
    )
    return schemas.OwnViewOut.model_validate(_of_view(view))


@router.get(f"{RECORD}/suggestion", responses=refusals(404, 409))
@access("assess")
def suggestion(key: Key, here: Here, who: Who, response: Response) -> schemas.SuggestionShownOut:
    """Show what the model suggests, once you have given your own view."""
    shown = own_view.suggestion_for(here.store, who, key)
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
    return _version(key, settling.undo(here.store, who, key, undo_minutes=minutes), response)


@router.post(f"{RECORD}/cycles", status_code=201, responses=refusals(404, 409, 412, 413, 415, 428))
@access("assess")
def cycles(
    key: Key, here: Here, who: Who, response: Response, if_match: IfMatch = None
) -> schemas.VersionOut:
    """Take an open record up again: it waits for another assessment."""
    expected = version_of(if_match)
    made = settling.take_up(here.store, who, key, expected_version=expected)
    return _version(key, made, response)


@router.post(f"{RECORD}/countersignatures", status_code=201, responses=CHANGE)
@access("countersign")
def countersignatures(
    key: Key, sent: schemas.CountersignatureIn, here: Here, who: Who, response: Response
) -> schemas.CountersignedOut:
    """Agree or not, as the second person, with closing a flagged record."""
    done = settling.countersign(
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


@router.post(f"{RECORD}/gradings", status_code=201, responses=CHANGE)
@access("assess")
def gradings(
    key: Key, sent: schemas.GradingIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Grade a record by 3x5x2; earlier grades are kept."""
    given = grades.Grade(**sent.model_dump())
    return _version(key, grades.grade(here.store, who, key, given), response)


@router.post(f"{RECORD}/outcomes", status_code=201, responses=CHANGE)
@access("record_outcome")
def outcomes(
    key: Key, sent: schemas.OutcomeIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Record what came of an allegation; earlier outcomes are kept."""
    made = grades.record_outcome(
        here.store, who, key, sent.outcome, sent.note, taxonomy=here.taxonomy
    )
    return _version(key, made, response)


@router.post(f"{RECORD}/remarks", status_code=201, responses=CHANGE)
@access("record_outcome")
def remarks(
    key: Key, sent: schemas.RemarkIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Note something on a record."""
    return _version(key, grades.remark(here.store, who, key, sent.text), response)


@router.get(f"{RECORD}/history", responses=refusals(404))
@access("read_records")
def histories(key: Key, here: Here, who: Who, response: Response) -> schemas.HistoryOut:
    """Tell what happened to a record, oldest first."""
    told = history(here.store, who, key)
    response.headers.update(etag(told.version))
    return schemas.HistoryOut.model_validate(asdict(told))


@router.get("/assessments/awaiting-second-person")
@access("countersign")
def awaiting(here: Here, who: Who, limit: Limit = 100) -> list[schemas.ListedOut]:
    """List closures that wait for a second person, other than your own."""
    found = awaiting_second_person(here.store, who, limit=limit)
    return [schemas.ListedOut.model_validate(asdict(one)) for one in found]


@router.get("/assessments/mine")
@access("assess")
def mine(here: Here, who: Who, limit: Limit = 50) -> list[schemas.ListedOut]:
    """List your own assessments, newest first."""
    found = my_assessments(here.store, who, limit=limit)
    return [schemas.ListedOut.model_validate(asdict(one)) for one in found]


@router.get("/assessments/returned")
@access("record_outcome")
def returned(here: Here, who: Who, limit: Limit = 100) -> list[schemas.ListedOut]:
    """List dismissals that a second look overturned and that nobody has worked on since."""
    found = returned_to_work(here.store, who, limit=limit)
    return [schemas.ListedOut.model_validate(asdict(one)) for one in found]


@router.get("/assessments/agreement")
@access("oversee")
def agreement(
    here: Here,
    who: Who,
    since: Moment,
    until: Moment,
    by: Literal["account", "team"] = "account",
) -> list[schemas.BiasOut]:
    """Compare own views, suggestions and assessments of a period, by person or by team."""
    found = bias_rows(here.store, who, since, until, by=by)
    return [schemas.BiasOut.model_validate(asdict(one)) for one in found]


def _version(key: str, version: int, response: Response) -> schemas.VersionOut:
    response.headers.update(etag(version))
    return schemas.VersionOut(key=key, version=version)


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
