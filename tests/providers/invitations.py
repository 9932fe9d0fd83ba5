"""An invitation as another system would mail it."""

from __future__ import annotations

from datetime import UTC
from email.message import EmailMessage

from calsync.core.content.event import DesiredEvent


def invitation(uid: str, event: DesiredEvent, person: str) -> EmailMessage:
    stamp = "%Y%m%dT%H%M%SZ"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{event.starts_at.astimezone(UTC):{stamp}}",
        f"DTSTART:{event.starts_at.astimezone(UTC):{stamp}}",
        f"DTEND:{event.ends_at.astimezone(UTC):{stamp}}",
        f"SUMMARY:{event.title}",
        "SEQUENCE:0",
        "ORGANIZER:mailto:sessions@platform.example",
        f"ATTENDEE;RSVP=TRUE:mailto:{person}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    mail = EmailMessage()
    mail["From"], mail["To"] = "sessions@platform.example", person
    mail["Subject"], mail["Message-ID"] = event.title, f"<{uid}@platform.example>"
    mail.set_content("You are invited.")
    mail.add_alternative("\r\n".join(lines), subtype="calendar", params={"method": "REQUEST"})
    return mail
