"""SMTP: what may be concluded from each way a call can end, and what arrives."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from calsync.errors import ChannelError, Refused, Setup, TryLater
from providers.http.watchdog import Watchdog
from providers.mail.client import SmtpClient
from providers.mail.replies import queue_id, refusal
from tests.dripping import dripping
from tests.providers.smtp_calls import (
    MAIL,
    Connect,
    deliver,
    ending,
    failure,
    greeting,
    some_settings,
)
from tests.smtp import CUT, MailServer, mail_server


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with mail_server(pipelining=request.param) as running:
        yield running


@pytest.fixture
def client(server: MailServer, connect: Connect) -> SmtpClient:
    return connect(server.port)


# --- answers -------------------------------------------------------------------------------------


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
        ("rcpt", 552, b"5.2.2 over quota", (TryLater, "no", "copy")),
        ("rcpt", 452, b"4.2.2 over quota", (TryLater, "no", "copy")),
        ("rcpt", 550, b"5.2.1 disabled", (Refused, "no", "copy")),
        ("rcpt", 552, b"", (TryLater, "no", "copy")),
        ("mail", 552, b"5.2.2 over quota", (Setup, "no", "tenant")),
        ("body", 554, b"5.2.2 mailbox full", (TryLater, "no", "copy")),
        ("body", 552, b"5.2.3 too big for it", (Refused, "no", "copy")),
        ("body", 554, b"5.3.1 system full", (TryLater, "no", "copy")),
        ("rcpt", 553, b"", (Refused, "no", "copy")),
        ("rcpt", 450, b"4.2.1 later", (TryLater, "no", "copy")),
        ("rcpt", 451, b"4.7.1 slow down", (TryLater, "no", "account")),
        ("rcpt", 452, b"", (TryLater, "no", "copy")),
        ("rcpt", 421, b"", (TryLater, "no", "account")),
        ("rcpt", 530, b"5.7.0 log in", (Refused, "no", "copy")),
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


@pytest.mark.parametrize(
    ("phase", "code", "text", "about"),
    [
        ("rcpt", 550, b"5.1.1 unknown", (True, False)),
        ("rcpt", 550, b"5.7.1 denied", (True, True)),
        ("rcpt", 530, b"5.7.0 log in", (True, True)),
        ("data", 535, b"", (False, True)),
        ("body", 554, b"5.7.26 unauthenticated", (False, True)),
        ("body", 554, b"5.6.0 odd", (False, False)),
    ],
)
def test_a_refusal_says_whether_it_is_about_the_recipient_or_the_sender(
    phase: str, code: int, text: bytes, about: tuple[bool, bool]
) -> None:
    error = refusal(phase, code, text)
    assert isinstance(error, Refused)
    assert (error.of_address, error.of_sender) == about


def test_a_server_that_asks_for_patience_gets_some() -> None:
    assert refusal("rcpt", 421, b"").after == 60
    assert refusal("rcpt", 450, b"4.7.28 rate").after == 60
    assert refusal("rcpt", 450, b"4.2.1").after is None


@pytest.mark.parametrize(("code", "text"), [(552, b"5.2.2 x"), (452, b"4.2.2 x"), (552, b"")])
def test_a_full_mailbox_is_left_alone_for_an_hour(code: int, text: bytes) -> None:
    assert refusal("rcpt", code, text).after == 3600


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


# --- lost connections ----------------------------------------------------------------------------


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


# --- content -------------------------------------------------------------------------------------


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
