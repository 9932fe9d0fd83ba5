"""Where in its account an object is that its person moved to another calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
import requests

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, Do
from calsync.errors import ChannelError, TryLater
from calsync.ports import Access
from providers.caldav import whereabouts
from providers.caldav.channel import CaldavChannel
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import FaultyProxy, Trick
from tests.caldav_servers.server import USERS, CalendarServer
from tests.channel_contract import lived, soon
from tests.make import NOW, a_copy, an_event
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "proxy"]  # fixtures

CAROL = ("carol", USERS["carol"])  # has no calendars but those of a test


@dataclass
class Home:
    """Carol's calendars, of which the first is connected, and one event of ours."""

    server: CalendarServer
    proxy: FaultyProxy
    calendars: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = CaldavChannel(CaldavSettings(allow_private=True), Transport(Watchdog()))
        self.calendars = [self.server.new_calendar("carol") for _ in range(3)]
        first = self.calendars[0].replace(self.server.root, self.proxy.root)
        self.access = Access("maya@example.org", CAROL[1], "carol", first)
        copy = a_copy(channel="caldav")
        prepared = self.channel.prepare(Do.CREATE, copy, an_event(), NOW)
        receipt = self.channel.send(prepared, copy, self.access, soon())
        self.copy = lived(copy, prepared, receipt, an_event())

    def move(self, number: int, name: str = "moved.ics") -> str:
        """The person puts it into another calendar, where their app names it; gives the path."""
        there = f"{self.calendars[number]}{name}"
        here = f"{self.server.root}{self.copy.remote_id}"
        ask("MOVE", here, Destination=there)
        (moved,) = self.server.objects(self.calendars[number], CAROL[0])  # SOGo keeps the name
        return moved.removeprefix(self.server.root)

    def remove(self) -> None:
        ask("DELETE", f"{self.server.root}{self.copy.remote_id}")

    def look(self, copy: Copy | None = None) -> Sighting | ChannelError:
        ((_, seen),) = self.channel.inspect([copy or self.copy], self.access, soon())
        return seen

    def find(self) -> Sighting:
        (seen,) = self.channel.find(self.copy, self.access, soon())
        return seen


def ask(method: str, url: str, **headers: str) -> None:
    answer = requests.request(method, url, auth=CAROL, headers=headers, timeout=10)
    assert answer.ok, answer.text


@pytest.fixture
def home(caldav_server: CalendarServer, proxy: FaultyProxy) -> Iterator[Home]:
    made = Home(caldav_server, proxy)
    yield made
    for calendar in made.calendars:
        ask("DELETE", calendar)


def test_an_object_is_found_in_whichever_calendar_it_was_put(home: Home) -> None:
    path = home.move(2)
    seen = home.look()
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.remote_id) == (Seen.LIVE, path)
    assert (seen.material_fp, seen.quiet_fp) == (home.copy.material_fp, home.copy.quiet_fp)
    assert home.find() == seen


def test_what_was_followed_is_read_changed_and_removed_where_it_is(home: Home) -> None:
    moved = replace(home.copy, remote_id=home.move(1), revision=None)
    seen = home.look(moved)
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.remote_id) == (Seen.LIVE, moved.remote_id)
    new = an_event(title="New", material_fp="1.new", quiet_fp="1.new")
    for do in (Do.CHANGE, Do.WITHDRAW):
        prepared = home.channel.prepare(do, moved, new, NOW)
        assert home.channel.send(prepared, moved, home.access, soon()).remote_id == moved.remote_id
    gone = home.look(moved)
    assert isinstance(gone, Sighting)
    assert (gone.state, gone.unsearched) == (Seen.GONE, False)


def test_a_report_names_what_it_asks_for(home: Home) -> None:
    """DAViCal answers 500 to a calendar-multiget without an href."""
    home.look(replace(home.copy, remote_id=home.move(1), revision=None))
    reports = [one.body for one in home.proxy.requests if one.method == "REPORT"]
    assert all(b"href>" in one for one in reports if b"calendar-multiget" in one)


def test_what_is_in_no_calendar_is_gone(home: Home) -> None:
    home.remove()
    seen = home.look()
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.unsearched) == (Seen.GONE, False)
    assert list(home.channel.find(home.copy, home.access, soon())) == []


def test_it_may_be_anywhere_where_the_server_does_not_list_calendars(home: Home) -> None:
    home.remove()
    home.proxy.next("PROPFIND", 403)
    seen = home.look()
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.unsearched) == (Seen.GONE, True)
    home.proxy.next("PROPFIND", 403)
    found = home.find()
    assert (found.state, found.unsearched) == (Seen.ABSENT, True)


def test_it_may_be_in_a_calendar_that_does_not_answer_a_search(home: Home) -> None:
    home.remove()
    through = Trick("REPORT", forward=True, without="X-Nothing")
    home.proxy.tricks += [through, through]  # the objects, and its UID in the calendar itself
    home.proxy.next("REPORT", 403)
    seen = home.look()
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.unsearched) == (Seen.GONE, True)


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_search_that_fails_for_now_says_nothing(home: Home, method: str) -> None:
    home.remove()
    if method == "REPORT":
        through = Trick("REPORT", forward=True, without="X-Nothing")
        home.proxy.tricks += [through, through]
    home.proxy.next(method, 503)
    assert isinstance(home.look(), TryLater)


def test_of_very_many_calendars_some_are_searched(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whereabouts, "MOST", 1)
    home.remove()
    before = len(home.proxy.requests)
    seen = home.look()
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.unsearched) == (Seen.GONE, True)
    asked = [one.method for one in home.proxy.requests[before:]]
    assert asked.count("REPORT") == 3
