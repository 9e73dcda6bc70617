"""Oversight's part of the API: audit log, replay, samples, exports, retention."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from fastapi.responses import StreamingResponse

from serving import auditing, exporting, replay, retention, sampling
from serving.access import access
from serving.routes import schemas_oversight as schemas
from serving.routes import schemas_retention
from serving.routes.schemas import Moment
from serving.routes.shared import Here, Key, Who, refusals
from serving.store.records import AuditEntry, AuditQuery

router = APIRouter(prefix="/api/v1", responses=refusals(421, 422, 500, 503))

Word = Annotated[str | None, Query(max_length=80)]
Number = Annotated[int, PathParameter(ge=1, le=2**53)]
CHANGE = refusals(400, 404, 409, 413, 415)
CSV: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {}}, "description": "A row for each record."}
}
LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/jsonl": {}}, "description": "A line for each row."}
}


@router.get("/audit", tags=["oversight"])
@access("read_audit")
def read_audit(
    here: Here,
    who: Who,
    actor: Word = None,
    action: Word = None,
    subject: Word = None,
    since: Moment | None = None,
    until: Moment | None = None,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> schemas.AuditOut:
    """Search the audit log, newest rows first."""
    query = AuditQuery(actor, action, subject, since, until, before, limit)
    rows = auditing.search(here.store, who, query)
    more = rows[-1].seq if len(rows) == limit else None
    return schemas.AuditOut(rows=[_row(one) for one in rows], next_before=more)


@router.get("/audit/check", tags=["oversight"])
@access("read_audit")
def check_audit(
    here: Here,
    who: Who,  # noqa: ARG001 - who may ask is declared above
    expected_head: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
) -> schemas.VerdictOut:
    """Recompute every hash of the audit log."""
    verdict = auditing.verify(here.store, expected_head=expected_head)
    return schemas.VerdictOut.model_validate({**asdict(verdict), "sound": verdict.sound})


@router.get("/replays/{kind}/{number}", tags=["oversight"], responses=refusals(404))
@access("read_audit")
def replay_one(
    here: Here, who: Who, kind: Literal["decision", "assessment"], number: Number
) -> schemas.ReplayOut:
    """Reproduce what the maker of a decision or an assessment was shown."""
    return _replayed(replay.replay(here.store, who, kind, number))


@router.get("/samples/{population}", tags=["oversight"])
@access("read_audit")
def draw_sample(
    here: Here,
    who: Who,
    population: Literal["no_value", "decided", "all"],
    seed: Annotated[int, Query(ge=0, le=2**53)],
    size: Annotated[int, Query(ge=1, le=5000)] = 50,
    up_to: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> schemas.SampleOut:
    """Draw a random sample of allegations that the same seed gives again."""
    drawn = sampling.draw(here.store, who, population, size=size, seed=seed, up_to=up_to)
    return schemas.SampleOut.model_validate(asdict(drawn))


@router.get(
    "/exports/decisions", tags=["oversight"], response_class=StreamingResponse, responses=CSV
)
@access("export")
def export_decisions(
    here: Here,
    who: Who,
    every: Annotated[
        bool, Query(description="Valued allegations without a second look too.")
    ] = False,
) -> StreamingResponse:
    """Stream second looks as CSV, with sampling weights, as ``train`` takes them in."""
    lines = exporting.decisions_csv(
        here.store, who, every=every, questions=tuple(one.code for one in here.taxonomy.questions)
    )
    return _streamed(lines, "text/csv")


@router.get(
    "/exports/audit", tags=["oversight"], response_class=StreamingResponse, responses=LINES
)
@access("read_audit")
def export_audit(here: Here, who: Who) -> StreamingResponse:
    """Stream the audit log as lines of JSON, with its hashes."""
    return _streamed(exporting.audit_lines(here.store, who), "application/jsonl")


@router.get("/retention/due", tags=["oversight"])
@access("retain")
def retention_due(
    here: Here, who: Who, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[schemas_retention.DueOut]:
    """List records whose retention is to be reviewed, the oldest first."""
    found = retention.due(here.store, who, keep_days=here.settings.retention_days, limit=limit)
    return [schemas_retention.DueOut.model_validate(asdict(one)) for one in found]


@router.post(
    "/allegations/{key}/retention",
    tags=["oversight"],
    status_code=204,
    responses=CHANGE,
)
@access("retain")
def keep(here: Here, who: Who, key: Key, sent: schemas_retention.KeepIn) -> None:
    """Keep a record until a later review, and say why."""
    retention.keep(here.store, who, key, until=sent.until, reason=sent.reason)


@router.post("/allegations/{key}/erasure", tags=["oversight"], responses=CHANGE)
@access("retain")
def erase(
    here: Here, who: Who, key: Key, sent: schemas_retention.EraseIn
) -> schemas_retention.ErasedOut:
    """Erase a record's text and people, and name the models that were trained on it."""
    done = retention.erase(
        here.store, who, key, reason=sent.reason, models_dir=here.settings.models_dir
    )
    here.something_new()
    return schemas_retention.ErasedOut(
        key=key, reference=done.reference, models=list(done.models), at=done.at
    )


def _streamed(lines: Iterator[str], media_type: str) -> StreamingResponse:
    # the first stretch is made here, so that a refusal still has a status of its own
    first = next(lines, "")

    def body() -> Iterator[str]:
        yield first
        yield from lines

    return StreamingResponse(body(), media_type=media_type)


def _row(entry: AuditEntry) -> schemas.AuditRowOut:
    plain = asdict(entry)
    details = json.loads(plain.pop("details_text"))
    return schemas.AuditRowOut(**plain, details=details)


def _replayed(found: replay.Replay) -> schemas.ReplayOut:
    facts: Mapping[str, Any] = found.facts
    return schemas.ReplayOut(
        kind=found.kind,
        number=found.number,
        key=found.allegation.key,
        reference=found.allegation.reference,
        narrative=found.allegation.narrative,
        maker=facts["maker"],
        facts=dict(facts),
        holds=found.holds,
        shown=[_shown(one) for one in found.shown],
        trail=[_row(one) for one in found.trail],
    )


def _shown(one: replay.Shown) -> schemas.ShownOut:
    exhibit = one.exhibit
    return schemas.ShownOut(
        exhibit=exhibit.id,
        kind=exhibit.kind,
        made_at=exhibit.made_at,
        content=dict(exhibit.content) if exhibit.content is not None else None,
        content_sha256=exhibit.content_sha256,
        content_holds=one.content_holds,
        narrative_sha256=exhibit.narrative_sha256,
        narrative_holds=one.narrative_holds,
        model_version=exhibit.model_version,
        ranking_version=exhibit.ranking_id,
    )
