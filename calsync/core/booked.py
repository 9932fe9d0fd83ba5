"""The booked session as the platform knows it, validated: what a source yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    BOOKED = "booked"
    CANCELLED = "cancelled"


class ProgramKind(StrEnum):
    INDIVIDUAL = "individual"
    GROUP = "group"
    PEER = "peer"


@dataclass(frozen=True, slots=True)
class Program:
    """`upcoming_hours`: how long before a session its Upcoming mail is sent, where the program says
    so."""

    id: str
    name: str
    kind: ProgramKind = ProgramKind.INDIVIDUAL
    discreet: bool = False
    upcoming_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Online:
    """A conferencing tool. `url` opens it; `label` is its name as people know it."""

    url: str
    label: str = ""
    phone: str = ""
    passcode: str = ""


@dataclass(frozen=True, slots=True)
class InPerson:
    name: str
    address: str = ""
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Agenda:
    """`html` is already sanitised to the small subset (a b i u br ul ol li p); "" when empty.
    `former_html`: what versions made of the same text that read tables and pictures otherwise; None
    where that is the same. It is not stored."""

    html: str
    url: str = ""
    former_html: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SessionLink:
    """Something of the platform beside the agenda: an agreement, an assessment. https only."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Participant:
    """`email` is as `Address` writes it; `time_zone` is a known IANA name."""

    id: str
    name: str
    email: str
    role: str = ""
    time_zone: str = "UTC"
    locale: str = "en"
    person: str = ""


@dataclass(frozen=True, slots=True)
class BookedSession:
    """One booked session. All datetimes are aware UTC; `time_zone` is a known IANA name.

    `set_aside` are ids of participants whose records cannot be used, "" for each whose id cannot be
    used either. `wall` is start and end as clocks in `time_zone` show them, where the record says
    them so; None where it says instants.

    A cancelled session carries only id, tenant, updated_at and status for certain; every other
    field may then be at its default.
    """

    id: str
    tenant: str
    updated_at: datetime
    status: Status
    title: str = ""
    program: Program | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    time_zone: str = "UTC"
    place: Online | InPerson | None = None
    agenda: Agenda | None = None
    url: str = ""
    participants: tuple[Participant, ...] = ()
    set_aside: tuple[str, ...] = ()
    links: tuple[SessionLink, ...] = ()
    wall: tuple[datetime, datetime] | None = None


class RecordWarning(str):
    """What was left out of an accepted record, or cut: a sentence that begins with the session and
    the field. It quotes nothing of the record.

    participant  whose field it is, by id; "" for one of the session itself
    set_aside    the participant is left out as a whole
    """

    __slots__ = ("field", "participant", "reason", "session", "set_aside")

    def __new__(
        cls,
        session: str,
        field: str,
        reason: str,
        participant: str = "",
        *,
        set_aside: bool = False,
    ) -> RecordWarning:
        made = super().__new__(cls, f"{session}: {field}: {reason}")
        made.session, made.field, made.reason = session, field, reason
        made.participant, made.set_aside = participant, set_aside
        return made

    session: str
    field: str
    reason: str
    participant: str
    set_aside: bool
