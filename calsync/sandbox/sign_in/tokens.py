"""The token endpoint: refresh tokens, service accounts, revocation.

Errors carry OAuth's words (RFC 6749 section 5.2) with the statuses Google answers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from calsync.sandbox.sign_in.codes import CodeError, Codes
from calsync.sandbox.switches import Switches

SCOPE = "https://www.googleapis.com/auth/"
WRITE_EVENTS = (
    "openid",
    SCOPE + "userinfo.email",
    SCOPE + "calendar.events.owned",
)
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105
SKEW = 60
LIFETIME = 3599


class TokenError(Exception):
    """One refused token request."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.payload = {"error": error, "error_description": description}


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token opens."""

    person: str
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What an administrator allowed a service account to do in anybody's name."""

    public_key: rsa.RSAPublicKey
    scopes: frozenset[str]


class Tokens:
    """Every credential of the sandbox. Callers hold the sandbox's lock."""

    def __init__(self, switches: Switches, clock: Callable[[], datetime]) -> None:
        self.client_id = "sandbox.apps.googleusercontent.com"
        self.client_secret = secrets.token_urlsafe(16)
        self.people: set[str] = set()
        self.codes = Codes(switches, clock)
        self._consented: set[str] = set()
        self.uri = ""
        self._switches = switches
        self._clock = clock
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, tuple[str, frozenset[str]]] = {}
        self._accounts: dict[str, ServiceAccount] = {}
        self._revoked: set[str] = set()

    def grant(self, person: str, scopes: Iterable[str] | None = None) -> str:
        """A refresh token, as after the person's consent; also ends an earlier revoke."""
        self._revoked.discard(person)
        token = "1//" + secrets.token_urlsafe(24)
        self._refresh[token] = (person, frozenset(scopes or WRITE_EVENTS))
        return token

    def access(
        self, person: str, scopes: Iterable[str] | None = None, seconds: float = 3600
    ) -> str:
        """A live access token."""
        token = "ya29." + secrets.token_urlsafe(24)
        expires_at = self._clock() + timedelta(seconds=seconds)
        self._access[token] = Access(person, frozenset(scopes or WRITE_EVENTS), expires_at)
        return token

    def opened_by(self, token: str) -> Access | None:
        """What a live token opens."""
        access = self._access.get(token)
        return access if access and self._clock() < access.expires_at else None

    def person_of(self, token: str) -> str:
        """Whose token this is or was; "" when nobody's."""
        if token in self._access:
            return self._access[token].person
        return self._refresh[token][0] if token in self._refresh else ""

    def expire(self, person: str) -> None:
        """End the person's access tokens; refresh tokens live on."""
        self._access = {
            token: access
            if access.person != person
            else Access(person, access.scopes, self._clock())
            for token, access in self._access.items()
        }

    def revoke(self, person: str) -> None:
        """The person withdrew the consent: every token is dead."""
        self.expire(person)
        self._revoked.add(person)
        self._refresh = {token: one for token, one in self._refresh.items() if one[0] != person}

    def revoke_token(self, token: str) -> bool:
        """POST /revoke. False when the token is unknown or already dead."""
        person = self.person_of(token)
        if not person or (token in self._access and self.opened_by(token) is None):
            return False
        self.revoke(person)
        return True

    def make_service_account(self, scopes: Iterable[str] | None = None) -> dict[str, str]:
        """A new key file; `scopes` are those the domain's administrator allowed."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = f"calsync-{secrets.token_hex(4)}"
        email = f"{name}@sandbox.iam.gserviceaccount.com"
        self._accounts[email] = ServiceAccount(key.public_key(), frozenset(scopes or WRITE_EVENTS))
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "sandbox",
            "private_key_id": secrets.token_hex(20),
            "private_key": private.decode(),
            "client_email": email,
            "client_id": str(secrets.randbelow(10**20)),
            "token_uri": self.uri,
            "universe_domain": "googleapis.com",
        }

    # The endpoint

    def answer(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The answer to a token request. Raises TokenError."""
        kind = form.get("grant_type", "")
        if kind == "refresh_token":
            return self._refreshed(form)
        if kind == "authorization_code":
            return self._redeemed(form)
        if kind == JWT_BEARER:
            return self._asserted(form.get("assertion", ""))
        raise TokenError("unsupported_grant_type", f"Invalid grant_type: {kind}")

    def asked_for(self, form: Mapping[str, str]) -> str:
        """Whose token a request asks for, as far as it can be told without checking it."""
        if form.get("assertion"):
            try:
                return str(read_part(form["assertion"].split(".")[1]).get("sub", ""))
            except (ValueError, IndexError):
                return ""
        if form.get("code"):
            return self.codes.owner(form["code"])
        return self.person_of(form.get("refresh_token") or form.get("token") or "")

    def _check_client(self, form: Mapping[str, str]) -> None:
        client = (form.get("client_id"), form.get("client_secret"))
        if client != (self.client_id, self.client_secret):
            raise TokenError("invalid_client", "The OAuth client was not found.", 401)

    def _redeemed(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A refresh token comes with the first consent only, or where consent was asked for anew:
        developers.google.com/identity/protocols/oauth2/web-server#offline"""
        self._check_client(form)
        verifier = form.get("code_verifier", "")
        try:
            granted = self.codes.redeem(
                form.get("code", ""), form.get("redirect_uri", ""), verifier
            )
        except CodeError as error:
            if error.why == "redirect":
                raise TokenError("redirect_uri_mismatch", "Bad Request") from None
            raise TokenError("invalid_grant", "Malformed auth code.") from None
        person, asked = granted.person, granted.asked
        answer = self._token(person, granted.scopes)
        first = person not in self._consented or person in self._revoked
        if asked.offline and (first or "consent" in asked.prompt.split()):
            answer["refresh_token"] = self.grant(person, granted.scopes)
        self._consented.add(person)
        if "openid" in granted.scopes:
            answer["id_token"] = self._id_token(person, granted.scopes, asked.nonce)
        return answer

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any]:
        self._check_client(form)
        token = form.get("refresh_token", "")
        if token not in self._refresh:
            raise TokenError("invalid_grant", "Token has been expired or revoked.")
        person, granted = self._refresh[token]
        asked = frozenset(form["scope"].split()) if form.get("scope") else granted
        if not asked <= granted:
            raise TokenError("invalid_scope", "Some requested scopes were not granted.")
        answer = self._token(person, asked)
        if "openid" in asked and self._switches["refresh_id_token"]:
            answer["id_token"] = self._id_token(person, asked)
        if self._switches["rotate_refresh_tokens"]:
            del self._refresh[token]
            answer["refresh_token"] = self.grant(person, granted)
        return answer

    def _id_token(self, person: str, scopes: frozenset[str], nonce: str = "") -> str:
        """Claims as in developers.google.com/identity/openid-connect/openid-connect. Nobody here
        checks signatures: this one is no signature."""
        now = int(self._clock().timestamp())
        claims: dict[str, Any] = {
            "iss": "https://accounts.google.com",
            "azp": self.client_id,
            "aud": self.client_id,
            "sub": subject_of(person),
            "iat": now,
            "exp": now + LIFETIME,
        }
        if scopes & {"email", SCOPE + "userinfo.email"}:
            claims |= {"email": person, "email_verified": True}
        if nonce:
            claims["nonce"] = nonce
        parts = ({"alg": "RS256", "typ": "JWT"}, claims)
        return ".".join([*(encode(json.dumps(part).encode()) for part in parts), "c2FuZGJveA"])

    def _asserted(self, assertion: str) -> dict[str, Any]:
        claims = self._verified(assertion)
        now = self._clock().timestamp()
        if claims.get("aud") not in (self.uri, GOOGLE_TOKEN_URI):
            raise TokenError("invalid_grant", "Invalid JWT: audience is not the token endpoint.")
        issued, expires = claims.get("iat", 0), claims.get("exp", 0)
        if not now - SKEW < expires <= issued + 3600 or issued > now + SKEW:
            raise TokenError("invalid_grant", "Invalid JWT: Token must be a short-lived token.")
        scopes = frozenset(str(claims.get("scope", "")).split())
        if not scopes:
            raise TokenError("invalid_scope", "Empty or missing scope not allowed.")
        if not scopes <= self._accounts[claims["iss"]].scopes:
            raise TokenError(
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method, or client "
                "not authorized for any of the scopes requested.",
                401,
            )
        person = claims.get("sub", "")
        if person not in self.people or person in self._revoked:
            raise TokenError("invalid_grant", "Invalid email or User ID")
        return self._token(person, scopes)

    def _verified(self, assertion: str) -> dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            claims = read_part(body)
            account = self._accounts[claims["iss"]]
            account.public_key.verify(
                decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except (ValueError, KeyError) as error:
            raise TokenError("invalid_grant", "Invalid grant: account not found") from error
        except InvalidSignature as error:
            raise TokenError("invalid_grant", "Invalid JWT Signature.") from error
        return claims

    def _token(self, person: str, scopes: frozenset[str]) -> dict[str, Any]:
        return {
            "access_token": self.access(person, scopes, LIFETIME),
            "expires_in": LIFETIME,
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
        }


def subject_of(person: str) -> str:
    """Google's number for an account: 21 digits, the same for ever."""
    return str(int(hashlib.sha256(person.encode()).hexdigest(), 16))[:21]


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_part(text: str) -> dict[str, Any]:
    """One part of a JWT. Raises ValueError."""
    part = json.loads(decode(text))
    if not isinstance(part, dict):
        raise ValueError("not a JSON object")
    return part
