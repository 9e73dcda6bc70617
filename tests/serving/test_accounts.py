from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from serving import accounts
from serving.actors import SYSTEM, Actor
from serving.errors import Conflict, NotAllowed, NotFound
from serving.passwords import Passwords
from serving.store.database import Store
from serving.store.records_access import Account

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEAP = Passwords("cheapest")
GOOD = "teal-anvil-41-orchard"


def made(store: Store, name: str) -> Account:
    with store.reading() as unit:
        account = unit.accounts.by_name(name)
    assert account
    return account


def audited(store: Store) -> list[tuple[str, str | None]]:
    with store.reading() as unit:
        return [(one.action, one.subject) for one in unit.audit.every()]


def test_an_account_made_without_a_password_gets_one_to_be_changed(store: Store) -> None:
    made_up = accounts.create_account(store, SYSTEM, "Rita.C", ["reviewer", "lead"], CHEAP)
    assert made_up
    account = made(store, "rita.c")
    assert account.must_change_password
    assert account.roles == {"reviewer", "lead"}
    assert account.display_name == "Rita.C"
    assert CHEAP.matches(made_up, account.password_hash)
    assert made_up not in repr(account)


def test_an_account_made_with_a_password_keeps_it(store: Store) -> None:
    given = accounts.create_account(store, SYSTEM, "rita", ["lead"], CHEAP, password=GOOD)
    assert given is None
    assert not made(store, "rita").must_change_password


@pytest.mark.parametrize(
    ("name", "roles", "password", "field"),
    [
        ("r", ["lead"], None, "name"),
        ("", ["lead"], None, "name"),
        ("a b", ["lead"], None, "name"),
        ("-rita", ["lead"], None, "name"),
        ("ри́та", ["lead"], None, "name"),
        ("x" * 81, ["lead"], None, "name"),
        ("rita", [], None, "role"),
        ("rita", ["emperor"], None, "role"),
        ("rita", ["lead", "emperor"], None, "role"),
        ("rita", ["lead"], "password1234", "password"),
        ("rita", ["lead"], "", "password"),
    ],
)
def test_an_account_that_breaks_a_rule_is_refused_by_field(
    store: Store, name: str, roles: list[str], password: str | None, field: str
) -> None:
    with pytest.raises(NotAllowed) as refused:
        accounts.create_account(store, SYSTEM, name, roles, CHEAP, password=password)
    assert refused.value.field == field
    assert audited(store) == []


def test_a_name_is_given_once_however_it_is_typed(store: Store) -> None:
    accounts.create_account(store, SYSTEM, "rita", ["lead"], CHEAP)
    with pytest.raises(Conflict, match="already"):
        accounts.create_account(store, SYSTEM, " RITA", ["lead"], CHEAP)


def test_everything_done_to_an_account_is_audited(store: Store) -> None:
    accounts.create_account(store, SYSTEM, "rita", ["lead"], CHEAP)
    accounts.set_roles(store, SYSTEM, "rita", ["inspector"])
    accounts.disable(store, SYSTEM, "rita")
    accounts.enable(store, SYSTEM, "rita")
    accounts.reset_password(store, SYSTEM, "rita", CHEAP)
    accounts.list_accounts(store, SYSTEM)
    key = accounts.issue_key(store, SYSTEM, "relay", ["intake"])
    _, prefix, secret = key.split("_", 2)
    accounts.list_keys(store, SYSTEM)
    accounts.revoke_key(store, SYSTEM, prefix)
    assert audited(store) == [
        ("created account", "rita"),
        ("set roles", "rita"),
        ("disabled account", "rita"),
        ("enabled account", "rita"),
        ("reset password", "rita"),
        ("listed accounts", None),
        ("issued key", prefix),
        ("listed keys", None),
        ("revoked key", prefix),
    ]
    with store.reading() as unit:
        told = repr(list(unit.audit.every()))
    assert secret not in told


@pytest.mark.parametrize(
    "act",
    [
        lambda store: accounts.set_roles(store, SYSTEM, "nobody", ["lead"]),
        lambda store: accounts.disable(store, SYSTEM, "nobody"),
        lambda store: accounts.enable(store, SYSTEM, "nobody"),
        lambda store: accounts.reset_password(store, SYSTEM, "nobody", CHEAP),
        lambda store: accounts.revoke_key(store, SYSTEM, "000000000000"),
        lambda store: accounts.set_roles(store, SYSTEM, "relay", ["lead"]),
        lambda store: accounts.reset_password(store, SYSTEM, "relay", CHEAP),
    ],
)
def test_what_is_not_there_cannot_be_changed(store: Store, act: Callable[[Store], object]) -> None:
    accounts.issue_key(store, SYSTEM, "relay", ["intake"])
    before = audited(store)
    with pytest.raises(NotFound):
        act(store)
    assert audited(store) == before


