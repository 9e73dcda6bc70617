"""Who may call a route: declared beside it, and checked by a test for every route.

In this first version everything is ``open`` to whoever reaches the address, and the service
listens to this machine alone. Roles come with accounts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

Access = Literal["open"]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_DECLARED = "__secondlook_access__"


def access(level: Access) -> Callable[[Endpoint], Endpoint]:
    """Declare who may call a route; stands directly above its function."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, level)
        return endpoint

    return declare


def declared(endpoint: Callable[..., Any]) -> Access | None:
    """Give what a route declared, or ``None``."""
    level: Access | None = getattr(endpoint, _DECLARED, None)
    return level
