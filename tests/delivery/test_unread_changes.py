"""A calendar's event in which nobody else has anything is changed without being read, by a whole
calsync over a real Radicale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.caldav_servers.proxy import FaultyProxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.harness.installation import Installation, installed
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "proxy"]  # fixtures

OUR_LOGIN = ("carol", USERS["carol"])  # has no calendars but those of a test
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:Mine\r\nEND:VALARM\r\n"


class Connected:
    """A calsync with one session in a CalDAV calendar."""

    def __init__(self, calsync: Installation, server: CalendarServer, front: FaultyProxy) -> None:
        self.calsync, self._server, self._proxy = calsync, server, front
        self.calendar = server.new_calendar(OUR_LOGIN[0])
        calsync.connect_caldav(self.calendar.replace(server.root, front.root), *OUR_LOGIN)
        calsync.book()
        calsync.sync()

    def requests_of_a_change(self, title: str) -> list[str]:
        self._proxy.requests.clear()
        self.calsync.book(title=title)
        self.calsync.sync()
        return [one.method for one in self._proxy.requests]

    def text(self) -> str:
        (text,) = self._server.objects(self.calendar, OUR_LOGIN[0]).values()
        return text

    def add_alarm(self) -> None:
        (url,) = self._server.objects(self.calendar, OUR_LOGIN[0])
        text = self.text().replace("END:VEVENT", f"{ALARM}END:VEVENT")
        headers = {"Content-Type": "text/calendar"}
        requests.put(url, text, auth=OUR_LOGIN, headers=headers, timeout=10).raise_for_status()


@pytest.fixture
def connected(
    tmp_path: Path,
    caldav_server: CalendarServer,
    proxy: FaultyProxy,
) -> Iterator[Connected]:
    with installed(tmp_path) as calsync:
        made = Connected(calsync, caldav_server, proxy)
        yield made
        requests.delete(made.calendar, auth=OUR_LOGIN, timeout=10).raise_for_status()


def test_a_change_is_one_request_until_its_person_adds_something_which_stays(
    connected: Connected,
) -> None:
    for title in ("Second", "Third"):
        assert connected.requests_of_a_change(title) == ["PUT"]
        assert f"SUMMARY:{title}" in connected.text()

    connected.add_alarm()
    # Refused once, looked up, and merged: all in one pass.
    assert connected.requests_of_a_change("Fourth") == ["PUT", "GET", "GET", "PUT"]
    assert "SUMMARY:Fourth" in connected.text()
    assert connected.requests_of_a_change("Fifth") == ["GET", "PUT"]
    assert "SUMMARY:Fifth" in connected.text()
    assert "TRIGGER:-PT10M" in connected.text()
    assert [state for _, state in connected.calsync.copies()] == ["live"]
