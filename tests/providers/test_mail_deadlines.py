"""SMTP: a call ends at its deadline, whatever the server does and wherever it stands."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calsync.errors import TryLater
from providers.mail.client import SmtpClient
from tests.dripping import Visitor, dripping, stalling
from tests.providers.smtp_calls import (
    SHORT,
    Connect,
    deliver,
    ending,
    failure,
    greeting,
)
from tests.smtp import MailServer


@pytest.fixture
def client(server: MailServer, connect: Connect) -> SmtpClient:
    return connect(server.port)


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
    error, _ = stalling(
        drip_after(stage, drip=drip),
        lambda server, seconds: failure(connect(server.port), within=seconds),
    )
    assert (type(error), error.happened) == (TryLater, happened)
    assert "deadline" in error.reason


def test_a_server_that_stops_reading_is_left_at_the_deadline(connect: Connect) -> None:
    def script(visitor: Visitor) -> None:
        for answer in (b"220 mx", b"250 mx", b"250 ok", b"250 ok", b"354 go"):
            visitor.say(answer + b"\r\n")
            visitor.sock.recv(100)
        visitor.hang()

    data = (b"x" * 900 + b"\r\n") * 20_000
    error, _ = stalling(
        script, lambda server, seconds: failure(connect(server.port), within=seconds, data=data)
    )
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
