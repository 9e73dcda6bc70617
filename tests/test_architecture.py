"""The rules of the house that import-linter and ruff cannot state."""

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("data", "model", "training", "serving")
EVERY_FILE = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
MODULES = sorted([path for path in EVERY_FILE if "versions" not in path.parts])
MODULES.append(ROOT / "secondlook.py")


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def functions() -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    trees = [ast.parse(path.read_text()) for path in MODULES]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body and body[-1].end_lineno else 0


def test_no_module_is_longer_than_400_lines() -> None:
    assert [f"{path.name}: {lines_of(path)}" for path in MODULES if lines_of(path) > 400] == []


def test_the_median_module_has_at_most_120_lines() -> None:
    assert statistics.median(lines_of(path) for path in MODULES) <= 120


def test_the_median_function_has_at_most_10_lines() -> None:
    assert statistics.median(body_lines(function) for function in functions()) <= 10


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_reads_or_writes_a_pickle(path: Path) -> None:
    words = r"\b(pickle|cloudpickle|dill|marshal|shelve)\b|joblib\.(load|dump)|allow_pickle=True"
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Call):
            assert not re.search(words, ast.unparse(node)), ast.unparse(node)


def modules_after(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = [sys.executable, "-W", "ignore", "-c", program]
    return set(subprocess.run(run, check=True, capture_output=True, text=True).stdout.split())


def test_the_service_starts_without_mlflow_or_training() -> None:
    assert modules_after("import serving.app") & {"mlflow", "training"} == set()


def test_the_command_line_says_its_help_without_loading_the_heavy_libraries() -> None:
    heavy = {"mlflow", "spacy", "sklearn", "pandas", "fastapi", "sqlalchemy"}
    assert modules_after("import secondlook") & heavy == set()


def test_no_committed_text_names_a_path_of_a_machine_or_a_registry() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    strange = re.compile(
        r"(?<!\w)/(work|root)/|files\.pythonhosted|registry\.npmjs|pypi\.org/simple"
    )
    texts = [name for name in listed if not name.endswith((".png", ".gz", ".safetensors"))]
    found = [
        name for name in texts
        if name != "tests/test_architecture.py" and strange.search((ROOT / name).read_text())
    ]  # fmt: skip
    assert found == []
