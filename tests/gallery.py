"""Every piece of the pages on one page, and a small queue to decide, over the real templates."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from jinja2 import ChoiceLoader, Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from serving import layout, plots, rendering
from serving.assets import STATIC, Assets
from serving.guard import Guard
from serving.metrics import Metrics
from serving.parts import answers, figures, phrases, records

HERE = Path(__file__).parent / "browser"
TEXT = (
    "The man who runs Golden Fry on Mill Lane NE1 4ST pays five people cash in hand, £4 an hour. "
    "They come at 6pm every Friday in a white van AB12 CDE.\nHis name is Grady Tanner and his "
    "number is 0191 498 0123. They are moving on 14 May 2026 so please be quick."
)
FOUND = [
    ("business", "Golden Fry"), ("address", "Mill Lane"), ("postcode", "NE1 4ST"),
    ("amount", "£4"), ("time", "6pm"), ("vehicle_registration", "AB12 CDE"),
    ("person", "Grady Tanner"), ("phone", "0191 498 0123"), ("date", "14 May 2026"),
]  # fmt: skip
DETAILS = [
    {"kind": kind, "start": TEXT.index(words), "end": TEXT.index(words) + len(words)}
    for kind, words in FOUND
]
LINKS = (
    ("Home", "/"), ("Work list", "/work"), ("Second looks", "/second-looks"),
    ("Performance", "/performance"), ("Record an allegation", "/record"), ("Search", "/search"),
)  # fmt: skip
CATEGORIES = (
    "Illegal working", "Sham marriage", "Overstaying", "False documents", "Facilitation",
    "Modern slavery", "Tobacco smuggling", "Alcohol smuggling", "Drugs", "Cash", "Fuel",
    "Prohibited goods", "Student visa abuse", "Benefit fraud",
)  # fmt: skip
WEEKS = [f"{day} {month}" for month in ("Mar", "Apr", "May") for day in (2, 9, 16, 23)]


def frame(path: str, **changes: Any) -> layout.Layout:
    """A signed-in reviewer's frame."""
    account = layout.AccountView("Ama Osei", "Reviewer", "token")
    return layout.Layout(account, layout.navigation(LINKS, path), **changes)


def header(number: int = 7, url: str = "") -> records.RecordHeader:
    tags = (
        records.Tag("Urgent: moving on 14 May", "urgent"),
        records.Tag("Due in 3 hours", "due"),
        records.Tag("Safeguarding: possible slavery", "safeguarding"),
        records.Tag("Source handling", "source"),
        records.Tag("Linked to 2", "linked"),
        records.Tag("Closed", "closed"),
        records.Tag("New", "new"),
    )
    facts = (
        records.Fact("Received", "11 May 2026 at 9:04am"),
        records.Fact("Channel", "Web form"),
        records.Fact("Reported about", "سارة الخطيب"),
        records.Fact("Linked to", "A-0003", "/work"),
    )
    return records.RecordHeader(f"A-{number:04d}", "Second look", tags, facts, url)


def verdict(error: str = "") -> answers.Question:
    choices = (
        answers.Choice("uphold", "Uphold", "It was right to call this no value.", "u"),
        answers.Choice("overturn", "Overturn", "It could have been investigated.", "o"),
        answers.Choice("unsure", "Unsure", "Somebody else should look too.", "s"),
    )
    return answers.Question(
        "verdict", "Was “no value” right?", choices, "Decide before you see why it is here.", error
    )


def reasons(error: str = "") -> answers.Reasons:
    listed = ("Details to follow up", "Same as another allegation", "Nothing to go on", "Other")
    choices = tuple(answers.Choice(one.lower().replace(" ", "-"), one) for one in listed)
    question = answers.Question("reason", "What decided it?", choices, error=error)
    hint = "Do not name the person who reported it."
    return answers.Reasons(question, answers.Note("note", "Note (optional)", hint=hint, limit=500))


def categories() -> answers.CategoryQuestion:
    listed = [answers.Choice(one.lower().replace(" ", "_"), one) for one in CATEGORIES]
    return answers.CategoryQuestion("category", "Categories", tuple(listed[:3]), tuple(listed[3:]))


