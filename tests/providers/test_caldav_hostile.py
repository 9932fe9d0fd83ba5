"""What a server says is not believed when it could do harm."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Do
from calsync.errors import Refused, TryLater, Unusable
from providers.caldav.channel import CaldavChannel
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import Canned, FaultyProxy, Trick, running_proxy
from tests.channel_contract import soon
from tests.make import NOW, an_event
from tests.providers.test_caldav_channel import create, find, look, methods, send
from tests.providers.test_caldav_contract import INVITED, CaldavPlace, place
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "place", "proxy"]  # fixtures

# --- hrefs ---------------------------------------------------------------------------------------


def test_a_calendar_whose_name_is_escaped_has_one_spelling(
    caldav_server, proxy: FaultyProxy
) -> None:
    place = CaldavPlace(caldav_server, proxy)
    direct = caldav_server.new_calendar(name=f"team@{time.monotonic_ns()} x")
    place.direct, place.path = direct, direct.removeprefix(caldav_server.root)
    place.url = direct.replace(caldav_server.root, proxy.root)
    copy = create(place)
    (seen,) = look(place, copy)
    assert isinstance(seen, Sighting)
    assert seen.state is Seen.LIVE
    assert seen.remote_id == copy.remote_id == find(place, copy).remote_id
    (by_uid,) = place.channel.find_uid(copy.uid, place.access(), soon())
    there = replace(copy, remote_id=by_uid.remote_id)
    assert send(place, Do.CHANGE, there).applied
    assert len(place.stored()) == 1


@pytest.mark.parametrize("where", ["http://127.0.0.1:1/cal/a.ics", "/alice/", "{path}", "/b/a.ics"])
def test_hrefs_outside_the_calendar_are_not_believed(place: CaldavPlace, where: str) -> None:
    ics = INVITED.format(uid="abc")
    text = f"""<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>
        <href>{where.format(path=place.path)}</href><propstat><prop><getetag>"1"</getetag>
        <C:calendar-data>{ics}</C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat>
        </response></multistatus>"""
    place.proxy.next("REPORT", 207, text.encode())
    assert not place.channel.find_uid("abc", place.access(), soon())


def test_a_strangers_broken_event_does_not_hide_the_one_asked_for(place: CaldavPlace) -> None:
    ics = INVITED.format(uid="abc")
    responses = "".join(
        f"""<response><href>{place.path}{name}.ics</href><propstat><prop><C:calendar-data>{data}
        </C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>"""
        for name, data in (("a", "BEGIN:VCALENDAR"), ("b", ics))
    )
    text = f"""<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{responses}
        </multistatus>"""
    place.proxy.next("REPORT", 207, text.encode())
    (found,) = place.channel.find_uid("abc", place.access(), soon())
    assert found.remote_id == f"{place.path}b.ics"


@pytest.mark.parametrize("etag", ['"żółć"', '"a\tb"', '"a\nb"', f'"{"a" * 8000}"'])
def test_an_etag_that_no_header_carries_keeps_no_change_back(place: CaldavPlace, etag: str) -> None:
    copy = create(place)
    (stored,) = place.stored().values()
    text = f"""<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>
        <href>{copy.remote_id}</href><propstat><prop><getetag>{etag}</getetag><C:calendar-data>
        <![CDATA[{stored.to_ical().decode()}]]></C:calendar-data></prop>
        <status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"""
    place.proxy.next("REPORT", 207, text.encode())
    (seen,) = look(place, copy)
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.revision) == (Seen.LIVE, None)
    assert send(place, Do.CHANGE, replace(copy, revision=seen.revision)).applied


@pytest.mark.parametrize("etag", ['"\x01"', f'"{"a" * 8000}"'])
def test_an_etag_in_a_header_that_could_not_be_sent_back_is_none(
    place: CaldavPlace, etag: str
) -> None:
    copy = create(place)
    (stored,) = place.stored().values()
    place.proxy.tricks += [Trick("GET", Canned(200, {"ETag": etag}, stored.to_ical()))]
    assert send(place, Do.CHANGE, replace(copy, revision=None)).applied
    (put,) = [one for one in place.proxy.requests if one.method == "PUT"][-1:]
    assert put.headers["if-match"] == "*"


def test_the_calendar_itself_is_never_deleted(place: CaldavPlace) -> None:
    create(place)
    with pytest.raises(Refused):
        send(place, Do.WITHDRAW, replace(place.a_copy(), remote_id=place.path))
    assert len(place.stored()) == 1


# --- what a server may not do --------------------------------------------------------------------

BOMB = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;">]><multistatus xmlns="DAV:"><response><href>&c;</href></response>
</multistatus>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>
<multistatus xmlns="DAV:"><response><href>&f;</href></response></multistatus>"""
DEEP = b'<multistatus xmlns="DAV:">' + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</multistatus>"
CUT = b'<multistatus xmlns="DAV:"><response>'


@pytest.mark.parametrize(
    "body",
    [BOMB, OUTSIDE, DEEP, CUT, b"", b"<html/>"],
    ids=["bomb", "outside", "deep", "cut", "none", "html"],
)
def test_harmful_and_broken_xml_is_refused(place: CaldavPlace, body: bytes) -> None:
    place.proxy.next("REPORT", 207, body)
    with pytest.raises(TryLater, match="207 with") as caught:
        look(place, place.a_copy())
    assert (caught.value.happened, caught.value.scope) == ("no", "account")


def test_a_redirect_within_the_server_is_followed(place: CaldavPlace) -> None:
    copy = place.a_copy()
    name = f"{place.path}{copy.uid}.ics"
    for status in (301, 308):
        place.proxy.next("PUT", status, Location=name)
    assert create(place).remote_id == name
    assert len(place.shown()) == 1


def test_a_redirect_to_another_server_is_refused_without_calling_it(place: CaldavPlace) -> None:
    with running_proxy(place.proxy.root) as other:
        place.proxy.next("PUT", 307, Location=f"{other.root}{place.path}x.ics")
        with pytest.raises(Unusable, match=other.root) as caught:
            create(place)
        assert (caught.value.happened, caught.value.scope) == ("no", "account")
        assert not other.requests


def test_redirects_without_end_are_given_up(place: CaldavPlace) -> None:
    for _ in range(5):
        place.proxy.next("PUT", 307, Location=f"{place.path}x.ics")
    with pytest.raises(Unusable, match="redirects"):
        create(place)
    assert methods(place) == ["PUT"] * 4


def test_a_private_server_is_not_called_unless_the_operator_allows_it(place: CaldavPlace) -> None:
    place.channel = CaldavChannel(CaldavSettings(), Transport(Watchdog()))
    with pytest.raises(Unusable, match=r"caldav\.allow_private"):
        create(place)
    assert not place.proxy.requests


def test_plain_http_to_another_machine_concerns_only_that_account(place: CaldavPlace) -> None:
    prepared = place.channel.prepare(Do.CREATE, place.a_copy(), an_event(), NOW)
    access = place.access(endpoint="http://dav.example/cal/")
    with pytest.raises(Unusable, match="use https"):
        place.channel.send(prepared, place.a_copy(), access, soon())
