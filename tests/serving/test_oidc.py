"""Signing in with the organisation's own accounts, over real HTTP."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from openid_providers import Liar, lying_provider, real_provider
from pydantic import SecretStr
from starlette.testclient import TestClient

from serving import accounts
from serving.actors import SYSTEM, Actor
from serving.app import create_app
from serving.settings import Settings
from serving.store.database import Store
from serving.store.records_access import Account

pytestmark = pytest.mark.sqlite_alone

BASE = "http://localhost"
CALLBACK = "/sign-in/oidc/callback"
SECRET = "client-secret-client-secret-0000"
ROLES = (("leads", "lead"), ("reviewers", "reviewer"))
REFUSED = "could not be checked, or gives you no role here"


def with_provider(settings: Settings, issuer: str) -> Settings:
    return settings.model_copy(
        update={
            "oidc_issuer": issuer,
            "oidc_client_id": "second-look",
            "oidc_client_secret": SecretStr(SECRET),
            "oidc_roles": ROLES,
        }
    )


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed")
    with real_provider() as address:
        yield address


@pytest.fixture
def browser(settings: Settings, issuer: str) -> Iterator[TestClient]:
    """A browser at a service that knows the real provider."""
    with TestClient(create_app(with_provider(settings, issuer)), base_url=BASE) as client:
        yield client


@pytest.fixture
def liar() -> Iterator[Liar]:
    with lying_provider() as provider:
        yield provider


@pytest.fixture
def misled(settings: Settings, liar: Liar) -> Iterator[TestClient]:
    """A browser at a service whose provider may lie."""
    with TestClient(create_app(with_provider(settings, liar.issuer)), base_url=BASE) as client:
        yield client


def tell(issuer: str, subject: str, **claims: object) -> None:
    assert httpx.put(f"{issuer}/users/{subject}", json=claims).status_code == 204


def depart(browser: TestClient, after: str = "/") -> str:
    response = browser.get("/sign-in/oidc", params={"next": after}, follow_redirects=False)
    assert response.status_code == 303
    return response.headers["location"]


def consent(url: str, subject: str) -> str:
    """Agree at the real provider; gives the way back."""
    response = httpx.post(url, data={"sub": subject})
    assert response.status_code == 302
    back = urlsplit(response.headers["location"])
    assert back.path == CALLBACK
    return f"{back.path}?{back.query}"


def sign_in(browser: TestClient, subject: str, after: str = "/") -> Any:
    return browser.get(consent(depart(browser, after), subject), follow_redirects=False)


def account_of(store: Store, issuer: str, subject: str) -> Account | None:
    with store.reading() as unit:
        return unit.accounts.by_subject(issuer, subject)


def refused(response: Any, browser: TestClient) -> bool:
    told = response.status_code == 422 and REFUSED in response.text
    return told and not browser.cookies.get("secondlook")


def test_somebody_with_a_known_role_gets_an_account_at_the_first_sign_in(
    browser: TestClient, store: Store, issuer: str
) -> None:
    tell(issuer, "s-1", preferred_username="Rita.C", name="Rita Chandra", roles=["leads", "x"])
    response = sign_in(browser, "s-1", "/second-looks")
    assert response.status_code == 303
    assert response.headers["location"] == "/second-looks"
    account = account_of(store, issuer, "s-1")
    assert account
    assert (account.username, account.display_name) == ("rita.c", "Rita Chandra")
    assert account.roles == {"lead"}
    assert account.password_hash is None
    page = browser.get("/second-looks", headers={"accept": "text/html"})
    assert "Rita Chandra" in page.text


def test_the_request_asks_for_a_code_with_pkce_state_and_nonce(
    browser: TestClient, issuer: str
) -> None:
    first, second = (parse_qs(urlsplit(depart(browser)).query) for _ in range(2))
    assert urlsplit(depart(browser)).netloc == urlsplit(issuer).netloc
    assert first["response_type"] == ["code"]
    assert first["code_challenge_method"] == ["S256"]
    assert "openid" in first["scope"][0].split()
    assert first["redirect_uri"] == [BASE + CALLBACK]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 43
        assert first[name] != second[name]


def test_the_verifier_that_is_sent_is_the_one_that_was_promised(
    misled: TestClient, liar: Liar
) -> None:
    sent = parse_qs(urlsplit(depart(misled)).query)
    liar.nonce = sent["nonce"][0]
    misled.get(CALLBACK, params={"state": sent["state"][0], "code": "c"}, follow_redirects=False)
    digest = sha256(liar.asked["code_verifier"].encode()).digest()
    promised = urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert sent["code_challenge"] == [promised]


@pytest.mark.parametrize("claims", [{}, {"roles": []}, {"roles": ["others"]}, {"roles": "x"}])
def test_somebody_without_a_known_role_is_not_let_in_and_gets_no_account(
    browser: TestClient, store: Store, issuer: str, claims: dict[str, Any]
) -> None:
    tell(issuer, "s-2", preferred_username="mallory", **claims)
    assert refused(sign_in(browser, "s-2"), browser)
    assert account_of(store, issuer, "s-2") is None


def test_roles_follow_the_claim_at_each_sign_in_and_end_older_sessions(
    browser: TestClient, store: Store, issuer: str
) -> None:
    tell(issuer, "s-3", preferred_username="sam", roles=["leads"])
    sign_in(browser, "s-3")
    old = browser.cookies["secondlook"]
    tell(issuer, "s-3", preferred_username="sam", roles="reviewers")
    sign_in(browser, "s-3")
    account = account_of(store, issuer, "s-3")
    assert account
    assert account.roles == {"reviewer"}
    again = TestClient(browser.app, base_url=BASE, cookies={"secondlook": old})
    assert again.get("/account/password").url.path == "/sign-in"


def test_somebody_who_lost_every_role_is_out_at_the_next_sign_in(
    browser: TestClient, store: Store, issuer: str
) -> None:
    tell(issuer, "s-4", preferred_username="tess", roles=["leads"])
    sign_in(browser, "s-4")
    tell(issuer, "s-4", preferred_username="tess", roles=[])
    other = TestClient(browser.app, base_url=BASE)
    assert refused(sign_in(other, "s-4"), other)
    account = account_of(store, issuer, "s-4")
    assert account
    assert account.roles == frozenset()
    assert browser.get("/account/password").url.path == "/sign-in"


def test_a_disabled_account_is_not_let_in(browser: TestClient, store: Store, issuer: str) -> None:
    tell(issuer, "s-5", preferred_username="uma", roles=["leads"])
    sign_in(browser, "s-5")
    accounts.disable(store, SYSTEM, "uma")
    other = TestClient(browser.app, base_url=BASE)
    assert refused(sign_in(other, "s-5"), other)


def test_a_name_that_is_taken_does_not_open_its_account(
    browser: TestClient, store: Store, issuer: str, a_person: Callable[..., Actor]
) -> None:
    local = a_person("vera", "inspector")
    tell(issuer, "s-6", preferred_username="vera", roles=["leads"])
    sign_in(browser, "s-6")
    account = account_of(store, issuer, "s-6")
    assert account
    assert account.id != local.id
    assert account.username.startswith("vera-")
    with store.reading() as unit:
        untouched = unit.accounts.by_id(local.id or 0)
    assert untouched
    assert untouched.roles == {"inspector"}


@pytest.mark.parametrize("name", [None, "", "../..", "a b", "ри́та", "x" * 200])
def test_a_name_that_breaks_our_rules_is_replaced(
    browser: TestClient, store: Store, issuer: str, name: str | None
) -> None:
    tell(issuer, "s-7", roles=["leads"], **({} if name is None else {"preferred_username": name}))
    sign_in(browser, "s-7")
    account = account_of(store, issuer, "s-7")
    assert account
    assert account.username.startswith("openid-")


def test_an_answer_with_another_state_is_refused(browser: TestClient, issuer: str) -> None:
    tell(issuer, "s-8", roles=["leads"])
    way_back = consent(depart(browser), "s-8")
    other = TestClient(browser.app, base_url=BASE)
    depart(other)
    assert refused(other.get(way_back), other)
    assert refused(browser.get(way_back.replace("state=", "state=x")), browser)


def test_an_answer_that_nobody_asked_for_is_refused(browser: TestClient, issuer: str) -> None:
    tell(issuer, "s-8", roles=["leads"])
    way_back = consent(depart(browser), "s-8")
    stranger = TestClient(browser.app, base_url=BASE)
    assert refused(stranger.get(way_back), stranger)


def test_an_answer_is_taken_once(browser: TestClient, issuer: str) -> None:
    tell(issuer, "s-8", roles=["leads"])
    way_back = consent(depart(browser), "s-8")
    assert browser.get(way_back, follow_redirects=False).status_code == 303
    browser.cookies.delete("secondlook")
    assert refused(browser.get(way_back), browser)


def test_a_code_that_was_given_to_another_departure_is_refused(
    browser: TestClient, issuer: str
) -> None:
    tell(issuer, "s-9", roles=["leads"])
    elsewhere = TestClient(browser.app, base_url=BASE)
    stolen = parse_qs(urlsplit(consent(depart(elsewhere), "s-9")).query)["code"][0]
    state = parse_qs(urlsplit(depart(browser)).query)["state"][0]
    assert refused(browser.get(CALLBACK, params={"state": state, "code": stolen}), browser)


def test_who_declines_at_the_provider_is_back_at_the_form(browser: TestClient) -> None:
    state = parse_qs(urlsplit(depart(browser)).query)["state"][0]
    answer = {"state": state, "error": "access_denied", "error_description": "zebrafinch"}
    response = browser.get(CALLBACK, params=answer)
    assert refused(response, browser)
    assert "zebrafinch" not in response.text


@contextmanager
def told(liar: Liar, misled: TestClient) -> Iterator[dict[str, str]]:
    sent = parse_qs(urlsplit(depart(misled)).query)
    liar.nonce = sent["nonce"][0]
    yield {"state": sent["state"][0], "code": "c"}


def test_an_honest_answer_is_taken(misled: TestClient, liar: Liar) -> None:
    with told(liar, misled) as answer:
        response = misled.get(CALLBACK, params=answer, follow_redirects=False)
    assert response.status_code == 303
    assert misled.cookies["secondlook"]


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "http://127.0.0.1:1"},
        {"iss": None},
        {"aud": "another-service"},
        {"aud": ["another-service"]},
        {"aud": ["second-look", "another"], "azp": "another"},
        {"aud": "another-service", "azp": "second-look"},
        {"aud": None},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "s" * 256},
        {"sub": "s\x00"},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"nbf": 4_000_000_000},
        {"at_hash": "another"},
    ],
    ids=repr,
)
def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    misled: TestClient, liar: Liar, lie: dict[str, Any]
) -> None:
    with told(liar, misled) as answer:
        liar.claims = lie
        assert refused(misled.get(CALLBACK, params=answer), misled)


@pytest.mark.parametrize("signed_by", ["other", "secret", "nobody"])
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    misled: TestClient, liar: Liar, signed_by: str
) -> None:
    with told(liar, misled) as answer:
        liar.signed_by = signed_by
        assert refused(misled.get(CALLBACK, params=answer), misled)


def test_an_answer_that_names_another_issuer_is_refused(misled: TestClient, liar: Liar) -> None:
    with told(liar, misled) as answer:
        response = misled.get(CALLBACK, params={**answer, "iss": "https://login.example"})
        assert refused(response, misled)


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://login.example"},
        {"jwks_uri": "http://login.example/jwks"},
        {"token_endpoint": "http://login.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=repr,
)
def test_a_configuration_of_another_issuer_or_without_tls_is_not_used(
    misled: TestClient, liar: Liar, lie: dict[str, Any]
) -> None:
    liar.configuration = lie
    response = misled.get("/sign-in/oidc", follow_redirects=False)
    assert response.status_code == 503


def test_a_provider_that_cannot_be_reached_is_said_to_be_away(settings: Settings) -> None:
    away = with_provider(settings, "http://127.0.0.1:9")
    with TestClient(create_app(away), base_url=BASE) as browser:
        assert "organisation’s account" in browser.get("/sign-in").text
        assert browser.get("/sign-in/oidc", follow_redirects=False).status_code == 503


def test_without_a_provider_there_is_no_way_to_one(anonymous: TestClient) -> None:
    assert "organisation" not in anonymous.get("/sign-in").text
    assert anonymous.get("/sign-in/oidc").status_code == 404
