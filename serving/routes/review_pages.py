"""The reviewer's pages: take a record, decide it, see what the model made of it, go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from serving import claiming, deciding, layout, views_review
from serving.access import access
from serving.actors import Actor
from serving.agreement import agreement
from serving.claiming import Claimed, ReviewRules
from serving.deciding import Answer
from serving.errors import Conflict, NotAllowed
from serving.progress import Progress, progress
from serving.reasons import REASONS
from serving.rendering import page
from serving.revealing import Undecided
from serving.review_flow import DECIDED, HELD, next_claim, own_claim, reveal
from serving.routes.frame import frame
from serving.routes.shared import Here, Key, Who
from serving.service import Service

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Number = Annotated[int, Path(ge=1, le=2**53)]
Short = Annotated[str, Field(max_length=60)]
Reviews = Annotated[int, Query(ge=1, le=views_review.MOST_REVIEWS)]
START = "/second-look"
BY_SCRIPT = "x-swap"
"""What our script sends: it can take an answer as it comes, where a browser must be sent on."""


class Sent(BaseModel):
    """What the reviewer filled in."""

    verdict: Short = ""
    value: Short = ""
    reason: Short = ""
    note: Annotated[str, Field(max_length=10_000)] = ""

    def answer(self) -> Answer:
        """Give it as an answer: the value counts where the first one is overturned."""
        value = self.value if self.verdict == "overturn" else None
        return Answer(self.verdict, value, self.reason, self.note or None)


@router.get(START)
@access("review")
def start(request: Request, here: Here, who: Who, reviews: Reviews = 20) -> HTMLResponse:
    """Show how far the second look has come, and offer a record."""
    done = progress(here.store, reviews=reviews)
    discuss = len(claiming.to_discuss(here.store, who))
    shown = views_review.start_page(done, reviews=reviews, discuss=discuss)
    return page("review_start.html", shown, layout=frame(request))


@router.post(START)
@access("review")
def take(here: Here, who: Who) -> Response:
    """Take a record, or go back to the one that is held."""
    return _onward(here, who)


@router.get(START + "/{number}")
@access("review")
def record(request: Request, here: Here, who: Who, number: Number) -> Response:
    """Show a record to be decided; nothing of what the model makes of it."""
    claimed, state = own_claim(here.store, who, number)
    if state == DECIDED:
        return _to(f"{START}/{number}/done")
    if state != HELD:
        raise Conflict(claiming.OVER[state])
    shown = views_review.review_page(claimed, _progress(here), here.taxonomy, {})
    return page("review.html", shown, layout=frame(request))


@router.post(START + "/{number}")
@access("review")
def decide(
    request: Request,
    here: Here,
    who: Who,
    number: Number,
    sent: Annotated[Sent, Form()],
) -> Response:
    """Record the decision, and hold the next record ready."""
    given = sent.model_dump()
    errors = _missing(given) or _refused(here, who, number, sent.answer())
    if errors:
        return _again(request, here, who, number, given, errors)
    here.metrics.decisions.labels(sent.verdict).inc()
    here.something_new()
    if BY_SCRIPT not in request.headers:
        return _to(f"{START}/{number}/done")
    shown = _revealed(request, here, who, number)
    shown.headers["Content-Location"] = f"{START}/{number}/done"
    return shown


@router.get(START + "/{number}/done")
@access("review")
def decided(request: Request, here: Here, who: Who, number: Number) -> Response:
    """Reveal what the model made of the record; one that waits is shown to be decided."""
    try:
        return _revealed(request, here, who, number)
    except Undecided:
        return _to(f"{START}/{number}")


@router.post(START + "/{number}/skip")
@access("review")
def skip(here: Here, who: Who, number: Number) -> Response:
    """Leave a record to others, and go on."""
    claiming.skip(here.store, who, number)
    return _onward(here, who, number)


@router.post(START + "/{number}/release")
@access("review")
def release(here: Here, who: Who, number: Number) -> Response:
    """Give a record back and stop."""
    claiming.release(here.store, who, number)
    return _to(START)


@router.post(START + "/{number}/unsure")
@access("review")
def unsure(
    request: Request,
    here: Here,
    who: Who,
    number: Number,
    sent: Annotated[Sent, Form()],
) -> Response:
    """Leave a record to be discussed, and go on."""
    if not sent.note.strip():
        errors = {"note": "Say what is to be discussed"}
        return _again(request, here, who, number, sent.model_dump(), errors)
    claiming.unsure(here.store, who, number, sent.note)
    return _onward(here, who, number)


@router.post(START + "/{number}/undo")
@access("review")
def undo(here: Here, who: Who, number: Number) -> Response:
    """Take a decision back; the record is the reviewer's again."""
    again = deciding.undo(here.store, who, number)
    here.something_new()
    return _to(f"{START}/{again.claim}")


