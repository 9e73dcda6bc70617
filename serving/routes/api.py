"""The API under ``/api/v1``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from data.schema import Allegation
from serving import deciding, reviewing, suggesting
from serving import progress as progressing
from serving.access import access
from serving.claiming import ReviewRules
from serving.routes import schemas
from serving.routes.shared import Here, IdempotencyKey, Key, Who, decided, refusals
from serving.store.records import Entry

RECEIPT = ("reasons", "details", "parts", "words", "precedents")

router = APIRouter(prefix="/api/v1", responses=refusals(421, 422, 500, 503))


Share = Annotated[float | None, Query(gt=0, le=1)]


@router.post("/suggestions", tags=["model"], responses=refusals(400, 413, 415))
@access("suggest")
def suggestions(sent: schemas.Allegations, here: Here) -> schemas.SuggestionsOut:
    """Suggest a value and categories for one allegation, or a list of up to 1,000."""
    several = sent if isinstance(sent, list) else [sent]
    predictor = here.promoted.required()
    answers = suggesting.suggest(predictor, _allegations(several))
    here.metrics.suggestions.inc(len(answers))
    return schemas.SuggestionsOut.model_validate(
        {"model_version": predictor.version, "suggestions": [asdict(one) for one in answers]}
    )


@router.post("/flags", tags=["model"], responses=refusals(400, 413, 415))
@access("suggest")
def flags(
    sent: schemas.AssessedAllegations,
    here: Here,
    precision: Share = None,
    capacity: Share = None,
    threshold: Annotated[float | None, Query(ge=0, le=1)] = None,
) -> schemas.FlagsOut:
    """Say how doubtful recorded values are, for one allegation or a list of up to 1,000.

    A record is flagged from a threshold on, chosen on held-out data: for a stated
    ``precision`` (share of the flagged ones that should be wrong) or for a reviewing
    ``capacity`` (share of all records that can be looked at again; a tenth if nothing is
    said). Or state the ``threshold`` itself.
    """
    several = sent if isinstance(sent, list) else [sent]
    predictor = here.promoted.required()
    values = [one.value for one in several]
    assessed = list(zip(_allegations(several), values, strict=True))
    found, drawn_at, chosen_for = suggesting.flag(
        predictor, assessed, suggesting.Basis(precision, capacity, threshold)
    )
    for one in found:
        here.metrics.flags.labels(str(one.flagged).lower()).inc()
    return schemas.FlagsOut.model_validate(
        {
            "model_version": predictor.version,
            "threshold": drawn_at,
            "threshold_chosen_for": chosen_for,
            "flags": [asdict(one) for one in found],
        }
    )


@router.get(
    "/second-looks",
    tags=["second look"],
    response_model=schemas.SecondLooksOut,
    responses={304: {"description": "Nothing has changed."}, **refusals(410)},
)
@access("read_queue")
def second_looks(
    here: Here,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """List the dismissed allegations that wait for a second look, most doubtful first.

    One page at a time: pass ``next_cursor`` on as ``cursor``. With ``If-None-Match`` an
    unchanged page is not sent again.
    """
    listing = reviewing.second_looks(here.store, limit=limit, cursor=cursor)
    tag = f'"{listing.tag}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match and tag in if_none_match.replace("W/", ""):
        return Response(status_code=304, headers=headers)
    ranking = listing.ranking
    out = schemas.SecondLooksOut(
        ranking_version=ranking.id if ranking else None,
        model_version=ranking.model_version if ranking else None,
        ranked_at=ranking.made_at if ranking else None,
        method=ranking.method if ranking else None,
        queued=listing.queued,
        next_cursor=listing.next_cursor,
        second_looks=[_second_look(one) for one in listing.entries],
    )
    return JSONResponse(out.model_dump(mode="json"), headers=headers)


@router.get("/second-looks/progress", tags=["second look"])
@access("read_progress")
def progress(
    here: Here, reviews: Annotated[int, Query(ge=1, le=100_000)] = 100
) -> schemas.ProgressOut:
    """Say how far the second look has come, what is probably still missed, and what to do.

    ``reviews`` is how many more of them to forecast.
    """
    told = progressing.progress(here.store, reviews=reviews)
    return schemas.ProgressOut.model_validate(asdict(told))


@router.post(
    "/second-looks/{reference}/decisions",
    tags=["second look"],
    status_code=201,
    response_model=schemas.DecisionOut,
    responses={
        200: {
            "description": "This request was answered before: the same answer again.",
            "model": schemas.DecisionOut,
        },
        **refusals(400, 404, 409, 413, 415),
    },
)
@access("review")
def decisions(
    reference: Key,
    sent: schemas.DecisionIn,
    here: Here,
    who: Who,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Claim a dismissed allegation and uphold or overturn its first value, in one step.

    In the address stands the record's ``key``, which is its reference where that is safe
    in an address. Sent again with the same ``Idempotency-Key``, a request changes nothing.
    """
    recorded = deciding.decide_one(
        here.store,
        who,
        reference,
        deciding.Answer(**sent.model_dump()),
        idempotency_key=idempotency_key,
        rules=ReviewRules.of(here.settings),
    )
    return decided(here, sent.verdict, recorded)


def _allegations(sent: Sequence[schemas.AllegationIn]) -> list[Allegation]:
    return [
        Allegation(
            reference=one.reference or f"item-{number}",
            narrative=one.narrative,
            received_at=one.received_at,
            channel=one.channel,
            fields=one.fields,
        )
        for number, one in enumerate(sent, start=1)
    ]


def _second_look(entry: Entry) -> schemas.SecondLookOut:
    record = entry.allegation
    path = f"/api/v1/second-looks/{record.key}"
    return schemas.SecondLookOut.model_validate(
        {
            "position": entry.position,
            "reference": record.reference,
            "key": record.key,
            "narrative": record.narrative,
            "first_value": record.first_value,
            "categories": list(record.categories),
            "channel": record.channel,
            "received_at": record.received_at,
            "doubt": entry.doubt,
            "score": entry.score,
            **{name: entry.receipt.get(name, []) for name in RECEIPT},
            "ranking_version": entry.ranking_id,
            "links": {"self": f"/second-looks/{record.key}", "decisions": f"{path}/decisions"},
        }
    )
