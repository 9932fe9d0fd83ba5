"""SMTP: what may be concluded from each way a call can end, and how connections are used."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from calsync.core.ledger import Do
from calsync.errors import ChannelError, Refused, Setup, TryLater
from calsync.ports import Access
from providers.mail import client as client_module
from providers.mail.channel import MailChannel
from providers.mail.client import SmtpClient
from providers.mail.replies import queue_id, refusal
from providers.mail.settings import MailSettings
from providers.watchdog import Watchdog
from tests.dripping import Visitor, dripping
from tests.make import NOW, a_copy, an_event
from tests.smtp import CUT, MailServer, mail_server

MAIL = b"Subject: hello\r\n\r\nbody\r\n"
SHORT = 0.4
Connect = Callable[..., SmtpClient]


def some_settings(port: int, **changes: Any) -> MailSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "sessions@mail.platform.example",
        "organizer": "sessions@platform.example",
        **changes,
    }
    return MailSettings(**values)


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A client for a port, closed at the end."""
    made: list[SmtpClient] = []

    def to(port: int, **changes: Any) -> SmtpClient:
        made.append(SmtpClient(some_settings(port, **changes), Watchdog()))
        return made[-1]

    yield to
    for client in made:
        client.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def client(server: MailServer, connect: Connect) -> SmtpClient:
    return connect(server.port)


def deliver(
    client: SmtpClient, data: bytes = MAIL, within: float = 10.0, **more: Any
) -> str | None:
    return client.deliver("maya@example.org", data, time.monotonic() + within, **more)


def failure(client: SmtpClient, within: float = 10.0, **more: Any) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        deliver(client, within=within, **more)
    return caught.value


def ending(error: ChannelError) -> tuple[type[ChannelError], str, str]:
    return type(error), error.happened, error.scope


# --- answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phase", "code", "text", "expected"),
    [
        ("connect", 421, b"4.3.2 closing", (TryLater, "no", "account")),
        ("connect", 450, b"busy", (TryLater, "no", "tenant")),
        ("connect", 554, b"no service", (Setup, "no", "tenant")),
        ("starttls", 454, b"TLS not available", (TryLater, "no", "tenant")),
        ("auth", 535, b"5.7.8 wrong", (Setup, "no", "tenant")),
        ("auth", 454, b"4.7.0 later", (TryLater, "no", "account")),
        ("mail", 550, b"5.7.1 no", (Setup, "no", "tenant")),
        ("mail", 451, b"4.3.0 later", (TryLater, "no", "copy")),
        ("rcpt", 550, b"5.1.1 unknown", (Refused, "no", "copy")),
        ("rcpt", 553, b"", (Refused, "no", "copy")),
        ("rcpt", 450, b"4.2.1 later", (TryLater, "no", "copy")),
        ("rcpt", 451, b"4.7.1 slow down", (TryLater, "no", "account")),
        ("rcpt", 452, b"", (TryLater, "no", "copy")),
        ("rcpt", 421, b"", (TryLater, "no", "account")),
        ("rcpt", 530, b"5.7.0 log in", (Setup, "no", "tenant")),
        ("rcpt", 550, b"5.7.30 basic", (Setup, "no", "tenant")),
        ("rcpt", 550, b"5.7.300 other", (Refused, "no", "copy")),
        ("data", 554, b"5.5.1 no", (Refused, "no", "copy")),
        ("data", 451, b"4.3.0 no", (TryLater, "no", "copy")),
        ("data", 250, b"what?", (TryLater, "no", "copy")),
        ("body", 550, b"5.7.515 domain", (Setup, "no", "tenant")),
        ("body", 552, b"5.3.4 too big", (Refused, "no", "copy")),
        ("body", 452, b"4.3.1 full", (TryLater, "no", "copy")),
        ("body", -1, b"", (TryLater, "maybe", "copy")),
        ("body", 354, b"", (TryLater, "maybe", "copy")),
    ],
)
def test_each_answer_has_its_meaning(
    phase: str, code: int, text: bytes, expected: tuple[type[ChannelError], str, str]
) -> None:
    assert ending(refusal(phase, code, text)) == expected


def test_a_server_that_asks_for_patience_gets_some() -> None:
    assert refusal("rcpt", 421, b"").after == 60
    assert refusal("rcpt", 450, b"4.7.28 rate").after == 60
    assert refusal("rcpt", 450, b"4.2.1").after is None


