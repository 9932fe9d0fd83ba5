"""How the accounts of each provider are opened: a part of the composition root.

Whoever connects an account hands over credentials; what they open, and how tokens are made of them
later, is the provider's to say.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from calsync.config import TenantConfig
from calsync.core.account import Account, AccountState, Credentials, FreshToken, Grant, Opened
from calsync.errors import AccessLost, InputError
from providers.caldav.discovery import discover
from providers.caldav.settings import CaldavSettings
from providers.google.auth import SCOPE, GoogleAuth, GoogleSettings
from providers.http.transport import Transport
from providers.outlook.auth import OutlookAuth
from providers.outlook.settings import OutlookSettings

CONNECT_SECONDS = 30.0
WRITING = {SCOPE, SCOPE.removesuffix(".owned"), "https://www.googleapis.com/auth/calendar"}
NO_IDENTITY = (
    "Google did not tell this account's address (the consent lacks openid and email), so {email} "
    "is taken for it; an account with several addresses that is connected under two of them shows "
    "its sessions twice"
)


class GoogleRefresher:
    """Google's way to a fresh token, as the authorizer asks for it."""

    def __init__(self, auth: GoogleAuth) -> None:
        self.auth = auth

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        secret: dict[str, str] = dict(credentials.secret)
        if credentials.grant is Grant.DOMAIN:
            secret = {"subject": credentials.address}
        got = self.auth.refresh(secret, until)
        rotated = {"refresh_token": got.refresh_token} if got.refresh_token else None
        return FreshToken(got.token, got.expires_at, rotated)


class GoogleRevoker:
    """Google's way to end a consent. All accounts of one `client` and one person share it."""

    def __init__(self, auth: GoogleAuth, client: str) -> None:
        self.auth, self.client = auth, client

    def revoke(self, secret: Mapping[str, str], until: float) -> bool:
        token = secret.get("refresh_token")
        return bool(token) and self.auth.revoke(str(token), until)


class OutlookRefresher:
    """Microsoft's way: MSAL's cache of an own consent, or the application's token."""

    def __init__(self, auth: OutlookAuth) -> None:
        self.auth = auth

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        if credentials.grant is Grant.DOMAIN:
            return self.auth.as_application(until, stale=credentials.token)
        return self.auth.refresh(credentials.secret, until)


def connect_google(auth: GoogleAuth, email: str, credentials: Mapping[str, str]) -> Opened:
    """An own consent from {"refresh_token", "scopes"?}, refreshed once to see what it opens and
    whose it is; `scopes` limits it further. Without the writing scope it is for free/busy only, and
    its person goes on being served by mail."""
    given = credentials.get("refresh_token")
    if not given:
        raise InputError('google needs {"refresh_token": "..."} on standard input')
    try:
        fresh = auth.refresh({"refresh_token": given}, time.monotonic() + CONNECT_SECONDS)
        identity = auth.identity(fresh)
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
    state = AccountState.ACTIVE if WRITING & scopes else AccountState.FREE_BUSY_ONLY
    account = Account(
        id="", tenant="", email=email, provider="google", address=address or email, state=state
    )
    return Opened(
        account,
        identity.subject if identity else email.lower(),
        {"refresh_token": fresh.refresh_token or given},
        scopes=" ".join(sorted(scopes)),
        warning=None if address else NO_IDENTITY.format(email=email),
    )


def connect_outlook(auth: OutlookAuth, email: str, credentials: Mapping[str, str]) -> Opened:
    """An own consent from {"refresh_token"}; without the writing scope it is for free/busy
    only. The account is the directory's, whatever its address is later."""
    token = credentials.get("refresh_token")
    if not token:
        raise InputError('outlook needs {"refresh_token": "..."} on standard input')
    got = auth.redeem(token, time.monotonic() + CONNECT_SECONDS)
    state = AccountState.ACTIVE if got.writes else AccountState.FREE_BUSY_ONLY
    address = got.address or email
    account = Account(
        id="", tenant="", email=email, provider="outlook", address=address, state=state
    )
    return Opened(account, got.identity, got.secret)


def connect_caldav(
    settings: CaldavSettings, transport: Transport, email: str, credentials: Mapping[str, str]
) -> Opened:
    """Find the calendar that {"url", "username", "password"} opens."""
    missing = [name for name in ("url", "username", "password") if not credentials.get(name)]
    if missing:
        raise InputError(f"caldav needs {', '.join(missing)} in the JSON on standard input")
    found = discover(
        settings,
        transport,
        credentials["url"],
        credentials["username"],
        credentials["password"],
        time.monotonic() + CONNECT_SECONDS,
    )
    calendar = found.chosen.href
    account = Account(
        id="", tenant="", email=email, provider="caldav", address=email, endpoint=calendar
    )
    secret = {"password": credentials["password"]}
    return Opened(account, calendar, secret, credentials["username"])


def offered(config: TenantConfig) -> tuple[str, ...]:
    """The providers that people of this tenant may connect by themselves."""
    own = (("google", config.google.client_id), ("outlook", config.outlook.client_id))
    return (*(name for name, is_set in own if is_set), "caldav")


def google_settings(config: TenantConfig) -> GoogleSettings:
    google = config.google
    return GoogleSettings(
        client_id=google.client_id,
        client_secret=google.client_secret.get_secret_value(),
        service_account_file=google.service_account_file or None,
        domains=tuple(google.domains),
        api_base=google.api_base,
        auth_uri=google.auth_uri,
        token_uri=google.token_uri,
        revoke_uri=google.revoke_uri,
    )


def outlook_settings(config: TenantConfig) -> OutlookSettings:
    outlook = config.outlook
    return OutlookSettings(
        client_id=outlook.client_id,
        client_secret=outlook.client_secret.get_secret_value(),
        certificate_file=outlook.certificate_file or None,
        tenant=outlook.tenant,
        authority=outlook.authority,
        graph_base=outlook.graph_base,
    )
