"""Signing in with the organisation's own accounts: OpenID Connect, authorization code and PKCE."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from serving.errors import NotReady, NotSignedIn, Unsafe

log = logging.getLogger(__name__)

# signed with a key that the provider alone has; never "none", never a secret that both know
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
SCOPE = "openid profile email"
LEEWAY = 60
# OpenID Connect Core 1.0, section 2
LONGEST_SUBJECT = 255
TIMEOUT = 10.0
HERE = frozenset({"127.0.0.1", "localhost", "::1"})
NOT_VOUCHED = "your organisation's account could not be checked; try to sign in again"


@dataclass(frozen=True, slots=True)
class Departure:
    """What the answer must match of somebody who was sent away to sign in."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whom the provider vouches for.

    Parameters
    ----------
    issuer, subject
        What they are known by, for good.
    username, display_name
        What they are called at present.
    roles
        What the roles claim says that they may do here.
    """

    issuer: str
    subject: str
    username: str
    display_name: str
    roles: frozenset[str]


class Provider:
    """An OpenID provider, by what it publishes about itself.

    Its configuration and keys are read anew for every sign-in, so that a key it has withdrawn
    opens nothing.

    Parameters
    ----------
    issuer
        As its configuration names it; over TLS, unless it runs on this machine.
    roles
        What the values of the roles claim mean here.

    Raises
    ------
    Unsafe
        When the issuer is reached without TLS.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        roles_claim: str,
        roles: Mapping[str, str],
    ) -> None:
        if not _protected(issuer):
            raise Unsafe("SECONDLOOK_OIDC_ISSUER must begin with https://")
        self.issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._roles_claim = roles_claim
        self._roles = roles

    def depart(self, redirect_uri: str) -> tuple[str, Departure]:
        """Begin a sign-in; gives where to send the browser, and what to keep of it.

        Raises
        ------
        NotReady
            When the provider cannot be reached.
        """
        state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        verifier = secrets.token_urlsafe(48)
        with self._client(redirect_uri) as client:
            endpoint = self._configuration(client)["authorization_endpoint"]
            url, _ = client.create_authorization_url(
                endpoint, state=state, nonce=nonce, code_verifier=verifier
            )
        return str(url), Departure(state, nonce, verifier)

    def arrive(
        self, answer: Mapping[str, str], departure: Departure, redirect_uri: str
    ) -> Identity:
        """Give who came back.

        Parameters
        ----------
        answer
            What the provider put into the address.
        departure
            What this browser was sent away with.

        Raises
        ------
        NotSignedIn
            When the answer is not one to this departure, or the provider vouches for nobody.
        NotReady
            When the provider cannot be reached.
        """
        same = secrets.compare_digest(answer.get("state", "").encode(), departure.state.encode())
        # RFC 9207: an answer of another provider is not taken for one of this
        ours = answer.get("iss", self.issuer) == self.issuer
        if not same or not ours or not answer.get("code"):
            raise NotSignedIn(NOT_VOUCHED)
        with self._client(redirect_uri) as client:
            claims = self._claims(client, answer["code"], departure)
        return self._identity(claims)

    def _claims(self, client: OAuth2Client, code: str, departure: Departure) -> Mapping[str, Any]:
        try:
            known = self._configuration(client)
            token = client.fetch_token(
                known["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=departure.verifier,
            )
            keys = KeySet.import_key_set(self._fetch(client, known["jwks_uri"]))
            told = jwt.decode(
                token["id_token"],
                keys,
                registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
            )
            return self._checked(told, departure.nonce, token.get("access_token"))
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            log.warning("a sign-in by OpenID was refused: %s", type(error).__name__)
            raise NotSignedIn(NOT_VOUCHED) from None
        except httpx2.HTTPError:
            raise NotReady("the OpenID provider cannot be reached") from None

    def _checked(self, told: jwt.Token, nonce: str, access_token: str | None) -> Mapping[str, Any]:
        claims: CodeIDToken = CodeIDToken(
            told.claims,
            told.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self._client_id},
            },
            {"nonce": nonce, "client_id": self._client_id, "access_token": access_token},
        )
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        given = claims.get(self._roles_claim) or []
        values = [given] if isinstance(given, str) else given
        subject = str(claims["sub"])
        if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise NotSignedIn(NOT_VOUCHED)
        named = claims.get("preferred_username") or claims.get("email") or ""
        return Identity(
            issuer=self.issuer,
            subject=subject,
            username=str(named),
            display_name=str(claims.get("name") or named or subject),
            roles=frozenset(self._roles[one] for one in values if one in self._roles),
        )

    def _configuration(self, client: OAuth2Client) -> Mapping[str, Any]:
        """Read what the provider says of itself, which must be what we were told."""
        known: Mapping[str, Any] = self._fetch(
            client, f"{self.issuer}/.well-known/openid-configuration"
        )
        addresses = [known.get(f"{one}_endpoint", "") for one in ("authorization", "token")]
        sound = all(map(_protected, [*addresses, known.get("jwks_uri", "")]))
        if known.get("issuer") != self.issuer or not sound:
            raise NotReady("the OpenID provider's configuration is not that of its issuer")
        return known

    def _fetch(self, client: OAuth2Client, url: str) -> Any:  # noqa: ANN401
        try:
            return client.request("GET", url, withhold_token=True).raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            raise NotReady("the OpenID provider cannot be reached") from None

    def _client(self, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            client_id=self._client_id,
            client_secret=self._client_secret,
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            scope=SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=TIMEOUT,
        )


def _protected(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
