"""SMTP: whom we trust over TLS, and how we log in."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from calsync.errors import Setup, TryLater
from providers.http.certificates import server_certificate_end
from providers.http.watchdog import Watchdog
from providers.mail import connection
from tests.dripping import Visitor, dripping
from tests.providers.loopback_certificate import server_side, write_certificate
from tests.providers.smtp_calls import SHORT, Connect, deliver, ending, failure
from tests.smtp import MailServer, mail_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    return server_side(certificate)


def secured(security: str, tls: ssl.SSLContext, **more: Any) -> Any:
    return mail_server(**{security: tls}, **more)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_trusted_server_takes_mails_over_tls(
    connect: Connect, tls: ssl.SSLContext, certificate: Path, security: str
) -> None:
    with secured(security, tls) as server:
        client = connect(server.port, security=security, ca_file=str(certificate))
        deliver(client)
        deliver(client)
        assert (len(server.mails), server.sessions) == (2, 1)
        client.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", [{"ca_file": ""}, {"host": "localhost"}])
def test_a_certificate_that_is_not_trusted_is_the_operators_fault(
    connect: Connect,
    tls: ssl.SSLContext,
    certificate: Path,
    security: str,
    wrong: dict[str, str],
) -> None:
    with secured(security, tls) as server:
        client = connect(
            server.port, **{"security": security, "ca_file": str(certificate), **wrong}
        )
        error = failure(client)
        assert ending(error) == (Setup, "no", "tenant")
        assert "mail.ca_file" in error.reason
        assert server.mails == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_with_certificates_that_cannot_be_used_is_the_operators_fault(
    connect: Connect, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    error = failure(connect(1, security="tls", ca_file=str(path)))
    assert ending(error) == (Setup, "no", "tenant")
    assert "mail.ca_file" in error.reason


def test_a_server_without_starttls_gets_neither_mail_nor_login(connect: Connect) -> None:
    with mail_server(password=b"hunter2") as server:
        client = connect(server.port, security="starttls", username="u", password="hunter2")
        assert ending(failure(client)) == (Setup, "no", "tenant")
        assert (server.mails, server.logins) == ([], [])


def test_starttls_refused_for_now_is_for_later(connect: Connect, tls: ssl.SSLContext) -> None:
    with mail_server(starttls=tls) as server:
        server.faults["starttls"] = "454 TLS not available"
        error = failure(connect(server.port, security="starttls"))
        assert ending(error) == (TryLater, "no", "tenant")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_dripping_handshake_ends_at_the_deadline(
    connect: Connect, certificate: Path, security: str
) -> None:
    def script(visitor: Visitor) -> None:
        if security == "starttls":
            for answer in (b"220 mx\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                visitor.say(answer)
                visitor.sock.recv(200)
        visitor.say(b"\x16\x03\x03\x40\x00")  # a long handshake record begins
        visitor.drip(b"\x02")

    with dripping(script) as server:
        client = connect(server.port, security=security, ca_file=str(certificate))
        error = failure(client, within=SHORT)
    assert ending(error) == (TryLater, "no", "tenant")
    assert "deadline" in error.reason


def test_the_login_is_presented_once_per_connection(connect: Connect) -> None:
    with mail_server(password=b"hunter2") as server:
        client = connect(server.port, username="user", password="hunter2")
        deliver(client)
        deliver(client)
        assert server.logins == [(b"user", b"hunter2")]
        client.close()


@pytest.mark.parametrize("password", ["wrong-hunter2", "pässword"])
def test_a_login_that_is_refused_is_the_operators_fault_and_stays_secret(
    connect: Connect, password: str
) -> None:
    with mail_server(password=b"hunter2") as server:
        error = failure(connect(server.port, username="the-user", password=password))
    assert ending(error) == (Setup, "no", "tenant")
    assert error.__cause__ is None
    assert password not in repr(error)
    assert "the-user" not in repr(error)


def test_a_login_refused_for_now_is_for_later(connect: Connect) -> None:
    with mail_server(password=b"hunter2") as server:
        server.faults["auth"] = "454 4.3.0 directory not reached"
        server.lasting.add("auth")
        error = failure(connect(server.port, username="u", password="hunter2"))
    assert ending(error) == (TryLater, "no", "tenant")


def test_a_login_nobody_asks_for_is_the_operators_fault(
    connect: Connect, server: MailServer
) -> None:
    error = failure(connect(server.port, username="u", password="p"))
    assert ending(error) == (Setup, "no", "tenant")


def test_a_plain_greeting_where_tls_is_to_begin_names_the_settings(connect: Connect) -> None:
    with mail_server() as server:
        error = failure(connect(server.port, security="tls"))
    assert ending(error) == (Setup, "no", "tenant")
    assert "mail.port and mail.security" in error.reason


def test_a_port_for_tls_that_stays_silent_to_a_plain_client_names_the_settings(
    connect: Connect, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides wait for the other one to begin."""
    with secured("tls", tls) as server:
        monkeypatch.setattr(connection, "TLS_PORT", server.port)
        error = failure(connect(server.port, security="none", timeout_seconds=SHORT))
    assert ending(error) == (Setup, "no", "tenant")
    assert "mail.port and mail.security" in error.reason


def test_a_sign_in_without_a_mail_tells_when_the_servers_certificate_ends(
    connect: Connect, tls: ssl.SSLContext, certificate: Path, server: MailServer
) -> None:
    now = datetime.now(UTC)
    with secured("tls", tls) as secure:
        client = connect(secure.port, security="tls", ca_file=str(certificate))
        end = client.sign_in(time.monotonic() + 30)
    assert end is not None
    assert 7 <= (end - now).days <= 8
    assert secure.mails == []
    assert connect(server.port).sign_in(time.monotonic() + 30) is None


def test_a_servers_certificate_is_told_only_where_it_is_trusted(certificate: Path) -> None:
    context = server_side(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        served = threading.Thread(target=_hello, args=(listening, context, 2))
        served.start()
        port, until = listening.getsockname()[1], time.monotonic() + 30
        trusted = str(certificate)
        end = server_certificate_end("127.0.0.1", port, until, Watchdog(), trusted)
        with pytest.raises(TryLater, match="no TLS connection"):
            server_certificate_end("127.0.0.1", port, until, Watchdog())
        served.join()
    assert end is not None
    with pytest.raises(TryLater):
        server_certificate_end("127.0.0.1", port, until, Watchdog())


def _hello(listening: socket.socket, context: ssl.SSLContext, times: int) -> None:
    for _ in range(times):
        plain, _ = listening.accept()
        with suppress(OSError), context.wrap_socket(plain, server_side=True):
            pass
        plain.close()
