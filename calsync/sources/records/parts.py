"""The parts of a booked session, made from fields that fit: cleaned, cut, links checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from calsync.core.address import NOT_SUPPORTED, Address, AddressError, UnsupportedAddressError
from calsync.core.booked import (
    Agenda,
    InPerson,
    Online,
    Participant,
    Program,
    ProgramKind,
    SessionLink,
)
from calsync.sources.records.format import (
    IDENTIFIER,
    AgendaRecord,
    InPersonRecord,
    LinkRecord,
    OnlineRecord,
    ParticipantRecord,
    ProgramRecord,
)
from calsync.sources.records.reading import WRITE, Reading, Unfit
from calsync.sources.records.zones import ZoneNameError, read_zone
from calsync.text import agenda_html, former_agenda_html
from calsync.text.agenda import LONGEST

TITLE, NAME, SHORT, LONG = 300, 200, 100, 1000
LINKS = 5
PERSON = ("id", "name", "email")


def read_program(read: Reading, record: ProgramRecord | None) -> Program | None:
    if record is None:
        return None
    return Program(
        id=read.line("program.id", record.id, NAME),
        name=read.line("program.name", record.name, NAME),
        kind=ProgramKind(record.kind or ProgramKind.INDIVIDUAL),
        discreet=bool(record.discreet),
        upcoming_hours=record.upcoming_hours,
    )


def read_place(
    read: Reading, record: OnlineRecord | InPersonRecord | None
) -> Online | InPerson | None:
    """The place, or None with a warning when neither link, number nor name leads anywhere."""
    if record is None:
        return None
    if isinstance(record, OnlineRecord):
        online = Online(
            url=read.link("place.url", record.url),
            label=read.line("place.label", record.label, SHORT),
            phone=read.line("place.phone", record.phone, SHORT),
            passcode=read.line("place.passcode", record.passcode, SHORT),
        )
        if online.url or online.phone:
            return online
        read.warn("place", "left out, it has neither url nor phone; write how to join")
        return None
    name = read.line("place.name", record.name, TITLE)
    address = read.lines("place.address", record.address, LONG)
    if not name and not address:
        read.warn("place", "left out, it has neither name nor address; write where it is")
        return None
    instructions = read.lines("place.instructions", record.instructions, LONG)
    return InPerson(name, address, instructions)


def read_agenda(read: Reading, record: AgendaRecord | None) -> Agenda | None:
    if record is None:
        return None
    text = record.text or ""
    if len(text) > LONGEST:
        read.warn("agenda.text", f"is cut to {LONGEST} characters; write a shorter one")
    html = agenda_html(text, record.format or "text")
    url = read.link("agenda.url", record.url)
    former = former_agenda_html(text, record.format or "text")
    return Agenda(html, url, former) if html or url else None


def read_links(read: Reading, records: Sequence[LinkRecord] | None) -> tuple[SessionLink, ...]:
    """The links that may be shown, in the record's order."""
    found: list[SessionLink] = []
    for number, one in enumerate(records or ()):
        path = f"links[{number}]"
        label = read.line(f"{path}.label", one.label, SHORT)
        url = read.link(f"{path}.url", one.url)
        if not label or not url.startswith("https://"):
            read.warn(path, "left out; write a label and an address that begins with https://")
        elif len(found) == LINKS:
            read.warn(path, f"left out; at most {LINKS} links are shown")
        else:
            found.append(SessionLink(label, url))
    return tuple(found)


def read_people(
    read: Reading, raw: Sequence[object], zone: str
) -> tuple[tuple[Participant, ...], tuple[str, ...]]:
    """Everybody who can be served, in the record's order, and the ids of the others, "" for each
    who has none; they are warned of. `raw` are values of the record, or what fits already.

    An id that is there twice is one person: what the first leaves out the second fills in.
    """
    found: dict[str, ParticipantRecord] = {}
    aside: list[str] = []
    for number, one in enumerate(raw):
        path = f"participants[{number}]"
        ident = _id_of(one)
        mine = replace(read, participant=ident)
        try:
            record = _person(mine, one, path)
        except Unfit as unfit:
            where = f"{path}.{unfit.field}" if unfit.field else path
            mine.warn(where, f"{unfit.reason}; this person is set aside", set_aside=True)
            aside += [] if _is_nobody(one) else [ident]
            continue
        if record.id in found:
            mine.warn(path, "has an id that was there before; the two are taken as one person")
            first = found[record.id].model_dump(exclude_none=True)
            record = ParticipantRecord(**(record.model_dump(exclude_none=True) | first))
        found[record.id] = record
    people = tuple(_participant(read, one, zone) for one in found.values())
    return people, tuple(ident for ident in aside if ident not in found)


def _is_nobody(raw: object) -> bool:
    """What a database joins where nobody takes part."""
    return raw is None or (
        isinstance(raw, dict) and not any(raw.get(name) for name in ("id", "name", "email"))
    )


def _id_of(raw: object) -> str:
    """The person's id, "" when there is none that can be used."""
    if isinstance(raw, ParticipantRecord):
        return raw.id
    ident = raw.get("id") if isinstance(raw, dict) else None
    if isinstance(ident, int | float) and not isinstance(ident, bool):
        ident = str(ident)
    return ident if isinstance(ident, str) and re.fullmatch(IDENTIFIER, ident) else ""


def _person(read: Reading, raw: object, path: str) -> ParticipantRecord:
    """Raises Unfit when this person cannot be served."""
    if isinstance(raw, ParticipantRecord):
        record = raw
    elif isinstance(raw, dict):
        record = read.fit(ParticipantRecord, raw, PERSON, f"{path}.")
    else:
        raise Unfit("", "is not an object; write id, name and email")
    name = read.line(f"{path}.name", record.name, NAME)
    if not name:
        raise Unfit("name", f"is empty; {WRITE['name']}")
    try:
        address = Address.read(record.email)
    except UnsupportedAddressError:
        raise Unfit("email", f"{NOT_SUPPORTED}; write another address of this person") from None
    except AddressError:
        raise Unfit("email", f"is not an e-mail address; {WRITE['email']}") from None
    record.time_zone = _own_zone(read, record.time_zone, f"{path}.time_zone")
    record.role = read.line(f"{path}.role", record.role, SHORT) or None
    record.name, record.email = name, str(address)
    return record


def _own_zone(read: Reading, name: str | None, path: str) -> str | None:
    """The zone in which this person reads times; None where it is the session's."""
    if not name or not name.strip():
        return None
    try:
        zone, other_name = read_zone(name)
    except ZoneNameError as error:
        read.warn(path, f"is not an IANA zone, the session's is taken; {error}")
        return None
    if other_name:
        read.warn(path, other_name)
    return zone.key


def _participant(read: Reading, record: ParticipantRecord, zone: str) -> Participant:
    return Participant(
        id=record.id,
        name=record.name,
        email=record.email,
        role=record.role or "",
        time_zone=record.time_zone or zone,
        locale=(record.locale or "en").replace("_", "-"),
        person=record.person or "",
    )