def rates() -> plots.LinePlot:
    values = [0.62, 0.6, 0.63, 0.58, 0.57, 0.55, 0.56, 0.53, 0.5, 0.52, 0.49, 0.47]
    points = tuple(
        plots.Point(week, value, value - 0.04, value + 0.04, "/work")
        for week, value in zip(WEEKS, values, strict=True)
    )
    earlier = tuple(plots.Point(week, 0.66 - n / 200) for n, week in enumerate(WEEKS))
    return plots.LinePlot(
        "rates", "The share called no value has fallen since March",
        "From 62% in the first week of March to 47% in the last week of May.",
        (plots.Line("This year", points), plots.Line("Last year", earlier)),
        "Week beginning", "Share called no value", "percent", 0.6, "Target: at most 60%", "/work",
    )  # fmt: skip


def channels() -> plots.BarPlot:
    listed = (("Web form", 0.61), ("Hotline", 0.44), ("Crimestoppers", 0.38), ("Letter", 0.7))
    bars = tuple(plots.Point(name, value, value - 0.05, value + 0.06) for name, value in listed)
    return plots.BarPlot(
        "channels", "Letters are called no value most often", "Letters 70%, Crimestoppers 38%.",
        bars, "Channel", "Share called no value", "percent",
    )  # fmt: skip


def table(rows: int = 3) -> figures.Table:
    columns = (figures.Column("Reference"), figures.Column("Channel"),
               figures.Column("Hours waiting", numeric=True))  # fmt: skip
    made = tuple(
        (figures.Cell(f"A-{n:04d}", "/work"), figures.Cell("Web form"), figures.Cell(f"{n * 7}"))
        for n in range(rows)
    )
    return figures.Table("Waiting longest", columns, made, "/work")


def filters() -> answers.Filters:
    options = (
        answers.Option("", "All channels"),
        answers.Option("letter", "Letter", chosen=True),
    )
    active = (answers.ActiveFilter("Channel: letter", "/"),)
    listed = (
        answers.FilterField("reference", "Reference"),
        answers.FilterField("channel", "Channel", options),
    )
    return answers.Filters("/", listed, active, "/")


def pair() -> records.LinkedPair:
    other = TEXT.replace("five people", "six men").replace("AB12 CDE", "AB12 CDF")
    here, there = records.compare(TEXT, other)
    return records.LinkedPair(
        records.RecordHeader("A-0007"), records.RecordHeader("A-0003", url="/work"), here, there,
        ("same postcode", "same telephone number"), "Almost the same",
    )  # fmt: skip


def suggestion(*, unsure: bool = False) -> figures.SuggestionView:
    moved = (
        phrases.Phrase("cash in hand", "strong"), phrases.Phrase("every friday", "moderate"),
        phrases.Phrase("by [a name]", "slight", "against"),
    )  # fmt: skip
    number, words = figures.confidence(0.82)
    return figures.SuggestionView(
        "Value", "" if unsure else "Medium", unsure, number, words, "Low", False, moved, "Model 7"
    )


@dataclass(frozen=True)
class GalleryPage:
    """All that the gallery shows."""

    title: str = "Gallery"
    head: records.RecordHeader = field(default_factory=header)
    narrative: records.Narrative = field(default_factory=lambda: records.narrative(TEXT, DETAILS))
    plain: records.Narrative = field(default_factory=lambda: records.narrative("Noisy.", []))
    linked: records.LinkedPair = field(default_factory=pair)
    verdict: answers.Question = field(default_factory=verdict)
    reasons: answers.Reasons = field(default_factory=lambda: reasons("Select what decided it"))
    categories: answers.CategoryQuestion = field(default_factory=categories)
    suggestions: tuple[figures.SuggestionView, ...] = (suggestion(), suggestion(unsure=True))
    progress: figures.ReviewProgress = field(
        default_factory=lambda: figures.ReviewProgress(
            310, 1204, 41, 3, 9, 95, "Another 50 reviews would find about 4 more."
        )
    )
    table: figures.Table = field(default_factory=table)
    numbers: tuple[figures.Figure, ...] = (
        figures.Figure("Waiting", "1,204", "312 overdue", "/work"),
        figures.Figure("Wrongly called no value", "8.1%", "between 6.2% and 10.4%"),
    )
    nothing: figures.Table = field(default_factory=lambda: table(0))
    drawn: tuple[plots.Plot, ...] = field(default_factory=lambda: (rates(), channels()))
    filters: answers.Filters = field(default_factory=filters)
    budget: answers.Slider = field(
        default_factory=lambda: answers.Slider("budget", "Time for", 20, 0, 200, 10, "reviews")
    )
    tabs: tuple[layout.NavigationItem, ...] = layout.navigation(
        (("Models", "/"), ("Compare", "/compare"), ("History", "/history")), "/"
    )
    events: tuple[records.Event, ...] = (
        records.Event("Overturned", "12 May 2026 at 10:15am", "سارة", "Seen before.", "/work"),
        records.Event("Closed as no value", "11 May 2026 at 4:02pm", "Grady Tanner"),
    )
    pagination: figures.Pagination = field(
        default_factory=lambda: figures.Pagination("/?page=1", "/?page=3", told="21 to 40")
    )


