"""The wheel holds all that a suggestion needs, and our top-level names are really ours."""

import importlib
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("data", "model", "training", "serving", "secondlook")


@pytest.mark.parametrize("name", NAMES)
def test_each_top_level_name_resolves_inside_the_repository(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(ROOT)


def test_no_test_folder_is_a_package_that_could_shadow_ours() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_constraints_pin_every_dependency_and_name_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert all("==" in line for line in lines)
    assert not [line for line in lines if "://" in line or " @ " in line]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_every_module_and_data_file_of_the_packages(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *NAMES[:4], "secondlook.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    held = set(zipfile.ZipFile(wheel).namelist())
    assert set(listed) - held == set()


def test_the_wheel_holds_the_styles_and_script_that_were_built(wheel: Path) -> None:
    built = {one.relative_to(ROOT).as_posix() for one in ROOT.glob("serving/static/built/*")}
    if not built:
        pytest.skip("the styles are not built: run `make assets`")
    assert built - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_in_an_empty_environment_trains_and_suggests(
    wheel: Path, tmp_path: Path
) -> None:
    """Dependencies come from this environment's folder; the five names only from the wheel."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    libraries = next((tmp_path / "env" / "lib").glob("python*/site-packages"))
    (libraries / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--target"]
    subprocess.run([*install, str(libraries), str(wheel)], check=True)

    def secondlook(*words: str) -> str:
        program = "import secondlook, sys; sys.exit(secondlook.app())"
        return subprocess.run(
            [tmp_path / "env/bin/python", "-W", "ignore", "-c", program, *words],
            cwd=tmp_path, check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": ""},
        ).stdout  # fmt: skip

    assert "simulate" in secondlook("--help")
    secondlook("sample", "--out", "made", "--rows", "400")
    table, mapping = "made/allegations.csv", "made/mapping.toml"
    secondlook("train", table, "--mapping", mapping, "--out", "trained", "--no-register")
    secondlook("score", table, "--mapping", mapping, "--model", "trained", "--out", "out.jsonl")
    first = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    assert first["value"] in {"no_value", "low", "medium", "high"}
