"""Microsoft's sign-in service: discovery and the v2.0 token endpoint."""

from __future__ import annotations

import base64
import json
import re
import secrets
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from calsync.sandbox.sign_in.certificate import Certificate
from calsync.sandbox.sign_in.codes import CodeError, Codes
from calsync.sandbox.sign_in.sign_in_error import SignInError
from calsync.sandbox.switches import Switches

GRAPH = "https://graph.microsoft.com/"
CONSENTED = ("Calendars.ReadWrite", "User.Read")
APP_ROLES = ("Calendars.ReadWrite",)
OPENID = frozenset({"openid", "profile", "email", "offline_access"})
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PATH = re.compile(r"/([^/]+)/(oauth2/v2\.0/token|v2\.0/\.well-known/openid-configuration)")
LIFETIME = 3599
CODE_ERRORS = {
    "unknown": 70000,
    "used": 54005,
    "expired": 70008,
    "redirect": 50011,
    "verifier": 501481,
}


@dataclass(frozen=True, slots=True)
class GraphAccess:
    """What an access token opens: one person's data, or with "" everybody's as application."""

    person: str
    scopes: frozenset[str]
    expires_at: datetime


class SignIn:
    """Every Microsoft credential of the sandbox. Callers hold the sandbox's lock.

    `tenant_id` is the one directory, `people` are its accounts: address to (object id, name);
    `url` is where it is served.
    """

    def __init__(self, switches: Switches, clock: Callable[[], datetime]) -> None:
        self.url = ""
        self.tenant_id = str(uuid.uuid4())
        self.client_id = str(uuid.uuid4())
        self.client_secret = secrets.token_urlsafe(30)
        self.people: dict[str, tuple[str, str]] = {}
        self.codes = Codes(switches, clock)
        self._switches = switches
        self._clock = clock
        self._access: dict[str, GraphAccess] = {}
        self._refresh: dict[str, tuple[str, frozenset[str]]] = {}
        self._certificates: list[Certificate] = []
        self._revoked: set[str] = set()

    def grant(self, person: str, scopes: Iterable[str] | None = None) -> str:
        """A refresh token, as after the person's consent; also ends an earlier revoke."""
        self._revoked.discard(person)
        token = f"1.A{secrets.token_urlsafe(40)}"
        self._refresh[token] = (person, frozenset(short(one) for one in scopes or CONSENTED))
        return token

    def access(
        self, person: str, scopes: Iterable[str] | None = None, seconds: float = LIFETIME
    ) -> str:
        """A live access token; for the person "" an application's."""
        token = f"eyJ0{secrets.token_urlsafe(60)}"
        given = scopes or (CONSENTED if person else APP_ROLES)
        expires_at = self._clock() + timedelta(seconds=seconds)
        granted = frozenset(short(one) for one in given)
        self._access[token] = GraphAccess(person, granted, expires_at)
        return token

    def access_of(self, token: str) -> GraphAccess | None:
        """What a token opens or opened."""
        return self._access.get(token)

    def opened_by(self, token: str) -> GraphAccess | None:
        """What a live token opens."""
        access = self._access.get(token)
        if access is None or self._clock() >= access.expires_at:
            return None
        ended = self._switches["revoked_access_tokens"] == "ended"
        return None if ended and access.person in self._revoked else access

    def expire(self, person: str) -> None:
        """End the person's access tokens; refresh tokens live on."""
        for token, one in self._access.items():
            if one.person == person:
                self._access[token] = GraphAccess(person, one.scopes, self._clock())

    def revoke(self, person: str) -> None:
        """The consent ends: refreshing is invalid_grant, access tokens by switch."""
        self._revoked.add(person)

    def make_certificate(self) -> dict[str, str]:
        """A new certificate of the application: private_key and public_certificate as PEM."""
        one = Certificate.made(self._clock())
        self._certificates.append(one)
        return one.to_json()

    def asked_for(self, form: Mapping[str, str]) -> str:
        """Whose token a request asks for, "" for an application's."""
        if form.get("code"):
            return self.codes.owner(form["code"])
        return self._refresh.get(form.get("refresh_token", ""), ("",))[0]

    def discovery(self, tenant: str) -> dict[str, Any]:
        """The OpenID configuration. Raises SignInError for a tenant that nobody knows.

        Its addresses are https, as MSAL insists, although we listen without TLS: whoever calls us
        through MSAL gives it an http_client that says http instead.
        """
        self._check_tenant(tenant)
        base = f"{self.url.replace('http://', 'https://')}/{tenant}"
        issuer = tenant if tenant == self.tenant_id else "{tenantid}"
        return {
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": sorted(OPENID),
            "issuer": f"https://login.microsoftonline.com/{issuer}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "tenant_region_scope": "NA",
            "cloud_instance_name": "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": "graph.microsoft.com",
        }

    def answer(self, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        """A token response. Raises SignInError."""
        self._check_tenant(tenant)
        kind = form.get("grant_type", "")
        if kind not in ("refresh_token", "authorization_code", "client_credentials"):
            raise SignInError(70003)
        if form.get("client_id") != self.client_id:
            raise SignInError(700016)
        self._check_client(tenant, form)
        if kind == "refresh_token":
            return self._refreshed(form)
        if kind == "authorization_code":
            return self._redeemed(form)
        if tenant != self.tenant_id:  # an application has no home in organizations or common
            raise SignInError(700016)
        return self._as_application(form)

    def _check_tenant(self, tenant: str) -> None:
        if tenant not in ("organizations", "common", self.tenant_id):
            raise SignInError(90002, f"Tenant '{tenant}'.")

    def _check_client(self, tenant: str, form: Mapping[str, str]) -> None:
        if form.get("client_assertion"):
            fits = form.get("client_assertion_type") == JWT_BEARER
            if not fits or not self._is_signed(tenant, form["client_assertion"]):
                raise SignInError(700027)
        elif not form.get("client_secret"):
            raise SignInError(7000218)
        elif form["client_secret"] != self.client_secret:
            raise SignInError(7000215)

    def _is_signed(self, tenant: str, assertion: str) -> bool:
        """Whether a registered certificate signed it, for us, by this application, not too late."""
        claims = next((c for one in self._certificates if (c := one.opened(assertion))), None)
        if claims is None or not claims.get("jti"):
            return False
        path = urlsplit(str(claims.get("aud"))).path
        now = self._clock().timestamp()
        return (
            claims.get("iss") == claims.get("sub") == self.client_id
            and path in (f"/{tenant}/oauth2/v2.0/token", f"/{tenant}/v2.0")
            and now < float(claims.get("exp", 0)) < now + 86400
        )

    def _refreshed(self, form: Mapping[str, str]) -> dict[str, Any]:
        token = form.get("refresh_token", "")
        if token not in self._refresh:
            raise SignInError(70000)
        person, granted = self._refresh[token]
        if person in self._revoked:
            raise SignInError(50173)
        answer = self._granted(form, person, granted)
        answer["refresh_token"] = self.grant(person, granted)
        if self._switches["old_refresh_tokens"] == "ended":
            del self._refresh[token]
        return answer

    def _redeemed(self, form: Mapping[str, str]) -> dict[str, Any]:
        verifier = form.get("code_verifier", "")
        try:
            granted = self.codes.redeem(
                form.get("code", ""), form.get("redirect_uri", ""), verifier
            )
        except CodeError as error:
            raise SignInError(CODE_ERRORS[error.why]) from None
        answer = self._granted(form, granted.person, granted.scopes, granted.asked.nonce)
        self._revoked.discard(granted.person)
        if granted.asked.offline:
            answer["refresh_token"] = self.grant(granted.person, granted.scopes)
        return answer

    def _granted(
        self, form: Mapping[str, str], person: str, granted: frozenset[str], nonce: str = ""
    ) -> dict[str, Any]:
        """A token answer without a refresh token. Raises SignInError for scopes beyond."""
        asked = self._asked(form)
        wanted = {short(one) for one in asked} - OPENID
        if not wanted - {".default"} <= granted:
            raise SignInError(65001)
        if ".default" in wanted or not wanted:
            wanted = set(granted)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            # the request's own spelling: a client finds its token in the cache by it
            "scope": " ".join(one for one in asked if one != "offline_access"),
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": self.access(person, wanted),
        }
        if "openid" in asked:
            answer["id_token"] = self._id_token(person, nonce)
        if form.get("client_info") == "1":
            who = {"uid": self.people[person][0], "utid": self.tenant_id}
            answer["client_info"] = encode(who)
        return answer

    def _as_application(self, form: Mapping[str, str]) -> dict[str, Any]:
        asked = self._asked(form)
        if len(asked) != 1 or short(asked[0]) != ".default":
            raise SignInError(1002012)
        return {
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "ext_expires_in": LIFETIME,
            "access_token": self.access(""),
        }

    def _asked(self, form: Mapping[str, str]) -> list[str]:
        asked = form.get("scope", "").split()
        if not asked:
            raise SignInError(900144, "'scope'.")
        for one in asked:
            prefix = one.rpartition("/")[0]
            if prefix and prefix not in (GRAPH.rstrip("/"), self.url):
                raise SignInError(70011, f"The scope {one} is not valid.")
        return asked

    def _id_token(self, person: str, nonce: str) -> str:
        """Its signature is noise: who has it from the token endpoint need not verify it."""
        oid, name = self.people[person]
        now = int(self._clock().timestamp())
        claims = {
            "aud": self.client_id,
            "iss": f"https://login.microsoftonline.com/{self.tenant_id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
            "name": name,
            "oid": oid,
            "preferred_username": person,
            "sub": secrets.token_urlsafe(32),
            "tid": self.tenant_id,
            "ver": "2.0",
        }
        if nonce:
            claims["nonce"] = nonce
        head = encode({"typ": "JWT", "alg": "RS256", "kid": "sandbox"})
        return f"{head}.{encode(claims)}.{secrets.token_urlsafe(64)}"


def encode(value: object) -> str:
    """JSON in unpadded base64url."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def short(scope: str) -> str:
    """A scope without its resource."""
    return scope.rpartition("/")[2]
