"""An organization's own sign-in service for its staff: OpenID Connect Core 1.0 and Discovery 1.0,
with a key that signs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from calsync.sandbox.reply import Reply
from calsync.sandbox.sign_in.codes import Asked, CodeError, Codes
from calsync.sandbox.sign_in.consent import Choice, Consent, Fields, PageRefusal, first_of
from calsync.sandbox.sign_in.tokens import TokenError

ROOT = "/staff"
AUTHORIZE, TOKEN, KEYS = f"{ROOT}/authorize", f"{ROOT}/token", f"{ROOT}/keys"
DISCOVERY = f"{ROOT}/.well-known/openid-configuration"
LASTS = 300


@dataclass(slots=True)
class Staff:
    """One person's account. `claims` are laid over what the service says of them."""

    name: str
    groups: tuple[str, ...] = ()
    claims: dict[str, Any] = field(default_factory=dict)


class StaffSignIn(Consent):
    """The service, at the sandbox's address and ROOT. Callers hold the sandbox's lock.

    signing_key  what signs; another one than published makes every token wrong
    """

    provider, name = "staff", "the organization"

    def __init__(self, codes: Codes, clock: Callable[[], datetime]) -> None:
        self.staff: dict[str, Staff] = {}
        super().__init__(codes, lambda: {one: two.name for one, two in self.staff.items()})
        self._clock = clock
        self.url = ""
        self.client_id = f"calsync-{secrets.token_hex(4)}"
        self.client_secret = secrets.token_urlsafe(24)
        self._key: rsa.RSAPrivateKey | None = None
        self.signing_key: rsa.RSAPrivateKey | None = None

    @property
    def issuer(self) -> str:
        return f"{self.url}{ROOT}"

    def asked(self, query: Fields) -> Asked:
        if first_of(query, "client_id") != self.client_id:
            raise PageRefusal("Unknown application", "No application has this client_id.", 401)
        if not self.may_return(first_of(query, "redirect_uri")):
            raise PageRefusal("Wrong address", "The application is registered with another one.")
        scopes = tuple(first_of(query, "scope").split())
        if first_of(query, "response_type") != "code" or "openid" not in scopes:
            raise PageRefusal("Cannot sign in", "Ask for a code, with the scope openid.")
        if first_of(query, "code_challenge_method") != "S256":
            raise PageRefusal("Cannot sign in", "This service demands PKCE with S256.")
        return Asked(
            redirect_uri=first_of(query, "redirect_uri"),
            scopes=scopes,
            state=first_of(query, "state"),
            challenge=first_of(query, "code_challenge"),
            nonce=first_of(query, "nonce"),
        )

    def choices(self, asked: Asked) -> list[Choice]:
        return [Choice(one, "Who you are", fixed=True) for one in asked.scopes]

    def refused(self, asked: Asked) -> dict[str, str]:
        del asked
        return {"error": "access_denied"}

    def allowed(self, asked: Asked, person: str, scopes: frozenset[str]) -> dict[str, str]:
        return {"code": self.codes.issue(asked, person, scopes)}

    def unapproved(self, asked: Asked) -> Reply:
        del asked
        return self.page("refusal", 400, title="Not for you", text="Ask an administrator.")

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.url}{AUTHORIZE}",
            "token_endpoint": f"{self.url}{TOKEN}",
            "jwks_uri": f"{self.url}{KEYS}",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def keys(self) -> dict[str, Any]:
        """The public keys (RFC 7517)."""
        public = self._published().public_key()
        key = jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
        return {"keys": [key | {"kid": "staff-1", "use": "sig", "alg": "RS256"}]}

    def answer(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A token answer. Raises TokenError."""
        known = (self.client_id, self.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != known:
            raise TokenError("invalid_client", "Unauthorized", 401)
        if form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type", "Only codes are taken.")
        code, verifier = form.get("code", ""), form.get("code_verifier", "")
        try:
            granted = self.codes.redeem(code, form.get("redirect_uri", ""), verifier)
        except CodeError as error:
            raise TokenError("invalid_grant", error.why) from None
        token = self._id_token(granted.person, granted.asked.nonce)
        access = secrets.token_urlsafe(24)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": LASTS,
            "id_token": token,
        }

    def _id_token(self, person: str, nonce: str) -> str:
        one, now = self.staff[person], int(self._clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": f"staff-{person.partition('@')[0]}",
            "iat": now,
            "exp": now + LASTS,
            "nonce": nonce,
            "name": one.name,
            "email": person,
            "email_verified": True,
            "groups": list(one.groups),
        }
        signed = self.signing_key or self._published()
        return jwt.encode(claims | one.claims, signed, "RS256", headers={"kid": "staff-1"})

    def _published(self) -> rsa.RSAPrivateKey:
        if self._key is None:
            self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._key
