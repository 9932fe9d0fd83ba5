"""Google behind calsync's ports: how its accounts are connected, opened and left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from calsync.core.account import Credentials, FreshToken, Grant, GrantLife, Opened
from calsync.core.address import address_key
from calsync.core.calls import Probed
from calsync.core.consent import Given, Rights
from calsync.errors import AccessLost, InputError
from calsync.ports import Provider
from calsync.untrusted.values import http_date
from providers.google.auth import SCOPE, GoogleAuth
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.google.consent import GoogleConsent
from providers.google.live.trial import GoogleTrial
from providers.google.settings import GoogleSettings
from providers.http.transport import Transport
from providers.oauth import consented

NAME = GoogleChannel.kind
# "Refresh token expiration": developers.google.com/identity/protocols/oauth2#expiration
LIFE = GrantLife(unused=timedelta(days=180), trial=timedelta(days=7))
WRITING = {SCOPE, SCOPE.removesuffix(".owned"), "https://www.googleapis.com/auth/calendar"}
NO_IDENTITY = (
    "Google did not tell this account's address (the consent lacks openid and email), so {email} "
    "is taken for it; an account with several addresses that is connected under two of them shows "
    "its sessions twice"
)


def provider(settings: GoogleSettings, transport: Transport) -> Provider:
    """What Google offers one tenant: people's own consents with a client, whole domains with a
    service account."""
    adapter, own = GoogleAdapter(settings, transport), bool(settings.client_id)
    if not own and not settings.service_account_file:
        return Provider(NAME, connector=adapter)
    client = GoogleClient(transport, settings.api_base)
    return Provider(
        NAME,
        channel=GoogleChannel(client),
        connector=adapter,
        refresher=adapter,
        revoker=adapter if own else None,
        consenter=adapter if own else None,
        self_service=own,
        domains=settings.domains,
        prober=adapter if own else None,
        life=LIFE,
        trial=GoogleTrial(client),
    )


class GoogleAdapter:
    """Connector, Refresher, Revoker, Consenter and Prober for one tenant; see `calsync.ports`."""

    calls_to_begin: ClassVar[bool] = False

    def __init__(self, settings: GoogleSettings, transport: Transport) -> None:
        self.client = settings.client_id
        self._auth = GoogleAuth(settings, transport)
        self._consent = GoogleConsent(settings, transport)

    def connect(self, email: str, credentials: Mapping[str, str], until: float) -> Opened:
        """An own consent from {"refresh_token", "scopes"?}, refreshed once to see what it opens
        and whose it is; `scopes` limits it further. Without the writing scope it is for free/busy
        only, and its person goes on being served by mail."""
        given = credentials.get("refresh_token")
        if not given:
            raise InputError('google needs {"refresh_token": "..."} on standard input')
        try:
            fresh = self._auth.refresh({"refresh_token": given}, until)
            identity = self._auth.identity(fresh)
        except AccessLost as error:
            raise InputError(
                f"Google does not accept this refresh token ({error.reason}): the consent was "
                "withdrawn, has expired or belongs to another client than google.client_id; have "
                f"{email} consent again"
            ) from error
        limited_to = credentials.get("scopes")
        scopes = set((fresh.scopes or limited_to or SCOPE).split())
        if limited_to is not None:
            scopes &= set(limited_to.split())
        address = identity.address if identity else ""
        return Opened(
            consented(NAME, email, address, writes=bool(WRITING & scopes)),
            identity.subject if identity else address_key(email),
            {"refresh_token": fresh.refresh_token or given},
            scopes=" ".join(sorted(scopes)),
            warning=None if address else NO_IDENTITY.format(email=email),
        )

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        secret: dict[str, str] = dict(credentials.secret)
        if credentials.grant is Grant.DOMAIN:
            secret = {"subject": credentials.address}
        got = self._auth.refresh(secret, until)
        rotated = {"refresh_token": got.refresh_token} if got.refresh_token else None
        return FreshToken(got.token, got.expires_at, rotated)

    def revoke(self, secret: Mapping[str, str], until: float) -> bool:
        token = secret.get("refresh_token")
        return bool(token) and self._auth.revoke(str(token), until)

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        """Google asks the person each time in any case."""
        return self._consent.begin(redirect_uri, login_hint, other=other)

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        got = self._consent.finish(kept, params, until)
        scopes = set((got.fresh.scopes or SCOPE).split())
        token, address = got.fresh.refresh_token or "", got.identity.address
        opened = Opened(
            consented(NAME, email, address),
            got.identity.subject,
            {"refresh_token": token},
            scopes=" ".join(sorted(scopes)),
        )
        rights = Rights(writes=bool(WRITING & scopes), lasts=bool(token))
        return Given(opened, address, rights, got.fresh.token)

    def admin_url(self, redirect_uri: str, state: str) -> str:
        """Google's administrators approve in their own console."""
        return ""

    def probe(self, until: float) -> Probed:
        """Whether Google knows the client and its secret."""
        answer = self._auth.probe(until)
        return Probed("knows this client", http_date(answer.headers.get("date", "")))
