"""A name that leads elsewhere the next time it is asked for (DNS rebinding) leads nowhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from calsync.errors import ChannelError, TryLater, Unusable
from calsync.ports import Access
from providers.caldav.client import CaldavClient
from providers.caldav.settings import CaldavSettings
from providers.http import connections
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.channel_contract import soon
from tests.dripping import Dripping, Script, Visitor, dripping
from tests.providers.http_calls import call, polite
from tests.providers.loopback_certificate import server_side, write_certificate

HOST, PUBLIC = "dav.example", "1.1.1.1"
INSIDE = ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fc00::1", "::ffff:10.0.0.1"]


@dataclass
class Net:
    """A resolver with answers in turn, the last one for good; and a route from every address to
    the server of the test, which notes where sockets were sent."""

    answers: list[list[str]]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, **_options: object) -> list[tuple[object, ...]]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    net = Net([[PUBLIC]])

    class Routed(socket.socket):
        def connect(self, address: tuple[str, int]) -> None:
            net.connected.append(address[0])
            super().connect(("127.0.0.1", net.port))

    monkeypatch.setattr(connections, "getaddrinfo", net.resolve)
    monkeypatch.setattr(connections, "socket", Routed)
    return net


@dataclass
class Place:
    client: CaldavClient
    transport: Transport
    server: Dripping
    names: list[str | None]

    def get(self, url: str = f"https://{HOST}/cal/a.ics") -> bytes:
        access = Access("maya@example.org", "secret", "maya", f"https://{HOST}/cal/")
        return self.client.get(url, access, soon()).data


def closes(visitor: Visitor) -> None:
    visitor.request()
    visitor.answer(b"ok", b"Connection: close")


def redirects(visitor: Visitor) -> None:
    visitor.request()
    visitor.answer(b"", b"Location: /moved/a.ics", b"Connection: close", status=b"307 Moved")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("named"), HOST)


@pytest.fixture
def scripts() -> list[Script]:
    return [closes]


@pytest.fixture
def allow_private() -> bool:
    return False


@pytest.fixture
def place(
    net: Net, certificate: Path, scripts: list[Script], allow_private: bool
) -> Iterator[Place]:
    tls, names = server_side(certificate), []
    tls.sni_callback = lambda _sock, name, _context: names.append(name)
    with dripping(*scripts, tls=tls) as server:
        net.port = server.port
        transport = Transport(Watchdog(), ca_file=str(certificate))
        settings = CaldavSettings(allow_private=allow_private, ca_file=str(certificate))
        yield Place(CaldavClient(settings, transport), transport, server, names)


def refused(place: Place) -> ChannelError:
    with pytest.raises(Unusable, match=r"caldav\.allow_private") as caught:
        place.get()
    assert (caught.value.happened, caught.value.scope) == ("no", "account")
    return caught.value


def test_the_checked_address_is_connected_to_and_all_else_goes_by_the_name(
    place: Place, net: Net
) -> None:
    net.answers = [[PUBLIC], ["127.0.0.1"]]
    assert place.get() == b"ok"
    assert (net.asked, net.connected) == ([HOST], [PUBLIC])
    assert place.names == [HOST]
    assert f"\r\nHost: {HOST}\r\n".encode() in place.server.requests[0]


@pytest.mark.parametrize("inside", INSIDE)
def test_a_second_answer_that_leads_inside_is_never_connected_to(
    place: Place, net: Net, inside: str
) -> None:
    net.answers = [[PUBLIC], [inside]]
    assert place.get() == b"ok"
    refused(place)
    assert net.connected == [PUBLIC]
    assert len(place.server.requests) == 1


@pytest.mark.parametrize("inside", INSIDE)
def test_an_address_inside_behind_a_public_one_is_refused_before_any_socket(
    place: Place, net: Net, inside: str
) -> None:
    net.answers = [[PUBLIC, inside]]
    refused(place)
    assert net.connected == []


@pytest.mark.parametrize("inside", INSIDE)
@pytest.mark.parametrize("scripts", [[redirects, closes]], ids=["redirects"])
def test_the_address_is_checked_again_behind_a_redirect(
    place: Place, net: Net, inside: str
) -> None:
    net.answers = [[PUBLIC], [inside]]
    refused(place)
    assert net.connected == [PUBLIC]
    assert all(b"/moved" not in request for request in place.server.requests)


@pytest.mark.parametrize("scripts", [[polite]], ids=["kept alive"])
def test_a_kept_connection_that_another_call_made_is_checked_too(place: Place, net: Net) -> None:
    net.answers = [["10.0.0.1"]]
    assert call(place.transport, f"https://{HOST}/").status == 200
    refused(place)
    assert len(place.server.requests) == 1
    assert net.connected == ["10.0.0.1"]


@pytest.mark.parametrize("scripts", [[polite]], ids=["kept alive"])
def test_a_kept_connection_needs_no_second_look_up(place: Place, net: Net) -> None:
    net.answers = [[PUBLIC], ["127.0.0.1"]]
    assert (place.get(), place.get()) == (b"ok", b"ok")
    assert (net.asked, net.connected) == ([HOST], [PUBLIC])


@pytest.mark.parametrize("allow_private", [True])
def test_with_allow_private_every_address_is_good(place: Place, net: Net) -> None:
    net.answers = [["10.1.2.3"]]
    assert place.get() == b"ok"
    assert net.connected == ["10.1.2.3"]


@pytest.mark.parametrize("written", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]"])
def test_no_spelling_of_an_address_gets_around_the_check(
    place: Place, monkeypatch: pytest.MonkeyPatch, net: Net, written: str
) -> None:
    monkeypatch.setattr(connections, "getaddrinfo", socket.getaddrinfo)
    with pytest.raises(Unusable):
        place.get(f"https://{written}/cal/a.ics")
    assert net.connected == []


def test_a_host_that_does_not_resolve_is_tried_later(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_args: object, **_options: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(connections, "getaddrinfo", unknown)
    with pytest.raises(TryLater) as caught:
        place.get()
    assert (caught.value.happened, caught.value.scope) == ("no", "account")
