from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from serving import catalogue, comparing
from serving.store.database import Store
from training import handover


@pytest.fixture
def models(tmp_path: Path, artefacts: Path) -> Path:
    """Two models as training hands them over: v3 in force, v4 held back."""
    folder = tmp_path / "handed"
    folder.mkdir()
    for name in ("v3", "v4"):
        shutil.copytree(artefacts / name, folder / name)
    handover.put_in_force("v3", folder)
    handover.note(folder, "promoted", "v3", "1", "better than the majority class")
    handover.challenge("v4", folder)
    handover.note(folder, "held back", "v4", "2", "no better than the champion")
    return folder


def test_champion_and_challenger_are_told_apart(models: Path) -> None:
    shutil.copytree(models / "v4", models / "v9")
    found = catalogue.models(models)
    assert [(one.name, one.standing) for one in found] == [
        ("v3", "champion"),
        ("v4", "challenger"),
        ("v9", "earlier"),
    ]


def test_a_model_that_was_altered_is_listed_with_what_is_wrong(models: Path) -> None:
    (models / "v4" / "manifest.json").write_text("{}")
    challenger = catalogue.models(models)[1]
    assert challenger.trouble
    assert challenger.figures == {}


def test_the_history_says_who_did_what_and_why_newest_first(models: Path) -> None:
    events = catalogue.history(models)
    assert [(one.event, one.name) for one in events] == [("held back", "v4"), ("promoted", "v3")]
    assert events[1].because == "better than the majority class"
    assert events[1].by


def test_a_torn_line_of_the_history_does_not_hide_the_others(models: Path) -> None:
    with (models / catalogue.HISTORY).open("a") as file:
        file.write('{"at": "2026-')
    assert len(catalogue.history(models)) == 2


def test_what_would_change_is_counted_by_group_and_adds_up(imported: Store, models: Path) -> None:
    found = comparing.compare(imported, models, limit=500)
    assert found
    assert (found.champion, found.challenger, found.records) == ("v3", "v4", 240)
    groups = {(one.kind, one.group): one for one in found.flips}
    every = groups["all", "all"]
    assert every.of == 240
    assert every.flipped > 50
    assert len(set(found.examples)) == 50
    assert every.flipped >= every.to_no_value + every.from_no_value
    categories = [one for one in found.flips if one.kind == "category"]
    assert sum(one.flipped for one in categories) == every.flipped


def test_without_a_challenger_there_is_nothing_to_compare(imported: Store, models: Path) -> None:
    handover.challenge(None, models)
    assert comparing.compare(imported, models) is None


def test_an_empty_folder_has_no_models_and_no_history(tmp_path: Path) -> None:
    assert catalogue.models(tmp_path) == ()
    assert catalogue.history(tmp_path) == ()
