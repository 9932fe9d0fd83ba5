"""What a person may do on their page: look, connect a calendar server, and leave again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from calsync.accounts import connect, disconnect
from calsync.core.visit import Visitor
from calsync.errors import ChannelError, HostError, InputError, LoginError, OtherServerError
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.selfservice import offers
from calsync.selfservice.overview import Overview, overview


@dataclass(frozen=True, slots=True)
class Connected:
    """How an attempt to connect ended. `trouble`: "" when it is connected, else silent (the server
    did not answer), login (it refused user name and password), address (no calendar is there),
    other (the calendars are on another server, whose name is `detail`; `offer` connects that) or
    expired (an offer is no longer good); `detail` is else calsync's own sentence about it."""

    trouble: str = ""
    detail: str = ""
    offer: str = ""


@dataclass(frozen=True)
class SelfService:
    """`offers` are the providers that people of a tenant may connect by themselves."""

    context: Context
    offers: Mapping[str, tuple[str, ...]]

    def offered(self, tenant: str) -> tuple[str, ...]:
        return self.offers.get(tenant, ())

    def overview(self, visitor: Visitor) -> Overview:
        """What the page tells this person."""
        return overview(self.context, visitor.tenant, visitor.email)

    def connect_caldav(self, visitor: Visitor, url: str, username: str, password: str) -> Connected:
        """Try a calendar server and connect it when it works. Takes up to half a minute."""
        given = {"url": url, "username": username, "password": password}
        try:
            connect.add(self.context, visitor.tenant, "caldav", visitor.email, given)
        except LoginError:
            return Connected("login")
        except HostError:
            return Connected("silent")
        except OtherServerError as error:
            offer = offers.make(self.context, visitor, {**given, "url": error.url})
            return Connected("other", urlsplit(error.url).netloc, offer)
        except InputError as error:
            return Connected("address", str(error))
        except ChannelError as error:
            of_tenant = unexpected.of_tenant(visitor.tenant)
            unexpected.report(self.context, "sign-in", error.origin, of_tenant)
            return Connected("silent")
        return Connected()

    def connect_offered(self, visitor: Visitor, offer: str) -> Connected:
        """Connect the other server that was offered to this person, with what they typed then."""
        given = offers.read(self.context, visitor, offer)
        if given is None:
            return Connected("expired")
        return self.connect_caldav(visitor, given["url"], given["username"], given["password"])

    def leave(self, visitor: Visitor, account: str) -> str:
        """Disconnect a calendar of the person. Returns "withdrawing" while upcoming events are
        taken out of it, else "disconnected". Raises InputError for one that is not theirs."""
        return disconnect.leave(self.context, visitor.tenant, visitor.email, account)
