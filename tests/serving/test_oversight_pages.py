from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from model.predictor import Predictor
from serving.catalogue import CHALLENGER
from serving.ranking import RankingWorker
from serving.store.figures import FigureRepository

pytestmark = pytest.mark.sqlite_alone

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
COUNTED = ("valued", "valued_by_day", "timely", "backlog", "reviewed")


@pytest.fixture
def lead(ranked: RankingWorker, as_role: AsRole) -> TestClient:
    """A lead, over 240 imported allegations of which 132 were dismissed."""
    assert ranked
    return as_role("lead")


@pytest.fixture
def inspector(ranked: RankingWorker, as_role: AsRole) -> TestClient:
    """An inspector over the same."""
    assert ranked
    return as_role("inspector")


def rows(answer: object) -> list[dict[str, str]]:
    text = answer.text  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_the_leads_page_counts_what_waits_with_the_records_behind_it(lead: TestClient) -> None:
    page = lead.get("/lead", headers=PAGE)
    assert page.status_code == 200
    assert 'href="/second-looks"' in page.text
    assert "132" in page.text


def test_every_plot_of_the_leads_page_has_its_table_beside_it_and_as_csv(
    lead: TestClient,
) -> None:
    text = lead.get("/lead", headers=PAGE).text
    # the records came without dates, so only two plots have something to show
    for name in ("channel", "category"):
        assert f'aria-labelledby="{name}-heading"' in text
        assert f"/lead/{name}.csv" in text
    assert text.count("There is nothing to show yet.") == 3
    for name in ("channel", "category", "week", "clock", "recall", "bias"):
        assert lead.get(f"/lead/{name}.csv").headers["content-type"].startswith("text/csv")


def test_the_rate_of_no_value_by_category_is_that_of_the_records(lead: TestClient) -> None:
    found = rows(lead.get("/lead/category.csv"))
    shares = {one["Category"]: one["Share of no value"] for one in found}
    assert set(shares) == {"Cigarettes or tobacco", "Illegal working"} or len(shares) == 2
    assert all(share.endswith("%") for share in shares.values())


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        ("channel", ["valued"]),
        ("category", ["valued"]),
        ("week", ["valued_by_day"]),
        ("clock", ["timely"]),
        ("recall", ["reviewed"]),
        ("bias", []),
        ("nothing", []),
    ],
)
def test_a_table_alone_costs_no_other_figure(
    lead: TestClient, monkeypatch: pytest.MonkeyPatch, name: str, counted: list[str]
) -> None:
    asked: list[str] = []
    for figure in COUNTED:
        count = getattr(FigureRepository, figure)

        def noted(*given: object, count: Any = count, figure: str = figure) -> object:
            asked.append(figure)
            return count(*given)

        monkeypatch.setattr(FigureRepository, figure, noted)
    lead.get(f"/lead/{name}.csv")
    assert asked == counted


def test_a_table_that_is_not_there_is_not_found(lead: TestClient) -> None:
    assert lead.get("/lead/nothing.csv").status_code == 404


def test_the_models_page_says_that_there_is_no_challenger(
    ranked: RankingWorker, as_role: AsRole
) -> None:
    assert ranked
    page = as_role("data_scientist").get("/data", headers=PAGE)
    assert page.status_code == 200
    assert "Champion, in force" in page.text
    assert "There is no challenger to compare with." in page.text


def test_the_models_page_and_its_table_ask_both_models_once_between_them(
    ranked: RankingWorker,
    as_role: AsRole,
    promote: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ranked
    (promote("v4").parent / CHALLENGER).write_text("v3\n")
    scientist = as_role("data_scientist")
    page = scientist.get("/data", headers=PAGE)
    assert "Over the newest 240 records" in page.text
    monkeypatch.setattr(Predictor, "load", None)
    assert scientist.get("/data", headers=PAGE).text == page.text
    assert rows(scientist.get("/data/flips.csv"))[0]["Of"] == "240"


def test_the_inspector_finds_a_row_of_the_log_and_checks_all_of_it(inspector: TestClient) -> None:
    found = inspector.get("/audit?action=signed+in", headers=PAGE)
    assert found.status_code == 200
    checked = inspector.get("/audit?check=1", headers=PAGE)
    assert "rows are as they were written" in checked.text


def test_a_day_that_is_none_is_told_beside_its_field(inspector: TestClient) -> None:
    page = inspector.get("/audit?since=yesterday", headers=PAGE)
    assert page.status_code == 422
    assert 'href="#since"' in page.text
    assert "such as 2026-03-27" in page.text


def test_a_sample_drawn_on_the_page_is_that_of_the_api(inspector: TestClient) -> None:
    page = inspector.get("/audit/samples?draw=1&seed=5&size=10", headers=PAGE)
    drawn = inspector.get("/api/v1/samples/no_value?seed=5&size=10").json()["records"]
    assert len(drawn) == 10
    for one in drawn:
        assert one["reference"] in page.text


@pytest.mark.parametrize("query", ["seed=&size=10", "seed=5&size=0", "seed=x&size=10"])
def test_a_sample_without_a_sound_seed_and_size_is_refused_beside_the_field(
    inspector: TestClient, query: str
) -> None:
    page = inspector.get(f"/audit/samples?draw=1&{query}", headers=PAGE)
    assert page.status_code == 422
    assert "govuk-error-summary" in page.text


def test_a_decision_that_is_not_there_cannot_be_replayed(inspector: TestClient) -> None:
    assert inspector.get("/audit/replays/decision/99", headers=PAGE).status_code == 404
    assert inspector.get("/api/v1/replays/decision/99").status_code == 404


def test_the_exported_decisions_come_as_csv_over_http(lead: TestClient) -> None:
    answer = lead.get("/api/v1/exports/decisions?every=true")
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(rows(answer)) == 240


def test_the_api_tells_whether_the_log_is_sound(inspector: TestClient) -> None:
    verdict = inspector.get("/api/v1/audit/check").json()
    assert verdict["sound"] is True
    other = inspector.get(f"/api/v1/audit/check?expected_head={'0' * 63}1").json()
    assert other["sound"] is False


def test_a_lead_keeps_a_record_and_erases_another_over_http(lead: TestClient) -> None:
    token = (
        {"X-CSRF-Token": lead.headers["X-CSRF-Token"]} if "X-CSRF-Token" in lead.headers else {}
    )
    kept = lead.post(
        "/api/v1/allegations/A-0001/retention",
        json={"until": "2099-01-01T00:00:00Z", "reason": "an appeal is open"},
        headers=token,
    )
    assert kept.status_code == 204, kept.text
    done = lead.post(
        "/api/v1/allegations/A-0003/erasure", json={"reason": "asked for"}, headers=token
    )
    assert done.status_code == 200, done.text
    assert done.json()["models"] == ["v3"]
