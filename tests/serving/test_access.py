"""Every route there is, asked by everybody there can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from serving.access import declared
from serving.actors import GRANTS, SCOPES, Actor, Permission, Role
from serving.routes.describing import routes_of
from serving.routes.security import SAFE
from serving.store.database import Store

AsRole = Callable[..., TestClient]
ROLES: tuple[str, ...] = get_args(Role)
NOT_ALLOWED = ("this needs the permission", "You cannot see or do this")
PAGE = {"accept": "text/html"}

pytestmark = pytest.mark.sqlite_alone


def app_of(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


def calls(client: TestClient) -> Iterator[tuple[str, str, Permission]]:
    """Every method of every route; signing out comes last, for it ends the session."""
    found = []
    for context in iter_route_contexts(app_of(client).routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            permission = declared(route.endpoint)
            assert permission is not None
            found += [(one, str(context.path), permission) for one in route.methods]
    yield from sorted(found, key=lambda call: (call[1] == "/sign-out", call[1], call[0]))


def ask(client: TestClient, method: str, path: str, **headers: str) -> Any:
    url = re.sub(r"{[^}]+}", "1", path)
    sent: dict[str, Any] = {"json": {}} if path.startswith("/api/") else {"data": {"x": "1"}}
    if method in SAFE:
        sent = {}
    return client.request(method, url, headers=headers, follow_redirects=False, **sent)


def is_refused(response: Any) -> bool:
    """Whether the caller was told that they may not."""
    to_sign_in = response.headers.get("location", "").startswith("/sign-in")
    signed_out = "set-cookie" in response.headers
    return (
        response.status_code == 401
        or (to_sign_in and not signed_out)
        or (response.status_code == 403 and any(one in response.text for one in NOT_ALLOWED))
    )


def for_programs(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics"


def everywhere(path: str) -> bool:
    return bool(path)


def wrong(
    client: TestClient,
    may: Callable[[Permission], bool],
    reaches: Callable[[str], bool] = everywhere,
) -> list[str]:
    """Every call that was answered otherwise than the grants say."""
    found = []
    for method, path, permission in calls(client):
        response = ask(client, method, path)
        allowed = may(permission) and (permission == "open" or reaches(path))
        if is_refused(response) is allowed or response.status_code == 500:
            found.append(f"{method} {path} ({permission}): {response.status_code}")
    return found


def test_every_route_declares_who_may_call_it(anonymous: TestClient) -> None:
    routes = routes_of(app_of(anonymous))
    assert len(routes) > 15
    assert [one.path for one in routes if declared(one.endpoint) is None] == []


def test_nothing_but_static_files_is_answered_beside_the_routes(anonymous: TestClient) -> None:
    routes = [one.original_route for one in iter_route_contexts(app_of(anonymous).routes)]
    others = [getattr(one, "path", "") for one in routes if not isinstance(one, APIRoute)]
    assert others == ["/static"]


def test_a_route_that_declares_nothing_is_closed_to_everybody(
    as_role: AsRole, anonymous: TestClient
) -> None:
    def forgotten() -> str:
        return "secret"

    app_of(anonymous).get("/api/v1/forgotten")(forgotten)
    everyone = as_role(*ROLES, name="everyone")
    assert anonymous.get("/api/v1/forgotten").status_code == 403
    assert everyone.get("/api/v1/forgotten").status_code == 403


def test_nobody_known_gets_only_what_is_open(anonymous: TestClient) -> None:
    assert wrong(anonymous, lambda permission: permission == "open") == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_exactly_what_it_is_granted(role: str, as_role: AsRole) -> None:
    actor = Actor(1, role, roles=frozenset({role}))
    assert wrong(as_role(role), actor.may) == []


def test_a_person_without_a_role_gets_only_what_everybody_signed_in_gets(
    as_role: AsRole, store: Store
) -> None:
    person = as_role("inspector", name="newcomer")
    with store.writing() as unit:
        account = unit.accounts.by_name("newcomer")
        assert account
        unit.accounts.set_roles(account.id, ())
    assert wrong(person, Actor(1, "newcomer").may) == []


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_key_opens_its_scope_and_nothing_else(
    scope: Permission, service_client: Callable[..., TestClient]
) -> None:
    actor = Actor(1, "client", "service", scopes=frozenset({scope}))
    assert wrong(service_client(scope), actor.may, for_programs) == []


@pytest.mark.parametrize("key", ["sl_000000000000_" + "x" * 43, "sl_", "", "sl_a_b_c", "x" * 5000])
def test_a_key_that_is_none_opens_nothing_and_never_falls_back_to_a_session(
    key: str, client: TestClient
) -> None:
    for method, path, permission in calls(client):
        response = ask(client, method, path, authorization=f"Bearer {key}")
        assert response.status_code == 401, (path, permission)


def test_grants_name_roles_that_exist_and_scopes_decide_nothing() -> None:
    assert set().union(*GRANTS.values()) <= set(ROLES)
    assert set(GRANTS) == set(get_args(Permission))
    deciding = {"assess", "countersign", "record_outcome", "review", "plant", "retain"}
    assert not SCOPES & (deciding | {"read_identities"})


def test_an_inspector_changes_nothing(as_role: AsRole) -> None:
    held = {permission for permission, roles in GRANTS.items() if "inspector" in roles}
    assert {one for one in held if not one.startswith("read_")} == {"oversee", "export"}
    assert "read_identities" not in held
    inspector = as_role("inspector")
    for method, path, permission in calls(inspector):
        reads = permission.startswith("read_") or permission in {"open", "signed_in", "known"}
        if method not in SAFE and not reads:
            assert is_refused(ask(inspector, method, path)), (method, path)


def unsafe(client: TestClient) -> list[tuple[str, str, Permission]]:
    return [call for call in calls(client) if call[0] not in SAFE]


def out_of_date(response: Any) -> bool:
    return response.status_code == 403 and "form is out of date" in response.text


def test_nothing_is_changed_by_a_session_without_its_csrf_token(client: TestClient) -> None:
    del client.headers["X-CSRF-Token"]
    assert len(unsafe(client)) >= 5
    for method, path, _ in unsafe(client):
        assert out_of_date(ask(client, method, path)), (method, path)


def test_nothing_is_changed_with_the_csrf_token_of_another_session(
    client: TestClient, as_role: AsRole
) -> None:
    other = as_role(*ROLES, name="somebody.else").headers["X-CSRF-Token"]
    for method, path, _ in unsafe(client):
        assert out_of_date(ask(client, method, path, **{"x-csrf-token": other})), (method, path)


def test_nothing_is_changed_at_the_bidding_of_another_site(client: TestClient) -> None:
    for told in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        for method, path, _ in unsafe(client):
            response = ask(client, method, path, **told)
            assert response.status_code == 403, (method, path, told)


def test_a_token_in_the_form_or_the_header_is_taken(client: TestClient) -> None:
    ours = {"origin": "http://localhost", "sec-fetch-site": "same-origin"}
    for method, path, permission in unsafe(client):
        if permission != "open":
            assert not out_of_date(ask(client, method, path, **ours)), (method, path)


def test_a_service_key_needs_no_csrf_token(service_client: Callable[..., TestClient]) -> None:
    keyed = service_client(*SCOPES)
    for method, path, permission in unsafe(keyed):
        if permission in SCOPES:
            assert not out_of_date(ask(keyed, method, path)), (method, path)


def test_a_program_is_told_how_to_be_known_and_a_person_is_led_to_sign_in(
    anonymous: TestClient,
) -> None:
    refused = anonymous.get("/api/v1/second-looks")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    led = anonymous.get("/second-looks?cursor=1-5", headers=PAGE, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/sign-in?next=/second-looks%3Fcursor%3D1-5"


def test_who_may_not_is_told_so_in_their_own_language(
    as_role: AsRole, service_client: Callable[..., TestClient]
) -> None:
    page = as_role("source_handler").get("/second-looks", headers=PAGE)
    assert page.status_code == 403
    assert "You cannot see or do this" in page.text
    problem = service_client("export").get("/api/v1/second-looks")
    assert problem.status_code == 403
    assert "read_queue" in problem.json()["detail"]


def test_the_description_says_how_to_be_known_for_every_operation(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert set(described["components"]["securitySchemes"]) == {"session", "service_key"}
    for path, operations in described["paths"].items():
        for operation in operations.values():
            if operation["x-permission"] == "open":
                assert "security" not in operation
                continue
            assert {"401", "403"} <= set(operation["responses"]), path
            keyed = any("service_key" in one for one in operation["security"])
            assert keyed is (operation["x-permission"] in SCOPES), path
