"""From the address a person types to the calendar that calsync writes (RFC 6764, RFC 4791 6.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from calsync.errors import (
    AccessLost,
    ChannelError,
    HostError,
    InputError,
    LoginError,
    OtherServerError,
    TryLater,
)
from calsync.ports import Access
from providers.caldav.addresses import (
    OtherOrigin,
    PrivateNetwork,
    collection_url,
    folder_path,
    on_same_origin,
    origin_of,
    other_origin,
)
from providers.caldav.client import CaldavClient
from providers.caldav.multistatus import CALDAV, DAV, DavResponse
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport

TYPE, NAME, PRINCIPAL = f"{DAV}resourcetype", f"{DAV}displayname", f"{DAV}current-user-principal"
PRIVILEGES = f"{DAV}current-user-privilege-set"
HOME, COMPONENTS = f"{CALDAV}calendar-home-set", f"{CALDAV}supported-calendar-component-set"
INBOX, DEFAULT = f"{CALDAV}schedule-inbox-URL", f"{CALDAV}schedule-default-calendar-URL"

CALENDAR_PROPS = (TYPE, NAME, COMPONENTS, PRIVILEGES)


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """A calendar for events. `href` is its whole URL: what `Access.endpoint` wants."""

    href: str
    name: str
    writable: bool


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a login opens. `principal` is "" when a calendar was named that does not tell it;
    `chosen` is writable."""

    principal: str
    calendars: tuple[CalendarInfo, ...]
    chosen: CalendarInfo


def discover(
    settings: CaldavSettings,
    transport: Transport,
    url: str,
    username: str,
    password: str,
    until: float,
) -> Discovered:
    """The calendars behind `url`: a calendar's own address, or any of its server that leads there.

    Ends by `until` (`time.monotonic()`). Raises InputError, which says what to do (a
    LoginError for a refused login, a HostError for a server in a private network), and TryLater.
    """
    url = _checked(url)
    if not _is_text(username + password):
        raise LoginError("the user name or password holds half a character; type it once more")
    access = Access(account=username, secret=password, username=username, endpoint=url)
    search = _Search(CaldavClient(settings, transport), access, until)
    try:
        return search.run(url)
    except TryLater:
        raise
    except AccessLost as error:
        raise LoginError(f"{url}: {error.reason}") from None
    except ChannelError as error:
        raise InputError(f"{url}: {error.reason}") from None


def calendars_beside(
    client: CaldavClient, access: Access, until: float
) -> tuple[CalendarInfo, ...] | None:
    """The other calendars of the person whose login this is, in the order of their URLs; None where
    the server does not tell. Raises ChannelError when it does not answer."""
    search = _Search(client, access, until)
    try:
        return search.beside(collection_url(access.endpoint))
    except (TryLater, AccessLost):
        raise
    except (ChannelError, InputError):
        return None


def _checked(url: str) -> str:
    try:
        parts, origin = urlsplit(url), origin_of(url)
    except ValueError:
        raise InputError("write the CalDAV address as https://host/path") from None
    if parts.username is not None or parts.password is not None:
        raise InputError("leave user name and password out of the CalDAV address")
    return origin + (parts.path or "/")


