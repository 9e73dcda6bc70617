from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any

import jinja2.meta
import pytest
from jinja2.nodes import FromImport
from starlette.testclient import TestClient

from data.taxonomy import load_taxonomy
from serving import (
    layout,
    plots,
    rendering,
    views,
    views_access,
    views_accessibility,
    views_assess,
    views_audit,
    views_data,
    views_home,
    views_identities,
    views_lead,
    views_recording,
    views_records,
    views_replay,
    views_review,
    views_samples,
    views_upkeep,
)
from serving.parts import answers, figures, phrases, records
from serving.ranking import RankingWorker
from serving.reviewing import one_second_look, second_looks
from serving.store.database import Store

pytestmark = pytest.mark.sqlite_alone

CONTEXTS: dict[str, type[Any]] = {
    "second_looks.html": views.ListPage,
    "second_look.html": views.OnePage,
    "error.html": views.ErrorPage,
    "accessibility.html": views_accessibility.AccessibilityPage,
    "lead.html": views_lead.LeadPage,
    "records.html": views_records.RecordsPage,
    "home.html": views_home.HomePage,
    "identities.html": views_identities.AlertedPage,
    "identity.html": views_identities.IdentityPage,
    "retention.html": views_upkeep.DuePage,
    "retention_review.html": views_upkeep.KeepingPage,
    "retention_erase.html": views_upkeep.ErasingPage,
    "retention_erased.html": views_upkeep.ErasedPage,
    "planted.html": views_upkeep.PlantedPage,
    "record_new.html": views_recording.RecordingPage,
    "record_new_done.html": views_recording.RecordedPage,
    "review_start.html": views_review.ReviewStart,
    "review.html": views_review.ReviewPage,
    "review_done.html": views_review.ReviewDone,
    "discuss.html": views_review.DiscussPage,
    "assess.html": views_assess.RecordPage,
    "assess_list.html": views_assess.RecordList,
    "data.html": views_data.DataPage,
    "audit.html": views_audit.AuditPage,
    "samples.html": views_samples.SamplePage,
    "replay.html": views_replay.ReplayPage,
    "sign_in.html": views_access.SignInPage,
    "password.html": views_access.PasswordPage,
}
PAGE = {"accept": "text/html"}
PARTS = [
    one
    for module in (records, answers, figures, phrases, layout, plots)
    for one in vars(module).values()
    if is_dataclass(one) and isinstance(one, type)
]


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_template_uses_exactly_what_its_context_documents(template: str) -> None:
    environment = rendering.templates()
    assert environment.loader
    names: set[str] = set()
    for part in (template, "base.html"):
        source, *_ = environment.loader.get_source(environment, part)
        tree = environment.parse(source)
        imported = [name for node in tree.find_all(FromImport) for name in node.names]
        macros = {name if isinstance(name, str) else name[1] for name in imported}
        names |= jinja2.meta.find_undeclared_variables(tree) - macros
    frame = {"layout", *environment.globals} - {"range", "dict", "lipsum", "cycler", "joiner"}
    assert names - frame == {one.name for one in fields(CONTEXTS[template])}


@pytest.mark.parametrize(
    "context",
    [
        *CONTEXTS.values(),
        views.SecondLookView,
        views.PrecedentView,
        views_replay.ShownView,
        views_review.Forecast,
        views_review.DiscussItem,
        views_assess.OwnViewForm,
        views_assess.DecisionForm,
        views_assess.StandingView,
        views_assess.SecondPersonForm,
        views_assess.GradeForm,
        views_assess.OutcomeForm,
        views_assess.RemarkForm,
        views_assess.PartyView,
        views_assess.LinkView,
        views_records.RecordRow,
        views_records.Listing,
        views_home.Need,
        views_identities.AlertedRow,
        views_recording.Line,
        views_recording.HintView,
        views_recording.NoticedView,
        *PARTS,
    ],
)
def test_every_field_of_a_context_is_documented(context: type[Any]) -> None:
    described = re.findall(r"^    (\w[\w, ]*)$", context.__doc__ or "", re.MULTILINE)
    names = {name for line in described for name in line.split(", ")} - {"Parameters"}
    assert names == {one.name for one in fields(context)}


def test_the_first_page_shows_narrative_first_value_doubt_and_reasons(served: TestClient) -> None:
    page = served.get("/second-looks", headers=PAGE)
    looks = served.get("/api/v1/second-looks?limit=5").json()["second_looks"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.count("<article") == 5
    assert "No value" in page.text
    for look in looks:
        assert look["reference"] in page.text
        assert f"{min(99, round(look['doubt'] * 100))} in 100" in page.text
        assert look["narrative"].split(",")[0].split()[0] in page.text
    assert "<q>" in page.text


def test_reasons_are_closed_until_the_reader_opens_them(served: TestClient) -> None:
    text = served.get("/second-looks", headers=PAGE).text
    assert text.count("<details") == 5
    assert "<details open" not in text
    assert "<q>" not in text.split("<details")[0]


def test_on_its_own_page_the_doubt_too_is_closed(served: TestClient) -> None:
    text = served.get("/second-looks/A-0020", headers=PAGE).text
    before, after = text.split("<details")
    assert "in 100" not in before
    assert "in 100" in after


def test_paging_reaches_the_last_page(served: TestClient) -> None:
    url, pages = "/second-looks", 0
    while url:
        text = served.get(url, headers=PAGE).text
        pages += 1
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1] if found else ""
    assert pages == 27
    assert "First page" in text