def test_a_reason_holds_codes_and_nothing_the_server_quotes(
    server: MailServer, client: SmtpClient
) -> None:
    server.faults["rcpt"] = "550 5.1.1 <maya@example.org>: no mailbox, subject hello"
    error = failure(client)
    assert error.reason == "rcpt: answered 550 5.1.1"
    assert error.__cause__ is None


def test_the_servers_word_for_the_mail_is_kept_without_addresses(client: SmtpClient) -> None:
    assert deliver(client) == "2.0.0 Ok: queued as Q1"
    assert queue_id(b"2.0.0 OK <maya@example.org> queued as 4ABC\xff\n") == "2.0.0 OK queued as"
    assert queue_id(b"") is None


def test_a_refused_mail_leaves_the_connection_for_the_next(
    server: MailServer, client: SmtpClient
) -> None:
    for phase, answer in (
        ("mail", "451 no"),
        ("rcpt", "550 no"),
        ("data", "451 no"),
        ("body", "554 no"),
    ):
        server.faults[phase] = answer
        failure(client)
    deliver(client)
    assert (server.sessions, len(server.mails)) == (1, 1)


def test_after_421_a_new_connection_is_opened(server: MailServer, client: SmtpClient) -> None:
    server.faults["rcpt"] = "421 4.7.0 closing"
    failure(client)
    deliver(client)
    assert (server.sessions, len(server.mails)) == (2, 1)


# --- lost connections --------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["ehlo", "mail", "rcpt", "data"])
def test_lost_before_the_message_began_nothing_happened(
    server: MailServer, client: SmtpClient, phase: str
) -> None:
    server.faults[phase] = CUT
    error = failure(client)
    assert (type(error), error.happened) == (TryLater, "no")
    assert server.mails == []


def test_lost_after_the_message_began_it_may_have_happened(
    server: MailServer, client: SmtpClient
) -> None:
    server.faults["body"] = CUT
    assert ending(failure(client)) == (TryLater, "maybe", "copy")
    assert len(server.mails) == 1


def test_a_message_is_never_written_twice_by_one_call(
    server: MailServer, client: SmtpClient
) -> None:
    deliver(client)
    server.faults["body"] = CUT
    assert failure(client).happened == "maybe"
    assert len(server.mails) == 2


def test_nobody_listening_is_for_later() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        client = SmtpClient(some_settings(unused.getsockname()[1]), Watchdog())
        assert ending(failure(client)) == (TryLater, "no", "tenant")


def greeting(answer: bytes) -> Callable[[Visitor], None]:
    return lambda visitor: visitor.say(answer)


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        (b"554 5.7.1 go away\r\n", (Setup, "no", "tenant")),
        (b"421 4.3.2 too busy\r\n", (TryLater, "no", "account")),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", (TryLater, "no", "tenant")),
        (b"", (TryLater, "no", "tenant")),
    ],
)
def test_a_server_that_does_not_greet_us(
    connect: Connect, says: bytes, expected: tuple[type[ChannelError], str, str]
) -> None:
    with dripping(greeting(says)) as server:
        assert ending(failure(connect(server.port))) == expected


# --- deadlines ---------------------------------------------------------------------------------


def drip_after(stage: str, *, drip: bytes = b"2") -> Callable[[Visitor], None]:
    """A server that is polite until `stage`, and answers that one byte by byte for ever."""
    polite = {b"EHLO": b"250 mx", b"MAIL": b"250 ok", b"RCPT": b"250 ok", b"DATA": b"354 go"}

    def script(visitor: Visitor) -> None:
        reader = visitor.sock.makefile("rb")
        if stage == "GREETING":
            visitor.drip(drip)
        visitor.say(b"220 mx\r\n")
        for line in reader:
            verb = line[:4].upper()
            if stage == "BODY" and line == b".\r\n":
                visitor.drip(drip)
            if verb == stage.encode():
                visitor.drip(drip)
            if verb in polite:
                visitor.say(polite[verb] + b"\r\n")

    return script


@pytest.mark.parametrize(
    ("stage", "happened"),
    [
        *(("GREETING", "no"), ("EHLO", "no"), ("MAIL", "no"), ("RCPT", "no"), ("DATA", "no")),
        ("BODY", "maybe"),
    ],
)
@pytest.mark.parametrize("drip", [b"2", b"250-more\r\n"])
def test_a_dripping_server_is_left_at_the_deadline(
    connect: Connect, stage: str, happened: str, drip: bytes
) -> None:
    with dripping(drip_after(stage, drip=drip)) as server:
        error = failure(connect(server.port), within=SHORT)
    assert (type(error), error.happened) == (TryLater, happened)
    assert "deadline" in error.reason


