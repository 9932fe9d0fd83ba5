"""SMTP: how connections are used, shared and replaced."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from providers.mail import client as client_module
from providers.mail.client import SmtpClient
from tests.providers.smtp_calls import Connect, deliver
from tests.smtp import CUT, MailServer, mail_server


@pytest.fixture(params=[False, True], ids=["one by one", "pipelining"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with mail_server(pipelining=request.param) as running:
        yield running


@pytest.fixture
def client(server: MailServer, connect: Connect) -> SmtpClient:
    return connect(server.port)


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
