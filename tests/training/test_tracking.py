"""A real MLflow store and registry, on SQLite in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from data.errors import BadArtifact, CannotWrite
from training.config import Places
from training.tracking import CHALLENGER, CHAMPION, Registered, Tracking


@pytest.fixture
def tracking(tmp_path: Path) -> Tracking:
    return Tracking(Places(var=tmp_path / "var"))


@pytest.fixture
def artefact(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"made": 1}')
    return folder


def register(
    tracking: Tracking, artefact: Path, figures: Mapping[str, float] | None = None
) -> Registered:
    with tracking.run("train") as run:
        tracking.log(
            run,
            parameters={"seed": "0"},
            figures=figures or {"value_macro_f1": 0.5},
            tags={"source": "a.csv"},
            folders={"artefact": artefact},
        )
        return tracking.register(run)


def test_a_registered_version_is_the_challenger_with_what_its_run_logged(
    tracking: Tracking, artefact: Path
) -> None:
    made = register(tracking, artefact)
    assert made.version == "1"
    assert made.aliases == (CHALLENGER,)
    assert made.figures == {"value_macro_f1": 0.5}
    assert made.parameters == {"seed": "0"}
    assert made.tags["source"] == "a.csv"
    assert tracking.champion() is None


def test_the_stored_artefact_comes_back_byte_for_byte(tracking: Tracking, artefact: Path) -> None:
    made = register(tracking, artefact)
    with tracking.fetched(made) as copy:
        assert (copy / "manifest.json").read_bytes() == b'{"made": 1}'
        place = copy
    assert not place.exists()


def test_promotion_moves_the_alias_and_a_rollback_moves_it_back(
    tracking: Tracking, artefact: Path
) -> None:
    first, second = register(tracking, artefact), register(tracking, artefact)
    tracking.promote(first.version)
    tracking.promote(second.version)
    assert tracking.find(CHAMPION).version == "2"
    assert tracking.history() == ["1", "2"]
    assert tracking.find("2").aliases == (CHAMPION,)
    tracking.roll_back()
    assert tracking.find(CHAMPION).version == "1"
    assert tracking.history() == ["1"]


def test_versions_are_listed_newest_first(tracking: Tracking, artefact: Path) -> None:
    for _ in range(11):
        register(tracking, artefact)
    assert [entry.version for entry in tracking.versions()][:3] == ["11", "10", "9"]


def test_another_process_sees_the_same_registry(
    tracking: Tracking, artefact: Path, tmp_path: Path
) -> None:
    register(tracking, artefact)
    tracking.promote("1")
    again = Tracking(Places(var=tmp_path / "var"))
    assert again.find(CHAMPION).version == "1"


def test_a_run_that_raises_is_closed_as_failed(tracking: Tracking) -> None:
    with pytest.raises(ZeroDivisionError), tracking.run("train") as run:
        raise ZeroDivisionError
    assert tracking._client.get_run(run).info.status == "FAILED"


def test_an_unknown_version_or_alias_is_refused_by_its_name(tracking: Tracking) -> None:
    for name in ("7", "grand_champion"):
        with pytest.raises(BadArtifact, match=name):
            tracking.find(name)


def test_an_artefact_removed_from_the_store_is_told_plainly(
    tracking: Tracking, artefact: Path, tmp_path: Path
) -> None:
    made = register(tracking, artefact)
    shutil.rmtree(tmp_path / "var" / "mlartifacts")
    with pytest.raises(BadArtifact, match="version 1"), tracking.fetched(made):
        pass


def test_a_tracking_uri_that_cannot_be_opened_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "not_a_database").write_text("plain text, not a database" * 100)
    with pytest.raises(CannotWrite, match="tracking"):
        Tracking(Places(var=tmp_path, tracking_uri=f"sqlite:///{tmp_path / 'not_a_database'}"))


def test_nothing_is_written_outside_the_folder_it_was_given(
    tracking: Tracking, artefact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    register(tracking, artefact)
    assert list(elsewhere.iterdir()) == []
