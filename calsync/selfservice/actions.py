"""What a person may do on their page: look, connect a calendar server, and leave again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from calsync.accounts import connect, disconnect
from calsync.accounts.connect import Connectors
from calsync.errors import ChannelError, InputError, LoginError
from calsync.runtime.context import Kit
from calsync.selfservice.overview import Portrait, portrait
from calsync.store.connect.visits import Guest


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt to connect ended. `trouble`: "" when it is connected, else silent (the server
    did not answer), login (it refused user name and password) or address (no calendar is there);
    `detail` is calsync's own sentence about it."""

    trouble: str = ""
    detail: str = ""


@dataclass(frozen=True)
class SelfService:
    """`offers` are the providers that people of a tenant may connect by themselves."""

    kit: Kit
    connectors: Connectors
    offers: Mapping[str, tuple[str, ...]]

    def offered(self, tenant: str) -> tuple[str, ...]:
        return self.offers.get(tenant, ())

    def portrait(self, guest: Guest) -> Portrait:
        """What the page tells this person."""
        return portrait(self.kit, guest.tenant, guest.email)

    def connect_caldav(self, guest: Guest, url: str, username: str, password: str) -> Outcome:
        """Try a calendar server and connect it when it works. Takes up to half a minute."""
        given = {"url": url, "username": username, "password": password}
        try:
            connect.add(self.kit, self.connectors, guest.tenant, "caldav", guest.email, given)
        except LoginError:
            return Outcome("login")
        except InputError as error:
            return Outcome("address", str(error))
        except ChannelError:
            return Outcome("silent")
        return Outcome()

    def leave(self, guest: Guest, account: str) -> str:
        """Disconnect a calendar of the person. Returns "withdrawing" while upcoming events are
        taken out of it, else "disconnected". Raises InputError for one that is not theirs."""
        return disconnect.leave(self.kit, guest.tenant, guest.email, account)