def test_an_empty_store_says_so(client: TestClient) -> None:
    page = client.get("/second-looks", headers=PAGE)
    assert page.status_code == 200
    assert "Nothing has been imported yet." in page.text


def test_records_not_ranked_yet_are_announced(imported: Store, client: TestClient) -> None:
    assert imported
    assert "are being ranked" in client.get("/second-looks", headers=PAGE).text


def test_markup_in_a_narrative_stays_text(served: TestClient, ranked: RankingWorker) -> None:
    from serving.store.records import NewAllegation

    attack = "<script>alert(1)</script> & <b>12 Mill Lane NE1 4ST</b>"
    with ranked._store.writing() as unit:
        unit.allegations.add_many(
            "second_look", [NewAllegation("X-1", attack, "no_value", dismissed=True)]
        )
    ranked.step()
    text = served.get("/second-looks/X-1", headers=PAGE).text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_a_second_look_has_a_page_of_its_own_and_says_when_it_is_decided(
    served: TestClient,
) -> None:
    path = "/second-looks/A-0020"
    before = served.get(path, headers=PAGE).text
    assert "Why this is in the queue" in before
    sent = {"verdict": "uphold", "reason": "detail"}
    served.post(f"/api/v1{path}/decisions", json=sent)
    after = served.get(path, headers=PAGE).text
    assert "has been looked at again" in after
    assert "Why this is in the queue" not in after


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/second-looks/A-9999", 404),
        ("/second-looks/A-0002", 404),
        ("/second-looks?cursor=made-up", 422),
        ("/second-looks?cursor=" + "9" * 50, 422),
    ],
)
def test_a_page_that_cannot_be_shown_is_a_page_too(
    served: TestClient, path: str, status: int
) -> None:
    page = served.get(path, headers=PAGE)
    assert page.status_code == status
    assert "<h1" in page.text
    assert "Go to the start page" in page.text


def test_pages_hold_no_script_and_no_style_of_their_own_and_forbid_both(
    served: TestClient,
) -> None:
    page = served.get("/second-looks", headers=PAGE)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(
        r"<script(?! type=\"module\" src=\"/)|<style|\sstyle=|\son\w+=", page.text
    )
    assert not re.search(r"https?://", page.text)


def test_what_a_page_needs_is_served_from_here(served: TestClient) -> None:
    text = served.get("/second-looks", headers=PAGE).text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        assert served.get(path).status_code == 200


def test_a_detail_is_marked_where_it_stands_and_named_in_words() -> None:
    text = "van AB12 CDE at NE1 4ST"
    details = [
        {"kind": "postcode", "start": 16, "end": 23},
        {"kind": "vehicle_registration", "start": 4, "end": 12},
        {"kind": "address", "start": 8, "end": 23},
    ]
    made = records.narrative(text, details)
    assert "".join(one.text for one in made.segments) == text
    assert [(one.text, one.kind, one.letter) for one in made.segments if one.kind] == [
        ("AB12 CDE", "Vehicle registration", "V"),
        ("NE1 4ST", "Postcode", "C"),
    ]
    assert [one.kind for one in made.legend] == ["Vehicle registration", "Postcode"]


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1500])
def test_a_long_narrative_is_cut_in_the_list(text: str) -> None:
    made = records.narrative(text, [], views.EXCERPT)
    shown = "".join(one.text for one in made.segments)
    assert text.startswith(shown)
    assert made.cut
    assert 0 < len(shown) <= views.EXCERPT


@pytest.mark.parametrize(
    ("doubt", "words"), [(0.0, "Very low"), (0.2, "Low"), (0.59, "Medium"), (1.0, "Very high")]
)
def test_a_doubt_is_said_in_words(doubt: float, words: str) -> None:
    assert views.in_words(doubt) == words


def test_contexts_are_made_of_plain_frozen_data(ranked: RankingWorker, imported: Store) -> None:
    assert ranked
    listing = second_looks(imported, limit=3)
    page = views.list_page(listing, load_taxonomy(), first=True)
    assert hash(page)
    look = one_second_look(imported, listing.entries[0].allegation.key)
    assert hash(views.one_page(look, load_taxonomy()))


def test_a_structured_answer_in_the_queue_is_told_in_words(
    ranked: RankingWorker, imported: Store
) -> None:
    assert ranked
    listing = second_looks(imported, limit=1)
    answered = {"reasons": [{"phrase": "owner_knows: no", "contribution": 0.4}]}
    entry = replace(listing.entries[0], receipt=answered)
    page = views.list_page(replace(listing, entries=(entry,)), load_taxonomy(), first=True)
    assert [one.text for one in page.looks[0].reasons] == ["Owner knows: no"]
