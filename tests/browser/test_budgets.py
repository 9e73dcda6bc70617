"""How much script and style a page brings to a browser that has nothing of it yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import BUDGET, PASSWORD, sign_in, transferred_bytes
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
Site = Any
FIRST_LOADS = {
    "assessor": ("/", "/records", "/records/new", "/records/A-0001", "/to-discuss"),
    "reviewer": ("/second-look", "/account/password", "/accessibility"),
    "lead": ("/lead", "/second-looks", "/second-looks/A-0020", "/second-person", "/returned"),
    "data_scientist": ("/data",),
    "inspector": ("/audit", "/audit/samples"),
}
"""Pages by a role that may read them. Add yours."""


@pytest.mark.parametrize("role", FIRST_LOADS)
def test_the_first_load_of_each_page_brings_little_script_and_style(
    open_page: Open, site: Site, tmp_path: Path, role: str
) -> None:
    page = open_page(site.base, "/sign-in")
    sign_in(page, site.base, role, password=PASSWORD)
    signed_in = tmp_path / "signed-in.json"
    page.context.storage_state(path=signed_in)
    for path in FIRST_LOADS[role]:
        fresh = open_page(site.base, path, storage_state=signed_in)
        assert fresh.url.endswith(path)
        brought = transferred_bytes(fresh)
        assert 5_000 < brought < BUDGET, f"{path} brings {brought:,} bytes"
