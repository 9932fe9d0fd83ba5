"""Mails as the writer writes them, and as a mail client reads them."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from providers.mail.mapping import MailWriter
from providers.mail.settings import MailSettings
from tests.make import NOW, a_copy, an_event

TREE = [
    "multipart/mixed",
    "multipart/alternative",
    "text/plain",
    "text/html",
    "text/calendar",
    "application/ics",
]

HEADERS = [
    *("From", "To", "Reply-To", "Subject", "Date", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("Message-ID", "MIME-Version", "Content-Type"),
]

EVIL = "x\r\nBcc: eve@example.org\r\n\r\nbody\nX-A: 1\rX-B: 2\x0b\x00"

EVILS = [EVIL, EVIL + "\u2028X-C: 3 é"]

CONNECT = "https://app.example.org/connect"

IN_TORONTO = (
    "Thursday, December 3, 2026, 3:00\u20133:45 p.m., Eastern Time (Toronto), UTC\u221205:00"
)


def some_settings(**changes: Any) -> MailSettings:
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "security": "none",
        "sender": "sessions@mail.platform.example",
        "sender_name": "Mentoring Platform",
        "organizer": "sessions@platform.example",
        **changes,
    }
    return MailSettings(**values)


def write(
    do: Do = Do.CREATE,
    event: DesiredEvent | None = None,
    copy: Copy | None = None,
    **changes: Any,
) -> bytes:
    return MailWriter(some_settings(**changes)).write(
        do, copy or a_copy(), event or an_event(), NOW
    )


def inform(kind: str, event: DesiredEvent) -> bytes:
    return MailWriter(some_settings()).notice(kind, "maya@example.org", "k", event, NOW)


def parse(data: bytes) -> EmailMessage:
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not [part.defects for part in mail.walk() if part.defects]
    return mail


def part(data: bytes, kind: str) -> bytes:
    (found,) = [part for part in parse(data).walk() if part.get_content_type() == kind]
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def read_html(data: bytes) -> Page:
    page = Page()
    page.feed(part(data, "text/html").decode())
    return page


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.title = "", ""
        self.links: list[str | None] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        if self.lasttag == "title":
            self.title += data
        if self.lasttag != "style":
            self.words += f" {data}"

    @property
    def text(self) -> str:
        return " ".join(self.words.split())


def readings(data: bytes) -> list[str]:
    """Both forms; of the HTML also where its links lead, which are shown cut."""
    page, text = read_html(data), " ".join(part(data, "text/plain").decode().split())
    return [text, " ".join([page.text, *map(str, page.links)])]
