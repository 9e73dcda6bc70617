from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput
from serving import commands, gate
from serving.errors import Unsafe
from serving.settings import Settings

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "operator.md"


def variable(name: str) -> str:
    return f"SECONDLOOK_{name.upper()}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_the_operators_guide_with_its_default(name: str) -> None:
    rows = [
        line
        for line in HOW_TO.read_text().splitlines()
        if line.startswith(f"| `{variable(name)}`")
    ]
    assert len(rows) == 1
    default = Settings.model_fields[name].default
    shown = ",".join(default) if isinstance(default, tuple) else str(default)
    assert ("unset" if default is None else f"`{shown}`") in rows[0]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is_for(name: str) -> None:
    assert Settings.model_fields[name].description


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDLOOK_PORT", "9001")
    monkeypatch.setenv("SECONDLOOK_ALLOWED_HOSTS", "triage.example, localhost")
    read = commands.settings()
    assert read.port == 9001
    assert read.allowed_hosts == ("triage.example", "localhost")


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDLOOK_PORT", "9001")
    assert commands.settings(port=9002).port == 9002


def test_settings_that_do_not_fit_are_all_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDLOOK_PORT", "many")
    monkeypatch.setenv("SECONDLOOK_AUDIT_SHARE", "2")
    with pytest.raises(BadInput) as refused:
        commands.settings()
    assert {one.where for one in refused.value.problems} == {
        "SECONDLOOK_PORT",
        "SECONDLOOK_AUDIT_SHARE",
    }


OTHERS = ["0.0.0.0", "::", "10.1.2.3", "triage.example"]  # noqa: S104


@pytest.mark.parametrize("host", OTHERS)
def test_an_address_that_others_can_reach_needs_a_secret_key(host: str) -> None:
    with pytest.raises(Unsafe, match="SECONDLOOK_SECRET_KEY"):
        gate.check(Settings(host=host))
    gate.check(Settings(host=host, secret_key="k" * 32))


@pytest.mark.parametrize("host", OTHERS)
def test_cookies_go_over_tls_alone_where_others_can_reach_the_service(host: str) -> None:
    assert gate.make_gate(Settings(host=host, secret_key="k" * 32)).secure
    here = Settings(public_url="https://triage.example", secret_key="k" * 32)
    assert gate.make_gate(here).secure
    assert not gate.make_gate(Settings()).secure


def test_a_short_secret_key_is_refused_without_an_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDLOOK_SECRET_KEY", "zebrafinch")
    with pytest.raises(BadInput) as refused:
        commands.settings()
    assert "zebrafinch" not in str(refused.value)
    assert refused.value.problems[0].where == "SECONDLOOK_SECRET_KEY"


@pytest.mark.parametrize(
    ("unsafe", "told"),
    [
        ({"password_cost": "cheapest"}, "PASSWORD_COST"),
        ({"public_url": "http://triage.example"}, "https://"),
        ({"oidc_issuer": "https://login.example"}, "CLIENT_ID"),
        (
            {
                "oidc_issuer": "https://login.example",
                "oidc_client_id": "x",
                "oidc_roles": (("a", "lead"),),
            },
            "PUBLIC_URL",
        ),
        (
            {
                "oidc_issuer": "http://login.example",
                "public_url": "https://triage.example",
                "oidc_client_id": "x",
                "oidc_roles": (("a", "lead"),),
            },
            "https://",
        ),
    ],
)
def test_a_setting_that_leaves_a_network_unprotected_is_refused(
    unsafe: dict[str, Any], told: str
) -> None:
    settings = Settings(host="10.1.2.3", secret_key="k" * 32, **unsafe)
    with pytest.raises(Unsafe, match=told):
        gate.make_gate(settings)


def test_what_a_claim_means_is_read_as_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDLOOK_OIDC_ROLES", "triage leads=lead, all=reviewer")
    assert commands.settings().oidc_roles == (("triage leads", "lead"), ("all", "reviewer"))
    monkeypatch.setenv("SECONDLOOK_OIDC_ROLES", "all=emperor")
    with pytest.raises(BadInput):
        commands.settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machines_own_address_is_taken(host: str) -> None:
    gate.check(Settings(host=host))


def test_the_clock_of_the_assessment_is_what_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, said in {
        "ASSESSMENT_HOURS": "8",
        "ASSESSMENT_COUNTS": "working_hours",
        "WORKING_DAYS": "mon, sat",
        "WORKING_OPENS": "07:30",
        "CLOSED_DAYS": "2026-12-25,2026-12-28",
    }.items():
        monkeypatch.setenv(f"SECONDLOOK_{name}", said)
    clock = commands.settings().clock
    assert (clock.hours, clock.counts, clock.days) == (8, "working_hours", (0, 5))
    assert clock.opens == "07:30"
    assert {str(day) for day in clock.closed_days} == {"2026-12-25", "2026-12-28"}


@pytest.mark.parametrize(
    ("name", "said"),
    [("WORKING_DAYS", "mon,someday"), ("TIME_ZONE", "Mars/Olympus"), ("WORKING_OPENS", "9")],
)
def test_hours_that_are_none_are_refused(
    name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SECONDLOOK_{name}", said)
    with pytest.raises(BadInput, match="SECONDLOOK_"):
        commands.settings()
