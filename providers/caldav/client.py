"""WebDAV calls with Basic authentication over our transport."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from calsync.errors import Setup, TryLater, Unusable
from calsync.ports import Access
from providers.caldav.addresses import (
    OtherOrigin,
    on_same_origin,
    only_public,
    origin_of,
    other_origin,
)
from providers.caldav.errors import Target, error_of
from providers.caldav.multistatus import (
    DATA,
    ETAG,
    DavResponse,
    propfind_body,
    read_multistatus,
)
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Answer, Transport

REDIRECTS = frozenset({301, 302, 307, 308})
MAX_REDIRECTS = 3
# RFC 9110 8.8.3, and blanks and quotes inside, which servers write; a header of 8 KB is refused.
_SENDABLE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\x20-\x7e\x80-\xff]{0,998}[\x21-\x7e\x80-\xff])?")


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """What is stored at one URL. `etag` is None when the server gives no strong one."""

    url: str
    etag: str | None
    data: bytes = field(repr=False)


class CaldavClient:
    """Make one per process: threads may share it. The transport trusts `settings.ca_file`.

    Every method ends by `until`, talks to the origin of its URL only, and raises ChannelError.
    """

    def __init__(self, settings: CaldavSettings, transport: Transport) -> None:
        self._transport = transport
        self._admit = None if settings.allow_private else only_public

    def get(self, url: str, access: Access, until: float) -> CalendarObject:
        answer = self._call("GET", url, access, until)
        if answer.status != 200:
            raise error_of(answer, "object")
        return CalendarObject(url, strong(answer.headers.get("etag")), answer.body)

    def create(self, url: str, data: bytes, access: Access, until: float) -> str | None:
        """Store an object where there is none. Returns its strong ETag, if the server gives one:
        then it is stored as sent (RFC 4791 5.3.4)."""
        return self._put(url, data, {"If-None-Match": "*"}, access, until, "new")

    def replace(
        self, url: str, data: bytes, etag: str | None, access: Access, until: float
    ) -> str | None:
        """Store an object over the one with this ETag (None: over any). Returns as `create`."""
        return self._put(url, data, {"If-Match": etag or "*"}, access, until, "object")

    def delete(self, url: str, access: Access, until: float) -> None:
        """Without the server answering the organizer in the person's name (RFC 6638 8.1)."""
        answer = self._call("DELETE", url, access, until, headers={"Schedule-Reply": "F"})
        if answer.status not in {200, 202, 204}:
            raise error_of(answer, "object")

    def propfind(
        self, url: str, names: Iterable[str], access: Access, until: float, *, depth: int = 0
    ) -> list[DavResponse]:
        body = propfind_body(names)
        return self._multistatus("PROPFIND", url, body, depth, access, until)

    def report(self, url: str, body: bytes, access: Access, until: float) -> list[DavResponse]:
        return self._multistatus("REPORT", url, body, 1, access, until)

    def _put(
        self,
        url: str,
        data: bytes,
        condition: Mapping[str, str],
        access: Access,
        until: float,
        target: Target,
    ) -> str | None:
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        answer = self._call("PUT", url, access, until, headers=headers, body=data)
        if answer.status not in {200, 201, 204}:
            raise error_of(answer, target)
        return strong(answer.headers.get("etag"))

    def _multistatus(
        self, method: str, url: str, body: bytes, depth: int, access: Access, until: float
    ) -> list[DavResponse]:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": str(depth)}
        answer = self._call(method, url, access, until, headers=headers, body=body)
        if answer.status != 207:
            raise error_of(answer, "calendar")
        try:
            return read_multistatus(answer.body, url)
        except ValueError as error:
            raise TryLater(f"207 with {error}", happened="no", scope="account") from None

    def _call(
        self,
        method: str,
        url: str,
        access: Access,
        until: float,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One call, redirects within the origin included (RFC 6764 5 needs them)."""
        login = base64.b64encode(f"{access.username}:{access.secret}".encode()).decode()
        # Compressing web servers change the ETag header so that it no longer matches:
        # https://bz.apache.org/bugzilla/show_bug.cgi?id=45023
        fixed = {"Authorization": f"Basic {login}", "Accept-Encoding": "identity"}
        for _ in range(1 + MAX_REDIRECTS):
            answer = self._once(method, url, {**fixed, **(headers or {})}, body, until)
            location = answer.headers.get("location")
            if answer.status not in REDIRECTS or not location:
                return answer
            url = redirected(url, location)
        raise _unusable(f"more than {MAX_REDIRECTS} redirects: connect the address they end at")

    def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, until: float
    ) -> Answer:
        try:
            return self._transport.call(
                method, url, headers=headers, body=body, until=until, admit=self._admit
            )
        except Setup as error:
            # The person named this server: the operator and everybody else are not concerned.
            raise _unusable(error.reason) from None


def object_of(answer: DavResponse, url: str) -> CalendarObject:
    """The object in an answer to a report."""
    etag, data = answer.text(ETAG), answer.text(DATA)
    return CalendarObject(url, strong(etag), (data or "").encode())


def strong(etag: str | None) -> str | None:
    """An ETag that If-Match can use. A weak one never matches there (RFC 9110 13.1.1), and one with
    other letters than an ETag may have (8.8.3), or longer than any header, cannot be sent."""
    return etag if etag and not etag.startswith("W/") and _SENDABLE.fullmatch(etag) else None


def redirected(url: str, location: str) -> str:
    """Where a redirect leads. Raises Unusable when that is another origin: it would get to see
    the credentials."""
    target = on_same_origin(url, location)
    if target is not None:
        return target
    other = other_origin(url, location)
    if not other:
        raise _unusable("the server redirects to an unusable address")
    reason = f"the server redirects to {origin_of(other)}: connect that address if you trust it"
    raise OtherOrigin(reason, other)


def _unusable(reason: str) -> Unusable:
    return Unusable(reason, happened="no", scope="account")
