"""Signing in with the organisation's own accounts: OpenID Connect, authorization code and PKCE."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Provider:
    """An OpenID provider.

    Parameters
    ----------
    issuer
        As its configuration names it.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        roles_claim: str,
        roles: Mapping[str, str],
    ) -> None:
        self.issuer = issuer
