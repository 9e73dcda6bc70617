"""Second looks over HTTP: claiming, deciding, discussing, agreement, planted records."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Response

from serving import agreement as agreeing
from serving import claiming, deciding, planting, revealing
from serving.access import access
from serving.claiming import Claimed, ReviewRules
from serving.routes import schemas, schemas_reviewing
from serving.routes.shared import Here, IdempotencyKey, Who, decided, refusals

router = APIRouter(prefix="/api/v1", tags=["second look"], responses=refusals(421, 422, 500, 503))

Number = Annotated[int, Path(ge=1, le=2**53)]
SENT = refusals(400, 404, 409, 413, 415)


@router.post("/second-looks/claims", responses=SENT)
@access("review")
def claim(sent: schemas_reviewing.ClaimIn, here: Here, who: Who) -> schemas_reviewing.NextOut:
    """Claim the next record, or a certain one; nobody else gets it while the claim lasts."""
    rules = ReviewRules.of(here.settings)
    claimed = (
        claiming.claim_next(here.store, who, rules=rules)
        if sent.key is None
        else claiming.claim_one(here.store, who, sent.key, rules=rules)
    )
    return schemas_reviewing.NextOut(claimed=None if claimed is None else _shown(claimed))


@router.get("/second-looks/claims")
@access("review")
def claims(here: Here, who: Who) -> schemas_reviewing.ClaimsOut:
    """List what the reviewer holds."""
    found = claiming.held(here.store, who)
    return schemas_reviewing.ClaimsOut(claims=[_shown(one) for one in found])


@router.post(
    "/second-looks/claims/{number}/decision",
    status_code=201,
    response_model=schemas.DecisionOut,
    responses={
        200: {
            "description": "This request was answered before: the same answer again.",
            "model": schemas.DecisionOut,
        },
        **SENT,
    },
)
@access("review")
def decide(
    number: Number,
    sent: schemas.DecisionIn,
    here: Here,
    who: Who,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Uphold or overturn the first value of a record that the reviewer holds.

    Sent again with the same ``Idempotency-Key``, a request changes nothing.
    """
    recorded = deciding.decide(
        here.store,
        who,
        number,
        deciding.Answer(**sent.model_dump()),
        idempotency_key=idempotency_key,
        rules=ReviewRules.of(here.settings),
    )
    return decided(here, sent.verdict, recorded)


@router.post("/second-looks/claims/{number}/skip", responses=SENT)
@access("review")
def skip(number: Number, here: Here, who: Who) -> schemas_reviewing.EndedOut:
    """Leave the record to others; it does not come again today."""
    claiming.skip(here.store, who, number)
    return schemas_reviewing.EndedOut(claim=number, state="skipped")


@router.post("/second-looks/claims/{number}/release", responses=SENT)
@access("review")
def release(number: Number, here: Here, who: Who) -> schemas_reviewing.EndedOut:
    """Give the record back."""
    claiming.release(here.store, who, number)
    return schemas_reviewing.EndedOut(claim=number, state="released")


@router.post("/second-looks/claims/{number}/unsure", responses=SENT)
@access("review")
def unsure(
    number: Number, sent: schemas_reviewing.UnsureIn, here: Here, who: Who
) -> schemas_reviewing.EndedOut:
    """Leave the record to be discussed."""
    claiming.unsure(here.store, who, number, sent.note)
    return schemas_reviewing.EndedOut(claim=number, state="unsure")


@router.post("/second-looks/claims/{number}/undo", responses=SENT)
@access("review")
def undo(number: Number, here: Here, who: Who) -> schemas_reviewing.ClaimedOut:
    """Take the decision back while the claim's time lasts; the record is claimed again."""
    claimed = deciding.undo(here.store, who, number)
    here.something_new()
    return _shown(claimed)


@router.get("/decisions/{number}/receipt", responses=refusals(404, 409))
@access("review")
def receipt(number: Number, here: Here, who: Who) -> schemas_reviewing.ReceiptOut:
    """Show what the model makes of a record that the reviewer has decided."""
    shown = revealing.receipt_for(here.store, who, number, predictor=here.promoted.current())
    return schemas_reviewing.ReceiptOut.model_validate(asdict(shown))


@router.get("/second-looks/to-discuss")
@access("read_records")
def to_discuss(here: Here, who: Who) -> schemas_reviewing.ToDiscussOut:
    """List the records that somebody was unsure about and nobody has decided since."""
    found = claiming.to_discuss(here.store, who)
    return schemas_reviewing.ToDiscussOut.model_validate(
        {"records": [asdict(one) for one in found]}
    )


@router.get("/second-looks/agreement")
@access("oversee")
def agreement(here: Here, who: Who) -> schemas_reviewing.AgreementOut:
    """Compare decisions with the blind second answers to them."""
    found = agreeing.agreement(here.store, who)
    table = [{"first": one, "second": two, "count": count} for one, two, count in found.table]
    return schemas_reviewing.AgreementOut.model_validate({**asdict(found), "table": table})


@router.post("/plants", status_code=201, responses=SENT)
@access("plant")
def plant(sent: schemas_reviewing.PlantIn, here: Here, who: Who) -> schemas_reviewing.PlantedOut:
    """Put a record among the others whose right value is known, to measure reviewers by."""
    planted = planting.plant(here.store, who, sent.narrative, sent.categories, sent.true_value)
    return schemas_reviewing.PlantedOut.model_validate(asdict(planted))


@router.get("/plants/measures")
@access("oversee")
def measures(here: Here, who: Who) -> schemas_reviewing.MeasuresOut:
    """Say how well each reviewer answered planted records."""
    found = planting.reviewer_measures(here.store, who)
    return schemas_reviewing.MeasuresOut.model_validate(
        {"reviewers": [asdict(one) for one in found]}
    )


def _shown(claimed: Claimed) -> schemas_reviewing.ClaimedOut:
    return schemas_reviewing.ClaimedOut.model_validate(asdict(claimed))
