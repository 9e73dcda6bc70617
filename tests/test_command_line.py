"""The command line as a person or a script meets it: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pytest
from factories import different_columns, training_columns, write_csv
from typer.testing import CliRunner, Result

import secondlook

QUICK = ("--folds", "2", "--jobs", "1", "--plain-folds", "--category-rows", "5")
SECRET = "Zanzibarquux"

Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECONDLOOK_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: object) -> Result:
        return CliRunner().invoke(secondlook.app, [str(word) for word in words])

    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder in which a first model has been trained, registered and promoted."""
    place = tmp_path_factory.mktemp("trained")
    write_csv(place / "a.csv", training_columns())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setenv("SECONDLOOK_VAR", str(place / "var"))
        words = ["train", "a.csv", *QUICK, "--out", "made", "--json", "figures.json"]
        result = CliRunner().invoke(secondlook.app, words)
    assert result.exit_code == 0, result.output
    return place


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    """Copy what can be copied of the trained folder: artefacts, not the registry."""
    shutil.copytree(trained / "made", tmp_path / "made")
    shutil.copy(trained / "a.csv", tmp_path / "a.csv")
    return tmp_path


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def with_changed(**changes: Sequence[str]) -> Mapping[str, Sequence[str]]:
    return training_columns() | changes


# What is there ---------------------------------------------------------------------------


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys, secondlook\n"
        "from typer.testing import CliRunner\n"
        "result = CliRunner().invoke(secondlook.app, ['--help'])\n"
        "assert all(name in result.output for name in ('train', 'evaluate', 'score', 'models'))\n"
        "heavy = {'mlflow', 'sklearn', 'pandas', 'numpy', 'spacy', 'fastapi', 'sqlalchemy'}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_training_promotes_a_first_model_and_hands_it_over(trained: Path) -> None:
    name = (trained / "var/models/CURRENT").read_text().strip()
    assert name.startswith("1-")
    handed = trained / "var/models" / name
    for file in ("manifest.json", "arrays.safetensors", "MODEL_CARD.md", "atrs.json"):
        assert (handed / file).read_bytes() == (trained / "made" / file).read_bytes()


def test_the_figures_file_holds_what_other_programs_rely_on(trained: Path) -> None:
    figures = json.loads((trained / "figures.json").read_text())
    assert {"macro_f1", "no_value_auc", "log_loss", "ece"} <= set(figures["value"])
    assert {"macro_f1", "top3"} <= set(figures["category"])
    assert figures["records"] == 120
    assert figures["folds"] == 2
    assert figures["seconds"] > 0
    assert set(figures["baselines"]) == {"majority", "plain_tfidf"}
    assert set(figures["by_channel"]) == {"web_form", "phone_hotline"}
    assert figures["value"]["macro_f1"] > figures["baselines"]["majority"]["value"]["macro_f1"]
    assert figures["gate"]["promoted"] is True


def test_the_model_card_names_organisation_data_and_figures(trained: Path) -> None:
    card = (trained / "made/MODEL_CARD.md").read_text()
    manifest = json.loads((trained / "made/manifest.json").read_text())
    assert manifest["version"] in card
    assert manifest["extra"]["data"]["fingerprint"] in card
    assert "Still to be stated" in card
    record = json.loads((trained / "made/atrs.json").read_text())
    assert record["tier_2"]["tool_specification"]["model"]["version"] == manifest["version"]


def test_the_same_file_and_seed_give_the_same_bytes_with_any_number_of_processes(
    command: Command, copy: Path
) -> None:
    result = command("train", "a.csv", *QUICK, "--jobs", "2", "--out", "again", "--no-register")
    assert result.exit_code == 0, result.output
    for file in everything_in(copy / "made"):
        assert (copy / "made" / file).read_bytes() == (copy / "again" / file).read_bytes()


