"""The assessor's pages: one allegation with its steps, the second person, what was overturned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from serving import case_lists, grading, layout, taking_back, views_assess
from serving.access import access
from serving.actors import Actor
from serving.assessing import assess
from serving.case_history import history
from serving.countersigning import countersign
from serving.errors import Conflict, Forbidden, NotAllowed, Stale
from serving.layout import Notice
from serving.next_up import next_up
from serving.opening import open_record
from serving.own_view import give_own_view
from serving.rendering import page
from serving.routes import assess_forms as forms
from serving.routes.frame import frame
from serving.routes.shared import Here, Key, Who
from serving.service import Service
from serving.suggestion_shown import suggestion_for
from serving.views_assess_asking import Typed
from serving.views_assess_page import Rules, asks_for_a_view, record_page
from serving.worklist import read

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

RECORD = "/records/{key}"
STALE = (
    "The record changed while you worked on it. Nothing that you typed is lost: look at what is "
    "new before you go on"
)
TOLD: Mapping[str, str] = {
    "graded": "The grade is recorded.",
    "outcome": "The outcome is recorded.",
    "remark": "The remark is recorded.",
    "undone": "Your assessment was taken back. Your own view stays; assess again from here.",
    "taken-up": "The record waits for an assessment again. Begin with your own view.",
    "agreed": "You agreed. The record is closed.",
    "disagreed": "You did not agree. The record waits to be assessed anew.",
}
Beside = Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]{0,63}$")]
Said = Annotated[str, Query(pattern=r"^[a-z-]{1,20}$")]


@router.get("/next-allegation")
@access("assess")
def following(here: Here, who: Who, than: Beside | None = None) -> Response:
    """Go on to the most pressing allegation that waits."""
    key = next_up(here.store, who, than=than)
    return _to(f"/records/{key}" if key else "/records")


@router.get("/second-person")
@access("countersign")
def second_person_list(request: Request, here: Here, who: Who) -> HTMLResponse:
    """List what waits for a second person."""
    found = case_lists.awaiting_second_person(here.store, who)
    shown = views_assess.second_person_list(found, here.taxonomy)
    return page("assess_list.html", shown, layout=frame(request))


@router.get("/returned")
@access("record_outcome")
def returned(request: Request, here: Here, who: Who) -> HTMLResponse:
    """List the dismissals that were overturned and are to be worked."""
    found = case_lists.returned_to_work(here.store, who)
    shown = views_assess.returned_list(found, here.taxonomy)
    return page("assess_list.html", shown, layout=frame(request))


@router.get(RECORD)
@access("read_records")
def record(
    request: Request,
    here: Here,
    who: Who,
    key: Key,
    beside: Beside | None = None,
    told: Said | None = None,
) -> HTMLResponse:
    """Show one allegation, and the step that the reader is at."""
    text = TOLD.get(told or "")
    notice = Notice(text) if text else None
    return _shown(request, here, who, key, beside=beside, notice=notice)


@router.post(RECORD + "/own-view")
@access("assess")
def own_view(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.OwnViewSent, Form()]
) -> Response:
    """Record the own view; the suggestion is shown after it."""

    def doing() -> None:
        give_own_view(
            here.store,
            who,
            key,
            sent.value,
            sent.categories,
            sent.reading,
            taxonomy=here.taxonomy,
        )

    errors = sent.lacking() or _refused(doing, "value", "categories")
    typed = Typed("own_view", forms.typed_of(sent), errors)
    return _done(request, here, who, key, typed, anchor="#assess")


@router.post(RECORD + "/assessment")
@access("assess")
def assessment(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.DecisionSent, Form()]
) -> Response:
    """Record the assessment."""

    def doing() -> None:
        done = assess(
            here.store,
            who,
            key,
            sent.answer(),
            taxonomy=here.taxonomy,
            expected_version=sent.version,
        )
        if done.status == "closed":
            here.something_new()

    lowest = here.taxonomy.value_codes[0]
    errors = sent.lacking(lowest, here.taxonomy) or _refused(
        doing, "value", "categories", "reason", "note", "closure_reason", "outcome"
    )
    typed = Typed("decision", forms.typed_of(sent), errors)
    return _done(request, here, who, key, typed, anchor="#assess")


@router.post(RECORD + "/undo")
@access("assess")
def undo(request: Request, here: Here, who: Who, key: Key) -> Response:
    """Take one's own assessment back."""
    minutes = here.settings.undo_minutes
    errors = _refused(lambda: taking_back.undo(here.store, who, key, undo_minutes=minutes))
    return _done(request, here, who, key, Typed("undo", {}, errors), "undone")


