from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data.taxonomy import load_taxonomy
from model import artifact
from model.predictor import Predictor
from serving import catalogue, comparing, retention, views_data
from serving.actors import Actor
from serving.intake import QUEUE
from serving.store.database import Store
from serving.store.records import NewAllegation
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


def test_the_groups_of_which_a_model_misses_most_come_first(
    tmp_path: Path, artefacts: Path
) -> None:
    def of(group: str, low: float | None) -> dict[str, Any]:
        gap = {"of": 60, "share": 0.2, "others": 0.1, "low": low, "high": 0.3}
        return {"attribute": "gender", "group": group, "missed": None if low is None else gap}

    told = [of("f", -0.05), of("m", 0.02), of("x", None)]
    figures = {"value": {"ece": 0.03}, "swapped": {"moved": 0.004}, "fairness": told}
    model = artifact.load(artefacts / "v3").model
    artifact.save(model, tmp_path / "v1", manifest_extra={"figures": figures})
    (found,) = catalogue.models(tmp_path)
    assert found.figures == {"ece": 0.03, "moved": 0.004}
    assert [one.group for one in found.groups] == ["gender: m", "gender: f"]
    assert found.groups[0] == catalogue.GroupMissed("gender: m", 60, 0.2, 0.1, 0.02, 0.3)
    shown = views_data.data_page([found], [], None, load_taxonomy(), "").groups
    assert shown.rows == ()
    in_force = replace(found, standing="champion")
    shown = views_data.data_page([in_force], [], None, load_taxonomy(), "").groups
    assert [cell.text for cell in shown.rows[0]] == [
        "Gender: m",
        "Champion, in force",
        "60",
        "20.0%",
        "10.0%",
        "+2.0 to +30.0",
    ]


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


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that were loaded to be asked, in order."""
    loaded: list[str] = []
    load = Predictor.load

    def noted(path: Path) -> Predictor:
        loaded.append(path.name)
        return load(path)

    monkeypatch.setattr(Predictor, "load", noted)
    return loaded


def test_a_second_load_asks_no_model(imported: Store, models: Path, asked: list[str]) -> None:
    kept = comparing.Comparisons(imported, models)
    first = kept.current()
    assert first == comparing.compare(imported, models)
    asked.clear()
    assert kept.current() is first
    assert asked == []


def test_a_new_record_and_an_erased_one_are_asked_about_again(
    imported: Store, models: Path, asked: list[str], a_person: Callable[..., Actor]
) -> None:
    kept = comparing.Comparisons(imported, models)
    kept.current()
    new = NewAllegation("X-1", "sells cigarettes from a van", "low", dismissed=False)
    with imported.writing() as unit:
        unit.allegations.add_many(QUEUE, [new])
    asked.clear()
    found = kept.current()
    assert found
    assert found.records == 241
    assert asked == ["v3", "v4"]
    lead = a_person("lead", "lead")
    retention.erase(imported, lead, "X-1", reason="asked for", models_dir=models)
    found = kept.current()
    assert found
    assert found.records == 240


def test_another_challenger_and_another_champion_are_asked_again(
    imported: Store, models: Path, asked: list[str]
) -> None:
    shutil.copytree(models / "v3", models / "v5")
    kept = comparing.Comparisons(imported, models)
    kept.current()
    handover.challenge("v5", models)
    found = kept.current()
    assert found
    assert (found.challenger, found.flips[0].flipped) == ("v5", 0)
    asked.clear()
    handover.put_in_force("v4", models)
    found = kept.current()
    assert found
    assert (found.champion, found.challenger) == ("v4", "v5")
    assert asked == ["v4", "v5"]
    handover.challenge(None, models)
    assert kept.current() is None


def test_several_who_load_at_once_ask_the_models_once(
    imported: Store, models: Path, asked: list[str]
) -> None:
    kept = comparing.Comparisons(imported, models)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: kept.current(), range(8)))
    assert asked == ["v3", "v4"]
    assert all(one is found[0] for one in found)


def test_an_empty_folder_has_no_models_and_no_history(tmp_path: Path) -> None:
    assert catalogue.models(tmp_path) == ()
    assert catalogue.history(tmp_path) == ()
