"""Who may call a route: declared beside it, enforced before it, checked for every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from serving.actors import Permission

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_DECLARED = "__secondlook_access__"


def access(permission: Permission) -> Callable[[Endpoint], Endpoint]:
    """Declare who may call a route; stands directly above its function."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, permission)
        return endpoint

    return declare


def declared(endpoint: Callable[..., Any]) -> Permission | None:
    """Give what a route declared, or ``None``."""
    permission: Permission | None = getattr(endpoint, _DECLARED, None)
    return permission
