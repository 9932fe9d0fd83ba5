"""One request to an HTTP source: credentials to its own origin only, redirects, waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from calsync.errors import ChannelError, SourceError
from calsync.ports import HttpAnswer, HttpClient

PAGE_SECONDS = 60.0  # less than a poll's turn, which every page renews
REDIRECTS = 3
REDIRECTED = (301, 302, 303, 307, 308)
LONGEST_WAIT = 3600.0
NOT_TAKEN = "check the source's url, and map.params where it has a mapping"
ADVICE = {
    400: NOT_TAKEN,
    401: "check the source's token",
    403: "check the source's token",
    404: "check the source's url",
    405: "check the source's url, and map.method where it has a mapping",
    410: "a read from the start cannot be answered so",
    422: NOT_TAKEN,
    429: "it takes fewer requests; raise poll_seconds",
}
THEIRS = "the fault is there, and its own log says more; the next poll asks again"


@dataclass
class Asking:
    """Requests to the origin of `url`, and to no other.

    retry_after  seconds that an answer's headers ask us to wait; None when they ask nothing
    """

    name: str
    url: str = field(repr=False)
    http: HttpClient
    retry_after: Callable[[Mapping[str, str], datetime], float | None]
    clock: Callable[[], datetime]
    _wait_until: datetime | None = field(default=None, repr=False)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> HttpAnswer:
        """The answer, whatever its status. Raises SourceError when there is none, or while the
        source has asked us to wait."""
        if self._wait_until is not None and self.clock() < self._wait_until:
            raise self.wrong(f"asked us to wait until {self._wait_until:%Y-%m-%d %H:%M:%S} UTC")
        until = time.monotonic() + PAGE_SECONDS
        for _ in range(REDIRECTS + 1):
            try:
                answer = self.http.call(method, url, headers=headers, body=body, until=until)
            except ChannelError as error:
                raise self.wrong(error.reason) from None
            if answer.status not in REDIRECTED:
                return answer
            url = self.within(url, answer.headers.get("location", ""))
        raise self.wrong(f"redirects more than {REDIRECTS} times")

    def refusal(self, answer: HttpAnswer) -> SourceError:
        """What to raise for an answer that is of no use; its wish to wait is kept."""
        now = self.clock()
        wait = self.retry_after(answer.headers, now) if answer.status in (429, 503) else None
        if wait is not None:
            self._wait_until = now + timedelta(seconds=min(wait, LONGEST_WAIT))
        advice = ADVICE.get(answer.status, THEIRS if answer.status >= 500 else None)
        return self.wrong(f"answered {answer.status}" + (f"; {advice}" if advice else ""))

    def within(self, url: str, location: str, what: str = "redirects") -> str:
        """Where a link or redirect leads; `what` names it. Raises SourceError when that is another
        origin, cannot be read, or has a login: that would be sent in place of the token."""
        try:
            there = urljoin(url, location)
            fine = origin(there) == origin(self.url) and "@" not in urlsplit(there).netloc
        except ValueError:
            fine = False
        if not fine:
            raise self.wrong(f"{what} to another origin; write its address as url")
        return there

    def wrong(self, what: str) -> SourceError:
        return SourceError(f"source {self.name}: {what}")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port (RFC 6454, section 4). Raises ValueError."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, (parts.hostname or "").lower(), port
