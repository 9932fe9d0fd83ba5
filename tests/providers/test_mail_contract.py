"""The mail channel keeps the contract of every channel, against a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from email import message_from_bytes, policy

import pytest
from icalendar import Calendar, Event

from calsync.core.ledger import Copy
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TryLater,
    Unusable,
)
from calsync.ports import Access
from providers.http.watchdog import Watchdog
from providers.mail.channel import MailChannel
from providers.mail.settings import MailSettings
from tests.channel_contract import ChannelContract, Fault, Shown
from tests.make import a_copy
from tests.smtp import CUT, MailServer, mail_server


def calendar_of(data: bytes) -> Calendar:
    """The object a mail client acts on: the text/calendar part, whose method parameter counts."""
    (part,) = [
        part
        for part in message_from_bytes(data, policy=policy.default).walk()
        if part.get_content_type() == "text/calendar"
    ]
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    calendar = Calendar.from_ical(payload)
    assert isinstance(calendar, Calendar)
    assert part.get_param("method") == str(calendar["METHOD"])
    return calendar


def remaining(server: MailServer) -> dict[str, Event]:
    """What a mailbox shows: by UID the newest object (RFC 5546 2.1.5), unless it is a CANCEL."""
    newest: dict[str, Calendar] = {}
    for mail in server.mails:
        calendar = calendar_of(mail.data)
        (event,) = calendar.events
        before = newest.get(str(event["UID"]))
        if before is None or age(event) >= age(before.events[0]):
            newest[str(event["UID"])] = calendar
    return {
        uid: calendar.events[0]
        for uid, calendar in newest.items()
        if str(calendar["METHOD"]) == "REQUEST"
    }


def age(event: Event) -> tuple[int, float]:
    return int(event["SEQUENCE"]), event["DTSTAMP"].dt.timestamp()


class Mailbox:
    """One person's mailbox behind a real server."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.channel = MailChannel(
            MailSettings(
                host="127.0.0.1",
                port=server.port,
                security="none",
                sender="sessions@mail.platform.example",
                sender_name="Mentoring Platform",
                organizer="sessions@platform.example",
            ),
            Watchdog(),
        )

    def a_copy(self, n: int = 1) -> Copy:
        return a_copy(n, channel="mail", account=None, destination="mail:maya@example.org")

    def access(self) -> Access:
        return Access(account="", secret="")

    def shown(self) -> Sequence[Shown]:
        return [
            Shown(
                key=uid,
                title=str(event["SUMMARY"]),
                starts_at=event["DTSTART"].dt.astimezone(UTC),
                ends_at=event["DTEND"].dt.astimezone(UTC),
                location=str(event.get("LOCATION", "")),
                text=str(event.get("DESCRIPTION", "")),
            )
            for uid, event in remaining(self.server).items()
        ]

    def lose_next_answer(self) -> None:
        self.server.faults["body"] = CUT

    def answers(self, phase: str, answer: str) -> Callable[[], None]:
        return lambda: self.server.faults.update({phase: answer})

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        def fault(phase: str, answer: str, scope: str, happened: str = "no") -> Fault:
            return Fault(f"{phase} {answer}", self.answers(phase, answer), happened, scope)

        return {
            TryLater: [
                fault("rcpt", "450 4.2.1 busy", "copy"),
                fault("rcpt", "450 4.7.1 greylisted", "account"),
                fault("mail", "421 4.3.2 closing", "account"),
                fault("mail", "451 local error", "copy"),
                fault("data", "452 4.3.1 full", "copy"),
                fault("body", "451 4.3.0 try again", "copy"),
                fault("data", CUT, "copy"),
                fault("body", CUT, "copy", happened="maybe"),
                fault("rcpt", "552 5.2.2 mailbox full", "copy"),
            ],
            Refused: [
                fault("rcpt", "550 5.1.1 no such user", "copy"),
                fault("data", "554 5.5.1 no", "copy"),
                fault("body", "550 5.7.1 looks like spam", "copy"),
            ],
            Setup: [
                fault("mail", "550 5.7.1 sender not allowed", "tenant"),
                fault("mail", "530 5.7.0 log in first", "tenant"),
                fault("rcpt", "550 5.7.30 basic authentication is off", "tenant"),
                fault("body", "550 5.7.515 domain not authenticated", "tenant"),
            ],
        }

    def impossible(self) -> Mapping[type[ChannelError], str]:
        return {
            AccessLost: "the login is the tenant's: a lost one is Setup, nobody's account",
            Unusable: "there is no calendar; a mailbox that refuses is Refused",
            Missing: "a mail that was taken cannot be looked for",
            Changed: "nobody can change a mail that was taken",
        }


@pytest.fixture
def place() -> Iterator[Mailbox]:
    with mail_server() as server:
        mailbox = Mailbox(server)
        yield mailbox
        mailbox.channel.close()


class TestMail(ChannelContract):
    pass
