"""A person's consent at Microsoft through MSAL, and the address at which an administrator approves
for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from calsync.core.account import FreshToken
from calsync.core.address import address_key
from calsync.core.consent import (
    ConsentError,
    SignInProblem,
    known_word,
    meaning,
    trouble,
)
from calsync.errors import ChannelError
from calsync.untrusted.values import number
from providers.oauth import error_words, lasting
from providers.outlook.auth import CACHE, SCOPE, SEVERAL, OutlookAuth, token_cache
from providers.outlook.signin import SignInHttp

CLOCKS_DIFFER = timedelta(minutes=5)
# An administrator must consent; the person asked one to. Seen with access_denied and others.
ADMIN_NUMBERS = frozenset({"90094", "90095", "90097"})
Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person gave, and whose account it is.

    identity  directory and object id: an address may be given to somebody else, this is not
    address   as which the person signs in, "" when unknown
    writes    whether events may be written
    lasts     whether it can be renewed
    """

    fresh: FreshToken = field(repr=False)
    identity: str
    address: str
    writes: bool
    lasts: bool


class OutlookConsent:
    """One tenant's way through Microsoft's consent. `clock` gives the current time, aware UTC.

    https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
    """

    def __init__(
        self, auth: OutlookAuth, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._auth, self._clock = auth, clock

    def begin(
        self,
        redirect_uri: str,
        login_hint: str,
        until: float,
        *,
        other: bool = False,
        again: bool = False,
    ) -> tuple[str, Kept]:
        """Where to send the browser, and what `finish` needs to know. With `other` the person
        chooses the account, else `login_hint` is proposed; with `again` they are asked even if
        they agreed before. Raises ConsentError."""
        http = self._auth.http(until)
        prompt = "select_account" if other else ("consent" if again else None)
        try:
            flow = self._auth.app(http, None).initiate_auth_code_flow(
                [f"{self._auth.resource}/{SCOPE}", "email"],
                redirect_uri=redirect_uri,
                prompt=prompt,
                login_hint=None if other else login_hint or None,
                # MSAL warns of any other mode, but a form that another site posts to us comes
                # without our SameSite cookie; only the address is changed below.
                response_mode="form_post",
            )
        except ChannelError as error:
            raise trouble(error) from None
        asked = flow.pop("auth_uri").replace("response_mode=form_post", "response_mode=query")
        return http.real(asked), flow

    def finish(self, kept: Kept, params: Mapping[str, str], until: float) -> Granted:
        """What the browser brought back, redeemed. Raises ConsentError."""
        http = self._auth.http(until)
        cache = token_cache()
        answer = {name: params[name] for name in ("code", "state", "error") if name in params}
        try:
            app = self._auth.app(http, cache)
            issuer = self._auth.issuer(http)
            if "iss" in params and not _is_issuer(params["iss"], issuer):  # RFC 9207
                raise ConsentError(SignInProblem.FOREIGN, "iss")
            if "error" in params and params.get("state") == kept["state"]:
                raise _declined(params)
            got = app.acquire_token_by_auth_code_flow(dict(kept), answer)
        except ChannelError as error:
            raise trouble(error) from None
        except RuntimeError:  # the nonce; MSAL's text holds it
            raise ConsentError(SignInProblem.FOREIGN, "nonce") from None
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            raise self._senseless(kept, params) from None
        return self._granted(got, cache, http, issuer)

    @staticmethod
    def _senseless(kept: Kept, params: Mapping[str, str]) -> ConsentError:
        if params.get("state") != kept["state"]:
            return ConsentError(SignInProblem.FOREIGN, "state")
        what = "token answer cannot be used" if params.get("code") else "no code"
        return ConsentError(SignInProblem.BUSY, what)

    def _granted(
        self, got: Mapping[str, Any], cache: Any, http: SignInHttp, issuer: str
    ) -> Granted:
        token = got.get("access_token")
        if not isinstance(token, str) or not token:
            raise _refusal(http)
        claims = got.get("id_token_claims")
        if not isinstance(claims, Mapping):
            raise ConsentError(SignInProblem.BUSY, "no id_token")
        self._check(claims, issuer)
        address = claims.get("preferred_username")
        granted = str(got.get("scope", "")).split()
        ends = self._clock() + lasting(got.get("expires_in"))
        return Granted(
            FreshToken(token, ends, {CACHE: cache.serialize()}),
            identity=f"{claims['oid']}.{claims['tid']}",
            address=address_key(address) if isinstance(address, str) and "@" in address else "",
            writes=any(one.rpartition("/")[2] == SCOPE for one in granted),
            lasts=bool(got.get("refresh_token")),
        )

    def _check(self, claims: Mapping[str, Any], issuer: str) -> None:
        """MSAL checks the nonce only. The token came from the endpoint itself, over TLS: its
        signature needs no check (OpenID Connect Core 1.0, section 3.1.3.7, item 6)."""
        tid, oid = claims.get("tid"), claims.get("oid")
        if not isinstance(tid, str) or not isinstance(oid, str) or not tid or not oid:
            raise ConsentError(SignInProblem.FOREIGN, "id_token does not name an account")
        if claims.get("aud") != self._auth.client_id:
            raise ConsentError(SignInProblem.FOREIGN, "id_token was made for another client_id")
        if claims.get("iss") != issuer.replace("{tenantid}", tid):
            raise ConsentError(
                SignInProblem.FOREIGN, "id_token was not made by this sign-in service"
            )
        ends = number(claims.get("exp"))
        late = self._clock() - CLOCKS_DIFFER
        if ends is None or ends < late.timestamp():
            raise ConsentError(
                SignInProblem.FOREIGN, "id_token has expired; check this machine's clock"
            )

    # --- an administrator's approval -------------------------------------------------------------

    def admin_url(self, redirect_uri: str, state: str, *, application: bool) -> str:
        """Where an administrator approves for the whole directory. `application`: what calsync may
        do without a person, as registered; else what each person is asked for.
        https://learn.microsoft.com/entra/identity-platform/v2-admin-consent"""
        tenant = self._auth.tenant
        directory = "organizations" if tenant.lower() in SEVERAL else tenant
        scope = f"{self._auth.resource}/{'.default' if application else SCOPE}"
        asked = {
            "client_id": self._auth.client_id,
            "scope": scope,
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{self._auth.authority}/{directory}/v2.0/adminconsent?{urlencode(asked)}"


def _is_issuer(given: str, issuer: str) -> bool:
    """Whether this is the issuer, of whatever directory where there are several."""
    before, placeholder, after = issuer.partition("{tenantid}")
    directory = r"[0-9A-Za-z.-]+" if placeholder else ""
    return bool(re.fullmatch(re.escape(before) + directory + re.escape(after), given))


def meant(word: str, text: str, status: int = 400) -> SignInProblem:
    """What a refusal means. Microsoft tells by its AADSTS number alone that an administrator must
    approve; no other number in its texts is read."""
    told = ADMIN_NUMBERS.intersection(re.findall(r"AADSTS(\d{4,8})\b", text))
    return meaning("consent_required" if told else word, status)


def _declined(params: Mapping[str, str]) -> ConsentError:
    word = params["error"]
    problem = meant(word, params.get("error_description", ""))
    return ConsentError(problem, known_word(word))


def _refusal(http: SignInHttp) -> ConsentError:
    answer = http.answer
    if answer.status == 200:
        return ConsentError(SignInProblem.BUSY, "200 without a token")
    word, _ = error_words(answer.body)
    problem = meant(word, answer.body.decode("utf-8", "replace"), answer.status)
    return ConsentError(problem, f"token {answer.status} {known_word(word)}")
