"""The transport over TLS: whom it trusts, and that its deadline holds there too."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from calsync.errors import ChannelError, Setup, TimedOut, TryLater
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import Dripping, Script, Visitor, dripping, stalling
from tests.providers.http_calls import (
    SHORT,
    call,
    drips_endless_body,
    drips_headers,
    failure,
    polite,
    polite_then,
    silent,
)
from tests.providers.loopback_certificate import server_side, write_certificate


@pytest.fixture
def transport() -> Transport:
    return Transport(Watchdog())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    return server_side(certificate)


def test_a_certificate_nobody_vouches_for_is_the_operators_fault(
    transport: Transport, tls: ssl.SSLContext
) -> None:
    with dripping(polite, tls=tls) as server:
        error = failure(lambda: call(transport, server.url))
    assert (type(error), error.happened, error.scope) == (Setup, "no", "provider")
    assert server.requests == []


def test_a_certificate_for_another_name_is_the_operators_fault(
    tls: ssl.SSLContext, certificate: Path
) -> None:
    transport = Transport(Watchdog(), ca_file=str(certificate))
    with dripping(polite, tls=tls) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        error = failure(lambda: call(transport, url))
    assert (type(error), error.happened, error.scope) == (Setup, "no", "provider")


@pytest.mark.parametrize("script", [silent, drips_headers, drips_endless_body])
def test_the_deadline_holds_under_tls(
    tls: ssl.SSLContext, certificate: Path, script: Script
) -> None:
    transport = Transport(Watchdog(), ca_file=str(certificate))

    def attempt(server: Dripping, seconds: float) -> ChannelError:
        assert call(transport, server.url).status == 200
        return failure(lambda: call(transport, server.url, within=seconds))

    error, _ = stalling(polite_then(script), attempt, tls)
    assert (type(error), error.happened) == (TimedOut, "maybe")


def test_a_handshake_that_drips_ends_at_the_deadline_and_did_nothing(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        # A TLS record header that announces 16 KB of handshake, then a byte now and then.
        visitor.say(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        visitor.drip(b"\x00")

    with dripping(script) as server:
        url = server.url.replace("http:", "https:")
        error = failure(lambda: call(transport, url, within=SHORT))
    assert (type(error), error.happened) == (TimedOut, "no")
    assert "deadline" in error.reason


def test_a_server_that_speaks_no_tls_did_nothing(transport: Transport) -> None:
    with dripping(lambda visitor: visitor.say(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        url = server.url.replace("http:", "https:")
        error = failure(lambda: call(transport, url))
    assert (type(error), error.happened) == (TryLater, "no")
