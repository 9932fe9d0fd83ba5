"""The mail channel on its client: what was prepared is what is sent, or nothing is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from calsync.core.ledger import Do
from calsync.errors import Refused, TryLater
from calsync.ports import Access
from providers.http.watchdog import Watchdog
from providers.mail.channel import MailChannel
from providers.mail.client import SmtpClient
from tests.make import NOW, a_copy, an_event
from tests.providers.smtp_calls import MAIL, Connect, deliver, ending, some_settings
from tests.smtp import MailServer


@pytest.fixture
def client(server: MailServer, connect: Connect) -> SmtpClient:
    return connect(server.port)


@pytest.fixture
def channel(server: MailServer) -> Iterator[MailChannel]:
    made = MailChannel(some_settings(server.port), Watchdog())
    yield made
    made.close()


def test_a_mail_that_another_worker_took_over_is_not_written(server: MailServer) -> None:
    asked = []

    def still_ours(prepared: Any) -> bool:
        asked.append(prepared.key)
        return len(asked) > 1

    channel = MailChannel(some_settings(server.port), Watchdog(), still_ours=still_ours)
    prepared = channel.prepare(Do.CREATE, a_copy(), an_event(), NOW)
    with pytest.raises(TryLater) as caught:
        channel.send(prepared, a_copy(), Access("", ""), time.monotonic() + 30)
    assert (caught.value.happened, server.mails) == ("no", [])
    channel.send(prepared, a_copy(), Access("", ""), time.monotonic() + 30)
    assert (asked, len(server.mails), server.sessions) == ([prepared.key] * 2, 1, 1)
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
    prepared = channel.prepare(do, copy, an_event(), NOW)
    with pytest.raises(Refused) as caught:
        channel.send(prepared, copy, Access("", ""), time.monotonic() + 30)
    assert ending(caught.value) == (Refused, "no", "copy")
    assert "mäya" not in caught.value.reason
    assert server.sessions == 0


def test_the_stored_bytes_are_what_is_sent(server: MailServer, channel: MailChannel) -> None:
    prepared = channel.prepare(Do.CHANGE, a_copy(sequence=1), an_event(), NOW)
    receipt = channel.send(prepared, a_copy(sequence=1), Access("", ""), time.monotonic() + 30)
    assert server.mails[0].data == prepared.body
    assert (receipt.remote_id, receipt.request_id) == (prepared.key, "2.0.0 Ok: queued as Q1")
    assert f"Message-ID: {prepared.key}\r\n".encode() in prepared.body


def test_a_notice_goes_out_as_it_was_prepared(server: MailServer, channel: MailChannel) -> None:
    body = channel.prepare_notice("unreachable", "maya@example.org", "k", an_event(), NOW)
    channel.send_notice(body, "maya@example.org", time.monotonic() + 30)
    assert (server.mails[0].data, server.mails[0].recipients) == (body, ["maya@example.org"])


def test_a_notice_to_no_address_is_refused_without_a_call(
    server: MailServer, channel: MailChannel
) -> None:
    body = channel.prepare_notice("unreachable", "nobody", "k", an_event(), NOW)
    with pytest.raises(Refused) as caught:
        channel.send_notice(body, "nobody", time.monotonic() + 30)
    assert (caught.value.happened, server.sessions) == ("no", 0)


def test_a_mailbox_is_never_read(channel: MailChannel) -> None:
    for call in (
        lambda: channel.find(a_copy(), Access("", ""), 0),
        lambda: channel.find_uid("uid", Access("", ""), 0),
        lambda: channel.inspect([a_copy()], Access("", ""), 0),
    ):
        with pytest.raises(NotImplementedError, match="cannot be read"):
            call()