def test_another_seed_gives_another_model(command: Command, copy: Path) -> None:
    result = command("train", "a.csv", *QUICK, "--seed", "1", "--out", "other", "--no-register")
    assert result.exit_code == 0, result.output
    manifests = [(copy / name / "manifest.json").read_bytes() for name in ("made", "other")]
    assert manifests[0] != manifests[1]


def test_no_narrative_and_no_path_of_this_machine_is_in_an_artefact(
    command: Command, tmp_path: Path
) -> None:
    columns = training_columns()
    columns["narrative"][3] += f" {SECRET} sentence that stands only here"
    write_csv(tmp_path / "a.csv", columns)
    assert command("train", "a.csv", *QUICK, "--out", "made", "--no-register").exit_code == 0
    for file in (tmp_path / "made").iterdir():
        assert b"sentence that stands only here" not in file.read_bytes()
        assert str(tmp_path).encode() not in file.read_bytes()


def test_evaluating_registers_and_writes_nothing_but_the_figures(
    command: Command, copy: Path
) -> None:
    before = everything_in(copy)
    result = command("evaluate", "a.csv", *QUICK, "--json", "f.json", "--no-baselines")
    assert result.exit_code == 0, result.output
    assert everything_in(copy) == sorted([*before, "f.json"])
    assert "macro_f1" in result.output


@pytest.mark.usefixtures("copy")
def test_whole_groups_are_held_out_when_a_column_is_named(command: Command) -> None:
    result = command("evaluate", "a.csv", *QUICK, "--group", "nationality", "--no-baselines")
    assert result.exit_code == 0, result.output
    result = command("evaluate", "a.csv", *QUICK, "--group", "planet", "--no-baselines")
    assert result.exit_code == 2
    assert "planet" in result.output


def test_groups_are_compared_by_attributes_that_are_held_apart(
    command: Command, copy: Path
) -> None:
    people = [f"{row},{'f' if row % 2 else 'm'}" for row in range(120)]
    lines = [f"A-{one.split(',')[0]:>04},{one.split(',')[1]}" for one in people]
    (copy / "apart.csv").write_text("\n".join(["reference,gender", *lines]) + "\n")
    asked = ("evaluate", "a.csv", *QUICK, "--no-baselines", "--sensitive")
    result = command(*asked, "apart.csv", "--json", "f.json")
    assert result.exit_code == 0, result.output
    assert "apart.csv speaks of 120 of 120 records" in result.output
    told = json.loads((copy / "f.json").read_text())["fairness"]
    assert {(one["attribute"], one["group"], one["records"]) for one in told} >= {
        ("gender", "f", 60),
        ("gender", "m", 60),
    }
    result = command(*asked, "none.csv")
    assert result.exit_code == 2
    assert "none.csv cannot be read" in result.output


# Drift -----------------------------------------------------------------------------------


def test_later_records_are_compared_with_earlier_ones(command: Command, tmp_path: Path) -> None:
    columns = different_columns(160)
    columns["received_at"] = [f"2025-{1 + n // 28:02d}-{1 + n % 28:02d}" for n in range(160)]
    write_csv(tmp_path / "a.csv", columns)
    asked = ("drift", "a.csv", "--folds", "2", "--jobs", "1")
    result = command(*asked, "--since", "2025-04-01", "--json", "d.json")
    assert result.exit_code == 0, result.output
    assert "84 records before 2025-04-01 00:00, 76 since" in result.output
    told = json.loads((tmp_path / "d.json").read_text())
    assert "Narratives told apart: " in result.output
    assert {"told_apart", "shares", "figures"} < set(told)
    assert 0 <= told["told_apart"]["low"] <= told["told_apart"]["auc"] <= 1
    assert set(told["figures"]) == {"macro_f1", "no_value_auc"}
    assert told["since"] == "2025-04-01T00:00:00+00:00"
    result = command(*asked, "--since", "lately")
    assert result.exit_code == 2
    assert "--since lately" in result.output


