"""The CalDAV channel keeps the channel contract against a second real server, xandikos."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calsync.core.calls import PreparedRequest, Sighting
from calsync.core.ledger import Do
from calsync.errors import Changed, Refused
from providers.caldav.discovery import discover
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import FaultyProxy, running_proxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.channel_contract import ChannelContract, soon
from tests.providers.test_caldav_channel import START, create, find, look, rename
from tests.providers.test_caldav_contract import CaldavPlace
from tests.xandikos_server import running_xandikos


@pytest.fixture(scope="module")
def xandikos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    with running_xandikos(tmp_path_factory.mktemp("xandikos")) as server:
        yield server


@pytest.fixture
def proxy(xandikos: CalendarServer) -> Iterator[FaultyProxy]:
    with running_proxy(xandikos.root) as running:
        yield running


@pytest.fixture
def place(xandikos: CalendarServer, proxy: FaultyProxy) -> CaldavPlace:
    return CaldavPlace(xandikos, proxy)


class TestXandikos(ChannelContract):
    pass


def test_the_calendar_is_found_from_the_servers_address(place: CaldavPlace) -> None:
    settings, transport = CaldavSettings(allow_private=True), Transport(Watchdog())
    found = discover(settings, transport, place.proxy.root, "alice", USERS["alice"], soon())
    assert found.principal == f"{place.proxy.root}/alice/"
    assert place.url in [one.href for one in found.calendars]
    assert found.chosen.writable


@pytest.mark.parametrize(
    ("old", "new", "material", "quiet"),
    [
        (START, "DTSTART:20261203T190000Z", True, False),
        ("SUMMARY:Session 1", "SUMMARY:Coffee 1", False, True),
        ("END:VEVENT", "CATEGORIES:Mine\r\nEND:VEVENT", False, False),
    ],
)
def test_an_edit_is_drift_of_its_kind(
    place: CaldavPlace, old: str, new: str, material: bool, quiet: bool
) -> None:
    copy = create(place)
    place.edit(old, new)
    (seen,) = look(place, copy)
    assert isinstance(seen, Sighting)
    assert str(seen.material_fp).startswith("drift:") is material
    assert str(seen.quiet_fp).startswith("drift:") is quiet


def test_a_uid_at_another_href_is_looked_up(place: CaldavPlace) -> None:
    copy = create(place)
    path = rename(place, copy, "elsewhere.ics")
    with pytest.raises(Changed):
        create(place)
    assert find(place, copy).remote_id == path


def test_an_object_it_does_not_take_is_refused_and_not_tried_for_ever(place: CaldavPlace) -> None:
    prepared = PreparedRequest(Do.CREATE, "a.ics", b"no calendar", "1.material", "1.quiet")
    with pytest.raises(Refused, match="valid-calendar-data") as caught:
        place.channel.send(prepared, place.a_copy(), place.access(), soon())
    assert caught.value.happened == "no"
