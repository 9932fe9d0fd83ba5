"""From what a person types to the calendar that is written."""

from __future__ import annotations

import pytest

from calsync.errors import InputError, LoginError, OtherServerError, TryLater
from providers.caldav.addresses import other_origin
from providers.caldav.discovery import Discovered, discover
from providers.caldav.settings import CaldavSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.caldav_servers.proxy import FaultyProxy, running_proxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.channel_contract import soon
from tests.radicale_server import caldav_server, proxy, running_radicale

__all__ = ["caldav_server", "proxy"]  # fixtures

MAY_WRITE = "<privilege><write-content/></privilege><privilege><bind/></privilege>" + (
    "<privilege><unbind/></privilege>"
)
MAY_READ = "<privilege><read/></privilege>"


def find(url: str, password: str = "secret", settings: CaldavSettings | None = None) -> Discovered:
    settings = settings or CaldavSettings(allow_private=True)
    return discover(settings, Transport(Watchdog()), url, "alice", password, soon())


def answer(*resources: tuple[str, str]) -> bytes:
    """A multistatus of (href, properties)."""
    responses = "".join(
        f"<response><href>{href}</href><propstat><prop>{props}</prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
        for href, props in resources
    )
    return (
        f'<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{responses}'
        "</multistatus>"
    ).encode()


def a_calendar(
    name: str = "", *, kind: str = "<C:calendar/>", may: str = MAY_WRITE, takes: str = "VEVENT"
) -> str:
    return (
        f"<resourcetype><collection/>{kind}</resourcetype><displayname>{name}</displayname>"
        f"<current-user-privilege-set>{may}</current-user-privilege-set>"
        f'<C:supported-calendar-component-set><C:comp name="{takes}"/>'
        "</C:supported-calendar-component-set>"
    )


PRINCIPAL = "<current-user-principal><href>/me/</href></current-user-principal>"
HOME = "<C:calendar-home-set><href>/home/</href></C:calendar-home-set>"
INBOX = "<C:schedule-inbox-URL><href>/inbox/</href></C:schedule-inbox-URL>"


def play(proxy: FaultyProxy, *bodies: bytes) -> None:
    for body in bodies:
        proxy.next("PROPFIND", 207, body)


# --- a real Radicale -----------------------------------------------------------------------------


def test_every_address_of_the_server_leads_to_the_calendars(tmp_path) -> None:
    with running_radicale(tmp_path) as server:
        urls = [server.new_calendar(name="b"), server.new_calendar(name="a")]
        for url in (server.root, f"{server.root}/", f"{server.root}/alice", f"{server.root}/x/y"):
            found = find(url)
            assert found.principal == f"{server.root}/alice/"
            assert [one.href for one in found.calendars] == sorted(urls)
            assert found.chosen.href == urls[1]
            assert found.chosen.writable


def test_the_address_of_a_calendar_is_taken_as_it_is(caldav_server: CalendarServer) -> None:
    url = caldav_server.new_calendar()
    for typed in (url, url.rstrip("/")):
        found = find(typed)
        assert found.chosen.href == url
        assert found.calendars == (found.chosen,)


def test_a_wrong_password_is_told_at_once(proxy: FaultyProxy) -> None:
    with pytest.raises(LoginError, match="user name or password refused"):
        find(proxy.root, password="wrong")
    assert len([one for one in proxy.requests if one.path != "/"]) == 1


def test_somebody_elses_address_leads_to_ones_own_calendars(caldav_server: CalendarServer) -> None:
    caldav_server.new_calendar()
    assert USERS["bob"]
    assert find(f"{caldav_server.root}/bob/").principal == f"{caldav_server.root}/alice/"


# --- other servers' answers ----------------------------------------------------------------------


def test_the_default_calendar_for_invitations_is_chosen(proxy: FaultyProxy) -> None:
    default = "<C:schedule-default-calendar-URL><href>/home/b</href>"
    play(
        proxy,
        answer(("/", PRINCIPAL)),
        answer(("/me/", HOME + INBOX)),
        answer(("/home/a/", a_calendar("A")), ("/home/b/", a_calendar("B"))),
        answer(("/inbox/", f"{default}</C:schedule-default-calendar-URL>")),
    )
    found = find(proxy.root)
    assert (found.chosen.name, found.principal) == ("B", f"{proxy.root}/me/")
    assert [one.path for one in proxy.requests] == [
        "/.well-known/caldav",
        "/me/",
        "/home/",
        "/inbox/",
    ]
    assert [one.headers["depth"] for one in proxy.requests] == ["0", "0", "1", "0"]


