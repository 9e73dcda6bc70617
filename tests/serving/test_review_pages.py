from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from serving.ranking import RankingWorker

pytestmark = pytest.mark.sqlite_alone

PAGE = {"accept": "text/html"}
AsRole = Callable[..., TestClient]
REVEALED = ("doubt", "spoke against", "brought it forward", "Similar")


@pytest.fixture
def reviewer(ranked: RankingWorker, as_role: AsRole) -> TestClient:
    """A reviewer with a queue of 132 records before them."""
    assert ranked
    return as_role("reviewer")


def send(client: TestClient, path: str, **form: str) -> tuple[int, str]:
    """Send a form as a browser does; gives the status and where it leads."""
    start = client.get("/second-look", headers=PAGE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', start)
    assert token
    answer = client.post(
        path, data={"csrf_token": token[1], **form}, headers=PAGE, follow_redirects=False
    )
    return answer.status_code, answer.headers.get("location", answer.text)


def taken(client: TestClient) -> str:
    """Take a record; gives its page's address."""
    status, url = send(client, "/second-look")
    assert status == 303
    assert re.fullmatch(r"/second-look/\d+", url)
    return url


def test_nothing_of_what_the_model_makes_of_a_record_shows_before_the_decision(
    reviewer: TestClient,
) -> None:
    text = reviewer.get(taken(reviewer), headers=PAGE).text
    main = text[text.index("<main") : text.index("Progress of the second look")]
    assert not [word for word in REVEALED if word in main]
    assert "<meter" not in main


def test_nothing_is_chosen_beforehand(reviewer: TestClient) -> None:
    text = reviewer.get(taken(reviewer), headers=PAGE).text
    assert 'type="radio"' in text
    assert " checked" not in text


def test_our_script_is_answered_with_the_receipt_at_once(reviewer: TestClient) -> None:
    url = taken(reviewer)
    reviewer.headers["X-Swap"] = "1"
    status, text = send(reviewer, url, verdict="uphold", reason="detail")
    assert status == 200
    assert "Upheld" in text
    assert reviewer.get(f"{url}/done", headers=PAGE).status_code == 200


def test_a_decision_that_was_taken_back_is_said_to_be_and_leads_nowhere_in_a_circle(
    reviewer: TestClient,
) -> None:
    url = taken(reviewer)
    send(reviewer, url, verdict="uphold", reason="detail")
    assert send(reviewer, f"{url}/undo")[0] == 303
    gone = reviewer.get(f"{url}/done", headers=PAGE)
    assert gone.status_code == 409


def test_a_receipt_asked_for_before_the_decision_leads_to_the_record(
    reviewer: TestClient,
) -> None:
    url = taken(reviewer)
    sent = reviewer.get(f"{url}/done", headers=PAGE, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, url)


def test_after_the_decision_the_receipt_and_the_next_record_are_there(
    reviewer: TestClient,
) -> None:
    url = taken(reviewer)
    status, done = send(reviewer, url, verdict="uphold", reason="detail")
    assert (status, done) == (303, f"{url}/done")
    text = reviewer.get(done, headers=PAGE).text
    assert "What the computer made of it" in text
    assert "The model’s doubt about the first value" in text
    following = re.search(r'href="(/second-look/\d+)"[^>]*data-prefetch', text)
    assert following
    assert following[1] != url
    assert reviewer.get(following[1], headers=PAGE).status_code == 200


def test_an_overturned_record_counts_as_found(reviewer: TestClient) -> None:
    url = taken(reviewer)
    assert send(reviewer, url, verdict="overturn", value="medium", reason="detail")[0] == 303
    assert "Overturned, medium" in reviewer.get(f"{url}/done", headers=PAGE).text
    assert reviewer.get("/api/v1/second-looks/progress").json()["found"] == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "verdict"),
        ({"verdict": "overturn", "reason": "detail"}, "value"),
        ({"verdict": "uphold"}, "reason"),
        ({"verdict": "uphold", "reason": "other"}, "note"),
        ({"verdict": "overturn", "value": "no_value", "reason": "detail"}, "value"),
        ({"verdict": "uphold", "reason": "detail", "note": "x" * 2001}, "note"),
    ],
)
def test_an_answer_that_lacks_something_comes_back_with_what_was_given(
    reviewer: TestClient, form: dict[str, str], field: str
) -> None:
    url = taken(reviewer)
    status, text = send(reviewer, url, **form)
    assert status == 422
    assert f'href="#{field}"' in text
    assert text.count(" checked") == len({"verdict", "reason", "value"} & set(form)) - (
        form.get("value") == "no_value"
    )
    assert reviewer.get("/api/v1/second-looks/progress").json()["reviewed"] == 0


def test_a_decision_taken_back_leaves_the_record_with_the_reviewer(reviewer: TestClient) -> None:
    url = taken(reviewer)
    reference = re.search(r"A-\d{4}", reviewer.get(url, headers=PAGE).text)
    send(reviewer, url, verdict="uphold", reason="detail")
    status, again = send(reviewer, f"{url}/undo")
    assert status == 303
    assert reference
    assert reference[0] in reviewer.get(again, headers=PAGE).text
    assert reviewer.get("/api/v1/second-looks/progress").json()["reviewed"] == 0


def test_a_skipped_record_gives_way_to_another(reviewer: TestClient) -> None:
    url = taken(reviewer)
    status, following = send(reviewer, f"{url}/skip")
    assert status == 303
    assert following != url


def test_a_record_left_to_be_discussed_needs_a_note_and_waits_for_others(
    reviewer: TestClient, as_role: AsRole
) -> None:
    url = taken(reviewer)
    assert send(reviewer, f"{url}/unsure")[0] == 422
    assert send(reviewer, f"{url}/unsure", note="is this the same van?")[0] == 303
    other = as_role("reviewer", name="robin")
    text = other.get("/to-discuss", headers=PAGE).text
    assert "is this the same van?" in text
    key = re.search(r'action="/to-discuss/([^"]+)"', text)
    assert key
    assert send(other, f"/to-discuss/{key[1]}")[0] == 303


def test_two_reviewers_do_not_get_the_same_record(reviewer: TestClient, as_role: AsRole) -> None:
    def shown(client: TestClient) -> str:
        found = re.search(r"A-\d{4}", client.get(taken(client), headers=PAGE).text)
        assert found
        return found[0]

    assert shown(reviewer) != shown(as_role("reviewer", name="robin"))


def test_a_record_of_somebody_else_is_not_shown(reviewer: TestClient, as_role: AsRole) -> None:
    url = taken(reviewer)
    assert as_role("reviewer", name="robin").get(url, headers=PAGE).status_code == 404


def test_what_more_reviews_would_find_is_said_with_its_interval(reviewer: TestClient) -> None:
    assert "Too few second looks yet" in reviewer.get("/second-look", headers=PAGE).text
    for _ in range(4):
        send(reviewer, taken(reviewer), verdict="overturn", value="low", reason="detail")
    text = reviewer.get("/second-look?reviews=7", headers=PAGE).text
    assert re.search(r"7 more reviews: [\d,]+( to [\d,]+)? more found \(80% interval\)\.", text)


def test_neither_narrative_nor_note_is_ever_in_an_address(reviewer: TestClient) -> None:
    url = taken(reviewer)
    _, done = send(reviewer, url, verdict="uphold", reason="detail", note="the van is known")
    assert "van" not in done
    assert 'method="get"' not in reviewer.get(done, headers=PAGE).text
