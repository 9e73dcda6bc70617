"""OpenID providers to sign in with: a real one, and one that can be told to lie."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey


@contextmanager
def real_provider() -> Iterator[str]:
    """Run oidc-provider-mock as a process of its own; gives its issuer."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0"],
        env={**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    try:
        found = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stderr)
        yield next(one[0] for one in found if one)
    finally:
        process.terminate()
        process.communicate(timeout=30)


@cache
def keys() -> dict[str, Any]:
    """Keys to sign with; made once, for that takes a while."""
    return {
        "provider": RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"}),
        "other": RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"}),
        "secret": OctKey.import_key("client-secret-client-secret-0000"),
    }


class Liar:
    """A provider whose every answer can be changed.

    Parameters
    ----------
    issuer
        Where it really is.
    claims
        What its next ID token says beside the usual.
    configuration
        What its configuration says beside the usual.
    signed_by
        ``provider`` for the key it publishes, ``other`` for one it does not, ``secret`` for the
        client's secret, ``nobody`` for no signature.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.claims: dict[str, Any] = {}
        self.configuration: dict[str, Any] = {}
        self.signed_by = "provider"
        self.nonce = ""
        self.asked: dict[str, str] = {}
        self._keys = keys()

    def answer(self, path: str) -> dict[str, Any]:
        """Give what is at an address."""
        if path.endswith("/openid-configuration"):
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                **self.configuration,
            }
        if path.endswith("/jwks"):
            return {"keys": [self._keys["provider"].as_dict(private=False)]}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self._id_token()}

    def _id_token(self) -> str:
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "sub": "7",
            "aud": "second-look",
            "exp": now + 300,
            "iat": now,
            "nonce": self.nonce,
            "preferred_username": "rita",
            "roles": ["leads"],
        }
        claims = {name: one for name, one in {**usual, **self.claims}.items() if one is not None}
        if self.signed_by == "nobody":
            return _unsigned(claims)
        algorithm = "HS256" if self.signed_by == "secret" else "RS256"
        header = {"alg": algorithm, "kid": "1"}
        return jwt.encode(header, claims, self._keys[self.signed_by], algorithms=[algorithm])


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [{"alg": "none"}, claims]
    written = [urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in parts]
    return ".".join([*written, ""])


@contextmanager
def lying_provider() -> Iterator[Liar]:
    """Run a provider that can be told to lie."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say()

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            liar.asked = dict(
                pair.split("=", 1) for pair in self.rfile.read(length).decode().split("&")
            )
            self._say()

        def _say(self) -> None:
            body = json.dumps(liar.answer(self.path)).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:  # type: ignore[override]
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    liar = Liar(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield liar
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
