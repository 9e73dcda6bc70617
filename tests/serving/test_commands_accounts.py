"""The commands ``user`` and ``key``, with a real store."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

import secondlook
from serving import accounts
from serving.store.database import Store

pytestmark = pytest.mark.sqlite_alone

Run = Callable[..., Result]
PASSWORD = "teal-anvil-41-orchard"


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    url = store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("SECONDLOOK_DATABASE_URL", url)
    monkeypatch.setenv("SECONDLOOK_PASSWORD_COST", "cheapest")
    monkeypatch.setenv("COLUMNS", "200")

    def secondlook_(*words: str, said: str = "") -> Result:
        return CliRunner().invoke(secondlook.app, list(words), input=said)

    return secondlook_


def test_a_password_that_was_made_up_is_told_once_and_a_key_is_told_alone(run: Run) -> None:
    added = run("user", "add", "rita", "--role", "lead", "--display-name", "Rita Chandra")
    assert added.exit_code == 0, added.output
    password = added.stdout.split()[-1]
    key = run("key", "add", "relay", "--scope", "intake", "--days", "30").stdout
    assert re.fullmatch(r"sl_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n", key)
    listed = run("user", "list").stdout + run("key", "list").stdout
    for shown in ("rita", "Rita Chandra", "lead", "relay", "intake", key.split("_")[1]):
        assert shown in listed
    assert password not in listed
    assert key.strip() not in listed


def test_a_name_is_shown_as_it_was_given_and_is_no_markup(run: Run) -> None:
    run("user", "add", "rita", "--role", "lead", "--display-name", "Rita [red]Ann[/] :warning:")
    assert "Rita [red]Ann[/] :warning:" in run("user", "list").stdout


def test_a_password_is_read_from_standard_input_and_never_said(run: Run, store: Store) -> None:
    words = ("user", "add", "rita", "--role", "lead", "--role", "reviewer", "--password-stdin")
    added = run(*words, said=f"{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert PASSWORD not in added.output
    with store.reading() as unit:
        account = unit.accounts.by_name("rita")
    assert account
    assert account.roles == {"lead", "reviewer"}
    assert not account.must_change_password


def test_accounts_and_keys_are_changed_from_the_command_line(run: Run, store: Store) -> None:
    run("user", "add", "rita", "--role", "lead")
    key = run("key", "add", "relay", "--scope", "intake").stdout.strip()
    for words in (
        ("user", "roles", "rita", "--role", "inspector", "--role", "reviewer"),
        ("user", "reset", "rita"),
        ("user", "disable", "rita"),
        ("user", "enable", "rita"),
        ("key", "revoke", key.split("_")[1]),
    ):
        done = run(*words)
        assert done.exit_code == 0, (words, done.output)
    assert "inspector, reviewer" in run("user", "list").stdout
    assert "revoked" in run("key", "list").stdout
    assert accounts.service_client(store, key) is None


def test_whoever_ran_a_command_is_in_the_audit_log(run: Run, store: Store) -> None:
    run("user", "add", "rita", "--role", "lead")
    with store.reading() as unit:
        (entry,) = unit.audit.every()
    assert entry.action == "created account"
    assert entry.actor.startswith("command line (")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("user", "add", "rita", "--role", "emperor"), "must be one or more of assessor"),
        (("user", "add", "r", "--role", "lead"), "2 to 80"),
        (("user", "disable", "nobody"), "no account of that name"),
        (("user", "reset", "nobody"), "no account of that name"),
        (("key", "add", "relay", "--scope", "review"), "must be one or more of export"),
        (("key", "revoke", "000000000000"), "no key with that prefix"),
    ],
)
def test_what_cannot_be_done_is_said_plainly_with_status_2(
    run: Run, words: tuple[str, ...], told: str
) -> None:
    done = run(*words)
    assert done.exit_code == 2
    assert told in done.stderr


def test_a_weak_password_is_refused_without_an_echo(run: Run) -> None:
    done = run("user", "add", "rita", "--role", "lead", "--password-stdin", said="password1234")
    assert done.exit_code == 2
    assert "often used" in done.stderr
    assert "password1234" not in done.output


def test_the_demonstration_makes_somebody_once(
    run: Run, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    from serving import commands_accounts, configured

    assert run
    commands_accounts.demo_user(configured.settings())
    commands_accounts.demo_user(configured.settings())
    assert capsys.readouterr().out.count("Sign in as demo with the password") == 1
    with store.reading() as unit:
        (account,) = unit.accounts.every()
    assert account.roles == set(accounts.ROLES)