def test_a_key_is_its_clients_with_its_scopes(store: Store) -> None:
    key = accounts.issue_key(store, SYSTEM, "Relay", ["intake", "export"])
    client = accounts.service_client(store, key)
    assert client
    assert client.kind == "service"
    assert client.name == "relay"
    assert client.scopes == {"intake", "export"}
    assert client.roles == frozenset()


def test_the_store_keeps_no_key_that_could_be_used(store: Store) -> None:
    key = accounts.issue_key(store, SYSTEM, "relay", ["intake"])
    ((_, row),) = accounts.list_keys(store, SYSTEM)
    assert key.split("_", 2)[2] not in repr(row)
    assert accounts.service_client(store, f"sl_{row.prefix}_{row.secret_sha256}") is None


def test_a_key_opens_nothing_once_it_is_revoked_or_has_run_out(store: Store) -> None:
    key = accounts.issue_key(store, SYSTEM, "relay", ["intake"], days=2, now=NOW)
    other = accounts.issue_key(store, SYSTEM, "relay", ["export"], now=NOW)
    assert accounts.service_client(store, key, now=NOW + timedelta(hours=47))
    assert accounts.service_client(store, key, now=NOW + timedelta(days=2)) is None
    accounts.revoke_key(store, SYSTEM, other.split("_")[1])
    assert accounts.service_client(store, other, now=NOW) is None


def test_the_keys_of_a_disabled_client_open_nothing(store: Store) -> None:
    key = accounts.issue_key(store, SYSTEM, "relay", ["intake"])
    accounts.disable(store, SYSTEM, "relay")
    assert accounts.service_client(store, key) is None
    accounts.enable(store, SYSTEM, "relay")
    assert accounts.service_client(store, key)


def test_the_secret_of_one_key_does_not_open_another(store: Store) -> None:
    first = accounts.issue_key(store, SYSTEM, "one", ["intake"])
    second = accounts.issue_key(store, SYSTEM, "two", ["export"])
    mixed = f"sl_{first.split('_')[1]}_{second.split('_', 2)[2]}"
    assert accounts.service_client(store, mixed) is None


def test_the_use_of_a_key_is_written_down_once_a_minute_at_most(store: Store) -> None:
    key = accounts.issue_key(store, SYSTEM, "relay", ["intake"], now=NOW)
    for seconds in (0, 59, 60):
        accounts.service_client(store, key, now=NOW + timedelta(seconds=seconds))
        ((_, row),) = accounts.list_keys(store, SYSTEM)
        assert row.last_used_at == NOW + timedelta(seconds=60 if seconds == 60 else 0)


@pytest.mark.parametrize("scopes", [[], ["review"], ["read_identities"], ["intake", "assess"]])
def test_a_key_can_be_given_nothing_that_decides_or_tells_who_reported(
    store: Store, scopes: list[str]
) -> None:
    with pytest.raises(NotAllowed) as refused:
        accounts.issue_key(store, SYSTEM, "relay", scopes)
    assert refused.value.field == "scope"


def test_a_persons_name_is_no_service_clients(
    store: Store, a_person: Callable[..., Actor]
) -> None:
    a_person("rita", "lead")
    with pytest.raises(Conflict, match="person"):
        accounts.issue_key(store, SYSTEM, "rita", ["intake"])


def test_a_service_client_cannot_sign_in_with_a_password(store: Store) -> None:
    from serving.sessions import Policy
    from serving.signing import sign_in

    accounts.issue_key(store, SYSTEM, "relay", ["intake"])
    assert sign_in(store, CHEAP, Policy(), "relay", "") is None


@pytest.mark.parametrize("name", ["", "a\x00b", "ри́та", "x" * 5000, "rita\n", "\ud800"])
def test_a_name_that_nobody_can_have_is_nobodys_on_either_database(
    store: Store, name: str
) -> None:
    from serving.sessions import Policy
    from serving.signing import sign_in

    assert sign_in(store, CHEAP, Policy(), name, GOOD) is None
    with pytest.raises(NotFound):
        accounts.disable(store, SYSTEM, name)


def test_what_somebody_is_called_is_kept_printable_and_short(store: Store) -> None:
    called = "Rita\x00 \u202eChandra\n" + "x" * 500
    accounts.create_account(store, SYSTEM, "rita", ["lead"], CHEAP, display_name=called)
    shown = made(store, "rita").display_name
    assert shown.startswith("Rita Chandrax")
    assert len(shown) == 120
    with pytest.raises(NotAllowed):
        accounts.create_account(store, SYSTEM, "sam", ["lead"], CHEAP, team="t" * 61)
