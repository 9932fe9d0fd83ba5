"""A platform with many sessions, made from a seed: as JSON lines, and as rows of a database."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONES = (
    "America/Toronto", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo",
    "America/St_Johns", "America/Phoenix", "America/Mexico_City", "America/Bogota",
    "Europe/London", "Europe/Berlin", "Europe/Dublin", "Europe/Lisbon", "Europe/Kyiv",
    "Africa/Casablanca", "Africa/Lagos", "Africa/Cairo", "Africa/Johannesburg",
    "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Asia/Singapore", "Asia/Tehran",
    "Asia/Dubai", "Asia/Jerusalem", "Australia/Sydney", "Australia/Adelaide",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Honolulu",
)  # fmt: skip
KINDS = ("google", "mail", "domain", "outlook", "caldav", "mail", "firm", "mail")
WORDS = ("Goals", "Feedback", "Grüße", "职业规划", "Ünïcödé 😀", "Q&A <live>", "Budget; plan, act")


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    email: str
    zone: str
    kind: str  # google | domain | outlook | firm | caldav | mail; domain and firm: by employer


@dataclass
class World:
    """People and records. `now` is where sessions start from."""

    seed: int
    sessions: int
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    people: list[Person] = field(init=False)
    records: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.people = [self._person(n) for n in range(60)]
        self.records = {}
        for n in range(self.sessions):
            record = self._record(n)
            self.records[record["id"]] = record

    def _person(self, n: int) -> Person:
        kind = KINDS[n % len(KINDS)]
        host = {"google": "gmail", "domain": "corp", "caldav": "dav"}.get(kind, kind)
        zone = ZONES[n % len(ZONES)]
        return Person(f"u-{n}", f"Person {n} Müller", f"person{n}@{host}.example", zone, kind)

    def _record(self, n: int) -> dict[str, Any]:
        """Every fifth session lies within a day of a change of daylight saving time."""
        zone = ZONES[n % len(ZONES)]
        start = self._change_of(zone, n) if n % 5 == 0 else None
        if start is None:
            day = (self.now + timedelta(days=self.random.randint(2, 300))).date()
            start = datetime(day.year, day.month, day.day)  # noqa: DTZ001  (a wall time)
            start += timedelta(minutes=15 * self.random.randint(0, 95))
        start = _existing(start, zone)
        end = _existing(start + timedelta(minutes=self.random.choice([30, 45, 60])), zone)
        count = 2 if n % 3 else self.random.randint(3, 12)
        people = self.random.sample(self.people, count)
        ident = f"ses-{n}"
        url = f"https://app.example.org/sessions/{ident}"
        return {
            "id": ident,
            "updated_at": (self.now - timedelta(days=1)).isoformat(),
            "status": "booked",
            "title": f"Nr {n}: {self.random.choice(WORDS)}",
            "program": {
                "id": f"prog-{n % 7}",
                "name": "Women in Engineering",
                "kind": "individual" if count == 2 else "group",
            },
            "starts_at": start.strftime("%Y-%m-%dT%H:%M:%S"),
            "ends_at": end.strftime("%Y-%m-%dT%H:%M:%S"),
            "time_zone": zone,
            "place": self._place(n),
            "agenda": {
                "text": f"1. {self.random.choice(WORDS)}\n2. Next steps of {n}",
                "format": "markdown",
                "url": url + "/agenda",
            },
            "url": url,
            "personal_notes": "SECRET-NOTE never to leave",
            "participants": [
                {"id": p.id, "name": p.name, "email": p.email, "time_zone": p.zone} for p in people
            ],
        }

    def _place(self, n: int) -> dict[str, str] | None:
        if n % 11 == 0:
            return None
        if n % 4 == 0:
            return {"kind": "in_person", "name": f"Room {n}", "address": f"{n} Main Street"}
        return {"kind": "online", "url": f"https://zoom.us/j/{n}?pwd=a%20b&x={n}", "label": "Zoom"}

    def _change_of(self, zone: str, n: int) -> datetime | None:
        """A wall time on the day of one of the next two changes of this zone's offset."""
        info = ZoneInfo(zone)
        at, changes = self.now + timedelta(days=2), []
        for hour in range(24 * 380):
            one = at + timedelta(hours=hour)
            before = one.astimezone(info).utcoffset()
            if before != (one + timedelta(hours=1)).astimezone(info).utcoffset():
                changes.append(one)
        if not changes:
            return None
        day = changes[(n // 5) % len(changes)].astimezone(info).date()
        minute = 30 * self.random.randint(0, 10)
        return datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001

    def lines(self) -> str:
        return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in self.records.values())

    def touch(self, ids: Iterable[str]) -> None:
        """These records are news."""
        stamp = datetime.now(UTC).isoformat()
        for ident in ids:
            self.records[ident]["updated_at"] = stamp

    def change_some(self) -> dict[str, list[str]]:
        """Move, cancel, rewrite and shrink some sessions; returns which."""
        ids = list(self.records)
        self.random.shuffle(ids)
        some = max(2, len(ids) // 20)
        chosen = {
            "moved": ids[:some],
            "cancelled": ids[some : 2 * some],
            "reworded": ids[2 * some : 3 * some],
            "left": ids[3 * some : 4 * some],
        }
        for ident in chosen["moved"]:
            record = self.records[ident]
            for name in ("starts_at", "ends_at"):
                moved = datetime.fromisoformat(record[name]) + timedelta(days=7)
                record[name] = _existing(moved, record["time_zone"]).strftime("%Y-%m-%dT%H:%M:%S")
        for ident in chosen["cancelled"]:
            self.records[ident]["status"] = "cancelled"
        for ident in chosen["reworded"]:
            self.records[ident]["agenda"]["text"] = "Rewritten: only this"
        for ident in chosen["left"]:
            self.records[ident]["participants"].pop()
        self.touch(one for part in chosen.values() for one in part)
        return chosen


def _existing(wall: datetime, zone: str) -> datetime:
    """The wall time, moved on by an hour where the zone skips it."""
    info = ZoneInfo(zone)
    there = wall.replace(tzinfo=info).astimezone(UTC).astimezone(info).replace(tzinfo=None)
    return wall if there == wall else wall + timedelta(hours=1)
