"""The organization's own sign-in service, by OpenID Connect: where operators prove who they are.

The code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700). authlib judges
the claims, joserfc the signature.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from calsync.core.visit import AskedSignIn, SignedIn
from calsync.errors import Refused, Setup, TryLater
from calsync.text.hosts import is_loopback
from calsync.untrusted.reading import reads
from providers import oauth
from providers.http.json_body import json_object
from providers.http.transport import Transport

# Signatures of a private key only: one made with the client's secret, or none, proves nothing.
SIGNED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
KINDS = ("RSA", "EC", "OKP")
LEEWAY = 120  # seconds that two clocks may differ
KEPT = 600.0  # seconds that the discovery document is believed
MOST_GROUPS = 1000
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """calsync's registration at the service.

    address_claim  the claim that holds the person's address
    groups_claim   the claim that lists their groups
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    address_claim: str = "email"
    groups_claim: str = "groups"


class OidcSignIn:
    """The service of one issuer. `clock` gives the current time, aware UTC."""

    def __init__(
        self,
        settings: OidcSettings,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, str]] | None = None

    def address(self, asked: AskedSignIn, until: float) -> str:
        """Where the browser goes to sign in. Raises TryLater, Setup."""
        settings = self._settings
        parameters = {
            "response_type": "code",
            "client_id": settings.client_id,
            "redirect_uri": asked.redirect_uri,
            "scope": " ".join(settings.scopes),
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._discovered(until)["authorization_endpoint"]
        return str(add_params_to_uri(endpoint, list(parameters.items())))

    def redeem(self, asked: AskedSignIn, code: str, until: float) -> SignedIn:
        """Whom the service let in. Raises TryLater, Setup, and Refused for a code or a token that
        is not good."""
        known = self._discovered(until)
        token = self._token(known["token_endpoint"], asked, code, until)
        keys = self._fetched(known["jwks_uri"], "its keys", until)
        return self._judged(token, keys, asked.nonce)

    def _discovered(self, until: float) -> dict[str, str]:
        """The endpoints, kept for ten minutes (openid.net/specs/openid-connect-discovery-1_0)."""
        with self._lock:
            kept = self._known
        if kept is not None and time.monotonic() - kept[0] < KEPT:
            return kept[1]
        issuer = self._settings.issuer
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._fetched(address, "discovery", until)
        if found.get("issuer") != issuer:  # as a token's `iss` must be, to the letter
            raise _setup("ops.issuer is not what the service calls itself; copy its issuer exactly")
        known = {name: str(found.get(name, "")) for name in NEEDED}
        for name in NEEDED[1:]:
            if not _is_safe(known[name]):
                raise _setup(f"the service's {name} is not an https address")
        with self._lock:
            self._known = time.monotonic(), known
        return known

    def _fetched(self, url: str, what: str, until: float) -> dict[str, Any]:
        headers = {"Accept": "application/json"}
        answer = oauth.call(self._transport, "GET", url, headers, None, until)
        found = json_object(answer.body)
        if answer.status >= 500 or answer.status in {408, 429}:
            raise TryLater(f"{what}: {answer.status}", happened="no", scope="provider")
        if answer.status != 200 or not found:
            raise _setup(f"{what}: {answer.status}; check ops.issuer")
        return found

    def _token(self, endpoint: str, asked: AskedSignIn, code: str, until: float) -> str:
        """The id_token for a code, by HTTP Basic, which every service takes (RFC 6749, 2.3.1)."""
        settings = self._settings
        pair = f"{quote(settings.client_id, '')}:{quote(settings.client_secret, '')}"
        headers = {**oauth.FORM, "Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        body = urlencode(form).encode()
        answer = oauth.call(self._transport, "POST", endpoint, headers, body, until)
        if answer.status >= 500 or answer.status in {408, 429}:
            raise TryLater(f"token: {answer.status}", happened="no", scope="provider")
        word, _ = oauth.error_words(answer.body)
        if word in ("invalid_client", "unauthorized_client"):
            raise _setup(f"token: {word}; check ops.client_id and ops.client_secret")
        token = json_object(answer.body).get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            raise _refused(f"token: {answer.status} {word}".strip())
        return token

    @reads
    def _judged(self, token: str, keys: dict[str, Any], nonce: str) -> SignedIn:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        settings = self._settings
        options = {
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        }
        params = {"nonce": nonce, "client_id": settings.client_id}
        try:
            opened = jwt.decode(token, _public_keys(keys), algorithms=SIGNED)
            claims = CodeIDToken(opened.claims, opened.header, options, params)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _refused(f"its id_token is not good ({type(error).__name__})") from None
        return self._whose(claims)

    def _whose(self, claims: dict[str, Any]) -> SignedIn:
        """An address that the service says it never verified is nobody's."""
        address = claims.get(self._settings.address_claim)
        if claims.get("email_verified", True) not in (True, "true"):
            address = None
        groups = claims.get(self._settings.groups_claim)
        listed = groups[:MOST_GROUPS] if isinstance(groups, list) else [groups]
        return SignedIn(
            address=address.strip() if isinstance(address, str) else "",
            subject=str(claims["sub"])[:255],
            groups=frozenset(one for one in listed if isinstance(one, str)),
        )


def _public_keys(keys: dict[str, Any]) -> KeySet:
    """Those of private keys. Raises JoseError, ValueError, TypeError, KeyError."""
    usable = [one for one in keys["keys"] if one.get("kty") in KINDS]
    return KeySet.import_key_set({"keys": usable})


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))


def _setup(reason: str) -> Setup:
    return Setup(f"sign-in of operators: {reason}", happened="no", scope="provider")


def _refused(reason: str) -> Refused:
    return Refused(f"sign-in of operators: {reason}", happened="no", scope="account")
