"""What the sandbox tells about: people's events and mails, and the requests it answered."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, Self


def instant_text(value: datetime) -> str:
    """ISO 8601 in UTC, for JSON."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Record:
    """A frozen dataclass that travels as JSON: times as ISO 8601 text, everything else as it is."""

    __slots__ = ()

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the same fields."""
        values: dict[str, Any] = asdict(self)  # type: ignore[call-overload]
        return {
            name: instant_text(value) if isinstance(value, datetime) else value
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        known = dict(values)
        for field in fields(cls):  # type: ignore[arg-type]
            given = known.get(field.name)
            if field.type in ("datetime", "datetime | None") and given is not None:
                known[field.name] = datetime.fromisoformat(given)
            elif field.type == "tuple[str, ...]":
                known[field.name] = tuple(known[field.name])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class ShownEvent(Record):
    """One event as its person sees it. Times are aware UTC.

    where   "google", "outlook", "mail" (applied by the mail client) or "caldav" (a registered view)
    ours    the person organises it: an API wrote it, no mail did
    changed_at  when it was last written; None: that is not known
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    location: str
    description: str
    where: str
    uid: str
    id: str
    status: str
    ours: bool
    guests: tuple[str, ...] = ()
    url: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mail(Record):
    """One message in a mailbox. `method`, `uid`, `sequence` are those of its invitation, if any."""

    sender: str
    recipient: str
    subject: str
    text: str
    html: str
    method: str
    uid: str
    sequence: int | None
    message_id: str
    received_at: datetime
    raw: str


@dataclass(frozen=True, slots=True)
class Request(Record):
    """One answered request; `path` without its query, `status` 0 when the connection was cut."""

    method: str
    path: str
    person: str
    status: int


@dataclass(frozen=True, slots=True)
class Person:
    """One account: an address, its mail client's habits and, perhaps, calendars at providers."""

    address: str
    name: str
    time_zone: str
    google: bool
    outlook: bool
    client: str
    invitations: str
    contacts: frozenset[str]
