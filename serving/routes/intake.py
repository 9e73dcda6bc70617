"""Intake and the work list under ``/api/v1``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from serving import worklist
from serving.access import access
from serving.actors import Actor
from serving.noticing import NewCase
from serving.receipts import Receipt
from serving.receiving import receive
from serving.routes import schemas_intake as schemas
from serving.routes.shared import Here, IdempotencyKey, Key, Who, etag, refusals
from serving.service import Service
from serving.source_handling import NOBODY, Reporter
from serving.store.records_intake import KeptMessage, Subject, WorkItem
from serving.ways_in import Submission, of_form, of_submission
from serving.worklist import Asked, Page, Read

router = APIRouter(prefix="/api/v1", tags=["intake"], responses=refusals(421, 422, 500, 503))

ADDRESS = "/api/v1/allegations/{}"
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The message, exactly as the form sends it.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["EformFields"],
                    "properties": {
                        "EformFields": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["FieldName", "FieldValue"],
                                "properties": {"FieldName": {"type": "string"}, "FieldValue": {}},
                            },
                        }
                    },
                }
            }
        },
    }
}
TAKEN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The same message came before: nothing new.", "model": schemas.ReceiptOut}
}


async def _raw(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_raw)]
ReporterReference = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{16,40}$")]


@router.post(
    "/allegations",
    status_code=201,
    response_model=schemas.ReceiptOut,
    responses={**TAKEN, **refusals(400, 409, 413, 415)},
)
@access("intake")
def take_in(
    sent: schemas.NewAllegationIn,
    raw: Body,
    here: Here,
    who: Who,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Take an allegation in.

    The answer says what was noticed: urgency, safeguarding, source handling, links, categories.
    The same body again makes nothing new, with or without an ``Idempotency-Key``; the same key
    with another body is refused.
    """
    now = datetime.now(UTC)
    case = of_submission(_submission(sent), raw, who, here.taxonomy, now)
    return _received(here, who, case, now, idempotency_key)


@router.post(
    "/intake/eform",
    status_code=201,
    response_model=schemas.ReceiptOut,
    responses={**TAKEN, **refusals(400, 409, 413, 415)},
    openapi_extra=FORM,
)
@access("intake")
def take_in_form(raw: Body, here: Here, who: Who) -> Response:
    """Take in a message of the Home Office form, exactly as it is sent.

    What does not fit is reported with the record and nothing is mended. Refused is only what
    cannot be read at all.
    """
    now = datetime.now(UTC)
    return _received(here, who, of_form(raw, now), now)