def test_only_calendars_that_take_events_are_offered_and_only_writable_ones_chosen(
    proxy: FaultyProxy,
) -> None:
    play(
        proxy,
        answer(("/", PRINCIPAL)),
        answer(("/me/", HOME)),
        answer(
            ("/home/", a_calendar(kind="")),
            ("/home/1-tasks/", a_calendar(takes="VTODO")),
            ("/home/2-shared/", a_calendar("Shared", may=MAY_READ)),
            ("/home/3-mine/", a_calendar("Mine")),
            ("/home/4-inbox/", a_calendar(kind="<C:schedule-inbox/>")),
            ("http://127.0.0.1:1/home/0-elsewhere/", a_calendar("Elsewhere")),
        ),
    )
    found = find(proxy.root)
    assert [(one.name, one.writable) for one in found.calendars] == [
        ("Shared", False),
        ("Mine", True),
    ]
    assert found.chosen.name == "Mine"


def test_a_server_that_tells_neither_rights_nor_components_is_believed(proxy: FaultyProxy) -> None:
    bare = "<resourcetype><collection/><C:calendar/></resourcetype>"
    play(proxy, answer(("/cal/my%20own/", bare)))
    found = find(f"{proxy.root}/cal/my own/")
    assert (found.chosen.name, found.chosen.writable) == ("my own", True)
    assert found.chosen.href == f"{proxy.root}/cal/my%20own/"


def test_without_a_writable_calendar_the_person_is_told_what_to_do(proxy: FaultyProxy) -> None:
    play(proxy, answer(("/cal/", a_calendar("Shared", may=MAY_READ))))
    with pytest.raises(InputError, match="create one, or give"):
        find(f"{proxy.root}/cal/")


def test_a_list_of_tasks_is_refused(proxy: FaultyProxy) -> None:
    play(proxy, answer(("/cal/", a_calendar(takes="VTODO"))))
    with pytest.raises(InputError, match="accepts no events"):
        find(f"{proxy.root}/cal/")


def test_calendars_on_another_server_are_named_and_not_called(proxy: FaultyProxy) -> None:
    with running_proxy(proxy.root) as other:
        home = f"<C:calendar-home-set><href>{other.root}/home/</href></C:calendar-home-set>"
        play(proxy, answer(("/", PRINCIPAL)), answer(("/me/", home)))
        with pytest.raises(OtherServerError, match=f"{other.root}/home/.*if you trust it") as told:
            find(proxy.root)
        assert told.value.url == f"{other.root}/home/"
        assert not other.requests


def test_a_redirect_to_another_server_is_named_and_not_followed(proxy: FaultyProxy) -> None:
    with running_proxy(proxy.root) as other:
        proxy.next("PROPFIND", 301, Location=f"{other.root}/dav/")
        proxy.next("PROPFIND", 404)
        with pytest.raises(OtherServerError, match=f"redirects to {other.root}") as told:
            find(proxy.root)
        assert told.value.url == f"{other.root}/dav/"
        assert not other.requests


@pytest.mark.parametrize(
    "location", ["http://dav.example/", "ftp://dav.example/", "https://dav.example/../x", "//[/"]
)
def test_an_address_that_may_not_be_called_is_offered_to_nobody(location: str) -> None:
    assert other_origin("https://dav.example:8443/", location) == ""


def test_an_address_without_caldav_says_what_to_give_instead(proxy: FaultyProxy) -> None:
    proxy.next("PROPFIND", 405)
    proxy.next("PROPFIND", 405)
    with pytest.raises(InputError, match=r"no calendars found there \(405\); give the CalDAV"):
        find(proxy.root)


def test_a_server_in_trouble_is_tried_later(proxy: FaultyProxy) -> None:
    proxy.next("PROPFIND", 503)
    with pytest.raises(TryLater):
        find(proxy.root)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("dav.example", "write the CalDAV address as https"),
        ("ftp://dav.example/", "write the CalDAV address as https"),
        ("https://dav.example:port/", "write the CalDAV address as https"),
        ("https://alice:pw@dav.example:port/", "write the CalDAV address as https"),
        ("http://dav.example/cal/", "use https"),
        ("https://alice:pw@dav.example/", "leave user name and password out"),
    ],
)
def test_an_unusable_address_says_what_to_write(url: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        find(url)
    assert "alice:pw" not in str(caught.value)


def test_a_private_server_is_refused_before_it_is_called(proxy: FaultyProxy) -> None:
    with pytest.raises(InputError, match=r"caldav\.allow_private"):
        find(proxy.root, settings=CaldavSettings())
    assert not proxy.requests


@pytest.mark.parametrize("login", [("\ud800", "secret"), ("alice", "a\udfffb")])
def test_half_a_character_in_a_login_is_refused_before_any_call(login: tuple[str, str]) -> None:
    transport = Transport(Watchdog())
    with pytest.raises(LoginError, match="half a character"):
        discover(CaldavSettings(), transport, "https://dav.example/", *login, soon())
