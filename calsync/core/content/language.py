"""What a language has to say, and how it writes an instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calsync.core.ledger import Do

DASH, MINUS = "\u2013", "\u2212"


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled in: `{title}` and `{when}` are the session's.

    subject, lead    of invitation, update and cancellation
    older_entry      a mail's `note` when an entry in a lost calendar shows something else
    handed_over      a cancellation's `note` when a calendar took the session over
    why_...          what connected, disconnected or lost a calendar, by cause; why_lost by provider
    take_back        by provider, where a person sees and ends what was given to us
    date             a day, with `{day}` its name, `{n}` its number, `{month}` and `{year}`
    """

    language: str

    titled_with: str
    and_last: str
    neutral_title: str
    join: str
    online: str
    phone: str
    passcode: str
    place: str
    no_place: str
    view: str
    agenda: str
    continues: str
    with_people: str
    and_more: str
    someone: str
    origin: str

    subject: Mapping[Do, str]
    lead: Mapping[Do, str]
    when: str
    why: str
    older_entry: str
    handed_over: str

    unreachable_subject: str
    unreachable: str
    account_lost_subject: str
    account_lost: str
    why_lost: Mapping[str, str]
    lost_not_you: str
    reconnect: str
    connected_subject: str
    connected: str
    connected_to_read: str
    why_connected: Mapping[str, str]
    disconnected_subject: str
    disconnected: str
    why_disconnected: Mapping[str, str]
    taken_over_not_you: str
    take_back: Mapping[str, str]
    not_you: str
    calendars: str
    could_not_update_subject: str
    could_not_update: str
    could_not_remove_subject: str
    could_not_remove: str
    remains_subject: str
    remains: str
    digest_subject: str
    digest: str
    digest_why: str

    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str

    def time(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """Start and end (aware) as clocks in the IANA zone show them, with zone and offset:
        `Thursday, 3 December 2026, 15:00-15:45 (America/Toronto, UTC-05:00)`, in typographic
        signs. An end on another day has its day; a second offset is named if clocks change."""
        start, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
        last = f"{DASH}{end:%H:%M}"
        if end.date() != start.date():
            last = f" {DASH} {self.day(end)}, {end:%H:%M}"
        offsets = dict.fromkeys((_offset(start), _offset(end)))
        named = ", ".join(dict.fromkeys((zone, *offsets)))
        return f"{self.day(start)}, {start:%H:%M}{last} ({named})"

    def moment(self, at: datetime, zone: str) -> str:
        """An instant (aware) in the same form, without an end."""
        local = at.astimezone(ZoneInfo(zone))
        named = ", ".join(dict.fromkeys((zone, _offset(local))))
        return f"{self.day(local)}, {local:%H:%M} ({named})"

    def day(self, at: datetime) -> str:
        return self.date.format(
            day=self.days[at.weekday()], n=at.day, month=self.months[at.month - 1], year=at.year
        )


def _offset(at: datetime) -> str:
    """Hours and minutes from UTC with a true minus; "UTC" alone when there are none."""
    text = f"{at:%z}"
    return f"UTC{text[0].replace('-', MINUS)}{text[1:3]}:{text[3:5]}" if at.utcoffset() else "UTC"