@router.get("/allegations", response_model=schemas.WorkListOut, responses=refusals())
@access("read_records")
def work_list(
    here: Here,
    who: Who,
    status: schemas.Status | Literal["any"] = "unassessed",
    urgency: schemas.Urgency | None = None,
    overdue: bool = False,
    safeguarding: bool | None = None,
    channel: Annotated[str | None, Query(max_length=60)] = None,
    category: Annotated[str | None, Query(max_length=64)] = None,
    mine: bool = False,
    cursor: Annotated[str | None, Query(max_length=60)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.WorkListOut:
    """List what waits for its assessment, or what is asked for: the most pressing first.

    To search the narratives, post the words to ``/api/v1/allegations/search``: they must not
    stand in an address.
    """
    asked = Asked(
        None if status == "any" else status,
        None if urgency is None else schemas.LEVELS.index(urgency),
        overdue,
        safeguarding,
        channel,
        category,
        mine,
    )
    return _page(worklist.work_list(here.store, who, asked, limit=limit, cursor=cursor))


@router.post(
    "/allegations/search",
    response_model=schemas.WorkListOut,
    responses=refusals(400, 413, 415),
)
@access("read_records")
def search(sent: schemas.SearchIn, here: Here, who: Who) -> schemas.WorkListOut:
    """Search the narratives, and narrow the list as ``GET /api/v1/allegations`` does."""
    asked = Asked(
        **sent.model_dump(exclude={"cursor", "limit", "urgency"}),
        urgency=None if sent.urgency is None else schemas.LEVELS.index(sent.urgency),
    )
    return _page(worklist.work_list(here.store, who, asked, limit=sent.limit, cursor=sent.cursor))


@router.get("/allegations/{key}", response_model=schemas.AllegationOut, responses=refusals(404))
@access("read_records")
def allegation(key: Key, here: Here, who: Who) -> Response:
    """Read one allegation; the reading is logged.

    Who reported is not in it, only the reference; nor is the suggested value, which the
    assessing shows after an own view. ``ETag`` is the version that an edit has to name.
    """
    found = worklist.read(here.store, who, key)
    out = _allegation(found).model_dump(mode="json", by_alias=True)
    return JSONResponse(out, headers=etag(found.case.version))


@router.get("/allegations/{key}/message", responses=refusals(404))
@access("read_identities")
def message(key: Key, here: Here, who: Who) -> schemas.MessageOut:
    """Read the message that an allegation came as, word for word; the reading is logged."""
    found = worklist.read_message(here.store, who, key)
    return schemas.MessageOut(
        key=key,
        kind=found.kind,
        body=None if found.erased_at else found.body,
        deliveries=found.deliveries,
        received_at=found.received_at,
        erased_at=found.erased_at,
    )


@router.get("/reporters/{reference}", responses=refusals(404))
@access("read_identities")
def reporter(reference: ReporterReference, here: Here, who: Who) -> schemas.ReporterOut:
    """Read who reported; the reading is logged."""
    found, key = worklist.read_reporter(here.store, who, reference)
    return schemas.ReporterOut(
        reference=found.reference,
        allegation=key,
        details=dict(found.details),
        created_at=found.created_at,
        erased_at=found.erased_at,
    )


def _received(
    here: Service, who: Actor, case: NewCase, now: datetime, idempotency_key: str | None = None
) -> Response:
    receipt = receive(
        here.store,
        who,
        case,
        here.promoted.current(),
        here.settings.clock,
        taxonomy=here.taxonomy,
        idempotency_key=idempotency_key,
        now=now,
    )
    body = _receipt(receipt).model_dump(mode="json", by_alias=True)
    if receipt.repeated:
        return JSONResponse(body)
    return JSONResponse(body, 201, headers={"Location": ADDRESS.format(receipt.key)})


def _submission(sent: schemas.NewAllegationIn) -> Submission:
    return Submission(
        narrative=sent.narrative,
        reference=sent.reference,
        channel=sent.channel,
        received_at=sent.received_at,
        fields=sent.fields,
        categories=tuple(dict.fromkeys(sent.categories)),
        people=tuple(Subject(one.part, one.details) for one in sent.people),
        reporter=Reporter(**sent.reporter.model_dump()) if sent.reporter else NOBODY,
    )


def _receipt(receipt: Receipt) -> schemas.ReceiptOut:
    return schemas.ReceiptOut.model_validate(
        {
            "key": receipt.key,
            "repeated": receipt.repeated,
            "due_at": receipt.due_at,
            "urgency": schemas.LEVELS[receipt.urgency],
            "urgency_flags": receipt.urgency_flags,
            "safeguarding_flags": receipt.safeguarding_flags,
            "source_alerts": receipt.source_alerts,
            "identifies_reporter": receipt.identifies_reporter,
            "linked": [
                {
                    "key": one.key,
                    "kinds": one.kinds,
                    "similarity": one.similarity,
                    "repeats": one.repeats,
                    "reopened": one.reopened,
                }
                for one in receipt.links
            ],
            "suggested_categories": receipt.categories,
            "defects": receipt.defects,
            "links": {"self": ADDRESS.format(receipt.key)},
        }
    )


def _page(page: Page) -> schemas.WorkListOut:
    now = datetime.now(UTC)
    return schemas.WorkListOut(
        allegations=[_item(one, now) for one in page.items], next_cursor=page.next_cursor
    )


def _item(item: WorkItem, now: datetime) -> schemas.WorkItemOut:
    told = {
        name: getattr(item, name)
        for name in schemas.WorkItemOut.model_fields
        if name not in {"overdue", "urgency", "links"}
    }
    return schemas.WorkItemOut.model_validate(
        {
            **told,
            "overdue": _overdue(item.status, item.due_at, now),
            "urgency": schemas.LEVELS[item.urgency],
            "links": {"self": ADDRESS.format(item.key)},
        }
    )


def _allegation(found: Read) -> schemas.AllegationOut:
    case = found.case
    names = schemas.AllegationOut.model_fields.keys() & set(case.__dataclass_fields__)
    address = ADDRESS.format(case.key)
    return schemas.AllegationOut.model_validate(
        {
            **{name: getattr(case, name) for name in names},
            "taken_in_at": case.imported_at,
            "overdue": _overdue(case.status, case.due_at, datetime.now(UTC)),
            "urgency": schemas.LEVELS[case.urgency],
            "value": case.first_value,
            "people": [{"part": one.part, "details": one.details} for one in found.subjects],
            "linked": [
                {
                    name: schemas.LEVELS[one.urgency] if name == "urgency" else getattr(one, name)
                    for name in schemas.LinkOut.model_fields
                }
                for one in found.links
            ],
            "message": _about(found.message),
            "suggested_categories": found.suggested["categories"],
            "details": found.suggested["details"],
            "links": {"self": address, "message": f"{address}/message"},
        }
    )


def _about(message: KeptMessage | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {name: getattr(message, name) for name in schemas.MessageAboutOut.model_fields}


def _overdue(status: str, due_at: datetime | None, now: datetime) -> bool:
    return status == "unassessed" and due_at is not None and due_at < now
