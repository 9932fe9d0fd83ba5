"""How people's consents are asked for and read: a part of the composition root."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from calsync.config import Config
from calsync.core.account import Account, Opened
from calsync.core.consent import Given, Rights
from calsync.opening import WRITING, google_settings, outlook_settings
from calsync.ports import Consenter
from calsync.runtime.context import Context
from calsync.selfservice.oauth import Consents
from providers.google.auth import SCOPE
from providers.google.consent import GoogleConsent
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.auth import OutlookAuth
from providers.outlook.consent import OutlookConsent
from providers.outlook.signin import Discovery


class GoogleConsenter:
    """Google, as the consents ask for it."""

    def __init__(self, consent: GoogleConsent) -> None:
        self.consent = consent

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        """Google is asked anew each time in any case."""
        return self.consent.begin(redirect_uri, login_hint, other=other)

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        got = self.consent.finish(kept, params, until)
        scopes = set((got.fresh.scopes or SCOPE).split())
        token = got.fresh.refresh_token or ""
        address = got.identity.address
        account = Account(
            id="", tenant="", email=email, provider="google", address=address or email
        )
        opened = Opened(
            account,
            got.identity.subject,
            {"refresh_token": token},
            scopes=" ".join(sorted(scopes)),
        )
        rights = Rights(writes=bool(WRITING & scopes), lasts=bool(token))
        return Given(opened, address, rights, got.fresh.token)

    def admin_url(self, redirect_uri: str, state: str) -> str:
        """Google's administrators approve in their own console."""
        return ""


class OutlookConsenter:
    """Microsoft, as the consents ask for it. `application`: calsync is to serve whole domains
    there, which an administrator approves with the rest."""

    def __init__(self, consent: OutlookConsent, *, application: bool) -> None:
        self.consent, self.application = consent, application

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        return self.consent.begin(redirect_uri, login_hint, until, other=other, again=again)

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        got = self.consent.finish(kept, params, until)
        account = Account(
            id="", tenant="", email=email, provider="outlook", address=got.address or email
        )
        opened = Opened(account, got.identity, got.fresh.secret or {})
        return Given(opened, got.address, Rights(got.writes, got.lasts), got.fresh.token)

    def admin_url(self, redirect_uri: str, state: str) -> str:
        return self.consent.admin_url(redirect_uri, state, application=self.application)


def consents(
    config: Config, context: Context, names: Iterable[str], watchdog: Watchdog
) -> Consents:
    """The consents of every tenant whose settings allow people to give one."""
    transport, discovery = Transport(watchdog), Discovery()
    found: dict[tuple[str, str], Consenter] = {}
    for name in names:
        tenant = config.for_tenant(name)
        if tenant.google.client_id:
            google = GoogleConsent(google_settings(tenant), transport)
            found[name, "google"] = GoogleConsenter(google)
        if tenant.outlook.client_id:
            auth = OutlookAuth(outlook_settings(tenant), transport, discovery)
            found[name, "outlook"] = OutlookConsenter(
                OutlookConsent(auth), application=bool(tenant.outlook.domains)
            )
    return Consents(context, found, config.web.public_url)
