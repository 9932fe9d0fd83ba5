"""Access tokens for Google: by a person's own consent, or in a domain's name.

Locking, sealing and storing tokens is the caller's; nothing is remembered here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from calsync.errors import AccessLost, ChannelError, Refused, Setup, TryLater
from calsync.untrusted.reading import reads
from providers import oauth
from providers.google.identity import Identity, identity_of
from providers.google.settings import GoogleSettings
from providers.http.json_body import json_object
from providers.http.transport import Answer, Transport, retry_after
from providers.oauth import TokenErrors, error_words

# Enough to write, change, find and delete events on calendars the person owns, and no more.
SCOPE = "https://www.googleapis.com/auth/calendar.events.owned"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HOUR = 3600
NO_TOKEN = "calsync-doctor"  # noqa: S105 - nobody's, which is the point
KEY_PARTS = ("client_email", "private_key", "private_key_id", "token_uri")


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """What Google's token endpoint hands out: a new access token, and more.

    refresh_token  only when Google handed out a new one of those too
    scopes         what it opens, with spaces between; "" when the answer did not tell
    id_token       whose it is, see `providers.google.identity`; None when the answer did not tell
    """

    token: str = field(repr=False)
    expires_at: datetime
    refresh_token: str | None = field(default=None, repr=False)
    scopes: str = ""
    id_token: str | None = field(default=None, repr=False)


class GoogleAuth:
    """One tenant's way to access tokens. `clock` gives the current time, aware UTC."""

    def __init__(
        self,
        settings: GoogleSettings,
        transport: Transport,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock

    def refresh(self, credentials: Mapping[str, str], until: float) -> TokenAnswer:
        """A token from {"refresh_token": ...} (own consent) or {"subject": address} (domain).

        Raises TryLater (no, provider), AccessLost (no, account), Setup (no, tenant).
        """
        if "refresh_token" in credentials:
            form = self._own_form(credentials["refresh_token"])
        elif "subject" in credentials:
            form = self._domain_form(credentials["subject"])
        else:
            raise AccessLost("no refresh token is stored", happened="no", scope="account")
        now = self._clock()
        answer = self._post(self._settings.token_uri, form, until)
        if answer.status != 200:
            raise token_error(answer, now, domain="assertion" in form)
        return token_answer(answer, now)

    def probe(self, until: float) -> Answer:
        """What Google answers to a refresh token that nobody has: a client that it does not know,
        or whose secret is another one, is refused before the token is looked at (RFC 6749, 5.2).
        Not verified against the live service.

        Raises TryLater (no, provider), Setup (no, tenant).
        """
        answer = self._post(self._settings.token_uri, self._own_form(NO_TOKEN), until)
        error = token_error(answer, self._clock(), domain=False)
        if not isinstance(error, AccessLost):
            raise error
        return answer

    def revoke(self, refresh_token: str, until: float) -> bool:
        """End the grant that this token belongs to, with every other token of it: all that the
        person gave to this client. False when Google knows no such token any more.
        https://developers.google.com/identity/protocols/oauth2/web-server#tokenrevoke

        Raises TryLater (no, provider), Refused (no, account).
        """
        answer = self._post(self._settings.revoke_uri, {"token": refresh_token}, until)
        if answer.status == 200:
            return True
        word, _ = error_words(answer.body)
        if word == "invalid_token":
            return False
        reason = f"revoke {answer.status} {word}".strip()
        if ERRORS.is_busy(answer.status, word):
            after = retry_after(answer.headers, self._clock())
            raise TryLater(reason, happened="no", scope="provider", after=after)
        raise Refused(reason, happened="no", scope="account")

    def identity(self, fresh: TokenAnswer) -> Identity | None:
        """Whose consent it is; None when Google did not tell. Raises Refused (no, account)."""
        if not fresh.id_token:
            return None
        return identity_of(fresh.id_token, self._settings.client_id, self._clock())

    def _own_form(self, refresh_token: str) -> dict[str, str]:
        # No `scope`: asking for one that was unticked would refuse the whole refresh.
        return {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret,
        }

    def _domain_form(self, subject: str) -> dict[str, str]:
        """https://developers.google.com/identity/protocols/oauth2/service-account#httprest"""
        from google.auth import jwt  # noqa: PLC0415  # only domains need it
        from google.auth.crypt import RSASigner  # noqa: PLC0415  # as above

        key = self._key_file()
        issued = int(self._clock().timestamp())
        claims = {
            "iss": key["client_email"],
            "sub": subject,
            "scope": SCOPE,
            "aud": key["token_uri"],
            "iat": issued,
            "exp": issued + HOUR,
        }
        try:
            signer = RSASigner.from_service_account_info(key)  # type: ignore[no-untyped-call]
        except ValueError:
            raise self._bad_key_file("contains no usable private key") from None
        signed: bytes = jwt.encode(signer, claims)  # type: ignore[no-untyped-call]
        return {"grant_type": JWT_BEARER, "assertion": signed.decode()}

    def _key_file(self) -> dict[str, str]:
        """Read each time: once per person and hour, and a rotated key is picked up."""
        name = self._settings.service_account_file
        if name is None:
            raise self._bad_key_file("is not set; it is needed for google.domains")
        try:
            key = json.loads(Path(name).read_bytes())
            return {part: str(key[part]) for part in KEY_PARTS}
        except OSError:
            raise self._bad_key_file("cannot be read") from None
        except (ValueError, KeyError, TypeError):
            raise self._bad_key_file("is not a service account's JSON key") from None

    @staticmethod
    def _bad_key_file(what: str) -> Setup:
        return Setup(f"google.service_account_file {what}", happened="no", scope="tenant")

    def _post(self, uri: str, form: Mapping[str, str], until: float) -> Answer:
        body = urlencode(form).encode()
        return oauth.call(self._transport, "POST", uri, oauth.FORM, body, until)


@reads
def token_answer(answer: Answer, now: datetime) -> TokenAnswer:
    """What a token answer holds. Raises TryLater (no, provider) for one without a token."""
    got = json_object(answer.body)
    token, more = got.get("access_token"), got.get("refresh_token")
    if not isinstance(token, str) or not token:
        raise oauth.no_token()
    identity = got.get("id_token")
    return TokenAnswer(
        token=token,
        expires_at=now + oauth.lasting(got.get("expires_in")),
        refresh_token=more if isinstance(more, str) else None,
        scopes=str(got.get("scope", "")),
        id_token=identity if isinstance(identity, str) else None,
    )


# Google's words beyond RFC 6749 section 5.2 are those seen at its token endpoint.
ERRORS = TokenErrors(
    lost={"invalid_grant", "invalid_scope"},
    operator={"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"},
    busy={"temporarily_unavailable", "server_error", "internal_failure"},
)


def token_error(answer: Answer, now: datetime, *, domain: bool) -> ChannelError:
    """What a refused token request means. Not verified: for assertions invalid_grant means an
    unknown person, but also a bad signature, a wrong clock or a deleted service account; only the
    description tells them apart."""
    _, text = error_words(answer.body)
    key_trouble = text.startswith(("Invalid JWT", "Invalid grant: account not found"))
    return ERRORS.error(answer, now, personal=not (domain and key_trouble))