def _is_text(login: str) -> bool:
    """JSON may hold half of a surrogate pair, which no header carries (RFC 8259, section 8.2)."""
    try:
        login.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Search:
    """One discovery."""

    def __init__(self, client: CaldavClient, access: Access, until: float) -> None:
        self._client, self._access, self._until = client, access, until
        self._problems: list[str] = []
        self._other = ""  # the first server that this one leads to

    def run(self, url: str) -> Discovered:
        for candidate in _candidates(url):
            found = self._ask(candidate, (*CALENDAR_PROPS, PRINCIPAL, HOME))
            if found is None:
                continue
            principal = self._link(found, PRINCIPAL)
            if _is_calendar(found):
                return _only(principal, found)
            if HOME in found.props:
                principal = found.url
            if principal:
                return self._of_principal(principal)
        raise self._nothing(
            f"{url}: no calendars found there ({'; '.join(self._problems) or 'no CalDAV server'}); "
            "give the CalDAV address of the server, or that of the calendar itself"
        )

    def beside(self, calendar: str) -> tuple[CalendarInfo, ...] | None:
        found = self._ask(calendar, (PRINCIPAL,))
        principal = self._link(found, PRINCIPAL) if found else ""
        at = self._ask(principal, (HOME,)) if principal else None
        homes = self._links(at, HOME) if at else []
        if not homes:
            return None
        calendars = {info.href: info for home in homes for info in self._in_home(home)}
        return tuple(
            calendars[href] for href in sorted(calendars) if not _same_folder(href, calendar)
        )

    def _of_principal(self, principal: str) -> Discovered:
        found = self._ask(principal, (HOME, INBOX))
        homes = self._links(found, HOME) if found else []
        if not homes:
            raise self._nothing(
                f"{principal}: the server does not say where calendars are "
                f"({'; '.join(self._problems) or 'no calendar-home-set'}); "
                "give the address of the calendar itself"
            )
        calendars = {info.href: info for home in homes for info in self._in_home(home)}
        inbox = self._link(found, INBOX) if found else ""
        return _chosen(principal, tuple(calendars.values()), self._default(inbox))

    def _in_home(self, home: str) -> Iterator[CalendarInfo]:
        answers = self._client.propfind(home, CALENDAR_PROPS, self._access, self._until, depth=1)
        return (_info(one) for one in answers if _is_calendar(one) and _takes_events(one))

    def _default(self, inbox: str) -> str:
        """The calendar for invitations (RFC 6638 9.2), "" when the server names none."""
        found = self._ask(inbox, (DEFAULT,)) if inbox else None
        return self._link(found, DEFAULT) if found else ""

    def _ask(self, url: str, names: Sequence[str]) -> DavResponse | None:
        """The resource's properties; None, with the problem noted, when it has none for us.
        A refused login and a server in trouble end the search."""
        try:
            answers = self._client.propfind(url, names, self._access, self._until)
        except PrivateNetwork as error:
            raise HostError(f"{url}: {error.reason}") from None
        except ChannelError as error:
            if error.kind in {"try_later", "access_lost"}:
                raise
            self._note(error.reason, error.url if isinstance(error, OtherOrigin) else "")
            return None
        return answers[0] if answers else None

    def _link(self, found: DavResponse, name: str) -> str:
        return next(iter(self._links(found, name)), "")

    def _links(self, found: DavResponse, name: str) -> list[str]:
        """The URLs in a property that may see the credentials."""
        links = []
        for href in found.hrefs(name):
            url = on_same_origin(found.url, href)
            if url is not None:
                links.append(url)
                continue
            problem = f"calendars are at {href[:200]!r}: connect that if you trust it"
            self._note(problem, other_origin(found.url, href))
        return links

    def _note(self, problem: str, other: str = "") -> None:
        self._other = self._other or other
        if problem not in self._problems:
            self._problems.append(problem)

    def _nothing(self, reason: str) -> InputError:
        """No calendar was found. iCloud's are on a host that its discovery names
        (pNN-caldav.icloud.com)."""
        return OtherServerError(reason, self._other) if self._other else InputError(reason)


def _candidates(url: str) -> list[str]:
    """Where to ask. A bare host is asked for its well-known address first (RFC 6764 5)."""
    well_known = f"{origin_of(url)}/.well-known/caldav"
    return [well_known, url] if urlsplit(url).path in {"", "/"} else [url, well_known]


def _only(principal: str, found: DavResponse) -> Discovered:
    info = _info(found)
    if not _takes_events(found):
        raise InputError(f"{info.href}: this calendar accepts no events; give another one")
    return _chosen(principal, (info,), "")


def _chosen(principal: str, calendars: tuple[CalendarInfo, ...], default: str) -> Discovered:
    """The server's default when it can be written, else the first that can; in the order of their
    URLs, because servers list them in any, and connecting again must choose the same."""
    calendars = tuple(sorted(calendars, key=lambda info: info.href))
    writable = [info for info in calendars if info.writable]
    if not writable:
        raise InputError(
            "no calendar there may be written with this login: "
            "create one, or give the address of one shared for writing"
        )
    preferred = [info for info in writable if default and _same_folder(info.href, default)]
    return Discovered(principal, calendars, (preferred or writable)[0])


def _same_folder(one: str, other: str) -> bool:
    return folder_path(one) == folder_path(other)


def _is_calendar(found: DavResponse) -> bool:
    return f"{CALDAV}calendar" in found.names(TYPE)


def _takes_events(found: DavResponse) -> bool:
    """A calendar that does not say what it takes, takes everything (RFC 4791 5.2.3)."""
    allowed = found.props.get(COMPONENTS)
    return allowed is None or any(part.get("name") == "VEVENT" for part in allowed)


def _info(found: DavResponse) -> CalendarInfo:
    href = found.url.rstrip("/") + "/"
    name = found.text(NAME) or unquote(href.rstrip("/").rpartition("/")[2])
    return CalendarInfo(href, name, _is_writable(found))


def _is_writable(found: DavResponse) -> bool:
    """A server without access control (RFC 3744) says nothing, and is believed to allow it."""
    if PRIVILEGES not in found.props:
        return True
    may = found.names(PRIVILEGES)
    whole = {f"{DAV}all", f"{DAV}write"}
    parts = {f"{DAV}bind", f"{DAV}unbind", f"{DAV}write-content"}
    return bool(may & whole) or parts <= may
