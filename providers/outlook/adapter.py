"""Outlook behind calsync's ports: how Microsoft's accounts are connected and opened. There is no
call by which an application could end what one person gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from calsync.core.account import Credentials, FreshToken, Grant, GrantLife, Opened
from calsync.core.calls import Probed
from calsync.core.consent import Given, Rights
from calsync.errors import InputError
from calsync.ports import Provider
from calsync.untrusted.values import http_date
from providers.http.transport import Transport
from providers.oauth import consented
from providers.outlook.auth import OutlookAuth
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from providers.outlook.consent import OutlookConsent
from providers.outlook.live.trial import OutlookTrial
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import Discovery

NAME = OutlookChannel.kind
# learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime
LIFE = GrantLife(unused=timedelta(days=90))


def provider(settings: OutlookSettings, transport: Transport, discovery: Discovery) -> Provider:
    """What Outlook offers one tenant, which needs an app registration for all of it."""
    adapter = OutlookAdapter(settings, transport, discovery)
    if not settings.client_id:
        return Provider(NAME, connector=adapter)
    client = GraphClient(transport, settings.graph_base)
    return Provider(
        NAME,
        channel=OutlookChannel(client, conditional_patch=settings.conditional_patch),
        connector=adapter,
        refresher=adapter,
        consenter=adapter,
        self_service=True,
        domains=settings.domains,
        prober=adapter,
        life=LIFE,
        trial=OutlookTrial(client),
    )


class OutlookAdapter:
    """Connector, Refresher, Consenter and Prober for one tenant; see `calsync.ports`. A sign-in
    begins with the addresses that Microsoft's servers tell, once a day."""

    calls_to_begin: ClassVar[bool] = True

    def __init__(
        self, settings: OutlookSettings, transport: Transport, discovery: Discovery
    ) -> None:
        self._auth = OutlookAuth(settings, transport, discovery)
        self._consent = OutlookConsent(self._auth)
        self._serves_domains = bool(settings.domains)

    def connect(self, email: str, credentials: Mapping[str, str], until: float) -> Opened:
        """An own consent from {"refresh_token"}; without the writing scope it is for free/busy
        only. The account is the directory's, whatever its address is later."""
        token = credentials.get("refresh_token")
        if not token:
            raise InputError('outlook needs {"refresh_token": "..."} on standard input')
        got = self._auth.redeem(token, until)
        return Opened(
            consented(NAME, email, got.address, writes=got.writes), got.identity, got.secret
        )

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        """MSAL's cache of an own consent, or the application's token."""
        if credentials.grant is Grant.DOMAIN:
            return self._auth.as_application(until, stale=credentials.token)
        return self._auth.refresh(credentials.secret, until)

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        return self._consent.begin(redirect_uri, login_hint, until, other=other, again=again)

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        got = self._consent.finish(kept, params, until)
        opened = Opened(consented(NAME, email, got.address), got.identity, got.fresh.secret or {})
        return Given(opened, got.address, Rights(got.writes, got.lasts), got.fresh.token)

    def admin_url(self, redirect_uri: str, state: str) -> str:
        """Where calsync is to serve whole domains, that is approved with the rest."""
        return self._consent.admin_url(redirect_uri, state, application=self._serves_domains)

    def probe(self, until: float) -> Probed:
        """Whether Microsoft knows the application and its secret or certificate, by one of its
        own sign-ins where it serves domains."""
        end = self._auth.certificate_end()
        if self._serves_domains:
            self._auth.as_application(until)
            return Probed("signs this application in", certificate_end=end)
        headers = self._auth.probe(until)
        return Probed("knows this application", http_date(headers.get("date", "")), end)
