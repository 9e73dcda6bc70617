"""Seals: what a browser keeps for us comes back as it was given, or not at all."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

SHORTEST_KEY = 32


class Seal:
    """Signs with the newest key and takes what any of them signed (HMAC-SHA256).

    Parameters
    ----------
    key
        The key in force.
    old_keys
        Keys that were in force before, whose seals still hold.
    """

    def __init__(self, key: str, old_keys: Sequence[str] = ()) -> None:
        # itsdangerous wants them oldest first
        self._keys = [*reversed(old_keys), key]

    def put(self, kind: str, content: Any) -> str:  # noqa: ANN401
        """Seal a content that JSON can hold; what is sealed as one kind opens as no other."""
        return self._serializer(kind).dumps(content)

    def take(self, kind: str, sealed: str, max_age: int | None = None) -> Any:  # noqa: ANN401
        """Give back what was sealed, or ``None`` where the seal is broken or too old."""
        try:
            return self._serializer(kind).loads(sealed, max_age=max_age)
        except BadData:
            return None

    def derive(self, kind: str, text: str) -> str:
        """Make a token that only we could make from a text."""
        key = self._keys[-1].encode()
        return hmac.new(key, f"{kind}\n{text}".encode(), hashlib.sha256).hexdigest()

    def _serializer(self, kind: str) -> URLSafeTimedSerializer:
        signer = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeTimedSerializer(self._keys, salt=f"secondlook {kind}", signer_kwargs=signer)