@router.post(RECORD + "/take-up")
@access("assess")
def take_up(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.TakeUpSent, Form()]
) -> Response:
    """Take an open record up again."""
    errors = _refused(
        lambda: taking_back.take_up(here.store, who, key, expected_version=sent.version)
    )
    return _done(request, here, who, key, Typed("take-up", {}, errors), "taken-up")


@router.post(RECORD + "/second-person")
@access("countersign")
def second_person(
    request: Request,
    here: Here,
    who: Who,
    key: Key,
    sent: Annotated[forms.SecondPersonSent, Form()],
) -> Response:
    """Agree or not, as the second person."""
    agrees = sent.agree == "yes"

    def doing() -> None:
        countersign(
            here.store,
            who,
            sent.assessment,
            agrees,
            sent.note,
            taxonomy=here.taxonomy,
            key=key,
        )
        if agrees:
            here.something_new()

    errors = sent.lacking() or _refused(doing, "note")
    typed = Typed("second_person", forms.typed_of(sent), errors)
    return _done(request, here, who, key, typed, "agreed" if agrees else "disagreed")


@router.post(RECORD + "/grade")
@access("assess")
def grade(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.GradeSent, Form()]
) -> Response:
    """Grade a record by 3x5x2."""
    errors = sent.lacking() or _refused(
        lambda: grading.grade(here.store, who, key, sent.grade()),
        *("source", "information", "handling", "conditions"),
    )
    return _done(request, here, who, key, Typed("grade", forms.typed_of(sent), errors), "graded")


@router.post(RECORD + "/outcome")
@access("record_outcome")
def outcome(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.OutcomeSent, Form()]
) -> Response:
    """Record what came of a record."""
    errors = sent.lacking() or _refused(
        lambda: grading.record_outcome(
            here.store, who, key, sent.outcome, sent.note, taxonomy=here.taxonomy
        ),
        *("outcome", "note"),
    )
    typed = Typed("outcome", forms.typed_of(sent), errors)
    return _done(request, here, who, key, typed, "outcome")


@router.post(RECORD + "/remark")
@access("record_outcome")
def remark(
    request: Request, here: Here, who: Who, key: Key, sent: Annotated[forms.RemarkSent, Form()]
) -> Response:
    """Note something on a record."""
    errors = sent.lacking() or _refused(
        lambda: grading.remark(here.store, who, key, sent.text), "text"
    )
    return _done(request, here, who, key, Typed("remark", forms.typed_of(sent), errors), "remark")


def _refused(doing: Callable[[], object], *fields: str) -> dict[str, str]:
    """Do something; give what was wrong with it, at the field that it is about."""
    try:
        doing()
    except NotAllowed as problem:
        field = problem.field.strip("/").partition("/")[0]
        rule = problem.rule[:1].upper() + problem.rule[1:]
        return {field if field in fields else "main-content": rule}
    except Stale:
        return {"main-content": STALE}
    except (Conflict, Forbidden) as problem:
        words = str(problem)
        return {"main-content": words[:1].upper() + words[1:]}
    return {}


def _done(
    request: Request,
    here: Service,
    who: Actor,
    key: str,
    typed: Typed,
    told: str = "",
    anchor: str = "",
) -> Response:
    if typed.errors:
        return _shown(request, here, who, key, typed=typed)
    return _to(f"/records/{key}{f'?told={told}' if told else ''}{anchor}")


def _shown(
    request: Request,
    here: Service,
    who: Actor,
    key: str,
    *,
    typed: Typed | None = None,
    beside: str | None = None,
    notice: Notice | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    opened = open_record(here.store, who, key, now=now)
    shown = None
    if asks_for_a_view(opened, who) and opened.own_view:
        shown = suggestion_for(here.store, who, key)
    past = history(here.store, who, key)
    other = None
    if beside in {one.key for one in opened.links}:
        other = read(here.store, who, beside).case
    typed = typed or Typed()
    rules = Rules(here.taxonomy, here.settings.clock, here.settings.undo_minutes)
    context = record_page(opened, past, shown, who, rules, typed=typed, beside=other, now=now)
    around = layout.told(frame(request), notice=notice, errors=typed.errors)
    return page("assess.html", context, 422 if typed.errors else 200, around)


def _to(url: str) -> Response:
    return RedirectResponse(url, 303)
