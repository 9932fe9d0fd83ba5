"""Changes without reading first: of what is all ours, on servers that were seen to refuse a change
of another revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from calsync.core.ledger import Copy, Do
from calsync.errors import Changed, ChannelError, Missing
from providers.caldav.adapter import CaldavAdapter
from providers.caldav.client import CaldavClient
from providers.caldav.settings import CaldavSettings
from providers.caldav.stale import NAME, refuses_stale
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import FaultyProxy, Trick
from tests.caldav_servers.server import CalendarServer
from tests.channel_contract import Fault, lived, soon
from tests.make import NOW, an_event
from tests.providers import test_caldav_contract
from tests.providers.test_caldav_channel import MOVED, create, find, methods, send
from tests.providers.test_caldav_contract import CaldavPlace
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "proxy"]  # fixtures

AGAIN = an_event(title="Moved again", material_fp="1.again", quiet_fp="1.again")
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT10M\r\nDESCRIPTION:Mine\r\nEND:VALARM\r\n"


class ConditionalPlace(CaldavPlace):
    """Its account knows what its server does."""

    def __init__(self, caldav_server: CalendarServer, proxy: FaultyProxy) -> None:
        super().__init__(caldav_server, proxy)
        self.refuses_stale = caldav_server.refuses_stale
        self.change = ["PUT"] if self.refuses_stale else ["GET", "PUT"]  # of what is all ours

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        """Of an object that is not there servers may say either: see below."""
        return {
            kind: [fault for fault in ways if fault.name != "deleted, change"]
            for kind, ways in super().faults().items()
        }


@pytest.fixture
def place(caldav_server: CalendarServer, proxy: FaultyProxy) -> ConditionalPlace:
    return ConditionalPlace(caldav_server, proxy)


class TestConditional(test_caldav_contract.TestCaldav):
    """The contract is kept by changes that are sent unread."""


def changed(place: CaldavPlace, copy: Copy, event=MOVED) -> Copy:
    """The copy after this change of it."""
    prepared = place.channel.prepare(Do.CHANGE, copy, event, NOW)
    receipt = place.channel.send(prepared, copy, place.access(), soon())
    return lived(copy, prepared, receipt, event)


def requests_of(place: CaldavPlace, copy: Copy, event=MOVED) -> tuple[Copy, list[str]]:
    """The copy after this change of it, and the methods of the requests that made it."""
    place.proxy.requests.clear()
    return changed(place, copy, event), methods(place)


def tried(place: CaldavPlace) -> bool:
    """What the trial finds out."""
    client = CaldavClient(CaldavSettings(allow_private=True), Transport(Watchdog()))
    return refuses_stale(client, place.url, place.access(), soon())


# --- what is all ours ----------------------------------------------------------------------------


def test_every_change_of_what_nobody_else_touched_is_one_request(place: ConditionalPlace) -> None:
    copy = create(place)
    for event in (MOVED, AGAIN):
        before = copy.revision
        copy, made = requests_of(place, copy, event)
        assert made == place.change
        assert place.proxy.requests[-1].headers["if-match"] == before
    assert [one.title for one in place.shown()] == [AGAIN.title]


def test_what_a_person_adds_meanwhile_is_never_written_over(place: ConditionalPlace) -> None:
    copy = create(place)
    place.edit("END:VEVENT", f"{ALARM}END:VEVENT")
    with pytest.raises(Changed) as caught:
        send(place, Do.CHANGE, copy)
    assert caught.value.happened == "no"
    seen = find(place, copy)
    copy, made = requests_of(place, replace(copy, revision=seen.revision))
    assert made == ["GET", "PUT"]
    assert not copy.is_all_ours
    for event in (MOVED, AGAIN):
        copy, made = requests_of(place, copy, event)
        assert made == ["GET", "PUT"]
    (text,) = [one.to_ical() for one in place.stored().values()]
    assert b"TRIGGER:-PT10M" in text
    assert AGAIN.title.encode() in text


def test_what_is_gone_is_not_made_again_by_a_change(place: ConditionalPlace) -> None:
    copy = create(place)
    place.empty()
    with pytest.raises((Missing, Changed)) as caught:
        send(place, Do.CHANGE, copy)
    assert caught.value.happened == "no"
    assert not place.shown()


def test_a_server_that_takes_stale_changes_is_read_first(place: ConditionalPlace) -> None:
    place.refuses_stale = False
    copy = create(place)
    assert requests_of(place, copy)[1] == ["GET", "PUT"]


def test_what_is_found_to_hold_nothing_else_is_all_ours_from_its_next_change_on(
    place: ConditionalPlace,
) -> None:
    copy = replace(create(place), own_revision=None)  # from before this was noted
    copy, made = requests_of(place, copy)
    assert made == ["GET", "PUT"]
    server_adds = b"CLASS:PUBLIC" in place.stored()[str(copy.remote_id)].to_ical()  # SOGo
    assert requests_of(place, copy, AGAIN)[1] == (["GET", "PUT"] if server_adds else place.change)


@pytest.mark.parametrize("rewrites", [False, True])
def test_without_an_etag_in_the_answer_what_was_stored_is_read_and_compared(
    place: ConditionalPlace, rewrites: bool
) -> None:
    copy = place.a_copy()
    prepared = place.channel.prepare(Do.CREATE, copy, an_event(), NOW)
    body = prepared.body.replace(b"END:VEVENT", b"X-SERVER:1\r\nEND:VEVENT")
    place.proxy.tricks.append(Trick("PUT", forward=True, without="ETag"))
    place.proxy.next("GET", 200, body if rewrites else prepared.body, ETag='"1"')
    receipt = place.channel.send(prepared, copy, place.access(), soon())
    assert receipt.applied
    assert receipt.all_ours is not rewrites


# --- the trial -----------------------------------------------------------------------------------


def test_the_trial_tells_whether_a_server_refuses_a_stale_change_and_leaves_nothing(
    place: ConditionalPlace,
) -> None:
    assert tried(place) is place.server.refuses_stale
    assert not place.stored()


def test_what_a_trial_left_that_was_cut_off_is_removed_by_the_next(
    place: ConditionalPlace,
) -> None:
    place.proxy.tricks.append(Trick("PUT", forward=True))  # the server did it, and nobody heard
    place.proxy.tricks.append(Trick("DELETE"))
    assert not tried(place)
    assert [path.rpartition("/")[2] for path in place.stored()] == [f"{NAME}.ics"]
    assert tried(place) is place.server.refuses_stale
    assert not place.stored()


@pytest.mark.parametrize(
    ("stale", "gone", "proven"),
    [
        (412, 412, True),
        (412, 404, True),
        (412, 201, False),  # SOGo 5.8 makes it again
        (412, 409, False),
        (204, 412, False),
        (409, 412, False),
        (503, 412, False),
    ],
)
def test_it_proves_something_where_neither_what_changed_nor_what_is_gone_is_written(
    place: ConditionalPlace, stale: int, gone: int, proven: bool
) -> None:
    for version in range(2):
        place.proxy.next("PUT", 201, ETag=f'"{version}"')
    place.proxy.next("PUT", stale)
    place.proxy.next("DELETE", 204)
    place.proxy.next("PUT", gone)
    assert tried(place) is proven


def test_without_two_etags_nothing_is_proven(place: ConditionalPlace) -> None:
    for _ in range(2):
        place.proxy.next("PUT", 201, ETag='"same"')
        place.proxy.next("PUT", 412)
        place.proxy.next("DELETE", 204)
    assert not tried(place)
    place.proxy.tricks.clear()
    for _ in range(2):
        place.proxy.next("PUT", 201, ETag='W/"weak"')
        place.proxy.next("GET", 200, ETag='W/"weak"')
    assert not tried(place)


def test_an_account_knows_what_its_server_was_seen_to_do(place: ConditionalPlace) -> None:
    adapter = CaldavAdapter(CaldavSettings(allow_private=True), Transport(Watchdog()))
    given = {"url": place.url, "username": "alice", "password": "secret"}
    opened = adapter.connect("maya@example.org", given, soon())
    assert opened.account.refuses_stale is place.server.refuses_stale
    place.proxy.next("PUT", 507)
    assert not adapter.connect("maya@example.org", given, soon()).account.refuses_stale
