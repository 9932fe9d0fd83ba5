"""The HTTP that MSAL signs in with: our transport, its deadline, and no memory of refusals."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from calsync.errors import ChannelError, Setup
from providers import oauth
from providers.http.json_body import json_object
from providers.http.transport import HOUR, Answer, Transport
from providers.oauth import TokenErrors

DAY = 24 * HOUR

# RFC 6749 and OpenID Connect words. Microsoft asks not to depend on AADSTS numbers or texts:
# https://learn.microsoft.com/entra/identity-platform/reference-error-codes
ERRORS = TokenErrors(
    lost={"invalid_grant", "interaction_required", "login_required", "consent_required"},
    operator={
        "invalid_client",
        "unauthorized_client",
        "invalid_request",
        "invalid_resource",
        "invalid_scope",
    },
    busy={"temporarily_unavailable", "server_error"},
)


def token_error(answer: Answer, *, application: bool = False) -> ChannelError:
    """What a refused token request means. `application`: no person takes part in it."""
    return ERRORS.error(answer, datetime.now(UTC), personal=not application)


@dataclass(frozen=True, slots=True)
class Response:
    """What MSAL reads of an answer."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class Discovery:
    """Where the sign-in servers have their endpoints, kept for a day and shared by every account,
    so that a refresh costs one request. Threads may ask at the same time."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Response]] = {}

    def get(self, url: str) -> Response | None:
        since, response = self._known.get(url, (0.0, None))
        return response if time.monotonic() - since < DAY else None

    def keep(self, url: str, response: Response) -> None:
        self._known[url] = (time.monotonic(), response)


class NothingKept(dict[str, Any]):
    """MSAL's memory of answers (its `http_cache`). By default a refused refresh is answered from it
    for a minute, so that a person who has consented again stays locked out."""

    def __setitem__(self, key: str, value: Any) -> None:
        pass


class SignInHttp:
    """One sign-in's `http_client`: what MSAL asks for must be over by `until`.

    MSAL takes https authorities only. For one on this machine it is told https, and here that
    becomes http again. `answer` is the last token answer.
    """

    def __init__(
        self, transport: Transport, discovery: Discovery, authority: str, until: float
    ) -> None:
        self._transport, self._discovery, self._until = transport, discovery, until
        self._real = authority.rstrip("/")
        self.authority = f"https://{self._real.partition('://')[2]}"
        self.answer = Answer(0, {}, b"")

    def get(self, url: str, params: Any = None, headers: Any = None, **_: Any) -> Response:
        """The discovery document. Raises Setup when there is none at this address."""
        known = self._discovery.get(url)
        if known is not None:
            return known
        answer = self._call("GET", url, {}, None)
        if answer.status >= 500 or answer.status in {408, 429}:
            raise token_error(answer)
        found = json_object(answer.body)
        if answer.status != 200 or "token_endpoint" not in found:
            raise Setup(
                f"sign-in {answer.status}: outlook.authority or outlook.tenant is not known there",
                happened="no",
                scope="tenant",
            )
        text = json.dumps(found).replace(self._real, self.authority)
        response = Response(answer.status, text, answer.headers)
        self._discovery.keep(url, response)
        return response

    def discovered(self, tenant: str) -> dict[str, Any]:
        """The discovery document of this directory. Raises TryLater, Setup."""
        found = self.get(f"{self.authority}/{tenant}/v2.0/.well-known/openid-configuration")
        return {"issuer": "", **json_object(found.text.encode())}

    def real(self, url: str) -> str:
        """An address as it is without MSAL's https."""
        if url.startswith(self.authority):
            return self._real + url.removeprefix(self.authority)
        return url

    def post(self, url: str, data: Any = None, headers: Any = None, **_: Any) -> Response:
        """A token request. Raises TryLater for what is no answer of an OAuth server."""
        sent = {**(headers or {}), **oauth.FORM}
        self.answer = answer = self._call("POST", url, sent, urlencode(data or {}).encode())
        found = json_object(answer.body)
        if answer.status >= 500 or answer.status == 429 or not found:
            raise token_error(answer)
        if "expires_in" in found:  # MSAL reckons with it
            found["expires_in"] = int(oauth.lasting(found["expires_in"]).total_seconds())
        return Response(answer.status, json.dumps(found), answer.headers)

    def close(self) -> None:
        """Connections are the transport's."""

    def _call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        return oauth.call(self._transport, method, self.real(url), headers, body, self._until)
