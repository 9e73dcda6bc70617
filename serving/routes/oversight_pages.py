"""Pages of the lead, the data scientist and the inspector."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse

from serving import auditing, catalogue, layout, oversight, replay, sampling, views_lead
from serving.access import access
from serving.actors import Actor
from serving.agreement import agreement
from serving.case_lists import BiasRow, bias_rows
from serving.errors import NotFound
from serving.parts.figures import Table
from serving.rendering import page
from serving.routes.frame import frame
from serving.routes.shared import Here, Who
from serving.service import Service
from serving.store.records import AuditQuery
from serving.views_audit import audit_page
from serving.views_bias import bias_table
from serving.views_data import data_page
from serving.views_replay import replay_page
from serving.views_samples import sample_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

Word = Annotated[str | None, Query(max_length=80)]
PERIOD = timedelta(weeks=oversight.WEEKS)
ROWS = 50
MOST = 500


@router.get("/lead")
@access("oversee")
def lead(request: Request, here: Here, who: Who) -> HTMLResponse:
    """Show the lead's figures."""
    found = oversight.lead_figures(here.store)
    shown = views_lead.lead_page(
        found, agreement(here.store, who), _bias(here, who), here.taxonomy
    )
    return page("lead.html", shown, layout=frame(request))


@router.get("/lead/{name}.csv")
@access("oversee")
def lead_table(
    here: Here, who: Who, name: Annotated[str, PathParameter(max_length=20)]
) -> Response:
    """Download a table of the lead's page."""
    if name == "bias":
        return _downloaded(bias_table(_bias(here, who)), name)
    table = views_lead.plot_table(name, oversight.lead_figures(here.store), here.taxonomy)
    if table is None:
        raise NotFound("there is no table of that name")
    return _downloaded(table, name)


@router.get("/data")
@access("read_models")
def data(request: Request, here: Here) -> HTMLResponse:
    """Show the models, and what promoting the challenger would change."""
    folder = here.settings.models_dir
    shown = data_page(
        catalogue.models(folder),
        catalogue.history(folder),
        here.comparisons.current(),
        here.taxonomy,
        here.settings.tracking_url,
    )
    return page("data.html", shown, layout=frame(request))


@router.get("/data/flips.csv")
@access("read_models")
def flips(here: Here) -> Response:
    """Download how many suggestions would change, by group."""
    compared = here.comparisons.current()
    return _downloaded(data_page((), (), compared, here.taxonomy, "").flips, "flips")


@router.get("/audit")
@access("read_audit")
def audit(
    request: Request,
    here: Here,
    who: Who,
    actor: Word = None,
    action: Word = None,
    subject: Word = None,
    since: Word = None,
    until: Word = None,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    check: Word = None,
) -> HTMLResponse:
    """Search the audit log, and check it."""
    days, errors = _days({"since": since, "until": until})
    query = AuditQuery(
        actor or None, action or None, subject or None, days["since"], days["until"], before, ROWS
    )
    rows = [] if errors else auditing.search(here.store, who, query)
    verdict = auditing.verify(here.store) if check else None
    around = layout.told(frame(request), errors=errors)
    return page("audit.html", audit_page(query, rows, verdict), 422 if errors else 200, around)


@router.get("/audit/samples")
@access("read_audit")
def samples(
    request: Request,
    here: Here,
    who: Who,
    population: Literal["no_value", "decided", "all"] = "no_value",
    seed: Annotated[str, Query(max_length=20)] = "",
    size: Annotated[str, Query(max_length=5)] = "50",
    draw: Word = None,
) -> HTMLResponse:
    """Draw a random sample that can be drawn again."""
    errors = _number_errors(seed, size) if draw else {}
    drawn = None
    if draw and not errors:
        drawn = sampling.draw(here.store, who, population, size=int(size), seed=int(seed))
    around = layout.told(frame(request), errors=errors)
    shown = sample_page(population, seed, size, drawn)
    return page("samples.html", shown, 422 if errors else 200, around)


@router.get("/audit/replays/{kind}/{number}")
@access("read_audit")
def replayed(
    request: Request,
    here: Here,
    who: Who,
    kind: Literal["decision", "assessment"],
    number: Annotated[int, PathParameter(ge=1, le=2**53)],
) -> HTMLResponse:
    """Show what the maker of a decision was shown."""
    found = replay.replay(here.store, who, kind, number)
    return page("replay.html", replay_page(found, here.taxonomy), layout=frame(request))


def _bias(here: Service, who: Actor) -> Sequence[BiasRow]:
    now = datetime.now(UTC)
    return bias_rows(here.store, who, now - PERIOD, now, by="team")


def _days(given: dict[str, str | None]) -> tuple[dict[str, datetime | None], dict[str, str]]:
    days: dict[str, datetime | None] = {}
    errors: dict[str, str] = {}
    for name, text in given.items():
        days[name] = None
        try:
            if text:
                days[name] = datetime.combine(date.fromisoformat(text), time(), UTC)
        except ValueError:
            errors[name] = "Enter a day as year, month and day, such as 2026-03-27"
    return days, errors


def _number_errors(seed: str, size: str) -> dict[str, str]:
    errors: dict[str, str] = {}
    if not size.isascii() or not size.isdigit() or not 1 <= int(size) <= MOST:
        errors["size"] = f"Enter a number from 1 to {MOST}"
    if not seed.isascii() or not seed.isdigit() or int(seed) > 2**53:
        errors["seed"] = "Enter a whole number of at most 16 digits"
    return errors


def _downloaded(table: Table, name: str) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([one.text for one in table.columns])
    writer.writerows([_safe(cell.text) for cell in row] for row in table.rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _safe(text: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula (OWASP, *CSV injection*)."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
