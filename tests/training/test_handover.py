"""What serving may rely on while a model is handed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import BadArtifact, CannotWrite
from training import handover


def artefact(folder: Path, text: str = "{}") -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(text)
    (folder / "arrays.safetensors").write_bytes(b"abc")
    return folder


def test_a_brought_model_is_whole_and_in_force_only_when_pointed_at(tmp_path: Path) -> None:
    models = tmp_path / "models"
    name = handover.bring(artefact(tmp_path / "a"), "3", models)
    assert handover.current(models) is None
    handover.put_in_force(name, models)
    assert handover.current(models) == models / name
    assert (models / name / "arrays.safetensors").read_bytes() == b"abc"
    assert sorted(path.name for path in models.iterdir()) == [name, "CURRENT"]


def test_a_version_number_that_starts_again_does_not_hide_another_model(tmp_path: Path) -> None:
    first = handover.bring(artefact(tmp_path / "a", '{"x": 1}'), "1", tmp_path / "models")
    second = handover.bring(artefact(tmp_path / "b", '{"x": 2}'), "1", tmp_path / "models")
    assert first != second


def test_bringing_a_model_again_mends_a_damaged_copy(tmp_path: Path) -> None:
    models = tmp_path / "models"
    name = handover.bring(artefact(tmp_path / "a"), "1", models)
    (models / name / "arrays.safetensors").write_bytes(b"damaged")
    assert handover.bring(tmp_path / "a", "1", models) == name
    assert (models / name / "arrays.safetensors").read_bytes() == b"abc"


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "thesis"
    target.mkdir()
    (target / "chapter.txt").write_text("years of work")
    with pytest.raises(CannotWrite, match="no model"):
        handover.copy_whole(artefact(tmp_path / "a"), target)
    assert (target / "chapter.txt").read_text() == "years of work"


def test_a_folder_without_a_manifest_is_no_artefact(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact):
        handover.fingerprint(tmp_path)


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_scrap(tmp_path: Path) -> None:
    target = tmp_path / "CURRENT"
    target.mkdir()
    with pytest.raises(CannotWrite):
        handover.write_whole(target, "1-abc")
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]
