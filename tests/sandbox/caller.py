"""A plain HTTP caller and a plain mail sender, so that the sandbox is judged without calsync."""

from __future__ import annotations

import json
import smtplib
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPConnection
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from calsync.sandbox import Sandbox

MAYA = "maya@example.org"
PLATFORM = "sessions@platform.example"
ORGANIZER = f"mailto:{PLATFORM}"
EVENTS = "/calendar/v3/calendars/primary/events"
QUIET = "?sendUpdates=none"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def reason(self) -> str:
        return self.body["error"]["errors"][0]["reason"]


class Caller:
    """One kept-alive connection with one access token."""

    def __init__(self, sandbox: Sandbox, token: str = "") -> None:
        parts = urlsplit(sandbox.url)
        self.connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
        self.token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.connection.close()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, None if body is None else content, sent)
        answer = self.connection.getresponse()
        text = answer.read()
        is_json = (answer.getheader("Content-Type") or "").startswith("application/json")
        return Answer(
            answer.status, json.loads(text) if is_json else text.decode(), dict(answer.headers)
        )

    def insert(self, **changes: Any) -> Answer:
        return self.call("POST", EVENTS + QUIET, an_event(**changes))

    def get(self, event_id: str, query: str = "") -> Answer:
        return self.call("GET", f"{EVENTS}/{event_id}{query}")

    def patch(self, event_id: str, body: Any, **headers: str) -> Answer:
        return self.call("PATCH", f"{EVENTS}/{event_id}{QUIET}", body, **headers)

    def delete(self, event_id: str, **headers: str) -> Answer:
        return self.call("DELETE", f"{EVENTS}/{event_id}{QUIET}", **headers)

    def list(self, **query: Any) -> Answer:
        return self.call("GET", f"{EVENTS}?{urlencode(query, doseq=True)}")

    def ask_token(self, path: str = "/token", **form: str) -> Answer:
        body = urlencode(form).encode()
        return self.call("POST", path, body, Content_Type="application/x-www-form-urlencoded")


def an_event(**changes: Any) -> dict[str, Any]:
    """A body for insert; a change to None leaves the field out."""
    body = {
        "id": "abc123",
        "summary": "Session 1",
        "location": "https://zoom.example/j/1",
        "description": "1. Introductions",
        "start": {"dateTime": "2026-12-03T20:00:00Z", "timeZone": "America/Toronto"},
        "end": {"dateTime": "2026-12-03T20:45:00Z", "timeZone": "America/Toronto"},
    } | changes
    return {name: value for name, value in body.items() if value is not None}


def a_mail(
    method: str = "REQUEST",
    *,
    uid: str = "uid-1",
    sequence: int = 0,
    stamp: str = "20261124T100000Z",
    start: str = "20261203T200000Z",
    organizer: str = ORGANIZER,
    to: str = MAYA,
    attendee: str | None = None,
    parameter: str | None = None,
    title: str = "Session 1",
) -> EmailMessage:
    """An invitation as any platform would mail it; `parameter` is the MIME part's method."""
    hour = int(start[9:11])
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{stamp}",
        f"DTSTART:{start}",
        f"DTEND:{start[:9]}{hour:02}4500Z",
        f"SUMMARY:{title}",
        "LOCATION:https://zoom.example/j/1",
        f"ORGANIZER:{organizer}",
        f"ATTENDEE:mailto:{attendee or to}",
        *(["STATUS:CANCELLED"] if method == "CANCEL" else []),
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = PLATFORM, to, f"Invitation: {title}"
    mail.set_content("Plain words")
    mail.add_alternative("<p>Rich <b>words</b></p>", subtype="html")
    mail.add_alternative("\r\n".join(lines).encode(), maintype="text", subtype="calendar")
    part = mail.get_payload()[-1]
    chosen = method if parameter is None else parameter
    if chosen:
        part.set_param("method", chosen)
    return mail


def deliver(sandbox: Sandbox, *mails: EmailMessage) -> None:
    """Send by SMTP, one connection. Raises what smtplib raises."""
    with smtplib.SMTP(sandbox.smtp_host, sandbox.smtp_port, timeout=10) as smtp:
        for mail in mails:
            smtp.send_message(mail)