@router.get("/to-discuss")
@access("read_records")
def discuss(request: Request, here: Here, who: Who) -> HTMLResponse:
    """List the records that somebody was unsure about, or that two decided differently."""
    items = claiming.to_discuss(here.store, who)
    pairs = agreement(here.store, who).disagreements if who.may("oversee") else ()
    differing = [(one.key, one.reference, one.first_verdict, one.second_verdict) for one in pairs]
    shown = views_review.discuss_page(items, differing, decides=who.may("review"))
    return page("discuss.html", shown, layout=frame(request))


@router.post("/to-discuss/{key}")
@access("review")
def take_one(here: Here, who: Who, key: Key) -> Response:
    """Take a certain record."""
    claimed = claiming.claim_one(here.store, who, key, rules=ReviewRules.of(here.settings))
    return _to(f"{START}/{claimed.claim}")


def _revealed(request: Request, here: Service, who: Actor, number: int) -> HTMLResponse:
    rules = ReviewRules.of(here.settings)
    found = reveal(here.store, who, number, rules, here.promoted.current())
    url = f"{START}/{found.following}" if found.following else ""
    shown = views_review.done_page(
        found.claimed, found.receipt, _progress(here), here.taxonomy, url
    )
    return page("review_done.html", shown, layout=frame(request))


def _progress(here: Service) -> Progress:
    return progress(here.store, recent=True)


def _missing(given: Mapping[str, str]) -> dict[str, str]:
    errors: dict[str, str] = {}
    if given["verdict"] not in {"uphold", "overturn"}:
        errors["verdict"] = "Choose whether you uphold or overturn the first value"
    if given["verdict"] == "overturn" and not given["value"]:
        errors["value"] = "Choose the value that it should have"
    if given["reason"] not in REASONS:
        errors["reason"] = "Choose what decided it"
    if given["reason"] == "other" and not given["note"].strip():
        errors["note"] = "Say what decided it"
    if len(given["note"]) > views_review.NOTE_LIMIT:
        errors["note"] = f"Shorten the note to {views_review.NOTE_LIMIT:,} characters"
    return errors


def _refused(here: Service, who: Actor, number: int, answer: Answer) -> dict[str, str]:
    try:
        deciding.decide(here.store, who, number, answer, rules=ReviewRules.of(here.settings))
    except NotAllowed as problem:
        field = problem.field.strip("/")
        return {field if field in {"value", "note", "reason"} else "verdict": problem.rule}
    return {}


def _again(
    request: Request,
    here: Service,
    who: Actor,
    number: int,
    given: Mapping[str, str],
    errors: Mapping[str, str],
) -> Response:
    claimed: Claimed
    claimed, state = own_claim(here.store, who, number)
    if state != HELD:
        raise Conflict(claiming.OVER[state])
    shown = views_review.review_page(claimed, _progress(here), here.taxonomy, given)
    return page("review.html", shown, 422, layout.told(frame(request), errors=errors))


def _onward(here: Service, who: Actor, than: int | None = None) -> Response:
    following = next_claim(here.store, who, ReviewRules.of(here.settings), than=than)
    return _to(f"{START}/{following}" if following else START)


def _to(url: str) -> Response:
    return RedirectResponse(url, 303)
