from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import BadInput
from serving import commands
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


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "triage.example"])  # noqa: S104
def test_an_address_that_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(Unsafe, match="--allow-network"):
        commands.check_host(Settings(host=host))
    commands.check_host(Settings(host=host, allow_network=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machines_own_address_is_taken(host: str) -> None:
    commands.check_host(Settings(host=host))
