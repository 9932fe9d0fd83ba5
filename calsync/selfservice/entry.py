"""How people come to their page: sent by the platform, let in once, known by a cookie."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from calsync.core.content.icalendar import one_line
from calsync.errors import InputError
from calsync.runtime.context import Kit
from calsync.selfservice import signed_links
from calsync.selfservice.signed_links import ArrivalError, Rules
from calsync.store.connect import visits
from calsync.store.connect.visits import Guest, Visit

TICKET_LASTS = timedelta(minutes=15)
VISIT_LASTS = timedelta(hours=2)
LONGEST_NAME, LONGEST_LOCALE = 200, 35  # characters
PATH = "/connect/arrive"


class GuestError(InputError):
    """Nobody can be let in like this. `field` says where, the text what to write."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Offered:
    """A way in, good for once. `url` lets in whoever opens it."""

    url: str
    expires_at: datetime


class Arrivals:
    """Every way in.

    rules         by tenant
    public_url    how browsers reach calsync, without a slash at its end
    read_address  an address in its usual spelling, None for what is none
    """

    def __init__(
        self,
        kit: Kit,
        rules: Mapping[str, Rules],
        public_url: str,
        read_address: Callable[[str], str | None],
    ) -> None:
        self.kit, self.rules, self.public_url = kit, rules, public_url.rstrip("/")
        self._read_address = read_address

    # --- ways in ---------------------------------------------------------------------------------

    def offer(self, guest: Guest) -> Offered:
        """A one-time URL for a person. Raises GuestError."""
        guest = self._checked(guest)
        secret = visits.new_secret()
        with self.kit.write("offer_arrival") as db:
            expires_at = db.now + TICKET_LASTS
            visits.offer(db, visits.hashed(secret), guest, expires_at)
        return Offered(f"{self.public_url}{PATH}?ticket={secret}", expires_at)

    def sign(self, guest: Guest) -> Offered:
        """A signed link for a person, as the platform makes it. Nothing is stored. Raises
        GuestError, InputError for a tenant without keys."""
        if not self.public_url:
            raise InputError("web.public_url is not set; write how browsers reach calsync")
        guest = self._checked(guest)
        with self.kit.store.read() as db:
            now = db.now
        token = signed_links.sign(self.rules[guest.tenant], self.public_url, guest, now)
        return Offered(f"{self.public_url}{PATH}?ticket={quote(token)}", now + signed_links.LONGEST)

    def _checked(self, guest: Guest) -> Guest:
        if guest.tenant not in self.rules:
            known = ", ".join(self.rules)
            raise GuestError("tenant", f"no tenant {guest.tenant}; there are {known}")
        address = self._read_address(guest.email)
        if address is None:
            message = f"{guest.email!r} is no address; write maya@example.org"
            raise GuestError("email", message)
        allowed = self.rules[guest.tenant].return_urls
        if guest.return_url and not leads_to(guest.return_url, allowed):
            message = (
                "is not below one of connect.return_urls; use one of those, or add its beginning "
                "to the configuration"
            )
            raise GuestError("return_url", message)
        name, locale = one_line(guest.name)[:LONGEST_NAME], one_line(guest.locale)[:LONGEST_LOCALE]
        return replace(guest, email=address.lower(), name=name, locale=locale)

    # --- coming in -------------------------------------------------------------------------------

    def look(self, ticket: str) -> Guest:
        """Whom a ticket or signed link lets in; it stays good. Raises ArrivalError."""
        with self.kit.store.read() as db:
            now = db.now
            link = self._link(ticket, now)
            known = visits.ticket(db, _ident(ticket, link))
        if known is None and link is None:
            raise ArrivalError("unknown")
        if known is not None and known.spent:
            raise ArrivalError("spent")
        if known is not None and known.expires_at <= now:
            raise ArrivalError("expired")
        if link is not None:
            return link.guest
        assert known is not None
        return known.guest

    def enter(self, ticket: str, before: str = "") -> tuple[str, Visit]:
        """Take the ticket: the value of the browser's cookie, and its visit. The visit of the
        cookie that it had `before` ends. Raises ArrivalError."""
        guest = self.look(ticket)
        with self.kit.write("enter") as db:
            link = self._link(ticket, db.now)
            ident = _ident(ticket, link)
            if link is None:
                mine = visits.spend(db, ident)
            else:
                mine = visits.spend_link(db, ident, guest, link.expires_at)
            entered = visits.begin(db, guest, VISIT_LASTS) if mine else None
            if entered and before:
                visits.leave(db, visits.hashed(before))
        if entered is None:
            raise ArrivalError("spent")
        return entered

    def _link(self, ticket: str, now: datetime) -> signed_links.Link | None:
        """A signed link's content, whose guest is as the platform's own call would have it."""
        if ticket.count(".") != 2:
            return None
        link = signed_links.read(self.rules, self.public_url, ticket, now)
        try:
            return replace(link, guest=self._checked(link.guest))
        except GuestError as error:
            kind = "elsewhere" if error.field == "return_url" else "unknown"
            raise ArrivalError(kind) from None

    # --- being in --------------------------------------------------------------------------------

    def visit(self, cookie: str) -> Visit | None:
        """Whose browser shows this cookie, while the visit lasts."""
        with self.kit.store.read() as db:
            return visits.visit(db, cookie)

    def proof(self, cookie: str) -> str:
        """What a form of this browser carries, so that no other site can send it."""
        return self.kit.vault.keyed_hash("csrf", cookie)

    def speak(self, visit: Visit, locale: str) -> None:
        """Go on in another language."""
        with self.kit.write("speak") as db:
            visits.speak(db, visit.id, locale)

    def leave(self, visit: Visit) -> None:
        """Shut the door behind a browser."""
        with self.kit.write("leave_page") as db:
            visits.leave(db, visit.id)


def leads_to(url: str, allowed: Collection[str]) -> bool:
    """Whether a URL is one of the allowed ones or below: same scheme, host and port, and a path
    that goes on from theirs at a slash."""
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return False
    return any(_is_below(url, one) for one in allowed)


def _is_below(url: str, allowed: str) -> bool:
    try:
        one, other = urlsplit(url), urlsplit(allowed)
        same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
    except ValueError:
        return False
    path, base = one.path or "/", (other.path or "/").rstrip("/")
    climbs = any(
        part in ("..", ".") for part in path.replace("%2e", ".").replace("%2E", ".").split("/")
    )
    return (
        same
        and "@" not in one.netloc
        and not climbs
        and (path == base or path.startswith(f"{base}/"))
    )


def _ident(ticket: str, link: signed_links.Link | None) -> str:
    """Under what a ticket is stored; a link by the tenant and its jti, however it was spelt."""
    return visits.hashed(f"link {link.guest.tenant} {link.jti}" if link else ticket)
