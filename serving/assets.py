"""Styles and script as they were built: named by content, compressed beforehand, kept for ever."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
BUILT = STATIC / "built"
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=3600"
PACKED: Mapping[str, str] = MappingProxyType({"br": ".br", "gzip": ".gz"})


@cache
def built(folder: Path = BUILT) -> Mapping[str, str]:
    """Give the hashed name of each built file.

    Parameters
    ----------
    folder
        Where ``assets/build.mjs`` puts what it makes.

    Returns
    -------
    Mapping
        Empty where nothing was built: pages are then plain and complete, and the log says what
        to run.
    """
    try:
        names: dict[str, str] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        log.warning("pages have no styles: run `make assets`, which builds them")
        return {}
    return names


def asset(name: str) -> str:
    """Give the address of a built file, or nothing where it was not built."""
    file = built().get(name)
    return f"/static/built/{file}" if file else ""


class Assets(StaticFiles):
    """Static files: a compressed sibling where the browser takes it, and a long memory.

    A built file's name holds the hash of its content, so a browser may keep it for ever; any
    other file is asked for again after an hour.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the smallest form of the file that the browser takes."""
        encoding = self._packing(path, scope)
        response = await super().get_response(path + PACKED.get(encoding, ""), scope)
        if response.status_code < 400:
            kept = path.startswith("built/") and not path.endswith(".json")
            response.headers["Cache-Control"] = FOREVER if kept else BRIEFLY
            response.headers["Vary"] = "Accept-Encoding"
        if encoding and response.status_code == 200:
            response.headers["Content-Encoding"] = encoding
            response.headers["Content-Type"] = _kind(path)
        return response

    def _packing(self, path: str, scope: Scope) -> str:
        asked = Headers(scope=scope).get("accept-encoding", "").replace(" ", "").split(",")
        taken = {one.split(";")[0] for one in asked if not one.endswith(("q=0", "q=0.0"))}
        there = (
            name for name, ending in PACKED.items()
            if name in taken and self.lookup_path(path + ending)[1]
        )  # fmt: skip
        return next(there, "")


def _kind(path: str) -> str:
    return "text/css; charset=utf-8" if path.endswith(".css") else "text/javascript; charset=utf-8"
