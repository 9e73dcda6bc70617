"""An allegation's page: the own view, the suggestion after it, and who sees the page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from assessing_factory import NO_VALUE, SUGGESTED, arrived, assessed
from assessor import PAGE, SAYS, SETTLED, URL, seen, settle, view
from starlette.testclient import TestClient

from serving.actors import Actor
from serving.store.database import Store

pytestmark = pytest.mark.sqlite_alone

AsRole = Callable[..., TestClient]
Person = Callable[..., Actor]


def test_the_suggestion_is_nowhere_in_the_page_before_the_own_view(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    text = seen(ann)
    assert not [one for one in SAYS if one in text]
    assert "Your own view" in text
    assert "Cigarettes or tobacco" in text.split("All others")[0]


def test_nothing_is_chosen_before_the_own_view(store: Store, ann: TestClient) -> None:
    arrived(store)
    text = seen(ann)
    assert 'type="radio"' in text
    assert " checked" not in text
    assert " selected" not in text


def test_after_the_own_view_the_suggestion_shows_and_the_view_is_filled_in(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    assert view(ann, categories="drugs") == (303, f"{URL}#assess")
    text = seen(ann)
    assert not [one for one in SAYS if one not in text]
    assert "Your view is <strong>Low</strong>" in text
    chosen = re.findall(r'value="(\w+)" checked', text)
    assert sorted(chosen) == ["drugs", "low"]


def test_a_structured_answer_that_moved_the_suggestion_is_told_in_words(
    store: Store, ann: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {"phrase": "owner_knows: dont_know", "contribution": 0.9, "towards": "medium"}
    monkeypatch.setitem(SUGGESTED, "reasons", [answered])
    arrived(store)
    view(ann)
    text = seen(ann)
    assert "<q>Owner knows: don’t know</q>" in text
    assert "owner_knows: dont_know" not in text


def test_a_structured_answer_is_told_in_words_in_the_replay_too(
    store: Store, ann: TestClient, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {"phrase": "owner_knows: no", "contribution": 0.9, "towards": "medium"}
    monkeypatch.setitem(SUGGESTED, "reasons", [answered])
    arrived(store)
    view(ann)
    seen(ann)
    assert settle(ann, **SETTLED)[0] == 303
    text = seen(as_role("inspector"), "/audit/replays/assessment/1")
    assert "Owner knows: no (+0.90)" in text


def test_an_unsure_suggestion_is_said_to_be_unsure(
    store: Store, ann: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SUGGESTED, "unsure", True)
    arrived(store)
    view(ann)
    text = seen(ann)
    assert "Unsure" in text
    assert "<meter" not in text


def test_an_own_view_without_a_value_comes_back_with_what_was_ticked(
    store: Store, ann: TestClient
) -> None:
    arrived(store)
    status, text = view(ann, value="", categories=["drugs", "cash"])
    assert status == 422
    assert 'href="#value"' in text
    assert re.findall(r'value="(\w+)" checked', text) == ["drugs", "cash"]
    assert not [one for one in SAYS if one in text]


def test_an_inspector_sees_everything_and_is_asked_nothing(
    store: Store, a_person: Person, as_role: AsRole
) -> None:
    arrived(store, flagged=True)
    assessed(store, a_person("ann", "assessor"), **NO_VALUE)
    text = seen(as_role("inspector")).split("<main")[1]
    assert "white van" in text
    assert "awaits a second person" in text
    assert "<form" not in text
    assert "Undo" not in text


@pytest.mark.parametrize("role", ["data_scientist", "source_handler"])
def test_who_may_not_read_records_does_not_see_one(
    store: Store, as_role: AsRole, role: str
) -> None:
    arrived(store)
    assert as_role(role).get(URL, headers=PAGE).status_code == 403


def test_neither_narrative_nor_note_is_ever_in_an_address(store: Store, ann: TestClient) -> None:
    arrived(store)
    view(ann)
    _, url = settle(ann, **SETTLED, note="the van is known")
    assert "van" not in url
    assert not [one for one in re.findall(r'(?:href|action)="([^"]*)"', seen(ann)) if "van" in one]
