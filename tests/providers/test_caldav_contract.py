"""The CalDAV channel keeps the channel contract against a real Radicale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC

import pytest
import requests
from icalendar import Calendar

from calsync.core.calls import Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, DeliveryKey, Do
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TryLater,
    Unusable,
)
from calsync.ports import Access
from providers.caldav.channel import CaldavChannel
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import FaultyProxy, Trick
from tests.caldav_servers.server import USERS, Answered, CalendarServer
from tests.channel_contract import ChannelContract, Fault, Shown, soon
from tests.make import NOW, a_copy, an_event
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "proxy"]  # fixtures

INVITED = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//A mail client//EN\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261124T120000Z\r
DTSTART:20261203T200000Z\r
DTEND:20261203T204500Z\r
SUMMARY:Session 1\r
ORGANIZER:mailto:sessions@platform.example\r
ATTENDEE;PARTSTAT=ACCEPTED:mailto:maya@example.org\r
END:VEVENT\r
END:VCALENDAR\r
"""


class CaldavPlace:
    """One empty calendar of alice's, reached through a proxy that can fail."""

    refuses_stale = False  # what is known of the server when its account is opened

    def __init__(self, caldav_server: CalendarServer, proxy: FaultyProxy) -> None:
        self.server, self.proxy = caldav_server, proxy
        self.direct = caldav_server.new_calendar()
        self.foreign = caldav_server.new_calendar("bob")
        self.url = self.direct.replace(caldav_server.root, proxy.root)
        self.path = self.direct.removeprefix(caldav_server.root)
        settings = CaldavSettings(allow_private=True)
        self.channel = CaldavChannel(settings, Transport(Watchdog()))

    def a_copy(self, n: int = 1) -> Copy:
        """Its uid is in no calendar of another test: alice's are searched for it, all of them."""
        destination = f"caldav:{self.url}maya@example.org/primary"
        key = DeliveryKey("default", "ses-1", self.path)
        return a_copy(n, key=key, channel="caldav", destination=destination)

    def access(self, secret: str = "secret", endpoint: str | None = None) -> Access:
        return Access(
            "maya@example.org",
            secret,
            "alice",
            self.url if endpoint is None else endpoint,
            refuses_stale=self.refuses_stale,
        )

    def ask(self, method: str, url: str, **options: object) -> requests.Response:
        """A request beside the channel under test."""
        answer = requests.request(
            method, url, auth=("alice", USERS["alice"]), timeout=10, **options
        )
        assert answer.ok, answer.text
        return answer

    def stored(self) -> Mapping[str, Calendar]:
        """The objects in the calendar, by path."""
        return {
            url.removeprefix(self.server.root): Calendar.from_ical(text)
            for url, text in self.server.objects(self.direct).items()
        }

    def store(self, name: str, text: str) -> str:
        """Writes an object as another client does; returns its path."""
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self.ask("PUT", f"{self.direct}{name}", data=text.encode(), headers=headers)
        return f"{self.path}{name}"

    def edit(self, old: str, new: str) -> None:
        """Rewrites every object, as a person's app does when something was changed in it."""
        for path, calendar in self.stored().items():
            text = calendar.to_ical().decode()
            assert old in text
            self.store(path.rpartition("/")[2], text.replace(old, new, 1))

    def empty(self) -> None:
        for path in self.stored():
            self.ask("DELETE", self.direct + path.rpartition("/")[2])

    def shown(self) -> Sequence[Shown]:
        return [
            Shown(
                key=path,
                title=str(event["SUMMARY"]),
                starts_at=event.start.astimezone(UTC),
                ends_at=event.end.astimezone(UTC),
                location=str(event.get("LOCATION", "")),
                text=str(event.get("DESCRIPTION", "")),
            )
            for path, calendar in self.stored().items()
            for event in calendar.walk("VEVENT")
        ]

    def lose_next_answer(self) -> None:
        self.proxy.tricks.append(Trick("PUT", forward=True))

    def apply_invitation(self, uid: str, event: DesiredEvent) -> None:
        """What a mail client makes of a mailed invitation, at a name of its own."""
        assert event.ends_at
        self.store("from-mail.ics", INVITED.format(uid=uid))

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        """Those of Radicale, each with what the server under test makes of it."""
        told: dict[type[ChannelError], list[Fault]] = {}
        for kind, ways in self._faults().items():
            for fault in ways:
                usual = Answered(kind, fault.happened, fault.scope)
                meant = self.server.otherwise.get(fault.name, usual)
                same = replace(fault, happened=meant.happened, scope=meant.scope)
                told.setdefault(meant.kind, []).append(same)
        return told

    def _faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        def nothing() -> None:
            """The access alone makes it fail."""

        def refuse(method: str, status: int, **headers: str):
            return lambda: self.proxy.next(method, status, **headers)

        def drop(method: str):
            return lambda: self.proxy.tricks.append(Trick(method))

        def person_edits() -> None:
            self.edit("END:VEVENT", "CATEGORIES:Mine\r\nEND:VEVENT")

        wrong = self.access(secret="wrong")
        foreign = self.access(endpoint=self.foreign)
        no_calendar = self.access(endpoint=self.url.rstrip("/") + "-gone/")
        no_server = self.access(endpoint="http://127.0.0.1:1/alice/calendar/")
        return {
            AccessLost: [
                Fault("wrong password", nothing, "no", "account", access=wrong),
                Fault("wrong password, change", nothing, "no", "account", Do.CHANGE, wrong),
            ],
            Unusable: [
                Fault("another's calendar", nothing, "no", "account", access=foreign),
                Fault("over quota", refuse("PUT", 507), "no", "account"),
                Fault("calendar gone", refuse("PUT", 404), "no", "account"),
            ],
            TryLater: [
                Fault("not reachable", nothing, "no", "account", access=no_server),
                Fault("server down", refuse("PUT", 503), "maybe", "copy"),
                Fault("too many", refuse("PUT", 429, Retry_After="7"), "no", "account"),
                Fault("locked", refuse("PUT", 423), "no", "copy"),
                Fault("answer lost", self.lose_next_answer, "maybe", "copy"),
                Fault("dropped on delete", drop("DELETE"), "maybe", "copy", Do.WITHDRAW),
            ],
            Missing: [
                Fault("deleted, change", self.empty, "no", "copy", Do.CHANGE),
                Fault("deleted, withdraw", self.empty, "no", "copy", Do.WITHDRAW),
            ],
            Changed: [
                Fault("no calendar", nothing, "maybe", "copy", access=no_calendar),
                Fault("edited", person_edits, "no", "copy", Do.CHANGE),
                Fault("edited meanwhile", refuse("PUT", 412), "no", "copy", Do.CHANGE),
            ],
            Refused: [
                Fault("bad request", refuse("PUT", 400), "no", "copy"),
                Fault("too large", refuse("PUT", 413), "no", "copy", Do.CHANGE),
                Fault("no answer we know", refuse("PUT", 299), "maybe", "copy"),
            ],
        }

    def impossible(self) -> Mapping[type[ChannelError], str]:
        return {Setup: "a server belongs to the person who named it, never to the operator"}


@pytest.fixture
def place(caldav_server: CalendarServer, proxy: FaultyProxy) -> CaldavPlace:
    return CaldavPlace(caldav_server, proxy)


class TestCaldav(ChannelContract):
    def test_long_text_and_every_script_arrive_whole(self, place: CaldavPlace) -> None:
        if place.server.keeps_emoji:
            super().test_long_text_and_every_script_arrive_whole(place)
            return
        event = an_event(text="\U0001f600 x" * 60)
        copy = self.create(place, event)
        ((_, seen),) = place.channel.inspect([copy], place.access(), soon())
        assert isinstance(seen, Sighting)
        assert seen.material_fp == event.material_fp
        (listed,) = place.channel.listed("a" * 32, {copy.uid}, NOW, place.access(), soon())
        assert (listed.uid, listed.state) == (copy.uid, Seen.UNREADABLE)
        for do in (Do.CHANGE, Do.WITHDRAW):
            prepared = place.channel.prepare(do, copy, event, NOW)
            receipt = place.channel.send(prepared, copy, place.access(), soon())
            copy = replace(copy, revision=receipt.revision)