# Scoring ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_scoring_gives_one_row_per_record_in_order_in_every_format(
    command: Command, copy: Path, ending: str
) -> None:
    out = copy / f"out.{ending}"
    result = command("score", "a.csv", "--out", out, "--model", copy / "made")
    assert result.exit_code == 0, result.output
    read = {
        "csv": pd.read_csv,
        "parquet": pd.read_parquet,
        "jsonl": lambda path: pd.read_json(path, lines=True),
    }[ending]
    scored = read(out)
    assert scored["reference"].tolist() == training_columns()["reference"]
    chances = scored[["p_no_value", "p_low", "p_medium", "p_high"]]
    assert chances.sum(axis=1).round(4).eq(1).all()
    assert (
        (scored["doubt"] - (1 - chances["p_no_value"]))
        .abs()
        .lt(1e-5)[[value == "no_value" for value in training_columns()["value"]]]
        .all()
    )
    assert scored["reasons"].map(json.loads).map(len).gt(0).all()


def test_scoring_uses_the_promoted_model_where_none_is_named(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDLOOK_VAR", str(trained / "var"))
    out = tmp_path / "out.csv"
    words = ["score", str(trained / "a.csv"), "--out", str(out)]
    for model in ([], ["--model", "secondlook@champion"], ["--model", "1"]):
        result = CliRunner().invoke(secondlook.app, [*words, *model])
        assert result.exit_code == 0, result.output
        versions = set(pd.read_csv(out)["model_version"])
        assert versions == {json.loads((trained / "made/manifest.json").read_text())["version"]}


def test_scoring_with_no_model_at_all_says_what_to_do(command: Command, copy: Path) -> None:
    result = command("score", "a.csv", "--out", "out.csv")
    assert result.exit_code == 2
    assert "train one" in result.output
    assert not (copy / "out.csv").exists()


def test_a_bad_record_late_in_a_file_leaves_no_output_and_keeps_the_old_one(
    command: Command, copy: Path
) -> None:
    narratives = [*training_columns()["narrative"][:-1], "  "]
    write_csv(copy / "b.csv", with_changed(narrative=narratives))
    (copy / "out.csv").write_text("old")
    before = everything_in(copy)
    result = command("score", "b.csv", "--out", "out.csv", "--model", "made")
    assert result.exit_code == 2
    assert "row 120" in result.output
    assert (copy / "out.csv").read_text() == "old"
    assert everything_in(copy) == before


@pytest.mark.usefixtures("copy")
def test_an_unknown_ending_of_the_output_is_refused(command: Command) -> None:
    result = command("score", "a.csv", "--out", "out.xlsx", "--model", "made")
    assert result.exit_code == 2
    assert ".parquet" in result.output


# Models ----------------------------------------------------------------------------------


def test_models_can_be_listed_shown_and_verified(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDLOOK_VAR", str(trained / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    run = CliRunner().invoke
    listed = run(secondlook.app, ["models", "list", "--json", str(tmp_path / "l.json")])
    assert listed.exit_code == 0, listed.output
    assert json.loads((tmp_path / "l.json").read_text())["versions"][0]["version"] == "1"
    shown = run(secondlook.app, ["models", "show", "champion"])
    assert "data_fingerprint" in shown.output
    assert run(secondlook.app, ["models", "verify"]).exit_code == 0
    assert run(secondlook.app, ["models", "verify", "secondlook@champion"]).exit_code == 0
    unknown = run(secondlook.app, ["models", "show", "99"])
    assert unknown.exit_code == 2
    assert "99" in unknown.output


def test_training_again_on_the_same_data_registers_nothing_new(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECONDLOOK_VAR", str(trained / "var"))
    words = ["train", str(trained / "a.csv"), *QUICK]
    result = CliRunner().invoke(secondlook.app, words)
    assert result.exit_code == 0, result.output
    assert "the same model" in result.output
    assert (trained / "var/models/CURRENT").read_text().startswith("1-")


def test_a_challenger_the_gate_refuses_is_kept_and_can_be_promoted_only_with_a_reason(
    command: Command, tmp_path: Path
) -> None:
    write_csv(tmp_path / "a.csv", training_columns())
    assert command("train", "a.csv", *QUICK).exit_code == 0
    refused = command("train", "a.csv", *QUICK, "--seed", "7")
    assert refused.exit_code == 1
    assert "Refused" in refused.output
    first = (tmp_path / "var/models/CURRENT").read_text()
    assert first.startswith("1-")
    assert command("models", "rollback").exit_code == 1
    assert command("models", "promote", "challenger").exit_code == 1
    assert (tmp_path / "var/models/CURRENT").read_text() == first
    told = command("models", "promote", "challenger", "--despite-gate", "seed was wrong")
    assert told.exit_code == 0, told.output
    assert (tmp_path / "var/models/CURRENT").read_text().startswith("2-")
    assert command("models", "verify").exit_code == 0
    assert command("models", "rollback").exit_code == 0
    assert (tmp_path / "var/models/CURRENT").read_text() == first
    assert command("models", "verify").exit_code == 0


# Bad input -------------------------------------------------------------------------------


def mapping_naming(column: str) -> str:
    return f'[columns]\nnarrative = "{column}"\nvalue = "value"\n'


BAD_FILES: dict[str, tuple[Mapping[str, Sequence[str]], str]] = {
    "missing column": (
        {k: v for k, v in training_columns().items() if k != "narrative"},
        "narrative",
    ),
    "unknown value": (
        with_changed(value=["enormous", *training_columns()["value"][1:]]),
        "row 1, column value",
    ),
    "empty narrative": (
        with_changed(narrative=[*training_columns()["narrative"][:4], "", *["x y"] * 115]),
        "row 5, column narrative",
    ),
    "huge narrative": (
        with_changed(narrative=["word " * 25_000, *training_columns()["narrative"][1:]]),
        "row 1, column narrative",
    ),
    "0 rows": ({name: [] for name in training_columns()}, "0 rows"),
    "one class only": (
        with_changed(value=["low"] * 120, reviewed_value=[""] * 120),
        "only one value",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("verb", ["train", "evaluate"])
def test_a_bad_file_is_refused_with_its_place_and_nothing_is_written(
    command: Command, tmp_path: Path, kind: str, verb: str
) -> None:
    columns, told = BAD_FILES[kind]
    write_csv(tmp_path / "bad.csv", columns)
    result = command(verb, "bad.csv", *QUICK, "--json", "f.json")
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert "Traceback" not in result.output
    assert everything_in(tmp_path) == ["bad.csv"]


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("narrative,value\ncafé,low\n".encode("latin-1"), "UTF-8"),
        (b"narrative,value\nsells\x00drugs,low\n", "NUL"),
        (b"", "bad.csv"),
    ],
)
def test_wrong_bytes_are_refused(command: Command, tmp_path: Path, raw: bytes, told: str) -> None:
    (tmp_path / "bad.csv").write_bytes(raw)
    result = command("train", "bad.csv", *QUICK)
    assert result.exit_code == 2
    assert told in result.output
    assert everything_in(tmp_path) == ["bad.csv"]


def test_a_file_that_is_not_there_and_a_mapping_that_fits_nothing_are_told(
    command: Command, copy: Path
) -> None:
    assert command("train", "nowhere.csv").exit_code == 2
    (copy / "m.toml").write_text(mapping_naming("no_such_column"))
    result = command("train", "a.csv", "--mapping", "m.toml")
    assert result.exit_code == 2
    assert "no_such_column" in result.output


def test_errors_never_quote_a_narrative(command: Command, tmp_path: Path) -> None:
    columns = training_columns()
    columns["narrative"][0] = f"{SECRET} " * 12_000
    columns["narrative"][1] = f"{SECRET}\x00"
    columns["value"][2] = "unheard"
    write_csv(tmp_path / "bad.csv", columns)
    result = command("train", "bad.csv", *QUICK)
    assert result.exit_code == 2
    assert SECRET not in result.output


@pytest.mark.usefixtures("copy")
def test_a_fault_in_the_program_tells_its_place_but_not_its_message(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("training.run.labels_of", broken)
    result = command("evaluate", "a.csv", *QUICK)
    assert result.exit_code == 70
    assert "KeyError" in result.output
    assert "in broken" in result.output
    assert SECRET not in result.output


def test_a_category_with_one_example_is_left_out_with_a_warning(
    command: Command, copy: Path
) -> None:
    categories = ["firearms", *training_columns()["categories"][1:]]
    write_csv(copy / "b.csv", with_changed(categories=categories))
    result = command("train", "b.csv", *QUICK, "--out", "b", "--no-register")
    assert result.exit_code == 0, result.output
    assert "'firearms' is left out: 1 record" in result.output
    manifest = json.loads((copy / "b/manifest.json").read_text())
    assert "firearms" not in manifest["model"]["category_codes"]


@pytest.mark.parametrize("file", ["arrays.safetensors", "manifest.json"])
def test_a_tampered_artefact_is_refused(command: Command, copy: Path, file: str) -> None:
    path = copy / "made" / file
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    for words in (
        ["models", "verify", "made"],
        ["score", "a.csv", "--out", "out.csv", "--model", "made"],
    ):
        result = command(*words)
        assert result.exit_code == 2, result.output
        assert result.output.startswith("Error: ")
    assert not (copy / "out.csv").exists()


def test_an_artefact_with_a_missing_file_is_refused(command: Command, copy: Path) -> None:
    (copy / "made/arrays.safetensors").unlink()
    result = command("models", "verify", "made")
    assert result.exit_code == 2
    assert "arrays.safetensors" in result.output


def test_a_file_of_another_taxonomy_is_not_scored(command: Command, copy: Path) -> None:
    columns = with_changed(value=[v.replace("low", "minor") for v in training_columns()["value"]])
    write_csv(copy / "b.csv", {k: columns[k] for k in ("reference", "narrative", "value")})
    (copy / "m.toml").write_text(
        mapping_naming("narrative") + '[value]\norder = ["no_value", "minor", "medium", "high"]\n'
    )
    result = command("score", "b.csv", "--mapping", "m.toml", "--out", "o.csv", "--model", "made")
    assert result.exit_code == 2
    assert "taxonomy" in result.output
    assert not (copy / "o.csv").exists()


# A full disk -----------------------------------------------------------------------------


def run_with_little_space(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run in another process whose files may not grow beyond 10 kB, as on a full disk."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    root = Path(secondlook.__file__).parent
    return subprocess.run(
        [sys.executable, str(root / "secondlook.py"), *words],
        cwd=place,
        env=os.environ | {"SECONDLOOK_VAR": str(place / "var"), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("train", "a.csv", *QUICK, "--out", "full", "--no-register"),
        ("train", "a.csv", *QUICK),
        ("score", "long.csv", "--out", "full.csv", "--model", "made"),
        ("score", "long.csv", "--out", "full.parquet", "--model", "made"),
    ],
    ids=["artefact", "registry", "csv", "parquet"],
)
def test_a_full_disk_is_told_plainly_and_leaves_nothing_half_written(
    copy: Path, words: tuple[str, ...]
) -> None:
    write_csv(copy / "long.csv", training_columns(240))
    before = everything_in(copy)
    done = run_with_little_space(copy, *words)
    assert done.returncode == 2, done.stderr
    assert "Error: " in done.stderr
    assert "Traceback" not in done.stderr
    left = [name for name in everything_in(copy) if not name.startswith("var")]
    assert left == before
    assert not (copy / "var/models").exists()
