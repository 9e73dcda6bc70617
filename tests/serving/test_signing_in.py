"""Signing in as a browser does it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving import accounts
from serving.actors import SYSTEM, Actor
from serving.app import create_app
from serving.routes.signing_in import own_path
from serving.settings import Settings
from serving.store.database import Store

pytestmark = pytest.mark.sqlite_alone

BASE = "http://localhost"
PASSWORD = "teal-anvil-41-orchard"
OTHER = "brass-kettle-72-meadow"
PAGE = {"accept": "text/html"}


def token_in(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found
    return found[1]


def send(browser: TestClient, username: str, password: str, after: str = "/") -> Any:
    form = {"csrf_token": token_in(browser.get("/sign-in").text), "next": after}
    sent = {**form, "username": username, "password": password}
    return browser.post("/sign-in", data=sent, follow_redirects=False)


def cookies_of(response: Any) -> dict[str, str]:
    return {one.partition("=")[0]: one for one in response.headers.get_list("set-cookie")}


@pytest.fixture
def browser(anonymous: TestClient, a_person: Callable[..., Actor]) -> TestClient:
    """A browser, and an account for Rita, who is a data scientist."""
    a_person("rita", "data_scientist")
    return anonymous


def test_the_form_has_labels_and_tells_password_managers_what_is_what(
    browser: TestClient,
) -> None:
    text = browser.get("/sign-in", headers=PAGE).text
    assert '<label class="govuk-label" for="username">' in text
    assert '<label class="govuk-label" for="password">' in text
    assert 'autocomplete="username"' in text
    assert 'autocomplete="current-password"' in text
    assert "organisation" not in text


def test_who_signs_in_goes_on_to_where_they_wanted_to_be(browser: TestClient) -> None:
    response = send(browser, "rita", PASSWORD, "/second-looks?cursor=1-2")
    assert response.status_code == 303
    assert response.headers["location"] == "/second-looks?cursor=1-2"
    assert browser.get("/second-looks", headers=PAGE).url.path == "/second-looks"


@pytest.mark.parametrize(
    ("username", "password"), [("rita", "wrong"), ("nobody", PASSWORD), ("", ""), ("rita", "")]
)
def test_who_fails_is_told_the_same_whatever_was_wrong(
    browser: TestClient, username: str, password: str
) -> None:
    response = send(browser, username, password)
    assert response.status_code == 422
    assert "There is a problem" in response.text
    assert "The user name or password is wrong, or the account cannot be used now" in response.text
    assert "secondlook" not in browser.cookies
    if username:
        assert username not in response.text.replace("username", "")


def test_a_locked_account_is_told_no_other_thing(browser: TestClient) -> None:
    told = {send(browser, "rita", "wrong").text for _ in range(2)}
    for _ in range(10):
        send(browser, "rita", "wrong")
    locked = send(browser, "rita", PASSWORD)
    assert locked.status_code == 422
    plain = {re.sub(r'value="[^"]+"', "", one) for one in (*told, locked.text)}
    assert len(plain) == 1


def test_the_session_is_a_new_one_whatever_the_browser_brought(browser: TestClient) -> None:
    send(browser, "rita", PASSWORD)
    planted = browser.cookies["secondlook"]
    victim = TestClient(browser.app, base_url=BASE)
    form = {"csrf_token": token_in(victim.get("/sign-in").text), "username": "rita"}
    victim.cookies.set("secondlook", planted)
    response = victim.post("/sign-in", data={**form, "password": PASSWORD}, follow_redirects=False)
    fresh = cookies_of(response)["secondlook"].split(";")[0].partition("=")[2]
    assert fresh != planted
    assert browser.get("/account/password", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("made_up", ["x", "", '"a.b.c"', "a" * 5000, "IlwiIg.aa.bb"])
def test_a_made_up_session_is_none(browser: TestClient, made_up: str) -> None:
    response = browser.get(
        "/account/password", headers={"cookie": f"secondlook={made_up}"}, follow_redirects=False
    )
    assert response.status_code == 303
    assert response.headers["location"].startswith("/sign-in")


def test_a_token_without_our_seal_is_none_even_if_a_session_has_it(
    browser: TestClient, settings: Settings, store: Store
) -> None:
    from serving.passwords import Passwords
    from serving.sessions import Policy
    from serving.signing import sign_in

    begun = sign_in(store, Passwords("cheapest"), Policy(), "rita", PASSWORD)
    assert begun
    assert settings
    headers = {"cookie": f"secondlook={begun.token}"}
    assert browser.get("/account/password", headers=headers).url.path == "/sign-in"


def test_the_sign_in_form_needs_the_token_of_its_own_visit(browser: TestClient) -> None:
    other = TestClient(browser.app, base_url=BASE)
    foreign = token_in(other.get("/sign-in").text)
    browser.get("/sign-in")
    for token in (foreign, "", "x"):
        sent = {"csrf_token": token, "username": "rita", "password": PASSWORD}
        response = browser.post("/sign-in", data=sent, headers=PAGE, follow_redirects=False)
        assert response.status_code == 403
        assert "out of date" in response.text
        assert "secondlook" not in browser.cookies


def test_cookies_are_hidden_from_scripts_and_from_other_sites(browser: TestClient) -> None:
    cookie = cookies_of(send(browser, "rita", PASSWORD))["secondlook"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie
    assert "expires" not in cookie.lower()


def test_over_tls_cookies_are_secure_and_belong_to_the_host_alone(
    settings: Settings, a_person: Callable[..., Actor]
) -> None:
    a_person("rita", "lead")
    public = settings.model_copy(
        update={"public_url": "https://localhost", "password_cost": "owasp"}
    )
    public = Settings(**{**public.model_dump(), "secret_key": "k" * 32})
    with TestClient(create_app(public), base_url="https://localhost") as browser:
        cookie = cookies_of(send(browser, "rita", PASSWORD))["__Host-secondlook"]
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert browser.get("/account/password").url.path == "/account/password"


def test_signing_out_ends_the_session_and_takes_the_cookie(
    as_role: Callable[..., TestClient],
) -> None:
    browser = as_role("lead")
    kept = browser.cookies["secondlook"]
    response = browser.post("/sign-out", follow_redirects=False)
    assert response.headers["location"] == "/sign-in"
    assert 'secondlook=""' in cookies_of(response)["secondlook"]
    again = browser.get("/account/password", headers={"cookie": f"secondlook={kept}"})
    assert again.url.path == "/sign-in"


def test_signing_out_everywhere_ends_the_sessions_of_every_browser(
    as_role: Callable[..., TestClient],
) -> None:
    here, there = as_role("lead"), as_role("lead")
    here.post("/sign-out", data={"everywhere": "yes"})
    assert there.get("/account/password").url.path == "/sign-in"


def test_who_is_signed_in_is_named_with_a_way_out_on_every_page(
    as_role: Callable[..., TestClient],
) -> None:
    text = as_role("lead", name="rita.c").get("/second-looks", headers=PAGE).text
    assert "rita.c" in text
    assert 'action="/sign-out"' in text
    assert ", lead<" in text


@pytest.mark.parametrize(
    "role", ["assessor", "reviewer", "lead", "data_scientist", "source_handler", "inspector"]
)
def test_every_role_has_a_first_page_that_it_may_see(
    role: str, as_role: Callable[..., TestClient]
) -> None:
    assert as_role(role).get("/", headers=PAGE).status_code == 200


def test_a_password_is_changed_by_the_form(as_role: Callable[..., TestClient]) -> None:
    browser = as_role("lead")
    other = as_role("lead")
    sent = {"current": PASSWORD, "new": OTHER, "again": OTHER}
    old = browser.cookies["secondlook"]
    response = browser.post("/account/password", data=sent, follow_redirects=False)
    assert response.status_code == 303
    assert browser.cookies["secondlook"] != old
    assert browser.get("/account/password").url.path == "/account/password"
    assert other.get("/account/password").url.path == "/sign-in"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"current": PASSWORD, "new": OTHER, "again": "x"}, "must be the same"),
        ({"current": "x", "new": OTHER, "again": OTHER}, "This is not your password"),
        ({"current": PASSWORD, "new": "x", "again": "x"}, "at least 12 characters"),
    ],
)
def test_a_password_that_cannot_be_changed_is_told_beside_the_field(
    as_role: Callable[..., TestClient], sent: dict[str, str], told: str
) -> None:
    response = as_role("lead").post("/account/password", data=sent)
    assert response.status_code == 422
    assert response.text.count(told) == 2
    assert OTHER not in response.text


def test_with_a_made_up_password_nothing_else_can_be_done_before_it_is_changed(
    browser: TestClient, store: Store
) -> None:
    from serving.passwords import Passwords

    made_up = accounts.reset_password(store, SYSTEM, "rita", Passwords("cheapest"))
    send(browser, "rita", made_up)
    page = browser.get("/second-looks", headers=PAGE)
    assert page.url.path == "/account/password"
    assert "Choose a password of your own" in page.text
    refused = browser.get("/api/v1/second-looks")
    assert refused.status_code == 403
    assert "/account/password" in refused.json()["detail"]
    form = {"csrf_token": token_in(page.text), "current": made_up, "new": OTHER, "again": OTHER}
    assert browser.post("/account/password", data=form).status_code == 200
    assert browser.get("/api/v1/second-looks").status_code == 200


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\..\\evil",
        "http:evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/%0d%0aSet-Cookie:x\r\n",
        "/ok\nSet-Cookie: x=1",
        "/\tevil.example",
        "",
        " /second-looks",
        "/sign-in?next=/sign-in",
        "/sign-out",
    ],
)
def test_nobody_is_led_away_from_here(browser: TestClient, after: str) -> None:
    assert own_path(after) == "/"
    assert send(browser, "rita", PASSWORD, after).headers["location"] == "/"


@pytest.mark.parametrize("after", ["/", "/second-looks", "/second-looks/A-1?x=1&y=/2"])
def test_pages_of_ours_are_led_to(after: str) -> None:
    assert own_path(after) == after


@examples(max_examples=300)
@given(st.text(alphabet="/\\.:@?#%a\t\n h", max_size=12))
def test_wherever_somebody_is_led_it_is_a_path_here(after: str) -> None:
    led = own_path(after)
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))
    assert "\\" not in led
    assert led.isprintable()


def test_neither_names_nor_passwords_are_logged(
    browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    send(browser, "rita", PASSWORD)
    send(browser, "zebrafinch", OTHER)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("serving")]
    assert ours
    assert not [one for one in ours if PASSWORD in one or OTHER in one or "zebrafinch" in one]


def test_a_form_that_is_none_is_refused(browser: TestClient) -> None:
    browser.get("/sign-in")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert browser.post("/sign-in", content=b"--y", headers=broken).status_code in {400, 403, 422}
    long = {"username": "x" * 5000, "csrf_token": token_in(browser.get("/sign-in").text)}
    assert browser.post("/sign-in", data=long).status_code == 422
