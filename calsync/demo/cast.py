"""Who and what the demo is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

IN_FEED = frozenset({"ses-2001"})


@dataclass(frozen=True, slots=True)
class Someone:
    id: str
    name: str
    email: str
    zone: str
    looks_in: str


MAYA = Someone("u-1", "Maya Chen", "maya@gmail.example", "America/Toronto", "Google Calendar")
SAM = Someone("u-2", "Sam Okafor", "sam@mail.example", "Europe/London", "mail")
PRIYA = Someone("u-3", "Priya Nair", "priya@corp.example", "Asia/Kolkata", "Google, by her company")
TOMAS = Someone("u-4", "Tomás Silva", "tomas@dav.example", "America/Sao_Paulo", "CalDAV")
LENA = Someone("u-5", "Lena Vogel", "lena@mail.example", "Europe/Berlin", "mail")
KOFI = Someone("u-6", "Kofi Mensah", "kofi@gmail.example", "Africa/Accra", "free/busy only")
OLIVIA = Someone("u-7", "Olivia Brandt", "olivia@outlook.example", "Europe/Vienna", "Outlook")
JONAS = Someone(
    "u-8", "Jonas Lind", "jonas@firm.example", "Europe/Stockholm", "Outlook, by his company"
)
CAST = (MAYA, SAM, PRIYA, TOMAS, LENA, KOFI, OLIVIA, JONAS)


class DemoPlatform:
    """The booking platform: two sessions in a JSON-lines file and one in a feed; the daemon polls
    both."""

    def __init__(self, file: Path) -> None:
        self.file, self.booked = file, set[str]()
        self.zone = ZoneInfo("America/Toronto")
        today = datetime.now(self.zone).replace(hour=15, minute=0, second=0, microsecond=0)
        self.records = {
            "ses-1001": self._record(
                "ses-1001",
                "Session 1: Getting to know each other",
                today + timedelta(days=3),
                (MAYA, SAM),
                "individual",
                {"kind": "online", "url": "https://zoom.us/j/123456789?pwd=abc", "label": "Zoom"},
                "1. Introductions\n2. Goals\n3. Next steps",
            ),
            "ses-2001": self._record(
                "ses-2001",
                "Group kick-off",
                today + timedelta(days=5),
                (PRIYA, TOMAS, LENA, KOFI, MAYA, OLIVIA, JONAS),
                "group",
                {"kind": "online", "url": "https://meet.example.org/kick-off", "label": "Meet"},
                "Who we are, what we want to learn, how we meet.",
            ),
            "ses-3001": self._record(
                "ses-3001",
                "Lunch and portfolio review",
                today + timedelta(days=7),
                (SAM, TOMAS, OLIVIA),
                "peer",
                {"kind": "in_person", "name": "Café Luna", "address": "12 Queen St W, Toronto"},
                "Bring two pieces of work.",
            ),
        }

    def _record(
        self,
        ident: str,
        title: str,
        start: datetime,
        people: tuple[Someone, ...],
        kind: str,
        place: dict[str, str],
        agenda: str,
    ) -> dict[str, Any]:
        url = f"https://app.example.org/sessions/{ident}"
        return {
            "id": ident,
            "status": "booked",
            "title": title,
            "program": {"id": "prog-7", "name": "Women in Engineering", "kind": kind},
            "starts_at": start.strftime("%Y-%m-%dT%H:%M:%S"),
            "ends_at": (start + timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%M:%S"),
            "time_zone": "America/Toronto",
            "place": place,
            "agenda": {"text": agenda, "format": "markdown", "url": url + "/agenda"},
            "url": url,
            "participants": [
                {"id": one.id, "name": one.name, "email": one.email, "time_zone": one.zone}
                for one in people
            ],
        }

    def book_soon(self, ident: str, start: datetime, people: tuple[Someone, ...]) -> None:
        """One more session, which starts then."""
        self.records[ident] = self._record(
            ident,
            "Session 2: Next steps",
            start.astimezone(self.zone),
            people,
            "individual",
            {"kind": "online", "url": "https://zoom.us/j/987654321?pwd=def", "label": "Zoom"},
            "Bring one question.",
        )
        self.write(ident)

    def write(self, *changed: str) -> None:
        """Store the file as it is now; the named sessions are news."""
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        for ident in changed:
            self.records[ident]["updated_at"] = now
        self.booked |= set(changed)
        lines = [
            json.dumps(one, ensure_ascii=False)
            for one in self.records.values()
            if one["id"] not in IN_FEED
        ]
        fresh = self.file.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fresh.replace(self.file)

    def fed(self) -> list[dict[str, Any]]:
        """What the feed shows: nothing before it is booked."""
        return [dict(one) for one in self.records.values() if one["id"] in IN_FEED & self.booked]

    def move(self, ident: str, **by: float) -> None:
        record = self.records[ident]
        for name in ("starts_at", "ends_at"):
            moved = datetime.fromisoformat(record[name]) + timedelta(**by)
            record[name] = moved.strftime("%Y-%m-%dT%H:%M:%S")
        self.write(ident)

    def edit_agenda(self, ident: str, text: str) -> None:
        self.records[ident]["agenda"]["text"] = text
        self.write(ident)

    def remove(self, ident: str, who: Someone) -> None:
        record = self.records[ident]
        record["participants"] = [p for p in record["participants"] if p["id"] != who.id]
        self.write(ident)

    def cancel(self, ident: str) -> None:
        self.records[ident]["status"] = "cancelled"
        self.write(ident)