def test_a_server_that_stops_reading_is_left_at_the_deadline(connect: Connect) -> None:
    def script(visitor: Visitor) -> None:
        for answer in (b"220 mx", b"250 mx", b"250 ok", b"250 ok", b"354 go"):
            visitor.say(answer + b"\r\n")
            visitor.sock.recv(100)
        visitor.hang()

    with dripping(script) as server:
        error = failure(connect(server.port), within=SHORT, data=(b"x" * 900 + b"\r\n") * 20_000)
    assert ending(error) == (TryLater, "maybe", "copy")


@pytest.mark.parametrize("half", [b"250 taken", b"25", b"250-taken\r\n", b"250"])
def test_half_an_answer_is_no_yes(connect: Connect, half: bytes) -> None:
    def script(visitor: Visitor) -> None:
        reader = visitor.sock.makefile("rb")
        visitor.say(b"220 mx\r\n")
        for line in reader:
            if line == b".\r\n":
                return visitor.say(half)
            if line[:4].upper() in (b"EHLO", b"MAIL", b"RCPT", b"DATA"):
                visitor.say(b"354 go\r\n" if line[:4].upper() == b"DATA" else b"250 ok\r\n")

    with dripping(script) as server:
        assert ending(failure(connect(server.port))) == (TryLater, "maybe", "copy")


def test_an_endless_answer_is_cut_off(connect: Connect) -> None:
    with dripping(greeting(b"220-hello\r\n" * 1000)) as server:
        assert ending(failure(connect(server.port))) == (TryLater, "no", "tenant")


def test_the_configured_time_out_is_a_total_one(connect: Connect) -> None:
    with dripping(drip_after("RCPT")) as server:
        error = failure(connect(server.port, timeout_seconds=SHORT), within=3600)
    assert "deadline" in error.reason


def test_without_time_nothing_is_tried(server: MailServer, client: SmtpClient) -> None:
    deliver(client)
    assert ending(failure(client, within=-1)) == (TryLater, "no", "tenant")
    assert len(server.mails) == 1


# --- connections -------------------------------------------------------------------------------


def test_one_connection_carries_many_mails(server: MailServer, client: SmtpClient) -> None:
    for _ in range(5):
        deliver(client)
    assert (server.sessions, len(server.mails)) == (1, 5)


def test_a_connection_is_changed_after_its_share_of_mails(
    server: MailServer, client: SmtpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAILS_PER_CONNECTION", 2)
    for _ in range(5):
        deliver(client)
    assert (server.sessions, len(server.mails)) == (3, 5)


def test_a_connection_that_idled_too_long_is_not_trusted(
    server: MailServer, client: SmtpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "IDLE_SECONDS", -1.0)
    deliver(client)
    deliver(client)
    assert (server.sessions, len(server.mails)) == (2, 2)


@pytest.mark.parametrize("answer", [CUT, "421 4.4.2 idle too long", "502 what?"])
def test_a_connection_that_died_meanwhile_is_replaced_unnoticed(
    server: MailServer, client: SmtpClient, answer: str
) -> None:
    deliver(client)
    server.faults["rset"] = answer
    deliver(client)
    assert (server.sessions, len(server.mails)) == (2, 2)


def test_threads_share_a_client_and_never_a_connection(
    server: MailServer, client: SmtpClient
) -> None:
    def work(number: int) -> None:
        for each in range(8):
            deliver(client, b"Subject: %d-%d\r\n\r\nx\r\n" % (number, each))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({mail.data for mail in server.mails}) == len(server.mails) == 32
    assert server.sessions <= 4


# --- content -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "arrives"),
    [
        (b"S: x\r\n\r\n.\r\n..\r\n.a\r\n", b"S: x\r\n\r\n.\r\n..\r\n.a\r\n"),
        (
            b"S: x\r\n\r\nend\n.\nMAIL FROM:<e@e.e>\r.\r\n",
            b"S: x\r\n\r\nend\r\n.\r\nMAIL FROM:<e@e.e>\r\n.\r\n",
        ),
        (b"S: x\r\n\r\nno end", b"S: x\r\n\r\nno end\r\n"),
    ],
)
def test_nothing_in_a_message_ends_it_early(
    server: MailServer, client: SmtpClient, data: bytes, arrives: bytes
) -> None:
    deliver(client, data)
    deliver(client)
    assert [mail.data for mail in server.mails] == [arrives, MAIL]


