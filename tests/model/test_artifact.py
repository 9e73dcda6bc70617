"""Artefacts: the same bytes for the same training, and nothing loaded that was altered."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.errors import BadArtifact, CannotWrite
from data.taxonomy import load_taxonomy
from model import artifact
from model.classifier import TriageClassifier

TEXTS = [
    f"{who} {what} {where}"
    for who in ("my neighbour", "the landlord", "someone", "they all")
    for what in ("sells cigarettes", "works without papers", "parks badly", "forges passports")
    for where in ("every night", "at the shop", "near me")
]
LABELS = [
    value for _ in range(4) for value in ("medium", "low", "no_value", "high") for _ in "abc"
]
KINDS = {
    "medium": ("cigarettes_tobacco",),
    "low": ("illegal_working",),
    "no_value": (),
    "high": ("fake_documents",),
}
ORDER = ("no_value", "low", "medium", "high")


def _trained(seed: int = 0) -> TriageClassifier:
    return TriageClassifier(value_order=ORDER, folds=3, seed=seed).fit(
        TEXTS, LABELS, [KINDS[label] for label in LABELS]
    )


@pytest.fixture(scope="module")
def model() -> TriageClassifier:
    return _trained()


@pytest.fixture
def folder(model: TriageClassifier, tmp_path: Path) -> Path:
    artifact.save(model, tmp_path / "one", manifest_extra={"data": {"fingerprint": "abc"}})
    return tmp_path / "one"


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_trainings_with_one_seed_give_the_same_bytes(
    model: TriageClassifier, tmp_path: Path
) -> None:
    artifact.save(model, tmp_path / "one")
    artifact.save(_trained(), tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_another_process_trains_the_same_bytes(model: TriageClassifier, tmp_path: Path) -> None:
    artifact.save(model, tmp_path / "one")
    script = (
        "import sys; from pathlib import Path; import test_artifact as t; "
        "t.artifact.save(t._trained(), Path(sys.argv[1]))"
    )
    here = Path(__file__)
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "two")],
        check=True,
        cwd=here.parents[2],
        env={"PYTHONPATH": f"{here.parent}:{here.parents[2]}", "PYTHONHASHSEED": "77"},
    )
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_a_model_read_back_gives_the_same_answers(model: TriageClassifier, folder: Path) -> None:
    loaded = artifact.load(folder).model
    np.testing.assert_array_equal(loaded.predict_proba(TEXTS), model.predict_proba(TEXTS))
    np.testing.assert_array_equal(
        loaded.predict_category_proba(TEXTS), model.predict_category_proba(TEXTS)
    )
    assert list(loaded.predict(TEXTS)) == list(model.predict(TEXTS))
    assert loaded.unsure_threshold_ == model.unsure_threshold_
    assert loaded.doubt_curve_.threshold(capacity=0.2) == model.doubt_curve_.threshold(
        capacity=0.2
    )


def test_the_manifest_keeps_what_training_adds(folder: Path) -> None:
    manifest = artifact.verify(folder)
    assert manifest.extra["data"] == {"fingerprint": "abc"}
    assert manifest.model["value_codes"] == list(ORDER)
    assert len(manifest.version) == 16


@pytest.mark.parametrize("name", ["arrays.safetensors", "manifest.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadArtifact, match=name):
        artifact.load(folder)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadArtifact, match="is not a model"):
        artifact.load(tmp_path / "nowhere")


@pytest.mark.parametrize("place", [9, 1000, -1])
def test_one_altered_byte_of_the_arrays_is_noticed(folder: Path, place: int) -> None:
    path = folder / "arrays.safetensors"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadArtifact, match="altered"):
        artifact.verify(folder)


def test_a_changed_threshold_in_the_manifest_is_noticed(folder: Path) -> None:
    path = folder / "manifest.json"
    facts = json.loads(path.read_text(encoding="utf-8"))
    facts["model"]["unsure_threshold"] = 0.0
    path.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BadArtifact, match="altered"):
        artifact.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "unknown format"),
        ({"kind": "other"}, "not a model"),
    ],
)
def test_what_is_not_known_is_refused(
    folder: Path, change: dict[str, object], message: str
) -> None:
    path = folder / "manifest.json"
    facts = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BadArtifact, match=message):
        artifact.load(folder)


@pytest.mark.parametrize("content", ["", "[]", "not json", "\x00"])
def test_a_manifest_that_is_no_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadArtifact):
        artifact.load(folder)


def test_arrays_vouched_for_but_not_of_a_model_are_refused(folder: Path) -> None:
    path = folder / "arrays.safetensors"
    path.write_bytes(b"nonsense")
    facts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del facts["version"]
    facts["files"]["arrays.safetensors"] = artifact.hashlib.sha256(b"nonsense").hexdigest()
    facts["version"] = artifact._digest(facts)
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BadArtifact, match="arrays"):
        artifact.load(folder)


def test_a_model_of_the_same_taxonomy_is_taken(folder: Path) -> None:
    assert artifact.load(folder, taxonomy=load_taxonomy(None)).manifest.kind == artifact.KIND


def test_a_model_of_another_order_of_values_is_refused(folder: Path) -> None:
    taxonomy = load_taxonomy(None)
    other = replace(taxonomy, values=taxonomy.values[::-1])
    with pytest.raises(BadArtifact, match="another taxonomy"):
        artifact.load(folder, taxonomy=other)


def test_a_model_with_categories_the_taxonomy_lacks_is_refused(folder: Path) -> None:
    taxonomy = load_taxonomy(None)
    kept = tuple(c for c in taxonomy.categories if c.code != "fake_documents")
    with pytest.raises(BadArtifact, match="fake_documents"):
        artifact.load(folder, taxonomy=replace(taxonomy, categories=kept))


def test_a_newer_model_replaces_an_older_one_whole(folder: Path) -> None:
    before = artifact.verify(folder).version
    artifact.save(_trained(seed=1), folder)
    assert artifact.verify(folder).version != before
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_a_full_disk_leaves_the_older_model_and_nothing_half_written(
    folder: Path, model: TriageClassifier
) -> None:
    before = _bytes(folder)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
        with pytest.raises(CannotWrite, match="could not be written"):
            artifact.save(model, folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert _bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_a_place_that_cannot_be_written_is_named(model: TriageClassifier, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWrite, match="model"):
        artifact.save(model, tmp_path / "file" / "model")


def test_an_artefact_holds_no_pickle(folder: Path) -> None:
    assert sorted(_bytes(folder)) == ["arrays.safetensors", "manifest.json"]
    assert not _bytes(folder)["arrays.safetensors"].startswith(b"\x80")
