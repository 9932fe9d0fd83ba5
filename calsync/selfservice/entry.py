"""How people come to their page: sent by the platform, let in once, known by a cookie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from calsync.core.address import Address, AddressError
from calsync.core.content.icalendar import one_line
from calsync.core.visit import Visit, Visitor
from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.selfservice import signed_links
from calsync.selfservice.signed_links import ArrivalError, Rules
from calsync.store.connect import visits
from calsync.store.database import Db

TICKET_LASTS = timedelta(minutes=15)
VISIT_LASTS = timedelta(hours=2)
LONGEST_NAME, LONGEST_LOCALE = 200, 35  # characters
PATH = "/connect/arrive"
ELSEWHERE = (
    "is not below one of connect.return_urls; use one of those, or add its beginning to the "
    "configuration"
)


class VisitorError(InputError):
    """Nobody can be let in like this. `problems` names every field that cannot be used, with what
    to write."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems.values()))


@dataclass(frozen=True, slots=True)
class Offered:
    """A way in, good for once. `url` lets in whoever opens it."""

    url: str
    expires_at: datetime


class Arrivals:
    """Every way in.

    rules       by tenant
    public_url  how browsers reach calsync, without a slash at its end
    """

    def __init__(self, context: Context, rules: Mapping[str, Rules], public_url: str) -> None:
        self.context, self.rules, self.public_url = context, rules, public_url.rstrip("/")

    # --- ways in ---------------------------------------------------------------------------------

    def offer(self, visitor: Visitor) -> Offered:
        """A one-time URL for a person. Raises GuestError."""
        visitor = self._checked(visitor)
        secret = visits.new_secret()

        def offer(db: Db) -> datetime:
            expires_at = db.now + TICKET_LASTS
            visits.offer(db, visits.hashed(secret), visitor, expires_at)
            return expires_at

        expires_at = self.context.transact("offer_arrival", offer)
        return Offered(f"{self.public_url}{PATH}?ticket={secret}", expires_at)

    def sign(self, visitor: Visitor) -> Offered:
        """A signed link for a person, as the platform makes it. Nothing is stored. Raises
        GuestError, InputError for a tenant without keys."""
        if not self.public_url:
            raise InputError("web.public_url is not set; write how browsers reach calsync")
        visitor = self._checked(visitor)
        with self.context.store.read() as db:
            now = db.now
        token = signed_links.sign(self.rules[visitor.tenant], self.public_url, visitor, now)
        return Offered(f"{self.public_url}{PATH}?ticket={quote(token)}", now + signed_links.LONGEST)

    def problems(self, visitor: Visitor) -> dict[str, str]:
        """What is wrong with a person of a tenant that there is, by field."""
        problems: dict[str, str] = {}
        try:
            Address.read(visitor.email)
        except AddressError as error:
            problems["email"] = str(error)
        allowed = self.rules[visitor.tenant].return_urls
        if visitor.return_url and not leads_to(visitor.return_url, allowed):
            problems["return_url"] = ELSEWHERE
        return problems

    def _checked(self, visitor: Visitor) -> Visitor:
        if visitor.tenant not in self.rules:
            known = ", ".join(self.rules)
            raise VisitorError({"tenant": f"no tenant {visitor.tenant}; there are {known}"})
        if problems := self.problems(visitor):
            raise VisitorError(problems)
        key = Address.read(visitor.email).key
        name, locale = (
            one_line(visitor.name)[:LONGEST_NAME],
            one_line(visitor.locale)[:LONGEST_LOCALE],
        )
        return replace(visitor, email=key, name=name, locale=locale)

    # --- coming in -------------------------------------------------------------------------------

    def peek(self, ticket: str) -> Visitor:
        """Whom a ticket or signed link lets in; it stays good. Raises ArrivalError."""
        with self.context.store.read() as db:
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
            return link.visitor
        assert known is not None
        return known.visitor

    def enter(self, ticket: str, before: str = "") -> tuple[str, Visit]:
        """Take the ticket: the value of the browser's cookie, and its visit. The visit of the
        cookie that it had `before` ends. Raises ArrivalError."""
        visitor = self.peek(ticket)

        def enter(db: Db) -> tuple[str, Visit] | None:
            link = self._link(ticket, db.now)
            ident = _ident(ticket, link)
            if link is None:
                mine = visits.spend(db, ident)
            else:
                mine = visits.spend_link(db, ident, visitor, link.expires_at)
            entered = visits.begin(db, visitor, VISIT_LASTS) if mine else None
            if entered and before:
                visits.leave(db, visits.hashed(before))
            return entered

        entered = self.context.transact("enter", enter)
        if entered is None:
            raise ArrivalError("spent")
        return entered

    def _link(self, ticket: str, now: datetime) -> signed_links.Link | None:
        """A signed link's content, whose visitor is as the platform's own call would have it."""
        if ticket.count(".") != 2:
            return None
        link = signed_links.read(self.rules, self.public_url, ticket, now)
        try:
            return replace(link, visitor=self._checked(link.visitor))
        except VisitorError as error:
            kind = "elsewhere" if set(error.problems) == {"return_url"} else "unknown"
            raise ArrivalError(kind) from None

    # --- being in --------------------------------------------------------------------------------

    def visit(self, cookie: str) -> Visit | None:
        """Whose browser shows this cookie, while the visit lasts."""
        with self.context.store.read() as db:
            return visits.visit(db, cookie)

    def proof(self, cookie: str) -> str:
        """What a form of this browser carries, so that no other site can send it."""
        return self.context.vault.keyed_hash("csrf", cookie)

    def speak(self, visit: Visit, locale: str) -> None:
        """Go on in another language."""
        self.context.transact("speak", lambda db: visits.speak(db, visit.id, locale))

    def leave(self, visit: Visit) -> None:
        """Shut the door behind a browser."""
        self.context.transact("leave_page", lambda db: visits.leave(db, visit.id))


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
    return visits.hashed(f"link {link.visitor.tenant} {link.jti}" if link else ticket)
