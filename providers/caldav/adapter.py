"""CalDAV behind calsync's ports: people name their own server, and give user name and password."""

from __future__ import annotations

from collections.abc import Mapping

from calsync.core.account import Account, Opened
from calsync.errors import InputError
from calsync.ports import Access, Provider
from providers.caldav.channel import CaldavChannel
from providers.caldav.client import CaldavClient
from providers.caldav.discovery import discover
from providers.caldav.settings import CaldavSettings
from providers.caldav.stale import refuses_stale
from providers.http.transport import Transport

NAME = CaldavChannel.kind


def provider(settings: CaldavSettings, transport: Transport) -> Provider:
    """What CalDAV offers every tenant. Its accounts are opened by their password, and nothing is
    left at a server when they are not used any more."""
    return Provider(
        NAME,
        channel=CaldavChannel(settings, transport),
        connector=CaldavAdapter(settings, transport),
        self_service=True,
    )


class CaldavAdapter:
    """Connector; see `calsync.ports`."""

    def __init__(self, settings: CaldavSettings, transport: Transport) -> None:
        self._settings, self._transport = settings, transport
        self._client = CaldavClient(settings, transport)

    def connect(self, email: str, credentials: Mapping[str, str], until: float) -> Opened:
        """Find the calendar that {"url", "username", "password"} opens, and try there whether its
        server refuses a stale change."""
        needed = ("url", "username", "password")
        missing = [name for name in needed if not credentials.get(name)]
        if missing:
            raise InputError(f"caldav needs {', '.join(missing)} in the JSON on standard input")
        url, username, password = (credentials[name] for name in needed)
        found = discover(self._settings, self._transport, url, username, password, until)
        calendar = found.chosen.href
        access = Access(account=email, secret=password, username=username, endpoint=calendar)
        account = Account(
            id="",
            tenant="",
            email=email,
            provider=NAME,
            address=email,
            endpoint=calendar,
            refuses_stale=refuses_stale(self._client, calendar, access, until),
        )
        return Opened(account, calendar, {"password": password}, username)
