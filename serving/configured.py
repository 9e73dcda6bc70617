"""Reading the settings, with what does not fit told in plain words."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from data.errors import BadInput, Problem
from serving.settings import Settings


def settings(
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
) -> Settings:
    """Read the settings; what the command line says goes before the environment.

    Raises
    ------
    BadInput
        Listing every setting that does not fit.
    """
    said: dict[str, Any] = {"host": host, "port": port, "workers": workers}
    try:
        return Settings(**{name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        problems = [
            Problem(f"SECONDLOOK_{'_'.join(map(str, one['loc'])).upper()}", one["msg"])
            for one in error.errors()
        ]
        raise BadInput("The settings do not fit", problems) from None
