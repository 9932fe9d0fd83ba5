"""One attempt, a total deadline, and a true word on whether anything happened."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calsync.errors import ChannelError, Setup, TryLater
from providers.transport import Answer, Transport, retry_after
from providers.watchdog import Watchdog
from tests.dripping import Script, Visitor, dripping

SHORT = 0.3


@pytest.fixture
def transport() -> Transport:
    return Transport(Watchdog())


def call(
    transport: Transport,
    url: str,
    method: str = "POST",
    *,
    within: float = 5.0,
    body: bytes | None = b"{}",
) -> Answer:
    return transport.call(
        method, url, headers={"X-Test": "1"}, body=body, until=time.monotonic() + within
    )


def failure(run: Callable[[], object]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        run()
    return caught.value


def polite(visitor: Visitor) -> None:
    while visitor.request():
        visitor.answer()


def silent(visitor: Visitor) -> None:
    visitor.request()
    visitor.hang()


def drips_headers(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    visitor.drip()


def drips_counted_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    visitor.drip()


def drips_endless_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    visitor.drip()


def drips_chunks(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    visitor.drip(b"1\r\n.\r\n")


def dies_after_reading(visitor: Visitor) -> None:
    visitor.request()


def dies_in_the_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def polite_once_then_deaf(visitor: Visitor) -> None:
    """The kept-alive connection dies in the moment its second request arrives."""
    visitor.request()
    visitor.answer()
    visitor.request()


def test_a_whole_answer_arrives_with_lower_case_headers(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer(b"gone", b"X-Request-ID: r-1", status=b"410 Gone")

    with dripping(script) as server:
        answer = call(transport, server.url + "/a?b=c", body=b"\x00\xff")
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (410, b"gone", "r-1")
    assert server.requests[0].startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n\x00\xff")


def test_the_next_call_of_a_thread_uses_the_same_connection(transport: Transport) -> None:
    with dripping(polite) as server:
        for _ in range(3):
            assert call(transport, server.url).body == b"ok"
    assert (len(server.requests), server.connections) == (3, 1)


@pytest.mark.parametrize(
    "script", [silent, drips_headers, drips_counted_body, drips_endless_body, drips_chunks]
)
def test_a_call_ends_at_its_deadline_and_may_have_happened(
    transport: Transport, script: Script
) -> None:
    with dripping(script) as server:
        error = failure(lambda: call(transport, server.url, within=SHORT))
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert "deadline" in error.reason
    assert len(server.requests) == 1


def test_a_kept_alive_connection_is_watched_as_well(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer()
        drips_headers(visitor)

    with dripping(script) as server:
        call(transport, server.url)
        error = failure(lambda: call(transport, server.url, within=SHORT))
    assert (error.kind, error.happened, server.connections) == ("try_later", "maybe", 1)


def test_a_kept_alive_connection_survives_the_deadline_of_an_earlier_call(
    transport: Transport,
) -> None:
    with dripping(polite) as server:
        until = time.monotonic() + SHORT
        transport.call("GET", server.url, headers={}, body=None, until=until)
        while time.monotonic() < until + 0.05:
            threading.Event().wait(0.01)
        call(transport, server.url)
    assert server.connections == 1


@pytest.mark.parametrize("script", [dies_after_reading, dies_in_the_body])
def test_a_connection_that_dies_after_the_request_may_have_happened_and_is_not_repeated(
    transport: Transport, script: Script
) -> None:
    with dripping(script) as server:
        error = failure(lambda: call(transport, server.url))
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_a_write_is_never_repeated_on_a_stale_connection(transport: Transport, method: str) -> None:
    with dripping(polite_once_then_deaf, polite) as server:
        call(transport, server.url)
        error = failure(lambda: call(transport, server.url, method))
        assert (error.kind, error.happened) == ("try_later", "maybe")
        assert len(server.requests) == 2
        assert call(transport, server.url).status == 200


@pytest.mark.parametrize("method", ["GET", "PROPFIND"])
def test_a_read_is_repeated_once_on_a_stale_connection(transport: Transport, method: str) -> None:
    with dripping(polite_once_then_deaf, dies_after_reading) as server:
        call(transport, server.url)
        error = failure(lambda: call(transport, server.url, method))
        assert (error.kind, error.happened, len(server.requests)) == ("try_later", "maybe", 3)
    with dripping(polite_once_then_deaf, polite) as server:
        call(transport, server.url)
        assert call(transport, server.url, method).status == 200


def test_a_refused_connection_did_nothing(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(lambda: call(transport, f"http://127.0.0.1:{port}/?secret=1"))
    assert (error.kind, error.happened) == ("try_later", "no")
    assert "secret" not in error.reason


def test_a_name_that_does_not_resolve_did_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("providers.connections.getaddrinfo", unknown)
    error = failure(lambda: call(transport, "https://nowhere.example/"))
    assert (error.kind, error.happened) == ("try_later", "no")
    assert "nowhere.example" in error.reason


def test_the_second_address_of_a_name_is_tried(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()
    with dripping(polite) as server:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", address)
            for address in (closed, ("127.0.0.1", server.port))
        ]
        monkeypatch.setattr("providers.connections.getaddrinfo", lambda *_, **__: found)
        assert call(transport, server.url).status == 200


def test_a_full_backlog_ends_at_the_deadline_and_did_nothing(transport: Transport) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        error = failure(lambda: call(transport, f"http://127.0.0.1:{port}", within=SHORT))
        for sock in waiting:
            sock.close()
    assert (error.kind, error.happened) == ("try_later", "no")


def test_a_deadline_in_the_past_sends_nothing(transport: Transport) -> None:
    with dripping(polite) as server:
        error = failure(lambda: call(transport, server.url, within=-1))
    assert (error.kind, error.happened, server.requests) == ("try_later", "no", [])


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not visitor.server.stopped.is_set():
            visitor.say(b"x" * 10_000)

    with dripping(script) as server:
        error = failure(lambda: call(Transport(Watchdog(), max_bytes=100_000), server.url))
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert "100000" in error.reason


def test_a_redirect_is_an_answer_and_no_cookie_is_kept(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        while visitor.request():
            visitor.answer(
                b"", b"Location: /elsewhere", b"Set-Cookie: who=maya; Path=/", status=b"302 Found"
            )

    with dripping(script) as server:
        assert call(transport, server.url, "GET").status == 302
        assert call(transport, server.url, "GET").status == 302
    assert all(b"GET / " in request for request in server.requests)
    assert all(b"ookie" not in request for request in server.requests)


def test_environment_proxies_and_netrc_are_ignored(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with dripping(polite) as server:
        assert call(transport, server.url).status == 200
    assert b"uthorization" not in server.requests[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example/x",
        "http://127.0.0.1.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "https:///no-host",
        "http://[::1",
        "",
    ],
)
def test_other_urls_than_https_or_loopback_are_the_operators_fault(
    transport: Transport, url: str
) -> None:
    error = failure(lambda: call(transport, url))
    assert (type(error), error.happened, error.scope) == (Setup, "no", "provider")


def test_eight_threads_share_one_transport(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        while request := visitor.request():
            visitor.answer(request.split(b"\r\n\r\n", 1)[1])

    with dripping(script) as server, ThreadPoolExecutor(8) as pool:
        bodies = [b"%d" % n for n in range(200)]
        answers = pool.map(lambda body: call(transport, server.url, body=body).body, bodies)
        assert list(answers) == bodies
        assert server.connections <= 8


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for 127.0.0.1, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    start = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


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
    with dripping(polite_then(script), tls=tls) as server:
        assert call(transport, server.url).status == 200
        error = failure(lambda: call(transport, server.url, within=SHORT))
    assert (type(error), error.happened) == (TryLater, "maybe")


def polite_then(script: Script) -> Script:
    def both(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer()
        script(visitor)

    return both


def test_a_handshake_that_drips_ends_at_the_deadline_and_did_nothing(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        # A TLS record header that announces 16 KB of handshake, then a byte now and then.
        visitor.say(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
        visitor.drip(b"\x00")

    with dripping(script) as server:
        url = server.url.replace("http:", "https:")
        error = failure(lambda: call(transport, url, within=SHORT))
    assert (type(error), error.happened) == (TryLater, "no")
    assert "deadline" in error.reason


def test_a_server_that_speaks_no_tls_did_nothing(transport: Transport) -> None:
    with dripping(lambda visitor: visitor.say(b"HTTP/1.1 400 Bad\r\n\r\n")) as server:
        url = server.url.replace("http:", "https:")
        error = failure(lambda: call(transport, url))
    assert (type(error), error.happened) == (TryLater, "no")


def test_nothing_secret_is_in_an_error_or_its_traceback(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/private?token=secret"
    error = failure(lambda: call(transport, url))
    assert error.__suppress_context__
    assert "secret" not in str(error) + repr(error)
    assert "secret" not in repr(Answer(200, {"set-cookie": "secret"}, b"secret"))


NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 12:01:30 -0000", 90.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("\u0661\u0662", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(Answer(429, {"retry-after": value}, b""), NOW) == seconds


def test_without_retry_after_nothing_is_asked() -> None:
    assert retry_after(Answer(429, {}, b""), NOW) is None
