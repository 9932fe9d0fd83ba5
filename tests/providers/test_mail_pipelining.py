"""Several SMTP commands in one write, and every answer matched with its command."""

from __future__ import annotations

import pytest

from calsync.errors import Refused, Setup, TryLater
from tests.dripping import Script, Visitor, dripping
from tests.providers.smtp_calls import Connect, deliver, ending, failure
from tests.smtp import mail_server

ENVELOPE = (
    b"mail FROM:<sessions@mail.platform.example>\r\n",
    b"rcpt TO:<maya@example.org>\r\n",
)


def commands(received: list[bytes]) -> list[bytes]:
    """What was written, without the greeting and the mail itself."""
    return [one for one in received if one[:4] not in (b"ehlo", b"Subj")]


def test_reset_sender_and_recipient_leave_in_one_write(connect: Connect) -> None:
    with mail_server(pipelining=True) as server:
        client = connect(server.port)
        deliver(client)
        deliver(client)
    envelope = b"".join(ENVELOPE)
    data = b"data\r\n"
    assert commands(server.received) == [envelope, data, b"rset\r\n" + envelope, data]


def test_a_server_that_does_not_offer_it_is_sent_one_command_at_a_time(connect: Connect) -> None:
    with mail_server() as server:
        client = connect(server.port)
        deliver(client)
        deliver(client)
    first = [*ENVELOPE, b"data\r\n"]
    assert commands(server.received) == [*first, b"rset\r\n", *first]


def test_of_several_refusals_the_first_is_told_and_the_rest_are_read(connect: Connect) -> None:
    with mail_server(pipelining=True) as server:
        client = connect(server.port)
        server.faults |= {"mail": "550 5.7.1 not you", "rcpt": "550 5.1.1 unknown"}
        assert ending(failure(client)) == (Setup, "no", "tenant")
        server.faults["rcpt"] = "550 5.1.1 unknown"
        assert ending(failure(client)) == (Refused, "no", "copy")
        deliver(client)
    assert (server.sessions, len(server.mails)) == (1, 1)


def answering(*to_envelope: bytes, data: bytes = b"354 go on\r\n") -> Script:
    """A server that answers the envelope and DATA with these bytes."""

    def script(visitor: Visitor) -> None:
        visitor.say(b"220 mx\r\n")
        visitor.line()
        visitor.say(b"250-mx\r\n250 PIPELINING\r\n")
        for _ in ENVELOPE:
            visitor.line()
        visitor.say(b"".join(to_envelope))
        if visitor.line().startswith(b"data"):
            visitor.say(data)
            visitor.line()

    return script


@pytest.mark.parametrize(
    "script",
    [
        answering(b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n", b"250 queued\r\n"),
        answering(b"250 ok\r\n", b"250 ok\r\n", data=b"354 go on\r\n250 queued\r\n"),
        answering(b"250 ok\r\n", b"250 ok\r\n", b"250"),
    ],
)
def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(
    connect: Connect, script: Script
) -> None:
    with dripping(script) as server:
        error = failure(connect(server.port))
    assert (type(error), error.happened) == (TryLater, "no")
    assert str(error) == "data: more answers than commands"


def test_what_is_said_over_plain_text_before_tls_begins_is_not_taken_over(
    connect: Connect,
) -> None:
    def script(visitor: Visitor) -> None:
        visitor.say(b"220 mx\r\n")
        visitor.line()
        visitor.say(b"250-mx\r\n250 STARTTLS\r\n")
        visitor.line()
        visitor.say(b"220 go on\r\n250-mx\r\n250 PIPELINING\r\n")

    with dripping(script) as server:
        error = failure(connect(server.port, security="starttls"))
    assert error.happened == "no"
    assert str(error).startswith("starttls: ")