def test_sender_and_recipient_are_the_envelope(server: MailServer, client: SmtpClient) -> None:
    deliver(client)
    (mail,) = server.mails
    assert (mail.sender, mail.recipients) == (
        "sessions@mail.platform.example",
        ["maya@example.org"],
    )


# --- TLS and login -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate for 127.0.0.1, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    start = datetime.now(UTC) - timedelta(days=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture(scope="module")
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


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


def test_plain_text_on_a_tls_port_is_for_later(connect: Connect, server: MailServer) -> None:
    error = failure(connect(server.port, security="tls"), within=3)
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


# --- the channel -------------------------------------------------------------------------------


@pytest.fixture
def channel(server: MailServer) -> Iterator[MailChannel]:
    made = MailChannel(some_settings(server.port), Watchdog())
    yield made
    made.close()


def test_a_mail_that_another_worker_took_over_is_not_written(server: MailServer) -> None:
    asked = []

    def still_ours(wire: Any) -> bool:
        asked.append(wire.key)
        return len(asked) > 1

    channel = MailChannel(some_settings(server.port), Watchdog(), still_ours=still_ours)
    wire = channel.prepare(Do.CREATE, a_copy(), an_event(), NOW)
    with pytest.raises(TryLater) as caught:
        channel.send(wire, a_copy(), Access("", ""), time.monotonic() + 10)
    assert (caught.value.happened, server.mails) == ("no", [])
    channel.send(wire, a_copy(), Access("", ""), time.monotonic() + 10)
    assert (asked, len(server.mails), server.sessions) == ([wire.key] * 2, 1, 1)
    channel.close()


def test_a_question_that_fails_leaves_no_half_mail(server: MailServer, client: SmtpClient) -> None:
    def broken() -> bool:
        raise LookupError("the database is away")

    with pytest.raises(LookupError):
        deliver(client, still_ours=broken)
    deliver(client)
    assert [mail.data for mail in server.mails] == [MAIL]
    assert server.sessions == 2


@pytest.mark.parametrize("do", Do)
def test_an_address_no_server_knows_is_refused_without_a_call(
    server: MailServer, channel: MailChannel, do: Do
) -> None:
    copy = a_copy(address="mäya@example.org")
    wire = channel.prepare(do, copy, an_event(), NOW)
    with pytest.raises(Refused) as caught:
        channel.send(wire, copy, Access("", ""), time.monotonic() + 10)
    assert ending(caught.value) == (Refused, "no", "copy")
    assert "mäya" not in caught.value.reason
    assert server.sessions == 0


def test_the_stored_bytes_are_what_is_sent(server: MailServer, channel: MailChannel) -> None:
    wire = channel.prepare(Do.CHANGE, a_copy(sequence=1), an_event(), NOW)
    receipt = channel.send(wire, a_copy(sequence=1), Access("", ""), time.monotonic() + 10)
    assert server.mails[0].data == wire.body
    assert (receipt.remote_id, receipt.vendor_request_id) == (wire.key, "2.0.0 Ok: queued as Q1")
    assert f"Message-ID: {wire.key}\r\n".encode() in wire.body


def test_a_notice_goes_out_as_it_was_prepared(server: MailServer, channel: MailChannel) -> None:
    body = channel.prepare_notice("unreachable", "maya@example.org", "k", an_event(), "", NOW)
    channel.send_notice(body, "maya@example.org", time.monotonic() + 10)
    assert (server.mails[0].data, server.mails[0].recipients) == (body, ["maya@example.org"])


def test_a_notice_to_no_address_is_refused_without_a_call(
    server: MailServer, channel: MailChannel
) -> None:
    body = channel.prepare_notice("account_lost", "nobody", "k", None, "", NOW)
    with pytest.raises(Refused) as caught:
        channel.send_notice(body, "nobody", time.monotonic() + 10)
    assert (caught.value.happened, server.sessions) == ("no", 0)


def test_a_mailbox_is_never_read(channel: MailChannel) -> None:
    for call in (
        lambda: channel.find(a_copy(), Access("", ""), 0),
        lambda: channel.find_uid("uid", Access("", ""), 0),
        lambda: channel.look([a_copy()], Access("", ""), 0),
    ):
        with pytest.raises(NotImplementedError, match="cannot be read"):
            call()
