"""A person's consent at Google: google-auth-oauthlib's Flow over our transport.

The library takes https addresses only, and a switch of the whole process would be needed to change
that. It is told https, and our adapter calls the configured address.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from io import BytesIO
from typing import Any

import requests
from requests.adapters import BaseAdapter

from calsync.core.consent import ConsentError, SignInProblem, known_word, meaning, trouble
from calsync.errors import ChannelError, Refused
from providers import oauth
from providers.google.auth import SCOPE, TokenAnswer, token_answer
from providers.google.identity import ISSUERS, Identity, identity_of
from providers.google.settings import GoogleSettings
from providers.http.json_body import json_bytes, json_object
from providers.http.transport import Answer, Transport

SCOPES = ("openid", "email", SCOPE)
NOWHERE = "https://token.invalid/"  # what the library is told; never called
Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person gave, and whose account it is."""

    fresh: TokenAnswer = field(repr=False)
    identity: Identity


class GoogleConsent:
    """One tenant's way through Google's consent. `clock` gives the current time, aware UTC.

    https://developers.google.com/identity/protocols/oauth2/web-server
    """

    def __init__(
        self,
        settings: GoogleSettings,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock

    def begin(self, redirect_uri: str, login_hint: str, *, other: bool = False) -> tuple[str, Kept]:
        """Where to send the browser, and what `finish` needs to know. With `other` the person
        chooses the account, else `login_hint` is proposed. Makes no call."""
        flow = self._flow(redirect_uri, SCOPES)
        # A refresh token comes reliably only when the person is asked each time.
        asked = {"prompt": "consent select_account"} if other else {"prompt": "consent"}
        hint = {} if other or not login_hint else {"login_hint": login_hint}
        state = secrets.token_urlsafe(32)
        told, _ = flow.authorization_url(state=state, **asked, **hint)
        url = self._settings.auth_uri + str(told).removeprefix(_https(self._settings.auth_uri))
        kept = {"state": state, "redirect_uri": redirect_uri, "code_verifier": flow.code_verifier}
        return url, kept

    def finish(self, kept: Kept, params: Mapping[str, str], until: float) -> Granted:
        """What the browser brought back, redeemed. Raises ConsentError."""
        if not compare_digest(str(kept["state"]).encode(), params.get("state", "").encode()):
            raise ConsentError(SignInProblem.FOREIGN, "state")
        # Google sends the issuer (RFC 9207) without announcing it in its metadata: it may be
        # absent. https://github.com/openiddict/openiddict-core/issues/2428
        if "iss" in params and params["iss"] not in ISSUERS:
            raise ConsentError(SignInProblem.FOREIGN, "iss")
        if "error" in params:
            word = params["error"]
            raise ConsentError(meaning(word), known_word(word))
        if not params.get("code"):
            raise ConsentError(SignInProblem.BUSY, "no code")
        fresh = self._redeem(kept, params["code"], until)
        return Granted(fresh, self._identity(fresh))

    def _redeem(self, kept: Kept, code: str, until: float) -> TokenAnswer:
        http = _TokenHttp(self._transport, self._settings.token_uri, self._clock, until)
        # No scopes here: the library raises when others were granted, and we tell the person.
        flow = self._flow(kept["redirect_uri"], None)
        flow.code_verifier = kept["code_verifier"]
        flow.oauth2session.trust_env = False
        flow.oauth2session.mount(NOWHERE, http)
        try:
            flow.fetch_token(code=code, include_client_id=True)
        except ChannelError as error:
            raise trouble(error) from None
        except (ValueError, TypeError):
            raise ConsentError(SignInProblem.BUSY, "token answer cannot be used") from None
        if http.fresh is None:
            raise ConsentError(SignInProblem.BUSY, "token answer cannot be used")
        return http.fresh

    def _identity(self, fresh: TokenAnswer) -> Identity:
        if not fresh.id_token:
            raise ConsentError(SignInProblem.BUSY, "no id_token")
        try:
            return identity_of(fresh.id_token, self._settings.client_id, self._clock())
        except Refused as error:
            raise ConsentError(SignInProblem.FOREIGN, error.reason) from None

    def _flow(self, redirect_uri: str, scopes: tuple[str, ...] | None) -> Any:
        from google_auth_oauthlib.flow import Flow  # noqa: PLC0415  # only a sign-in needs it

        client = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
            "auth_uri": _https(self._settings.auth_uri),
            "token_uri": NOWHERE,
        }
        return Flow.from_client_config({"web": client}, scopes, redirect_uri=redirect_uri)


class _TokenHttp(BaseAdapter):
    """The library's connection to the token endpoint: one call, no redirects. `fresh` is what the
    answer holds."""

    def __init__(
        self, transport: Transport, url: str, clock: Callable[[], datetime], until: float
    ) -> None:
        super().__init__()
        self._transport, self._url, self._clock, self._until = transport, url, clock, until
        self.fresh: TokenAnswer | None = None

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Raises TryLater, Setup, ConsentError for what is no token."""
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else bytes(body)
        answer = oauth.call(self._transport, "POST", self._url, oauth.FORM, sent, self._until)
        if answer.status != 200:
            raise _refusal(answer)
        self.fresh = token_answer(answer, self._clock())
        response = requests.Response()
        response.status_code, response.encoding = answer.status, "utf-8"
        response.request, response.url = request, NOWHERE
        # Read by our reader: the library's own takes any depth and reckons with any number.
        response.raw = BytesIO(json_bytes(_plain(answer.body)))
        return response

    def close(self) -> None:
        """Connections are the transport's."""


def _plain(body: bytes) -> dict[str, Any]:
    """A token answer as the library may see it."""
    found = json_object(body)
    return {**found, "expires_in": int(oauth.lasting(found.get("expires_in")).total_seconds())}


def _https(url: str) -> str:
    return f"https://{url.partition('://')[2]}"


def _refusal(answer: Answer) -> ConsentError:
    word, _ = oauth.error_words(answer.body)
    reason = f"token {answer.status} {known_word(word) if word else ''}".strip()
    return ConsentError(meaning(word, answer.status), reason)
