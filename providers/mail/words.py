"""What mails say beyond the event itself: what happened, and when it is for the reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from calsync.core import wording
from calsync.core.ledger import Do


@dataclass(frozen=True, slots=True)
class MailWords:
    """One language. `subject` and `lead` by what happened; `{title}` is the session's."""

    subject: dict[Do, str]
    lead: dict[Do, str]
    when: str
    why: str
    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str

    def time(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """Start and end as the reader's clock shows them, with date, zone and its offset."""
        start, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
        last = f"{end:%H:%M}" if start.date() == end.date() else f"{self._day(end)}, {end:%H:%M}"
        return f"{self._day(start)}, {start:%H:%M} - {last} ({zone}, {_offset(start)})"

    def _day(self, at: datetime) -> str:
        return self.date.format(
            day=self.days[at.weekday()], n=at.day, month=self.months[at.month - 1], year=at.year
        )


def mail_words(locale: str) -> MailWords:
    """The words in the language that `calsync.core.wording` speaks to this locale."""
    return GERMAN if wording.words(locale) is wording.GERMAN else ENGLISH


def _offset(at: datetime) -> str:
    text = f"{at:%z}"
    return f"UTC{text[:3]}:{text[3:5]}"


ENGLISH = MailWords(
    subject={
        Do.CREATE: "Invitation: {title}",
        Do.CHANGE: "Updated: {title}",
        Do.WITHDRAW: "Cancelled: {title}",
    },
    lead={
        Do.CREATE: "You are invited to this session.",
        Do.CHANGE: "This session was updated. What follows replaces the earlier invitation.",
        Do.WITHDRAW: "This invitation is cancelled. Please remove it from your calendar.",
    },
    when="When",
    why="You receive this mail because you take part in this session.",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
    date="{day}, {n} {month} {year}",
)

GERMAN = MailWords(
    subject={
        Do.CREATE: "Einladung: {title}",
        Do.CHANGE: "Geändert: {title}",
        Do.WITHDRAW: "Abgesagt: {title}",
    },
    lead={
        Do.CREATE: "Sie sind zu diesem Termin eingeladen.",
        Do.CHANGE: "Dieser Termin wurde geändert. Die folgenden Angaben ersetzen die bisherigen.",
        Do.WITHDRAW: "Diese Einladung ist abgesagt. Bitte löschen Sie sie aus Ihrem Kalender.",
    },
    when="Wann",
    why="Sie erhalten diese Mail, weil Sie an diesem Termin teilnehmen.",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August"),
        *("September", "Oktober", "November", "Dezember"),
    ),
    date="{day}, {n}. {month} {year}",
)