@dataclass(frozen=True)
class RecordPage:
    """One of a queue of records."""

    title: str
    number: int
    header: records.RecordHeader
    narrative: records.Narrative
    verdict: answers.Question
    reasons: answers.Reasons
    progress: figures.ReviewProgress


@cache
def environment() -> Environment:
    """The service's templates, and the gallery's own beside them."""
    theirs = rendering.templates()
    assert theirs.loader
    return theirs.overlay(loader=ChoiceLoader([theirs.loader, FileSystemLoader(HERE)]))


def show(template: str, context: Any, framed: layout.Layout, status: int = 200) -> Response:
    shown = rendering.context_of(context, framed)
    return HTMLResponse(environment().get_template(template).render(shown), status)


async def gallery(_: Request) -> Response:
    notice = layout.Notice("A-0006 was upheld.", link_text="Undo", link_url="/work")
    errors = (layout.FieldError("reason", "Select what decided it"),)
    framed = frame("/", notice=notice, errors=errors)
    return show("gallery.html", GalleryPage(), framed)


def record_page(number: int, error: str = "") -> RecordPage:
    text = f"{TEXT} ({number})"
    return RecordPage(
        f"Allegation A-{number:04d}", number, header(number), records.narrative(text, DETAILS),
        verdict(error), reasons(), figures.ReviewProgress(300 + number, 1204, 41, 3, 9),
    )  # fmt: skip


async def record(request: Request) -> Response:
    decided = request.query_params.get("decided")
    notice = layout.Notice(f"A-{int(decided):04d} was decided.") if decided else None
    framed = frame("/second-looks/x", notice=notice)
    return show("record.html", record_page(request.path_params["number"]), framed)


async def decide(request: Request) -> Response:
    number = request.path_params["number"]
    sent = parse_qs((await request.body()).decode())
    request.app.state.decided.append((number, sent))
    if "verdict" not in sent:
        told = "Select whether “no value” was right"
        framed = frame("/second-looks/x", errors=(layout.FieldError("verdict", told),))
        return show("record.html", record_page(number, told), framed, 422)
    return RedirectResponse(f"/records/{number + 1}?decided={number}", 303)


async def extremes(_: Request) -> Response:
    words = "a word of Arabic عربى and one without an end: " + "x" * 400 + " "
    text = (words * 25)[:10_000]
    details = [
        {"kind": "person", "start": 16, "end": 21},
        {"kind": "address", "start": 50, "end": 400},
    ]
    shown = record_page(9)
    long = records.RecordHeader("R" * 80, "", (records.Tag("T" * 90, "urgent"),),
                                (records.Fact("Reported about", "ن" * 120),))  # fmt: skip
    made = replace(shown, narrative=records.narrative(text, details), header=long)
    return show("record.html", made, frame("/"))


async def signed_out(_: Request) -> Response:
    return show("record.html", record_page(1), layout.Layout())


async def plain(_: Request) -> Response:
    return HTMLResponse("<title>Plain</title><main><h1>Somewhere else</h1></main>")


async def hints(request: Request) -> Response:
    sent = parse_qs((await request.body()).decode())
    told = "A place would help." if "Mill Lane" not in sent.get("note", [""])[0] else "Thank you."
    return HTMLResponse(f'<p data-region="hints" id="hints">{told}</p>')


def gallery_app() -> Any:
    """The gallery, within the same guard as the service."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> Any:
        app.state.decided = []
        yield

    app = Starlette(
        routes=[
            Route("/", gallery),
            Route("/records/{number:int}", record),
            Route("/records/{number:int}/decide", decide, methods=["POST"]),
            Route("/hints", hints, methods=["POST"]),
            Route("/signed-out", signed_out),
            Route("/plain", plain),
            Route("/extremes", extremes),
            Mount("/static", Assets(directory=STATIC)),
        ],
        lifespan=lifespan,
    )
    return Guard(app, Metrics(), ("127.0.0.1", "localhost"), 1_000_000)
