"""Around the assessing, under ``/api/v1``: grades, outcomes, remarks, history and lists."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from serving import grading as grades
from serving.access import access
from serving.case_history import history
from serving.case_lists import (
    awaiting_second_person,
    bias_rows,
    my_assessments,
    returned_to_work,
)
from serving.routes import schemas_assessing as schemas
from serving.routes.schemas import Moment
from serving.routes.shared import Here, Key, Who, etag, refusals

router = APIRouter(prefix="/api/v1", tags=["assessing"], responses=refusals(421, 422, 500, 503))

CHANGE = refusals(400, 404, 409, 413, 415)
RECORD = "/allegations/{key}"
Limit = Annotated[int, Query(ge=1, le=500)]


@router.post(f"{RECORD}/gradings", status_code=201, responses=CHANGE)
@access("assess")
def gradings(
    key: Key, sent: schemas.GradingIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Grade a record by 3x5x2; earlier grades are kept."""
    given = grades.Grade(**sent.model_dump())
    return told_version(key, grades.grade(here.store, who, key, given), response)


@router.post(f"{RECORD}/outcomes", status_code=201, responses=CHANGE)
@access("record_outcome")
def outcomes(
    key: Key, sent: schemas.OutcomeIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Record what came of an allegation; earlier outcomes are kept."""
    made = grades.record_outcome(
        here.store, who, key, sent.outcome, sent.note, taxonomy=here.taxonomy
    )
    return told_version(key, made, response)


@router.post(f"{RECORD}/remarks", status_code=201, responses=CHANGE)
@access("record_outcome")
def remarks(
    key: Key, sent: schemas.RemarkIn, here: Here, who: Who, response: Response
) -> schemas.VersionOut:
    """Note something on a record."""
    return told_version(key, grades.remark(here.store, who, key, sent.text), response)


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


def told_version(key: str, version: int, response: Response) -> schemas.VersionOut:
    """Tell a record's version after a change, in the body and as its ETag."""
    response.headers.update(etag(version))
    return schemas.VersionOut(key=key, version=version)
