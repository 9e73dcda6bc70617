"""Styles and script as they are served, and the lock that says what they are made of."""

from __future__ import annotations

import gzip
import json
import logging
import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from serving.assets import Assets, asset, built

ROOT = Path(__file__).resolve().parents[2]
STYLE = b"body { color: #0b0c0c; }" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a built style sheet, its compressed form, a picture and a plain text."""
    (tmp_path / "built").mkdir()
    (tmp_path / "built/secondlook-0123456789ab.css").write_bytes(STYLE)
    (tmp_path / "built/secondlook-0123456789ab.css.gz").write_bytes(gzip.compress(STYLE))
    (tmp_path / "built/manifest.json").write_text(
        '{"secondlook.css": "secondlook-0123456789ab.css"}'
    )
    (tmp_path / "icon.svg").write_text("<svg/>")
    return tmp_path


@pytest.fixture
def client(folder: Path) -> TestClient:
    return TestClient(Starlette(routes=[Mount("/static", Assets(directory=folder))]))


CSS = "/static/built/secondlook-0123456789ab.css"


def test_a_browser_that_unpacks_gets_the_packed_style_and_keeps_it_for_ever(
    client: TestClient,
) -> None:
    answer = client.get(CSS, headers={"accept-encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert int(answer.headers["content-length"]) < len(STYLE) / 5
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == STYLE


@pytest.mark.parametrize("taken", ["identity", "", "zstd", "gzip;q=0"])
def test_a_browser_that_does_not_unpack_gets_it_plain(client: TestClient, taken: str) -> None:
    answer = client.get(CSS, headers={"accept-encoding": taken})
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == STYLE


def test_what_has_no_hash_in_its_name_is_not_kept_for_ever(client: TestClient) -> None:
    for path in ("/static/icon.svg", "/static/built/manifest.json"):
        kept = client.get(path).headers["cache-control"]
        assert "immutable" not in kept


@pytest.mark.parametrize(
    "path", ["/static/../settings.py", "/static/built/no.css", "/static/built"]
)
def test_nothing_outside_the_folder_or_missing_is_given(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_names_come_from_the_manifest(folder: Path) -> None:
    assert built(folder / "built") == {"secondlook.css": "secondlook-0123456789ab.css"}


def test_without_built_styles_the_log_says_what_to_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert built(tmp_path) == {}
    assert "make assets" in caplog.text


def test_what_pages_load_was_built_and_is_small() -> None:
    if not built():
        pytest.skip("the styles are not built: run `make assets`")
    sizes = []
    for name in ("secondlook.css", "secondlook.js"):
        address = asset(name)
        assert re.fullmatch(r"/static/built/secondlook-[0-9a-f]{12}\.(css|js)", address)
        file = ROOT / "serving" / address.removeprefix("/")
        text = file.read_text("utf-8")
        assert "GDS Transport" not in text
        assert "crest" not in text
        assert not re.search(r"url\((?!['\"]?(data:|#))", text)
        sizes.append(file.with_name(file.name + ".gz").stat().st_size)
    assert sum(sizes) < 45_000


def test_the_lock_of_the_styles_names_no_host_and_pins_every_package() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert packages
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one.get("integrity")] == []
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    assert {f"node_modules/{name}" for name in wanted} <= set(packages)
