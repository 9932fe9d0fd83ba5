"""What a server makes of a change of another revision: tried with an object of our own.

RFC 9110 13.1.1 wants a PUT refused with 412 whose `If-Match` names another ETag, or an object that
is gone. On a server that was seen to do so, what a person writes between two calls of ours is never
written over, nor what they removed made again: an object need not be read before it is changed.
SOGo 5.8 refuses the first and makes the second.
"""

from __future__ import annotations

from contextlib import suppress

from calsync.errors import Changed, ChannelError, Missing
from calsync.ports import Access
from providers.caldav.client import CaldavClient

# One name for all: what a trial that was cut off leaves behind is removed by the next one. It lies
# in a year of which nobody looks at the calendar, and blocks no time.
NAME = "calsync-connection-test"
_EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//calsync//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20000101T000000Z
DTSTART:20000101T000000Z
DTEND:20000101T000100Z
SUMMARY:calsync
TRANSP:TRANSPARENT
SEQUENCE:{version}
END:VEVENT
END:VCALENDAR
"""


def refuses_stale(client: CaldavClient, calendar: str, access: Access, until: float) -> bool:
    """Whether the server of this calendar (its URL) was seen to take a change of the revision that
    is there, and to refuse one of the revision before and one of what is gone. False where it
    answers anything else, or not by `until`. The object is removed again."""
    trial = _Trial(client, f"{calendar}{NAME}.ics", access, until)
    try:
        return trial.run()
    except ChannelError:
        return False
    finally:
        with suppress(ChannelError):
            trial.remove()


class _Trial:
    def __init__(self, client: CaldavClient, url: str, access: Access, until: float) -> None:
        self._client, self._url, self._access, self._until = client, url, access, until

    def run(self) -> bool:
        stale = self._known(self._made())
        if stale is None:
            return False
        current = self._known(self._changed(1, stale))
        if current is None or current == stale or not self._is_refused(stale):
            return False
        self.remove()
        return self._is_refused(current)

    def _is_refused(self, etag: str) -> bool:
        """With 412, or 404 where nothing is; of a conflict nobody knows what it refuses."""
        try:
            self._changed(2, etag)
        except (Changed, Missing) as error:
            return error.happened == "no"
        return False

    def remove(self) -> None:
        self._client.delete(self._url, self._access, self._until)

    def _made(self) -> str | None:
        try:
            return self._created()
        except Changed:
            self.remove()
            return self._created()

    def _created(self) -> str | None:
        return self._client.create(self._url, _event(0), self._access, self._until)

    def _changed(self, version: int, etag: str) -> str | None:
        body = _event(version)
        return self._client.replace(self._url, body, etag, self._access, self._until)

    def _known(self, etag: str | None) -> str | None:
        return etag or self._client.get(self._url, self._access, self._until).etag


def _event(version: int) -> bytes:
    return _EVENT.format(uid=NAME, version=version).replace("\n", "\r\n").encode()
