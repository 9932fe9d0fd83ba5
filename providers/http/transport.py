"""HTTP for the calendar channels: one attempt per call, over at its total deadline.

What a caller may conclude is decided here, once: was a byte of the request written or not. Nothing
is followed, kept or taken from the environment: no redirects, cookies, proxies, netrc.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from urllib.parse import unquote, urlsplit

import requests
from urllib3.exceptions import HTTPError

from calsync.errors import Setup, TimedOut, TryLater
from calsync.text.hosts import is_loopback
from calsync.untrusted.reading import reads
from calsync.untrusted.values import http_date, number
from providers.http.connections import Admit, Http, TimedCall
from providers.http.prepared import prepared
from providers.http.watchdog import Watchdog

HOUR = 3600.0
# They change nothing on the server; the last two are WebDAV's (RFC 4918 9.1, RFC 3253 3.6).
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport:
    """Shared by all worker threads; each has connections of its own.

    ca_file    certificates to trust instead of the bundled ones
    max_bytes  the largest answer that is read, counted after decompression
    """

    def __init__(
        self, watchdog: Watchdog, *, ca_file: str | None = None, max_bytes: int = 4_000_000
    ) -> None:
        self._watchdog, self._ca_file, self._max_bytes = watchdog, ca_file, max_bytes
        self._local = threading.local()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        until: float,
        reads: bool = False,
        admit: Admit | None = None,
    ) -> Answer:
        """One request, ended by `until` (`time.monotonic()`); only the system's name resolution
        cannot be interrupted.

        Raises TryLater, `no` while nothing was written and `maybe` after that, and Setup (`no`,
        provider) for an unusable URL or login in it, plain http to another machine, and a
        certificate that is not trusted. A safe method is sent once more when its kept-alive
        connection was dead, and so is any other with `reads`: it changes nothing on the server
        either. What `admit` raises at the host's addresses comes out as it is; nothing was
        connected to then.
        """
        host = _checked_host(url)
        request = partial(prepared, self._http(), method, url, headers, body)
        call = TimedCall(until, admit)
        try:
            return self._once(call, request, host)
        except TryLater:
            if not (call.stale and (reads or method in SAFE)):
                raise
        return self._once(TimedCall(until, admit), request, host)

    def _once(
        self, call: TimedCall, request: Callable[[], requests.PreparedRequest], host: str
    ) -> Answer:
        http = self._http()
        with http.calls.run(call, self._watchdog):
            try:
                response = http.once(request(), call.left())
                call.answered = True
                content = self._content(response)
            except (requests.RequestException, HTTPError, OSError, UnicodeError) as error:
                # `from None`: the library's text holds the URL with its query.
                raise _explained(error, call, host) from None
            if call.over:  # a connection that is cut off looks like a regular end
                raise TimedOut(f"{host}: no whole answer before the deadline", happened="maybe")
        told = response.headers
        headers = {name.lower(): told[name] for name in told}
        return Answer(response.status_code, headers, content)

    def _content(self, response: requests.Response) -> bytes:
        content = bytearray()
        for chunk in response.raw.stream(65_536, decode_content=True):
            content += chunk
            if len(content) > self._max_bytes:
                response.close()
                raise TryLater(f"the answer is larger than {self._max_bytes} bytes")
        return bytes(content)

    def _http(self) -> Http:
        http: Http | None = getattr(self._local, "http", None)
        if http is None:
            http = self._local.http = Http(self._ca_file)
        return http


@reads
def retry_after(headers: Mapping[str, str], now: datetime, longest: float = HOUR) -> float | None:
    """Seconds the server asks us to wait, from seconds or an HTTP date (RFC 9110 10.2.3), `longest`
    at most; None when it asks nothing we can read. `now` is aware."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdecimal():
        asked = number(value)
        return None if asked is None else min(asked, longest)
    when = http_date(value)
    return None if when is None else min(max(0.0, (when - now).total_seconds()), longest)


def _checked_host(url: str) -> str:
    return _host_of("/".join(url.split("/", 3)[:3]))


@lru_cache(maxsize=64)
def _host_of(origin: str) -> str:
    """The host in a URL's beginning. Raises Setup; most calls go where others went before."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        raise Setup("the URL cannot be read", happened="no", scope="provider") from None
    if not _is_sendable(f"{parts.username or ''}{parts.password or ''}"):
        wrong = f"{host}: the login in the URL has letters that HTTP cannot carry; use another"
        raise Setup(wrong, happened="no", scope="provider")
    if host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))):
        return host
    wrong = f"{host}: use https; http is for this machine" if host else "the URL has no host"
    raise Setup(wrong, happened="no", scope="provider")


def _is_sendable(login: str) -> bool:
    """`requests` writes a login as ISO 8859-1 and fails on everything beyond."""
    return all(ord(letter) < 256 for letter in unquote(login))


def _explained(error: Exception, call: TimedCall, host: str) -> TryLater | Setup:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Setup(f"{host}: certificate not trusted", happened="no", scope="provider")
    word = type(causes[-1]).__name__
    kind = TimedOut if call.over or isinstance(error, requests.Timeout) else TryLater
    if call.wrote:
        late = "no whole answer before the deadline" if call.over else f"connection lost ({word})"
        return kind(f"{host}: {late}", happened="maybe")
    late = "not sent before the deadline" if call.over else f"not reached ({word})"
    return kind(f"{host}: {late}", happened="no", scope="account")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it wraps; requests and urllib3 carry theirs in `args` and `reason`."""
    seen: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in seen:
        seen.append(inner)
        yield inner
        parts = (getattr(inner, "reason", None), *inner.args, inner.__cause__)
        inner = next((part for part in parts if isinstance(part, BaseException)), None)
